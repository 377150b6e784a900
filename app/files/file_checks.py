"""Whether a file is what its ending says, found out by opening it.

The applicant reads the reason, so it says what is wrong and what to do. Nothing is unpacked to the disk, and what a file
may unfold into in memory is bounded.
"""

import logging
import re
import zipfile
from functools import cache, partial
from io import BytesIO
from pathlib import Path
from threading import Lock
from typing import NamedTuple
from xml.parsers import expat

from babel.lists import format_list
from flask_babel import get_locale
from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

logger = logging.getLogger(__name__)

MAX_PIXELS = 50_000_000
MAX_SCANNED_PIXELS = 4_000_000_000
"""Pixels times passes over them: an ordinary JPEG takes one to ten passes, a hostile one a hundred thousand."""
MAX_PDF_STREAM = 32 * 1024 * 1024
"""Bytes into which one stream of a PDF's own tables may unfold."""
MAX_PDF_WARNINGS = 10_000
MAX_MEMBERS = 10_000
MAX_UNPACKED = 200 * 1024 * 1024
MAX_RATIO, RATIO_FROM = 100, 32 * 1024 * 1024
"""Unpacked bytes for each packed one, judged from so many unpacked bytes on: small honest files of blank pictures exceed it."""
MAX_CONTENT_TYPES = 1024 * 1024
_CHUNK = 64 * 1024

EMPTY = _l("The file is empty. It may not have been copied completely; please check it and choose it again.")
BROKEN = _l(
    "The file is incomplete or damaged and cannot be opened. Copy or download it once more, or save it anew in the program "
    "it was made with; check that it opens, then upload it again."
)
BUSY = _l("The server is looking at many pictures just now. Nothing else was lost; please choose this one again in a minute.")
LOCKED = _l("The file needs a password to open. Save a copy without a password and upload that.")
UNFOLDS = _l("The file unfolds into far more than its size. Make the pictures or tables in it smaller, or save it as PDF.")

_CONVERTIBLE = {
    ("docx", "pdf"): "doc dot docm dotx dotm rtf odt wps wpt pages txt md",
    ("xlsx", "pdf"): "xls xlt xlsm xlsb xltx xltm ods et ett numbers csv tsv",
    ("pptx", "pdf"): "ppt pps pot pptm ppsx ppsm potx potm odp dps dpt key",
    ("jpg", "jpeg", "png", "pdf"): "jpg jpeg png jfif heic heif webp avif gif bmp tif tiff svg ico psd dng",
    ("pdf",): "docx xlsx pptx caj ofd xps oxps djvu epub mobi tex ps eps ai htm html mht mhtml eml msg dwg vsd vsdx",
}
_TARGETS = {ending: targets for targets, endings in _CONVERTIBLE.items() for ending in endings.split()}
_ARCHIVES = ("zip", "rar", "7z", "tar", "gz", "tgz", "bz2", "xz", "zst", "iso")
_RECORDINGS = ("mp4", "m4v", "mov", "avi", "wmv", "mkv", "flv", "webm", "mpg", "mpeg", "mp3", "m4a", "wav", "aac", "flac", "amr")


def check(path, extension):
    """Why the file at `path` may not stand under `extension` (a key of CHECKERS, in either case), or None when it may.

    The whole file is read into memory: limit its size before. OSError when it cannot be read; nothing else escapes.
    """
    checker = CHECKERS[extension.lower()]
    content = Path(path).read_bytes()
    if not content:
        return EMPTY
    try:
        return checker(content)
    except Exception:
        # Whatever a library raises over a hostile or damaged file, the applicant needs an answer.
        logger.info("A .%s file could not be opened", extension, exc_info=True)
        return BROKEN


def refused_extension_reason(extension, allowed):
    """Why a file with this extension (without its dot, in either case) is refused where only `allowed` are; None when it is not."""
    extension = extension.lower()
    if extension in allowed:
        return None
    endings = LazyString(_listed, [f".{each}" for each in allowed])
    if not re.fullmatch("[a-z0-9_-]{1,16}", extension):
        return _l("The name of the file has no ending such as .pdf that tells its type. Accepted are %(allowed)s.", allowed=endings)
    ending = f".{extension}"
    target = next((target for target in _TARGETS.get(extension, ()) if target in allowed), None)
    if target:
        return _l(
            "Files ending in %(ending)s are not accepted. Open the file, save or export it as %(target)s, and upload that.",
            ending=ending, target=f".{target}",
        )  # fmt: skip
    if extension in _ARCHIVES:
        return _l(
            "Archives such as %(ending)s are not accepted. Unpack it and upload the files one by one. Accepted are %(allowed)s.",
            ending=ending, allowed=endings,
        )  # fmt: skip
    if extension in _RECORDINGS:
        return _l(
            "Recordings such as %(ending)s are not accepted. Put a link to the recording into a document and upload that. "
            "Accepted are %(allowed)s.",
            ending=ending, allowed=endings,
        )  # fmt: skip
    return _l("Files ending in %(ending)s are not accepted. Accepted are %(allowed)s.", ending=ending, allowed=endings)


