"""Sample files, good and broken, made in memory: `GOOD` and `BAD` are {name: (extension, maker of the bytes)}."""

import io
import os
import struct
import zipfile
import zlib
from functools import cache, partial

import pikepdf
import typst
import xlsxwriter
from PIL import Image

OOXML = "application/vnd.openxmlformats-officedocument."
WORD = OOXML + "wordprocessingml.document.main+xml"
EXCEL = OOXML + "spreadsheetml.sheet.main+xml"
POWERPOINT = OOXML + "presentationml.presentation.main+xml"
RELATIONS = "application/vnd.openxmlformats-package.relationships+xml"
TYPES_NAMESPACE = "http://schemas.openxmlformats.org/package/2006/content-types"


@cache
def pdf(pages=1, user="", owner="", javascript=False, text="Patent certificate 专利证书"):
    """A PDF of blank pages with a title; `user` is the password to open it, `owner` the one to change it."""
    with pikepdf.new() as document:
        for _ in range(pages):
            document.add_blank_page()
        document.docinfo["/Title"] = text
        if javascript:
            document.Root.OpenAction = pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS=pikepdf.String("app.alert('hello')"))
        out = io.BytesIO()
        encryption = pikepdf.Encryption(user=user, owner=owner) if user or owner else False
        document.save(out, encryption=encryption)
        return out.getvalue()


@cache
def typeset_pdf():
    """A PDF as Typst makes it, with compressed tables and an embedded font."""
    return typst.compile(b"= Patent certificate\n" + b"Some text. " * 50)


def handmade_pdf(trailer=b"", kids=b"3 0 R"):
    """A PDF without a usable table, which readers repair."""
    return (
        b"%PDF-1.6\n1 0 obj\n<</Type/Catalog/Pages 2 0 R>>\nendobj\n2 0 obj\n<</Type/Pages/Count 1/Kids[" + kids + b"]>>\nendobj\n"
        b"3 0 obj\n<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]>>\nendobj\n"
        b"trailer\n<</Root 1 0 R/Size 4" + trailer + b">>\nstartxref\n0\n%%EOF\n"
    )


def unfolding_pdf(size=64 * 1024 * 1024):
    """A PDF whose table unfolds into `size` bytes."""
    table = unfolding(size)
    head = b"%PDF-1.5\n1 0 obj\n<</Type/Catalog/Pages 1 0 R>>\nendobj\n"
    entry = b"2 0 obj\n<</Type/XRef/Size 5/W[1 2 1]/Root 1 0 R/Filter/FlateDecode/Length %d>>\nstream\n" % len(table)
    return head + entry + table + b"\nendstream\nendobj\nstartxref\n%d\n%%%%EOF\n" % len(head)


@cache
def unfolding(size):
    """A zlib stream of `size` zero bytes, a thousandth as long."""
    packer = zlib.compressobj(9)
    return b"".join(packer.compress(bytes(1024 * 1024)) for _ in range(size // 1024**2)) + packer.flush()


@cache
def picture(format, mode="RGB", size=(80, 60), **options):
    """A picture with some detail in it."""
    image = Image.effect_mandelbrot(size, (-2, -1.5, 1, 1.5), 50).convert(mode)
    out = io.BytesIO()
    image.save(out, format, **options)
    return out.getvalue()


def frames(format):
    """A picture of two frames."""
    first, second = Image.new("RGB", (40, 30), "red"), Image.new("RGB", (40, 30), "gold")
    out = io.BytesIO()
    first.save(out, format, save_all=True, append_images=[second])
    return out.getvalue()


def png_chunk(name, content):
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))


def png_of(width, height, content):
    """A PNG that claims this size, one bit a pixel, whose pixels are the zlib stream `content`."""
    header = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + png_chunk(b"IHDR", header) + png_chunk(b"IDAT", content) + png_chunk(b"IEND", b"")


def plain_jpeg(width, height):
    """A grey JPEG that comes in several passes."""
    out = io.BytesIO()
    Image.new("L", (width, height), 128).save(out, "JPEG", progressive=True)
    return out.getvalue()


def tiring_jpeg(passes):
    """A JPEG of 36 megapixels that asks for that many more passes over all of them."""
    content = plain_jpeg(6000, 6000)
    last, end = content.rfind(b"\xff\xda"), content.rfind(b"\xff\xd9")
    return content[:end] + content[last:end] * passes + content[end:]


