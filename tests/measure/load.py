"""The last evening: many applicants within the same seconds, against the running server.

    python -m tests.measure.load [--applicants N]

Everybody has an account and a draft that is complete but for its last step. At the same moment all sign in, save the last
step, upload a file of 300 KB and submit. Prints errors, losses, latencies and the longest wait; exit status 1 on any error
or loss. Loopback only. At most 100 sign-ins may fail within a quarter of an hour from one address; none does here.
"""

import argparse
import statistics
import sys
import tempfile
import threading
import time
from pathlib import Path

from app import create_app, demo, rules
from app.applying import drafts, saving
from app.extensions import db
from app.models import Application
from app.people import accounts
from tests.measure.costs import machine, peak_megabytes
from tests.measure.journey import PASSWORD_FORM, PDF, STEP, milliseconds
from tests.measure.visitor import Visitor
from tests.running import Running
from tests.site import PASSWORD

TITLE = "量子论文_Quantum paper.pdf"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--applicants", type=int, default=200)
    sys.exit(run(parser.parse_args().applicants))


def run(count):
    """Prints the figures of `count` applicants at once; 0, or 1 when anything failed or was lost."""
    with tempfile.TemporaryDirectory() as folder:
        instance = Path(folder) / "instance"
        refs = prepare(instance, count)
        visitors, failures = [], []
        with Running(instance) as server:
            start = threading.Barrier(count)
            threads = [threading.Thread(target=apply, args=(server, n, ref, start, visitors, failures)) for n, ref in enumerate(refs)]
            began = time.perf_counter()
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            lasted, peak = time.perf_counter() - began, peak_megabytes(server.process)
        lost = losses(instance, refs)
    taken = [one for visitor in visitors for one in visitor.taken]
    errors = [one for one in taken if one.status >= 400]
    print(f"{machine()}; {count} applicants at once, {len(taken)} requests in {lasted:.1f} s, peak memory {peak:.0f} MB")
    print(f"errors {len(errors) + len(failures)}, losses {len(lost)}")
    if taken:
        print(f"a request   {milliseconds(taken)}; the longest wait {max(one.seconds for one in taken):.2f} s")
        for label in dict.fromkeys(one.label for one in taken):
            print(f"  {label:10}{milliseconds([one for one in taken if one.label == label])}")
        evenings = [sum(one.seconds for one in visitor.taken) for visitor in visitors]
        print(f"an applicant's whole evening {statistics.median(evenings):.1f} s median")
    print(*failures[:5], *lost[:5], sep="\n")
    return 1 if errors or failures or lost else 0


def prepare(instance, count):
    """Accounts and drafts in a new instance; the refs of the drafts."""
    app = create_app(instance)
    refs = []
    with app.app_context():
        (call,) = app.calls.all()
        for n in range(count):
            now = rules.now()
            user = accounts.register(email=f"load{n}@example.org", name="林晓雯", password=PASSWORD, language="zh", now=now).user
            application = drafts.create(user=user, call=call, now=now)
            for step_id, posted in demo.sample_answers(call, demo.ACHIEVEMENTS[n % len(demo.ACHIEVEMENTS)]).items():
                if step_id != "materials":
                    saving.save(application=application, call=call, step=call.step(step_id), posted=posted, version=None, now=now)
            refs.append(application.ref)
        db.engine.dispose()
    return refs


def apply(server, n, ref, start, visitors, failures):
    """One applicant's evening."""
    visitor = Visitor(server)
    visitors.append(visitor)
    try:
        start.wait(60)
        home = f"/zh/applications/{ref}"
        visitor.open("sign-in", "/zh/account/sign-in")
        visitor.submit("sign-in", form=f"main{PASSWORD_FORM}", email=f"load{n}@example.org", password=PASSWORD)
        visitor.open("step", f"{home}/materials")
        materials = {name.get("name"): (f"申报人{n}的成果说明。" if name.get("lang") == "zh" else f"What applicant {n} achieved.")
                     for name in visitor.page.xpath("//textarea[@lang]")}  # fmt: skip
        visitor.submit("save", "continue", form=STEP, **materials)
        visitor.submit("upload", "upload", form=STEP, kind="papers", files=[(TITLE, PDF)])
        visitor.open("check", f"{home}/check")
        visitor.submit("submit", "submit", form="form[@id='submit']", declaration="yes")
        assert visitor.address.endswith("/receipt/1"), visitor.address
    except Exception as error:  # every failure counts and is printed
        failures.append(f"applicant {n}: {error!r}")


def losses(instance, refs):
    """What of the evening is not in the database, in words."""
    app = create_app(instance)
    with app.app_context():
        found = {application.ref: application for application in db.session.scalars(db.select(Application))}
        lost = []
        for n, ref in enumerate(refs):
            application = found[ref]
            if len(application.snapshots) != 1 or len(application.files) != 1 or f"申报人{n}" not in application.snapshot.receipt:
                lost.append(f"applicant {n}: {len(application.snapshots)} submissions, {len(application.files)} files")
        numbers = [application.number for application in found.values() if application.number]
        if len(set(numbers)) != len(numbers):
            lost.append("a number was given twice")
        db.engine.dispose()
    return lost


if __name__ == "__main__":
    main()