def _listed(endings):
    return format_list(endings, style="or", locale=get_locale() or "en")


def _kind(content):
    """The ending a file of this content usually has, or None where nothing tells."""
    import filetype

    if re.match(rb"(?:\xef\xbb\xbf)?\s*<(?:!doctype\s+html|html|head|body)\b", content[:1024], re.I):
        return "html"
    guess = filetype.guess(content)
    return guess.extension if guess else None


def _other_content(extension, content):
    """Why content that does not even look like `extension` is refused."""
    found, ending = _kind(content), f".{extension}"
    if found in (None, extension):
        return _l(
            "The name ends in %(ending)s, but the content is something else. Open the file in the program it was made with, "
            "save or export it as %(ending)s, and upload that.",
            ending=ending,
        )  # fmt: skip
    if found in CHECKERS:
        return _wrong_ending(extension, found)
    return _l(
        "The name ends in %(ending)s, but the content is of the type %(found)s. Open the file, save or export it as %(ending)s, "
        "and upload that.",
        ending=ending, found=f".{found}",
    )  # fmt: skip


def _wrong_ending(extension, found):
    return _l(
        "The name ends in %(ending)s, but the content is of the type %(found)s. Correct the ending of the name, or save the file "
        "as %(ending)s, and upload it again.",
        ending=f".{extension}", found=f".{found}",
    )  # fmt: skip


@cache
def _pikepdf():
    """The library, its limits set for the whole process; loading it takes a tenth of a second."""
    import pikepdf

    # Without limits, 1.5 MB of a hostile table unfold into 2 GB before a page is looked for. With a limit on its warnings,
    # qpdf also walks the pages on opening and refuses a file that has none.
    pikepdf.settings.set_qpdf_limits(flate_max_memory=MAX_PDF_STREAM, doc_max_warnings=MAX_PDF_WARNINGS)
    return pikepdf


def _pdf(content):
    if b"%PDF-" not in content[:1024] or _kind(content) not in (None, "pdf"):
        return _other_content("pdf", content)
    # qpdf repairs a file that was cut off and merely warns.
    if b"%%EOF" not in content[-1024:]:
        return BROKEN
    pikepdf = _pikepdf()
    try:
        pikepdf.open(BytesIO(content)).close()
    except pikepdf.PasswordError:
        return LOCKED
    except pikepdf.PdfError as error:
        # Locked with a certificate or by a rights-management server, which no password opens.
        if "encryption" in str(error):
            return LOCKED
        if "no pages found" in str(error):
            return _l("This PDF has no pages. Export it once more, check that it opens, and upload that.")
        raise
    return None


# A decoded PNG takes up to 4 bytes a pixel: with one at a time, the server's memory stays bounded.
_decoding = Lock()
PATIENCE_SECONDS = 5
"""How long a picture waits for those before it: a hostile one takes seconds, and whoever waits holds a thread that answers pages."""


