"""The certificate of a contributor: everything on it was frozen when it was issued."""

import base64
from functools import lru_cache
from io import BytesIO

import segno
from PIL import Image, ImageChops

from app.printing.press import render

SHARPEST = 640
"""Pixels along the longer side of a seal or signature as it is printed: 450 to the inch of a seal."""


def certificate(certificate, images):
    """The PDF of a Certificate; `images` are the bytes of its "seal" and "signature", or None. Every time the same bytes."""
    details = certificate.details
    data = {
        "language": "zh",
        "title": f"{details['title']['zh']} {details['title']['en']} {certificate.number}",
        "words": {},
        "form": certificate.form,
        "name": {"zh": certificate.zh, "en": certificate.en},
        "number": certificate.number,
        "details": details,
        "sample": details.get("sample", False),
        "qr": _qr(details["address"]),
        "images": {name: content and _printed(content) for name, content in images.items()},
    }
    return render("certificate", data, at=certificate.issued_at)


def _qr(address):
    code = BytesIO()
    # Every mask is read alike; to choose the evenest among eight takes longer than to set the page.
    segno.make(address, error="m", micro=False, mask=3).save(code, kind="svg", border=0, dark="#6b1626", xmldecl=False, svgns=True)
    return code.getvalue().decode()


@lru_cache(maxsize=8)
def _printed(content):
    """A seal or signature as SVG, for Typst reads no file beside its templates. White paper behind it becomes transparent."""
    with Image.open(BytesIO(content)) as opened:
        image = opened.convert("RGBA")
    image.thumbnail((SHARPEST, SHARPEST))
    if image.getextrema()[3] == (255, 255):
        red, green, blue, _opaque = image.split()
        image.putalpha(ImageChops.invert(ImageChops.darker(ImageChops.darker(red, green), blue)))
    png = BytesIO()
    image.save(png, "PNG", optimize=True)
    width, height = image.size
    link = base64.b64encode(png.getvalue()).decode()
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}">'
        f'<image width="{width}" height="{height}" href="data:image/png;base64,{link}"/></svg>'
    )