def zipped(members, compression=zipfile.ZIP_DEFLATED):
    """A ZIP of {name: text or bytes}, in order."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", compression, compresslevel=1) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return out.getvalue()


def content_types(parts, defaults=()):
    kinds = {"rels": RELATIONS, "xml": "application/xml", **dict(defaults)}
    rows = [f'<Default Extension="{ending}" ContentType="{kind}"/>' for ending, kind in kinds.items()]
    rows += [f'<Override PartName="/{name}" ContentType="{kind}"/>' for name, kind in parts.items()]
    return f'<?xml version="1.0" encoding="UTF-8"?>\r\n<Types xmlns="{TYPES_NAMESPACE}">{"".join(rows)}</Types>'


def package(main, kind, root, more=(), types=None):
    """An Office file by hand: `main` is the name of its main part, `kind` its content type, `root` its outermost element."""
    relation = (
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" '
        'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" '
        f'Target="{main}"/></Relationships>'
    )
    members = {
        "[Content_Types].xml": types or content_types({main: kind}),
        "_rels/.rels": relation,
        main: f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?><o:{root} xmlns:o="urn:o">{"<o:p/>" * 200}</o:{root}>',
        **dict(more),
    }
    return zipped(members)


def docx(main="word/document.xml", kind=WORD, root="document", **options):
    return package(main, kind, root, **options)


def pptx(main="ppt/presentation.xml", kind=POWERPOINT, root="presentation", **options):
    return package(main, kind, root, **options)


@cache
def xlsx():
    """A workbook as XlsxWriter makes it."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        sheet = book.add_worksheet("指标 Figures")
        for row in range(200):
            sheet.write_row(row, 0, [row, row * row, f"第 {row} 行"])
    return out.getvalue()


def compound(stream):
    """The beginning of a file of Office before 2007, or of a locked new one, that names one stream."""
    return b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504) + stream.encode("utf-16-le").ljust(4096, b"\0")


def marked_as_locked(content):
    """A ZIP whose members say that a password is needed."""
    content = bytearray(content)
    for signature, flags in ((b"PK\3\4", 6), (b"PK\1\2", 8)):
        place = content.find(signature)
        while place >= 0:
            content[place + flags] |= 1
            place = content.find(signature, place + 1)
    return bytes(content)


def with_wrong_byte(content, what):
    """The same with one byte inside the first occurrence of `what` changed."""
    place = content.index(what) + len(what) // 2
    return content[:place] + bytes([content[place] ^ 0x55]) + content[place + 1 :]


def doubled_main():
    """A DOCX with two main parts of one name: programs disagree on which one counts."""
    out = io.BytesIO(docx())
    with zipfile.ZipFile(out, "a") as archive:
        archive.writestr("Word/Document.xml", '<o:document xmlns:o="urn:o"/>')
    return out.getvalue()


def cut(content, share):
    """The first `share` (0 to 1) of the bytes."""
    return content[: int(len(content) * share)]


HTML = b"\n<!DOCTYPE html>\n<html><head><title>Sign in</title></head><body>Please sign in.</body></html>"
PROGRAM = b"MZ\x90\0\3\0\0\0\4\0\0\0\xff\xff\0\0" + bytes(200)
DOCTYPE = '<!DOCTYPE o:document [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;">]>'

