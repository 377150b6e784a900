"""A program of its own, in which strangers' PDFs and pictures are opened, made harmless and put together.

Reads one JSON object a line: `{"do": "clean" | "fit" | "merge", …}`, see the functions of these names, and answers each with
one: what the function said, or `{"problem": …}`. Whatever a hostile file does to it in time and memory ends here, and not in
the server; `attachments.py` starts it, and ends it. It imports nothing of ours, for that takes longer than most of its work.
"""

import io
import json
import sys
from contextlib import ExitStack, suppress

import pikepdf
from pikepdf import Array, Dictionary, Name

MEMORY = 1024**3
LARGEST = 100 * 1024 * 1024
"""Bytes of a file it may write."""
MOST_OBJECTS = 100_000
"""Objects that the pages of one PDF may consist of; a paper has some thousands."""
MOST_ANNOTATIONS = 1000
"""On one page."""
MOST_PIXELS = 50_000_000
FINE = 2400
"""Pixels of the longer side of a picture as it is printed: 220 to the inch."""
A4 = (595.276, 841.89)
MARGIN = 34
KEPT = {"/Type", "/MediaBox", "/CropBox", "/TrimBox", "/BleedBox", "/ArtBox", "/Rotate", "/UserUnit", "/Resources", "/Contents", "/Group"}
"""What is taken over of a page: nothing that acts, nothing that leads elsewhere, nothing that holds a file."""
DROPPED = (
    "/A", "/AA", "/AF", "/AcroForm", "/EF", "/EmbeddedFile", "/EmbeddedFiles", "/JS", "/JavaScript", "/Launch", "/Metadata", "/Names",
    "/OPI", "/OpenAction", "/PieceInfo", "/Ref", "/RichMediaContent", "/StructParent", "/StructParents", "/XFA",
)  # fmt: skip
"""What is taken out of everything that the pages consist of."""
ELSEWHERE = ("/F", "/FFilter", "/FDecodeParms")
"""By these a stream takes its content from another file."""


def clean(source, target, most):
    """Writes the first `most` pages of a PDF to `target`, what is annotated drawn into them: {"pages": written, "of": all, "objects"}."""
    try:
        document = pikepdf.open(source)
    except pikepdf.PasswordError:
        return {"problem": "locked"}
    with document, pikepdf.new() as result:
        count = len(document.pages)
        with suppress(pikepdf.PdfError, ValueError, RuntimeError):
            document.generate_appearance_streams()
        links = []
        for page in document.pages[:most]:
            links.append(_links(page))
            result.pages.append(page)
        objects = len(result.objects)
        if not links or objects > MOST_OBJECTS:
            return {"problem": "complex" if links else "damaged"}
        with suppress(pikepdf.PdfError, ValueError, RuntimeError):
            result.flatten_annotations("screen")
        _sweep(result)
        for page, found in zip(result.pages, links, strict=True):
            for key in set(page.obj.keys()) - KEPT:
                del page.obj[key]
            if found:
                page.obj.Annots = Array([_link(rectangle, address) for rectangle, address in found])
        result.save(target, object_stream_mode=pikepdf.ObjectStreamMode.generate, deterministic_id=True)
        return {"pages": len(links), "of": count, "objects": objects}


def _links(page):
    """[(rectangle, address)] of what leads to a page of the web. Too many annotations are taken off the page."""
    found = []
    with suppress(pikepdf.PdfError, ValueError, TypeError, AttributeError):
        annotations = list(page.obj.get("/Annots", []))
        if len(annotations) > MOST_ANNOTATIONS:
            del page.obj.Annots
            return found
        for annotation in annotations:
            action = annotation.get("/A", Dictionary())
            address = bytes(action.get("/URI", b"")) if action.get("/S") == Name.URI else b""
            if address.lower().startswith((b"http://", b"https://")) and address.isascii() and len(address) < 2000:
                found.append(([float(side) for side in annotation.Rect], address))
    return found


def _link(rectangle, address):
    action = Dictionary(S=Name.URI, URI=pikepdf.String(address.decode()))
    return Dictionary(Type=Name.Annot, Subtype=Name.Link, Rect=rectangle, Border=[0, 0, 0], A=action)


