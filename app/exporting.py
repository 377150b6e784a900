"""What leaves the site for other programs: the index of files as a spreadsheet, many files as one ZIP."""

from io import BytesIO
from pathlib import Path

from flask_babel import gettext as _
from xlsxwriter import Workbook
from zipstream import ZipStream

from app import times
from app.languages import speaking
from app.printing import printable

CELL_CHARACTERS = 32_767
"""The most a cell of a spreadsheet can hold."""
_COLOUR, _PALE = "#6b1626", "#faf6ee"


def index_xlsx(call, title, number, files, language):
    """The bytes of the index of `files` (dicts as `uploads.listed` makes them), headings in `language`, titles in both.

    `title` has `["zh"]` and `["en"]`; `number` is None before the first submission. No cell becomes a formula or a link,
    whatever it holds; characters a spreadsheet cannot hold are left out.
    """
    target = BytesIO()
    # No cell is judged by its look: "=1+1" stays the text it is.
    guarded = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with speaking(language), Workbook(target, guarded | {"in_memory": True}) as book:
        book.set_properties({"title": _cell(_("Index of supporting files")), "company": _cell(call.organizer[language])})
        sheet = book.add_worksheet(_("Index"))
        _head(book, sheet, call, title, number, language)
        _table(book, sheet, files, language)
    return target.getvalue()


def _head(book, sheet, call, title, number, language):
    strong = book.add_format({"bold": True, "font_size": 14, "font_color": _COLOUR})
    wrapped = book.add_format({"text_wrap": True, "valign": "top"})
    sheet.write_string(0, 0, _cell(_("Index of supporting files")), strong)
    sheet.write_string(1, 0, _cell(f"{call.name[language]} {number or ''}".rstrip()))
    sheet.set_row(2, 32)
    sheet.write_string(2, 1, _cell(_("Achievement")), wrapped)
    sheet.write_string(2, 2, _cell(title["zh"]), wrapped)
    sheet.write_string(2, 3, _cell(title["en"]), wrapped)


def _table(book, sheet, files, language):
    columns = [
        (_("No."), 6),
        (_("Kind of material"), 22),
        (_("Title in Chinese"), 44),
        (_("Title in English"), 44),
        (_("Core material"), 14),
        (_("File"), 50),
        (_("Type"), 8),
        (_("Size"), 11),
        ("SHA-256", 68),
    ]
    heading = book.add_format({"bold": True, "font_color": _COLOUR, "bg_color": _PALE, "bottom": 2, "bottom_color": "#b18a3e"})
    wrapped = book.add_format({"text_wrap": True, "valign": "top"})
    for column, (word, width) in enumerate(columns):
        sheet.set_column(column, column, width)
        sheet.write_string(4, column, _cell(word), heading)
    for row, file in enumerate(files, 5):
        sheet.write_number(row, 0, file["order"], wrapped)
        texts = [
            file["kind"][language], file["zh"], file["en"], _("Yes") if file["core"] else _("No"),
            file["name"], file["type"].upper(), times.size(file["size"], language), file["sha256"],
        ]  # fmt: skip
        for column, text in enumerate(texts, 1):
            sheet.write_string(row, column, _cell(text), wrapped)
    sheet.freeze_panes(5, 1)
    sheet.autofilter(4, 0, 4 + len(files), len(columns) - 1)
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(4)


def _cell(text):
    return printable(text)[:CELL_CHARACTERS]


def zip_files(entries):
    """A ZIP of `entries`, [(name, path or bytes)], as an iterable of bytes whose `len` is its size.

    Nothing is compressed and no file is held in memory. A file whose bytes are gone is named in a text file of the ZIP,
    in the language spoken now, instead of breaking it.
    """
    stream = ZipStream(sized=True)
    missing = []
    for name, content in entries:
        if isinstance(content, bytes):
            stream.add(content, name)
        elif Path(content).is_file():
            stream.add_path(content, name)
        else:
            missing.append(name)
    if missing:
        text = _("These files could not be found on the server. Please ask the organizer.")
        stream.add("\r\n".join([text, *missing, ""]), _("MISSING FILES.txt"))
    return stream
