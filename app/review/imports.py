"""Tables that somebody made elsewhere: an XLSX or CSV file read into rows of text, within bounds.

Nothing is unpacked to the disk, no link or formula is followed, and what a file may unfold into is bounded.
"""

import csv
import io
import json
import logging
import zipfile

from flask_babel import lazy_gettext as _l

from app.applying.drafts import Refused

MAX_BYTES = 2 * 1024 * 1024
MAX_UNPACKED = 30 * 1024 * 1024
MAX_MEMBERS = 200
MAX_ROWS, MAX_COLUMNS, MAX_CELL = 2000, 40, 5000

log = logging.getLogger(__name__)

EMPTY = _l("The file holds no table: its first sheet is empty.")
BROKEN = _l("This file cannot be read as a table. Save it anew as XLSX or CSV, and choose it again.")
TOO_LARGE = _l("This file is too large for a table of experts. Keep the rows that matter, as XLSX or CSV.")


def read(name, content):
    """The rows of a file, [[text]], its headings first; `name` tells XLSX from CSV. Raises Refused."""
    if len(content) > MAX_BYTES:
        raise Refused(TOO_LARGE)
    try:
        rows = _xlsx(content) if name.lower().endswith(".xlsx") or content.startswith(b"PK\3\4") else _csv(content)
        rows = [_trimmed([_text(cell) for cell in row[:MAX_COLUMNS]]) for row in _bounded(rows)]
    except Refused:
        raise
    # Whatever a library raises over a damaged or hostile file, the organizer needs an answer.
    except Exception as error:
        log.info("A table could not be read", exc_info=True)
        raise Refused(BROKEN) from error
    if not _trimmed(rows):
        raise Refused(EMPTY)
    return rows


def _trimmed(parts):
    """`parts` without the empty ones at their end."""
    while parts and not parts[-1]:
        parts.pop()
    return parts


def packed(rows):
    """`rows` as a text that a page can carry along; `unpacked` reads it again, whatever came back, and raises Refused."""
    return json.dumps(rows, ensure_ascii=False, separators=(",", ":"))


def unpacked(text):
    try:
        rows = json.loads(text)
        # Half a character, which JSON can name and no page can hold, is a ValueError as well.
        json.dumps(rows, ensure_ascii=False).encode()
    except (ValueError, RecursionError) as error:
        raise Refused(BROKEN) from error
    sound = isinstance(rows, list) and 0 < len(rows) <= MAX_ROWS + 1 and all(isinstance(row, list) for row in rows)
    if not sound or any(not isinstance(cell, str) or len(cell) > MAX_CELL for row in rows for cell in row):
        raise Refused(BROKEN)
    return rows


def _bounded(rows):
    for number, row in enumerate(rows):
        if number > MAX_ROWS:
            raise Refused(_l("The table has more than %(most)s rows. Divide it among several files.", most=MAX_ROWS))
        yield list(row)


def _text(cell):
    if isinstance(cell, float) and cell.is_integer():
        cell = int(cell)
    text = "" if cell is None else str(cell).replace("\u00a0", " ").strip()
    if len(text) > MAX_CELL:
        raise Refused(_l("A cell of the table holds more than %(most)s characters.", most=MAX_CELL))
    return text


def _xlsx(content):
    from openpyxl import load_workbook

    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        members = archive.infolist()
        if len(members) > MAX_MEMBERS or sum(member.file_size for member in members) > MAX_UNPACKED:
            raise Refused(TOO_LARGE)
        for member in members:
            # No program writes entities into a workbook; read whole, so that a member whose size lies fails here.
            if member.filename.endswith((".xml", ".rels")) and (b"<!DOCTYPE" in (text := archive.read(member)) or b"<!ENTITY" in text):
                raise Refused(BROKEN)
    book = load_workbook(io.BytesIO(content), read_only=True, data_only=True, keep_links=False)
    try:
        yield from book.worksheets[0].iter_rows(max_row=MAX_ROWS + 2, max_col=MAX_COLUMNS, values_only=True)
    finally:
        book.close()


def _csv(content):
    text = _decoded(content)
    first = text.partition("\n")[0]
    delimiter = max((",", ";", "\t"), key=first.count)
    return csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)


def _decoded(content):
    """UTF-8 where it is, UTF-16 where it says so, else GB 18030: what Excel saves in Chinese."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16")
    if b"\0" in content:
        raise Refused(BROKEN)
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("gb18030")
