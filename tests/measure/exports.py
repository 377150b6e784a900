"""What exports cost in time and memory: tables of thousands of rows, a ZIP of gigabytes, dossiers (Linux).

    python -m tests.measure.exports [--applications 6000]

The ZIP holds one file of 5 MB under many names, so that it needs no gigabytes of disk.
"""

import argparse
import io
import os
import statistics
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path

import typst
from PIL import Image

from app import create_app, dossiers, exporting, rules
from app.desk import listing
from app.extensions import db
from app.files import uploads
from app.models import StoredFile
from app.printing.attachments import Merger
from tests.handing_in import handed_in
from tests.measure import crowd
from tests.measure.costs import machine

IN_ZIP = 60


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--applications", type=int, default=6000, help="two thirds of them are handed in (default: %(default)s)")
    wanted = parser.parse_args().applications
    print(machine())
    with tempfile.TemporaryDirectory() as folder:
        app = create_app(Path(folder, "instance"), TESTING=True)
        crowd.fill(app, wanted)
        with app.test_request_context("/en/"):
            tables(app, Path(folder))
            archive(app, Path(folder))
        dossier(app, Path(folder))


def tables(app, folder):
    now = rules.now()
    few, ids = (listing.ids(listing.Selection(q=words), app.calls, now) for words in ("quantum", ""))
    for chosen in (few[:50], ids):
        table = exporting.Table(chosen, app.calls, now)
        with measured(f"XLSX of {len(chosen)} applications"), (folder / "table.xlsx").open("wb") as target:
            exporting.write_xlsx(target, table, "Applications", [])
        with measured(f"CSV of {len(chosen)} applications"):
            size = sum(map(len, exporting.csv_lines(exporting.Table(chosen, app.calls, now))))
    print(f"{(folder / 'table.xlsx').stat().st_size / 1024**2:.1f} MB of XLSX, {size / 1024**2:.1f} MB of CSV")


def archive(app, folder):
    content = folder / "paper"
    content.write_bytes(b"%PDF-" + os.urandom(5 * 1024**2 - 11) + b"%%EOF\n")
    for path in db.session.scalars(db.select(StoredFile.path)):
        (uploads.folder() / path).parent.mkdir(exist_ok=True)
        os.link(content, uploads.folder() / path)
    ids = listing.ids(listing.Selection(status="submitted"), app.calls, rules.now())[:IN_ZIP]
    for number in (2, IN_ZIP):
        with tempfile.TemporaryDirectory() as aside, measured(f"ZIP of {number} applications") as lap:
            stream, length = exporting.zip_applications(ids[:number], Path(aside))
            lap("before the first byte")
            size = sum(map(len, stream))
        print(f"{size / 1024**2:.0f} MB, {'as promised' if size == length else 'NOT AS PROMISED'}")


def dossier(app, folder):
    call = app.calls.all()[-1]
    paper = typst.compile(b"#for _ in range(12) [= Results\n#lorem(500) #pagebreak()]")
    photograph = io.BytesIO()
    Image.effect_noise((3000, 2000), 40).convert("RGB").save(photograph, "JPEG", quality=70)
    names = [(f"论文{n}_Paper {n}.pdf", "papers", paper) for n in (1, 2, 3)]
    names += [(f"照片{n}_Photograph {n}.jpg", "application-proofs", photograph.getvalue()) for n in (1, 2)]
    application_id = handed_in(app, call, files=names)
    taken = []
    with app.test_request_context("/en/"), measured("six dossiers of five attachments"), Merger() as merger:
        for number in range(6):
            inner = folder / str(number)
            inner.mkdir()
            began = time.perf_counter()
            path = dossiers.make(exporting.handed_in(application_id), inner, merger)
            taken.append(time.perf_counter() - began)
        status = Path(f"/proc/{merger._process.pid}/status").read_text()
    peak = next(int(line.split()[1]) / 1024 for line in status.splitlines() if line.startswith("VmHWM"))
    print(f"a dossier: median {statistics.median(taken):.2f} s, the first {taken[0]:.2f} s; {path.stat().st_size / 1024**2:.1f} MB")
    print(f"the process that opens attachments: at most {peak:.0f} MB")


@contextmanager
def measured(what):
    """Prints how long what is inside took, and how much more memory than before this process held at most meanwhile."""
    before = memory("VmRSS")
    Path("/proc/self/clear_refs").write_text("5")
    began = time.perf_counter()
    yield lambda words: print(f"  {time.perf_counter() - began:.2f} s {words}")
    print(f"{what}: {time.perf_counter() - began:.2f} s, {memory('VmHWM') - before:.0f} MB more")


def memory(name):
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith(name))


if __name__ == "__main__":
    main()