def _sweep(document):
    for thing in document.objects:
        waiting = [thing]
        while waiting:
            part = waiting.pop()
            if isinstance(part, Array):
                waiting += [item for item in part if isinstance(item, (Array, Dictionary)) and not item.is_indirect]
            elif isinstance(part, (Dictionary, pikepdf.Stream)):
                for key in [key for key in part if key in DROPPED or isinstance(part, pikepdf.Stream) and key in ELSEWHERE]:
                    del part[key]
                waiting += [item for _key, item in part.items() if isinstance(item, (Array, Dictionary)) and not item.is_indirect]


def fit(source, target, most):
    """Writes a PDF of one page of A4, upright or across, with the picture on it: the same."""
    from PIL import Image, ImageOps

    # Judged below, in words.
    Image.MAX_IMAGE_PIXELS = None
    with Image.open(source, formats=["JPEG", "PNG"]) as image:
        if image.width * image.height > MOST_PIXELS:
            return {"problem": "complex"}
        image.draft("RGB", (2 * FINE, 2 * FINE))
        image.thumbnail((FINE, FINE))
        drawn = _on_white(ImageOps.exif_transpose(image))
    content = io.BytesIO()
    drawn.save(content, "JPEG", quality=88, subsampling=0)
    width, height = drawn.size
    page = A4 if height >= width else A4[::-1]
    # A small picture is not blown up beyond 72 pixels to the inch.
    scale = min(1, *((side - 2 * MARGIN) / pixels for side, pixels in zip(page, drawn.size, strict=True)))
    place = [(side - pixels * scale) / 2 for side, pixels in zip(page, drawn.size, strict=True)]
    with pikepdf.new() as result:
        result.add_blank_page(page_size=page)
        picture = pikepdf.Stream(
            result, content.getvalue(), Type=Name.XObject, Subtype=Name.Image, Width=width, Height=height,
            ColorSpace=Name.DeviceRGB, BitsPerComponent=8, Filter=Name.DCTDecode,
        )  # fmt: skip
        result.pages[0].obj.Resources = Dictionary(XObject=Dictionary(P=picture))
        drawing = "q {:.3f} 0 0 {:.3f} {:.3f} {:.3f} cm /P Do Q".format(width * scale, height * scale, *place)
        result.pages[0].obj.Contents = result.make_stream(drawing.encode())
        result.save(target, deterministic_id=True)
    return {"pages": 1, "of": 1, "objects": len(result.objects)}


def _on_white(image):
    from PIL import Image

    if image.mode.startswith("I"):
        # Sixteen bits a pixel.
        return image.point(lambda value: value / 256).convert("L").convert("RGB")
    if "A" not in image.getbands() and "transparency" not in image.info:
        return image.convert("RGB")
    layer = image.convert("RGBA")
    white = Image.new("RGB", image.size, "white")
    white.paste(layer, mask=layer.getchannel("A"))
    return white


def merge(base, parts, target):
    """Writes `base` with a PDF of `parts` (paths, or null for none) behind each of its last pages: {"pages": all}."""
    with ExitStack() as opened:
        document = opened.enter_context(pikepdf.open(base))
        first = len(document.pages) - len(parts)
        for place, part in reversed(list(enumerate(parts, first + 1))):
            if part:
                pages = opened.enter_context(pikepdf.open(part)).pages
                for offset, page in enumerate(pages):
                    document.pages.insert(place + offset, page)
        document.Root.PageMode = Name.UseOutlines
        document.save(target, object_stream_mode=pikepdf.ObjectStreamMode.generate, deterministic_id=True)
        return {"pages": len(document.pages)}


def _limit():
    # Without limits, a megabyte of a hostile table unfolds into gigabytes.
    pikepdf.settings.set_qpdf_limits(flate_max_memory=32 * 1024**2, doc_max_warnings=10_000, parser_max_container_size=1_000_000)
    with suppress(ImportError, ValueError, OSError):
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
        resource.setrlimit(resource.RLIMIT_FSIZE, (LARGEST, LARGEST))


def main():
    _limit()
    for line in sys.stdin:
        asked = json.loads(line)
        try:
            said = {"clean": clean, "fit": fit, "merge": merge}[asked.pop("do")](**asked)
        except Exception as error:
            said = {"problem": "damaged", "why": repr(error)}
        print(json.dumps(said), flush=True)


if __name__ == "__main__":
    main()
