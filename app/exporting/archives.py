"""Many files as one ZIP that is made while it is sent: nothing is compressed, and no file is held in memory."""

import logging
from pathlib import Path

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from zipstream import ZipStream

from app import printing
from app.exporting.index import index_xlsx
from app.exporting.standing import handed_in
from app.files import file_names, uploads
from app.languages import current

KNOWN = 400
"""Up to so many applications are made ready before the first byte is sent, some 25 ms each, so that the length is known. Of
more, each is made when its turn comes: a proxy gives up on an answer that does not begin within a minute."""
LONGEST_PATH = 200
"""Characters of a path inside a ZIP; Windows opens no more than 260, the folder it is unpacked into included."""
LONGEST_FOLDER = 96
"""Bytes, beside the number, of the name of an application's folder."""
LOST = _l("These files could not be found on the server. Please ask the organizer.")
LOST_AT_DESK = _l("These files could not be found on the server. The command “%(command)s” tells more.", command="flask audit")
_CHUNK = 256 * 1024

log = logging.getLogger(__name__)


def zip_files(entries, lost=LOST):
    """A ZIP of `entries`, [(name, path or bytes)], as an iterable of bytes whose `len` is its size.

    A file whose bytes are gone is named in a text file of the ZIP, after the sentence `lost`, instead of breaking it; so is
    one for which a sentence of its own came instead of its bytes. One that goes while it is being sent is filled up with
    words that say so: its length was promised.
    """
    stream, missing = ZipStream(sized=True), {}
    for name, content in entries:
        _add(stream, name, content, missing, lost)
    _tell(stream, missing)
    return stream


def zip_as_made(entries, lost=LOST):
    """The same of `entries` that are made one by one, as a generator of bytes. Each is taken when the one before is through."""
    stream, missing = ZipStream(), {}
    for name, content in entries:
        _add(stream, name, content, missing, lost)
        yield from stream.all_files()
    _tell(stream, missing)
    yield from stream.finalize()


def _add(stream, name, content, missing, lost):
    if isinstance(content, bytes):
        stream.add(content, name)
    elif isinstance(content, Path) and content.is_file():
        size = content.stat().st_size
        stream.add(read(content, size), name, size=size)
    else:
        missing.setdefault(str(lost if isinstance(content, Path) else content), []).append(name)


def _tell(stream, missing):
    if missing:
        lines = [line for sentence, names in missing.items() for line in (sentence, *names, "")]
        stream.add("\r\n".join(lines), _("MISSING FILES.txt"))


def read(path, size):
    """A generator of exactly `size` bytes of the file at `path`, whatever becomes of it meanwhile."""
    try:
        with path.open("rb") as source:
            while size and (chunk := source.read(min(size, _CHUNK))):
                size -= len(chunk)
                yield chunk
    except OSError:
        log.exception("A file that is being sent cannot be read any more")
    if size:
        log.error("%s lacks its last %s bytes; flask audit says more", path, size)
        words = b"\r\nThis file could not be read to its end on the server.\r\n"
        while size:
            size -= len(chunk := (words * (_CHUNK // len(words)))[:size])
            yield chunk


def zip_applications(application_ids, folder):
    """(a ZIP with a folder for each of these applications as an iterable of bytes, its length or None).

    A folder holds the answers as PDF and JSON, the files in order and their index; of what was never handed in there is
    none. `folder`, an empty one on the disk, has to stay until all is sent.
    """
    entries = (entry for application_id in application_ids for entry in _folder(handed_in(application_id)))
    if len(application_ids) > KNOWN:
        return zip_as_made(entries, LOST_AT_DESK), None
    ready = [(name, _put_aside(content, folder / str(place))) for place, (name, content) in enumerate(entries)]
    stream = zip_files(ready, LOST_AT_DESK)
    return stream, len(stream)


def _put_aside(content, path):
    if not isinstance(content, bytes):
        return content
    path.write_bytes(content)
    return path


def folder_name(standing):
    """The name of an application's folder: `WIC2027-0042 量子网络_Quantum networks`."""
    title = standing.receipt["title"]
    return f"{standing.number} {file_names.download_name(None, title['zh'], title['en'], '', LONGEST_FOLDER)}"


def _folder(standing):
    """[(path in the ZIP, bytes, path on the disk or why it is missing)] of one application; `standing` may be None."""
    if standing is None:
        return
    folder, receipt = folder_name(standing), standing.receipt
    unavailable = printing.missing()
    pdf = printing.receipt(standing.call, receipt, standing.sha256, current()) if unavailable is None else str(unavailable)
    yield f"{folder}/receipt.pdf", pdf
    yield f"{folder}/receipt.json", standing.text.encode()
    files = _named(standing.files, LONGEST_PATH - len(folder) - 1)
    if files:
        yield f"{folder}/index.xlsx", index_xlsx(standing.call, receipt["title"], standing.number, files, current())
    for file in files:
        path = standing.paths.get(file["ref"])
        yield f"{folder}/{file['name']}", uploads.folder() / path if path else str(LOST_AT_DESK)


def _named(files, longest):
    """The same files, those with names of more than `longest` characters shortened."""
    names = [
        file["name"]
        if len(file["name"]) <= longest
        else file_names.download_name(file["order"], file["zh"], file["en"], file["type"], longest)
        for file in files
    ]
    return [file | {"name": name} for file, name in zip(files, file_names.unique(names), strict=True)]