def _image(extension, format, signature, content):
    if not content.startswith(signature):
        return _other_content(extension, content)
    from PIL import Image

    try:
        image = Image.open(BytesIO(content), formats=[format])
        width, height = image.size
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        return _too_many_pixels()
    if width * height > MAX_PIXELS:
        return _too_many_pixels()
    if format == "PNG":
        # Reads the checksum of every part, and the end, which decoding does not ask for.
        image.verify()
        image = Image.open(BytesIO(content), formats=[format])
    else:
        if content.count(b"\xff\xda") * width * height > MAX_SCANNED_PIXELS:
            return BROKEN
        # Every byte is still decoded, but into an eighth of the size: 19 MB instead of 205 for 49 megapixels.
        image.draft(None, (max(1, width // 8), max(1, height // 8)))
    if not _decoding.acquire(timeout=PATIENCE_SECONDS):
        return BUSY
    try:
        image.load()
    finally:
        _decoding.release()
    return None


def _too_many_pixels():
    return _l("The picture has more than 50 million pixels. Make it smaller and upload that.")


class _Office(NamedTuple):
    type: str
    root: str


_OOXML = "application/vnd.openxmlformats-officedocument."
_OFFICE = {
    "docx": _Office(_OOXML + "wordprocessingml.document.main+xml", "document"),
    "xlsx": _Office(_OOXML + "spreadsheetml.sheet.main+xml", "workbook"),
    "pptx": _Office(_OOXML + "presentationml.presentation.main+xml", "presentation"),
}
_OFFICE_BEFORE_2007 = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def _office(extension, content):
    ending = f".{extension}"
    if content.startswith(_OFFICE_BEFORE_2007):
        if "EncryptedPackage".encode("utf-16-le") in content:
            return LOCKED
        return _l(
            "The name ends in %(ending)s, but the content is in the format of Office before 2007. Open the file, save it as %(ending)s, "
            "and upload that.",
            ending=ending,
        )  # fmt: skip
    if not content.startswith(b"PK\3\4"):
        return _other_content(extension, content)
    with zipfile.ZipFile(BytesIO(content)) as archive:
        members = {info.filename.replace("\\", "/").lower(): info for info in archive.infolist()}
        reason = _archive_reason(archive, members, len(content))
        if reason is not None:
            return reason
        if "[content_types].xml" not in members:
            return _other_content(extension, content)
        types = _content_types(archive, members)
        if any("macro" in type or "vbaproject" in type for type in types.values()) or any("vbaproject" in name for name in members):
            return _l("The file contains macros (small programs). Save a copy without macros as %(ending)s and upload that.", ending=ending)
        office = _OFFICE[extension]
        mains = [members[name] for name, type in types.items() if type == office.type]
        if not mains:
            return _other_office(extension, set(types.values()))
        return None if any(_root(archive, main) == office.root for main in mains) else BROKEN


def _root(archive, info):
    with archive.open(info) as part:
        return _elements(part.read(_CHUNK), whole=False)[0][0]


def _archive_reason(archive, members, size):
    infos = archive.infolist()
    if any(info.flag_bits & 1 for info in infos):
        return LOCKED
    unpacked = sum(info.file_size for info in infos)
    if len(infos) > MAX_MEMBERS or unpacked > MAX_UNPACKED or (unpacked > RATIO_FROM and unpacked > MAX_RATIO * size):
        return UNFOLDS
    # Office knows no other method, and two parts of one name are read differently by different programs.
    if len(members) < len(infos) or any(info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED) for info in infos):
        return BROKEN
    for info in infos:
        with archive.open(info) as part:
            while part.read(_CHUNK):
                pass
    return None


def _content_types(archive, members):
    """The content type of every part: {name: type}, both in lower case."""
    info = members["[content_types].xml"]
    if info.file_size > MAX_CONTENT_TYPES:
        raise ValueError("too many content types")
    by_extension, by_name = {}, {}
    for element, attributes in _elements(archive.read(info), whole=True):
        if element == "Default":
            by_extension[attributes["Extension"].lower()] = attributes["ContentType"].lower()
        elif element == "Override":
            by_name[attributes["PartName"].lower().lstrip("/")] = attributes["ContentType"].lower()
    return {name: by_name.get(name, by_extension.get(name.rpartition(".")[2], "")) for name in members}


def _other_office(extension, types):
    found = next((other for other, office in _OFFICE.items() if office.type in types), None)
    if found:
        return _wrong_ending(extension, found)
    if any(re.search(r"\.(?:template|slideshow)\.main\+xml$", type) for type in types):
        return _l("The file is a template or a slide show. Save it as an ordinary %(ending)s file and upload that.", ending=f".{extension}")
    return BROKEN


def _elements(xml, whole):
    """The elements of `xml` in order, as (name without namespace, attributes); at least one. ExpatError, ValueError."""
    found = []
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.StartElementHandler = lambda name, attributes: found.append((name.rpartition(" ")[2], attributes))
    parser.StartDoctypeDeclHandler = _refuse_doctype
    parser.Parse(xml, whole)
    if not found:
        raise ValueError("no element")
    return found


def _refuse_doctype(*_):
    # Office never writes one, and its entities unfold without end.
    raise ValueError("a document type declaration")


_JPEG = b"\xff\xd8\xff"
CHECKERS = {
    "pdf": _pdf,
    "png": partial(_image, "png", "PNG", b"\x89PNG\r\n\x1a\n"),
    "jpg": partial(_image, "jpg", "JPEG", _JPEG),
    "jpeg": partial(_image, "jpeg", "JPEG", _JPEG),
    "docx": partial(_office, "docx"),
    "xlsx": partial(_office, "xlsx"),
    "pptx": partial(_office, "pptx"),
}
"""Extension → function from a file's bytes to the reason against it, or None."""
