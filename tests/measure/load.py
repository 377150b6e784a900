"""Many applicants at once: everybody saves and uploads for some seconds, then everything acknowledged must be there.

    python -m tests.measure.load [--clients 50] [--seconds 10]

Prints how many requests were answered and how fast, by what was asked. Exit status 1 when one was answered by a 5xx, or
when a text or a file that was acknowledged is not there afterwards. At most 100 clients: the site lets a hundred people an
hour register from one address.
"""

import argparse
import sys
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from app import demo
from tests.measure.costs import cpu_seconds, machine, peak_megabytes
from tests.measure.journey import PASSWORD_FORM, STEP, milliseconds
from tests.measure.visitor import Visitor
from tests.running import Running
from tests.site import PASSWORD

PDF = demo.sample_pdf("Paper")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--clients", type=int, default=50)
    parser.add_argument("--seconds", type=float, default=10)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, Running(Path(folder) / "instance") as server:
        applicants = [Applicant(server, f"applicant-{n}@example.org") for n in range(arguments.clients)]
        everybody = threading.Barrier(len(applicants), timeout=120)
        with ThreadPoolExecutor(len(applicants)) as pool:
            list(pool.map(lambda applicant: applicant.work(everybody, arguments.seconds), applicants))
            lost = [words for found in pool.map(Applicant.missing, applicants) for words in found]
        failed = report(applicants, lost)
        print(f"server               {cpu_seconds(server.process):.1f} CPU seconds, {peak_megabytes(server.process):.0f} MB at most")
    sys.exit(bool(failed or lost))


class Applicant(Visitor):
    """Begins an application, then saves and uploads in turn; remembers what was acknowledged."""

    def __init__(self, server, email):
        super().__init__(server)
        self.email, self.home, self.text, self.files = email, None, "", set()

    def work(self, everybody, seconds):
        self.open("register", "/en/account/register")
        self.submit("Register", then="applications", form=f"main{PASSWORD_FORM}", email=self.email, name="A", password=PASSWORD)
        self.open("home", "/en/")
        self.open("call", self.page.xpath("//main//a/@href[contains(., '/calls/')]")[0])
        self.submit("Begin", then="task list", form="form[contains(@action, '/applications')]")
        self.home = self.address
        everybody.wait()
        until, count = time.monotonic() + seconds, 0
        while time.monotonic() < until:
            count += 1
            self._save(f"Text {count} of {self.email}")
            self._upload(f"论文_Paper {count}.pdf")

    def _save(self, text):
        self.open("basics", f"{self.home}/basics")
        self.submit("Save", "save", then="basics", form=STEP, title__en=text)
        if self.answered("Save") == 302:
            self.text = text

    def _upload(self, name):
        self.open("files", f"{self.home}/files")
        self.submit("Upload", "upload", then="files", form=STEP, files=[(name, PDF)])
        if self.answered("Upload") == 302:
            self.files.add(name)

    def answered(self, label):
        """The status of the last answer with this label."""
        return next(taken.status for taken in reversed(self.taken) if taken.label == label)

    def missing(self):
        """What was acknowledged and is not there, in words."""
        self.open("basics", f"{self.home}/basics")
        text = self.page.xpath("string(//input[@name='title-en']/@value)")
        self.open("files", f"{self.home}/files")
        lost = self.files - {name.text_content() for name in self.page.xpath("//legend//bdi")}
        return [f"{self.email}: {text!r} instead of {self.text!r}"] * (text != self.text) + [f"{self.email}: {name}" for name in lost]


def report(applicants, lost):
    """Prints the figures; answers the answers that were no page and no redirect."""
    every = [taken for applicant in applicants for taken in applicant.taken]
    failed = [taken for taken in every if taken.status >= 400]
    saves, uploads = (sum(taken.label == label for taken in every) for label in ("Save", "Upload"))
    print(f"{machine()}; {len(applicants)} applicants at once")
    print(f"requests             {len(every)}, of them {saves} saves and {uploads} uploads; {len(failed)} failed, {len(lost)} lost")
    for label in dict.fromkeys(taken.label for taken in every):
        print(f"{label:21}{milliseconds(taken for taken in every if taken.label == label)}")
    for words in (*(f"{taken.method} {taken.label}: {taken.status}" for taken in failed), *lost):
        print(words)
    return failed


if __name__ == "__main__":
    main()