GOOD = {
    "pdf": ("pdf", pdf),
    "pdf of many pages": ("pdf", partial(pdf, pages=300)),
    "pdf typeset": ("pdf", typeset_pdf),
    "pdf with an owner's password": ("pdf", partial(pdf, owner="secret")),
    "pdf with javascript": ("pdf", partial(pdf, javascript=True)),
    "pdf that is repaired": ("pdf", handmade_pdf),
    "pdf with a printer's prefix": ("pdf", lambda: b"\x1b%-12345X@PJL ENTER LANGUAGE=PDF\r\n" + pdf()),
    "pdf with a byte order mark": ("pdf", lambda: b"\xef\xbb\xbf" + pdf()),
    "pdf with something behind": ("pdf", lambda: pdf() + bytes(900)),
    "png": ("png", partial(picture, "PNG")),
    "png of one pixel": ("png", partial(picture, "PNG", size=(1, 1))),
    "png with transparency": ("png", partial(picture, "PNG", mode="RGBA")),
    "png with a palette": ("png", partial(picture, "PNG", mode="P")),
    "png of 16 bits": ("png", partial(picture, "PNG", mode="I;16")),
    "png animated": ("png", partial(frames, "PNG")),
    "png of 49 megapixels": ("png", lambda: png_of(7000, 7000, unfolding(7 * 1024 * 1024))),
    "jpg": ("jpg", partial(picture, "JPEG")),
    "jpeg": ("jpeg", partial(picture, "JPEG")),
    "jpg of one pixel": ("jpg", partial(picture, "JPEG", size=(1, 1))),
    "jpg grey": ("jpg", partial(picture, "JPEG", mode="L")),
    "jpg for print": ("jpg", partial(picture, "JPEG", mode="CMYK")),
    "jpg progressive": ("jpg", partial(picture, "JPEG", size=(333, 777), progressive=True)),
    "jpg of a stereo camera": ("jpg", partial(frames, "MPO")),
    "jpg with a film behind": ("jpg", lambda: picture("JPEG") + os.urandom(50_000)),
    "docx": ("docx", docx),
    "docx numbered by a cloud": ("docx", partial(docx, main="word/document2.xml")),
    "docx typed by default only": (
        "docx", partial(docx, types=content_types({}, defaults={"xml": WORD}), more={"zoo/last.xml": '<a:p xmlns:a="urn:a"/>'}),
    ),
    "docx with backslashes": ("docx", partial(docx, main="word\\document.xml", types=content_types({"word/document.xml": WORD}))),
    "docx that only holds things": ("docx", lambda: zipped(unpacked(docx()), zipfile.ZIP_STORED)),
    "docx with a blank bitmap": ("docx", partial(docx, more={"word/media/image1.bmp": bytes(20 * 1024 * 1024)})),
    "xlsx": ("xlsx", xlsx),
    "pptx": ("pptx", pptx),
}  # fmt: skip

