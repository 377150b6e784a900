"""What certificates cost in time and memory: each on its own, and all as one ZIP (Linux).

    python -m tests.measure.certificates [--contributors 1000]
"""

import argparse
import io
import os
import tempfile
from pathlib import Path
from time import perf_counter, process_time

from PIL import Image, ImageDraw

from app import create_app, demo, exporting, rules
from app.files import uploads
from app.honors import certificates, honoring, names
from tests.honored import honored, organizer
from tests.measure.costs import machine, peak_megabytes

ROWS = 20
"""Contributors of an application, the most there can be."""
FORMS = ("SC", "TC", "HK", "JP", "KR")


class Me:
    pid = os.getpid()


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--contributors", type=int, default=1000)
    wanted = parser.parse_args().contributors
    print(machine())
    with tempfile.TemporaryDirectory() as folder:
        app = create_app(Path(folder, "instance"), TESTING=True)
        (call,) = app.calls.all()
        for number in range(wanted // ROWS):
            rows = {"contributors-row": [str(row) for row in range(ROWS)]}
            for row in range(ROWS):
                rows |= {f"contributors-{row}-{part}-en": [part] for part in ("organization", "role")}
                rows |= {f"contributors-{row}-name-zh": [f"王{chr(0x4E00 + number * ROWS + row)}"], f"contributors-{row}-name-en": ["Wang"]}
                rows |= {f"contributors-{row}-{part}-zh": ["示例"] for part in ("organization", "role")}
            honored(app, call, email=f"a{number}@example.org", achievement=demo.ACHIEVEMENTS[number % 12], contributors=rows)
        with app.test_request_context("/en/"):
            issue(call)
            now = rules.now()
            issued = honoring.of_call(call, now)
            certificates.pdf(issued[0].certificate)
            lap(f"{len(issued)} certificates one by one", lambda: sum(len(certificates.pdf(one.certificate)) for one in issued))
            lap("all of them as a ZIP", lambda: sum(map(len, exporting.zip_as_made(certificates.pdfs(honoring.of_call(call, now))))))


def issue(call):
    now, user = rules.now(), organizer()
    images = {name: uploads.store_image(name=f"{name}.png", stream=io.BytesIO(drawn())) for name in ("seal", "signature")}
    certificates.save_design(call, date="2027-11-10", signatory_zh="张三", signatory_en="Zhang San", images=images, user=user, now=now)
    for number, one in enumerate(honoring.of_call(call, now)):
        names.confirm(one, call, one.zh, one.en, FORMS[number % 5], now)
    began = perf_counter()
    count = certificates.issue(call, None, None, user, now)
    print(f"{count} certificates issued in {perf_counter() - began:.1f} s")


def drawn():
    image, content = Image.new("RGBA", (800, 800)), io.BytesIO()
    ImageDraw.Draw(image).ellipse((20, 20, 780, 780), outline="#c8102e", width=24)
    image.save(content, "PNG")
    return content.getvalue()


def lap(what, make):
    before, began, cpu = peak_megabytes(Me), perf_counter(), process_time()
    size = make()
    taken, cpu = perf_counter() - began, process_time() - cpu
    print(f"{what}: {taken:.1f} s, of which {cpu:.1f} s of a processor; {size / 1024**2:.0f} MB")
    print(f"the process at most {peak_megabytes(Me):.0f} MB, before {before:.0f} MB")


if __name__ == "__main__":
    main()