BAD = {
    "pdf empty": ("pdf", bytes),
    "pdf cut to 60 %": ("pdf", lambda: cut(pdf(pages=300), 0.6)),
    "pdf cut to 99 %": ("pdf", lambda: cut(typeset_pdf(), 0.99)),
    "pdf with only its frame": ("pdf", lambda: b"%PDF-1.7\n%%EOF\n"),
    "pdf of noise": ("pdf", lambda: b"%PDF-1.7\n" + os.urandom(100_000) + b"\n%%EOF\n"),
    "pdf locked": ("pdf", partial(pdf, user="secret", owner="secret")),
    "pdf locked with a certificate": (
        "pdf", partial(handmade_pdf, b"/ID[<00><00>]/Encrypt <</Filter/Adobe.PubSec/SubFilter/adbe.pkcs7.s5/V 4/R 4>>"),
    ),
    "pdf without a page": ("pdf", partial(pdf, pages=0)),
    "pdf that unfolds": ("pdf", unfolding_pdf),
    "pdf of one page a hundred thousand times": ("pdf", partial(handmade_pdf, kids=b"3 0 R " * 100_000)),
    "pdf is html": ("pdf", lambda: HTML),
    "pdf is html that quotes a pdf": ("pdf", lambda: HTML + pdf()),
    "pdf is a program": ("pdf", lambda: PROGRAM),
    "pdf is a png": ("pdf", partial(picture, "PNG")),
    "pdf is a zip that quotes a pdf": ("pdf", lambda: zipped({"a.pdf": pdf()}, zipfile.ZIP_STORED)),
    "pdf is text": ("pdf", lambda: "专利证书".encode("gb18030")),
    "png empty": ("png", bytes),
    "png is a pdf": ("png", pdf),
    "png is a jpg": ("png", partial(picture, "JPEG")),
    "png is a webp": ("png", partial(picture, "WEBP")),
    "png cut to 60 %": ("png", lambda: cut(picture("PNG"), 0.6)),
    "png without its end": ("png", lambda: picture("PNG")[:-12]),
    "png with a wrong byte": ("png", lambda: with_wrong_byte(picture("PNG"), picture("PNG")[60:200])),
    "png of 3600 megapixels": ("png", lambda: png_of(60_000, 60_000, unfolding(1024 * 1024))),
    "png of 100 megapixels": ("png", lambda: png_of(10_000, 10_000, unfolding(1024 * 1024))),
    "png of 51 megapixels": ("png", lambda: png_of(5_100, 10_000, unfolding(1024 * 1024))),
    "png of fewer pixels than it claims": ("png", lambda: png_of(6_000, 6_000, unfolding(1024 * 1024))),
    "png with a text that unfolds": (
        "png", lambda: picture("PNG")[:33] + png_chunk(b"zTXt", b"Comment\0\0" + unfolding(8 * 1024 * 1024)) + picture("PNG")[33:],
    ),
    "jpg is a png": ("jpg", partial(picture, "PNG")),
    "jpg is only its signature": ("jpg", lambda: b"\xff\xd8\xff\xe0"),
    "jpg cut to 60 %": ("jpg", lambda: cut(picture("JPEG"), 0.6)),
    "jpeg progressive cut to 90 %": ("jpeg", lambda: cut(picture("JPEG", size=(333, 777), progressive=True), 0.9)),
    "jpg of 51 megapixels": ("jpg", partial(plain_jpeg, 5_100, 10_000)),
    "jpg of endless passes": ("jpg", partial(tiring_jpeg, 200)),
    "docx is an old one": ("docx", partial(compound, "WordDocument")),
    "docx locked": ("docx", partial(compound, "EncryptedPackage")),
    "docx locked inside": ("docx", lambda: marked_as_locked(docx())),
    "docx is an xlsx": ("docx", xlsx),
    "docx is a pdf": ("docx", pdf),
    "docx is a plain zip": ("docx", lambda: zipped({"a.txt": "a"})),
    "docx is text": ("docx", lambda: b"{\\rtf1 a"),
    "docx cut to 60 %": ("docx", lambda: cut(docx(), 0.6)),
    "docx with a wrong byte in its text": ("docx", lambda: wrong_inside(docx(), "word/document.xml")),
    "docx without its main part": ("docx", lambda: zipped({"[Content_Types].xml": content_types({"word/document.xml": WORD})})),
    "docx with another root": ("docx", partial(docx, root="workbook")),
    "docx with broken content types": ("docx", partial(docx, types="<Types><Default")),
    "docx with a document type": ("docx", partial(docx, types=DOCTYPE + content_types({"word/document.xml": WORD}))),
    "docx with huge content types": ("docx", partial(docx, types=content_types({"word/document.xml": WORD}) + " " * 2 * 1024 * 1024)),
    "docx with two main parts of one name": ("docx", doubled_main),
    "docx packed in another way": ("docx", lambda: zipped(unpacked(docx()), zipfile.ZIP_LZMA)),
    "docx is a renamed docm": (
        "docx", partial(docx, kind="application/vnd.ms-word.document.macroEnabled.main+xml", more={"word/vbaProject.bin": b"\0" * 99}),
    ),
    "docx with a hidden macro": ("docx", partial(docx, more={"word/vbaProject.bin": b"\0" * 99})),
    "docx with macros of another name": (
        "docx", partial(
            docx, more={"word/harmless.bin": b"\0" * 99},
            types=content_types({"word/document.xml": WORD, "word/harmless.bin": "application/vnd.ms-office.vbaProject"}),
        ),
    ),
    "docx is a template": ("docx", partial(docx, kind=OOXML + "wordprocessingml.template.main+xml")),
    "docx that unfolds": ("docx", partial(docx, more={"word/media/a.bmp": bytes(210 * 1024 * 1024)})),
    "docx that unfolds from little": ("docx", partial(docx, more={"word/media/a.bmp": bytes(40 * 1024 * 1024)})),
    "docx of too many parts": ("docx", lambda: zipped({f"{number}.xml": "" for number in range(10_001)})),
    "xlsx is a docx": ("xlsx", docx),
    "xlsx is an old one": ("xlsx", partial(compound, "Workbook")),
    "xlsx cut to 90 %": ("xlsx", lambda: cut(xlsx(), 0.9)),
    "pptx is a slide show": ("pptx", partial(pptx, kind=OOXML + "presentationml.slideshow.main+xml")),
    "pptx is a program with a pptx behind": ("pptx", lambda: PROGRAM + pptx()),
}  # fmt: skip


def unpacked(content):
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def wrong_inside(content, name):
    """A ZIP in which one byte of the packed member `name` is wrong."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        place = archive.getinfo(name).header_offset + 30 + len(name) + 20
    return content[:place] + bytes([content[place] ^ 0x55]) + content[place + 1 :]
