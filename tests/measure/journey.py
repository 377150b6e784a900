"""What a whole journey costs, from the home page to the receipt, against the running server.

    python -m tests.measure.journey [--runs N]

One applicant after the other, alone; Chinese and English in turn. Each registers (one Argon2 hash), fills in every step of
the shipped call (a joint application with five contributors), uploads two files of 300 KB in two requests, submits, and opens
the receipt and receipt.json. Prints requests, CPU seconds of the server, milliseconds and bytes. Linux only. At most 98 runs:
the site lets a hundred people an hour register from one address.
"""

import argparse
import io
import json
import os
import statistics
import tempfile
from itertools import pairwise
from pathlib import Path

import pikepdf

from app import demo
from app.call.loading import SHIPPED, read
from tests.measure.costs import cpu_seconds, machine, peak_megabytes
from tests.measure.visitor import Visitor
from tests.running import Running
from tests.site import PASSWORD

FILE_BYTES = 300_000
PEOPLE = "\n".join(f"{zh}\t{en}\t示例大学\tExample University\t课题负责人\tLead researcher" for zh, en in demo.PEOPLE)
STEP = "form[@id='step']"
PASSWORD_FORM = "//form[.//input[@name='password']]"
STATIC = "//link/@href[contains(., '/static/')] | //script/@src | //img/@src"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=20)
    runs = parser.parse_args().runs
    call, _problems = read(SHIPPED)
    with tempfile.TemporaryDirectory() as folder, Running(Path(folder) / "instance") as server:
        # Templates, forms and connections are made at their first use.
        for language in ("zh", "en"):
            travel(server, call, f"warm-{language}", language)
        journeys, cpu = [], []
        for n in range(runs):
            before = cpu_seconds(server.process)
            journeys.append(travel(server, call, f"run-{n}", ("zh", "en")[n % 2]))
            cpu.append(cpu_seconds(server.process) - before)
        report(journeys, cpu, peak_megabytes(server.process))


def travel(server, call, name, language):
    """One applicant's whole journey; answers the [Taken] of it. AssertionError where it does not go on as it should."""
    visitor = Visitor(server)
    visitor.open("home", f"/{language}/")
    for address in dict.fromkeys(visitor.page.xpath(STATIC)):
        visitor.open("static file", address)
    visitor.open("call", visitor.page.xpath("//main//a/@href[contains(., '/calls/')]")[0])
    visitor.submit("New application", then="sign in", form="main//form")
    visitor.open("register", visitor.page.xpath("//main//a/@href[contains(., 'register')]")[0])
    visitor.submit("Register", then="start", form=f"main{PASSWORD_FORM}", email=f"{name}@example.org", name="林晓雯", password=PASSWORD)
    visitor.submit("Begin", then="task list", form="main//form[not(@action)]")
    home, answers = visitor.address, answers_to(call)
    visitor.open("category", f"{home}/category")
    for step, after in pairwise([*answers, "files"]):
        assert visitor.address == f"{home}/{step}"
        if step == "contributors":
            visitor.submit("Take over lines", "save", then=step, form=STEP, contributors__paste=PEOPLE)
        visitor.submit(f"Continue: {step}", "continue", then=after, form=STEP, **answers[step])
    for kind, title in (("papers", "量子论文_Quantum paper.pdf"), ("patents", "专利证书_Patent certificate.pdf")):
        visitor.submit("Upload", "upload", then="files", form=STEP, kind=kind, files=[(title, PDF)])
    visitor.submit("Continue: files", "continue", then="check", form=STEP)
    visitor.submit("Submit", "submit", then="receipt", form="form[@id='submit']", declaration="yes")
    visitor.open("receipt.json", f"{visitor.address}.json")
    assert len(json.loads(visitor.body)["files"]) == 2
    assert all(taken.status in (200, 302) for taken in visitor.taken)
    return visitor.taken


def answers_to(call):
    """`{step id: {input name: value}}` of a joint application; the contributors are PEOPLE."""
    answers = demo.sample_answers(call, demo.ACHIEVEMENTS[0])
    partner = {"organization-zh": "示例研究所", "organization-en": "Example Institute", "country": "DE"}
    partner |= {"contribution-zh": "合作完成实地测试。", "contribution-en": "Carried out the field tests together with us."}
    importance = {"partnership_importance-zh": "合作使验证成为可能。", "partnership_importance-en": "Only together could we test it."}
    return {
        "category": answers["category"],
        "basics": answers["basics"] | {"joint": "yes"},
        "contributors": {},
        "partnership": {f"partners-1-{name}": value for name, value in partner.items()} | importance,
        "materials": answers["materials"],
    }


def sample_file():
    """A PDF of some FILE_BYTES, as dense as a scan."""
    with pikepdf.open(io.BytesIO(demo.sample_pdf("Paper"))) as document:
        document.Root.Padding = document.make_stream(os.urandom(FILE_BYTES))
        target = io.BytesIO()
        document.save(target)
    return target.getvalue()


PDF = sample_file()


def report(journeys, cpu, peak):
    every = [taken for journey in journeys for taken in journey]
    first = [taken for taken in journeys[0] if taken.label in ("home", "static file")]
    print(f"{machine()}; {len(journeys)} journeys, one after the other")
    print(f"requests a journey   {len(journeys[0])}")
    print(f"CPU seconds          {statistics.median(cpu):.3f} median, {statistics.mean(cpu):.3f} mean")
    print(f"milliseconds in all  {statistics.median(sum(taken.seconds for taken in journey) for journey in journeys) * 1000:.0f} median")
    print(f"a page               {milliseconds(taken for taken in every if taken.method == 'GET' and taken.label != 'static file')}")
    print(f"a button             {milliseconds(taken for taken in every if taken.method == 'POST')}")
    print(f"bytes in all         {sum(taken.size for taken in journeys[0]):,}, not compressed")
    print(f"first visit          {len(first)} requests, {sum(taken.size for taken in first):,} bytes")
    print(f"peak memory          {peak:.0f} MB\n")
    for label in dict.fromkeys(taken.label for taken in every):
        same = [taken for taken in every if taken.label == label]
        print(f"{label:24}{milliseconds(same)}{max(taken.size for taken in same):9,} bytes")


def milliseconds(taken):
    """The median and the 95th percentile in words."""
    ordered = sorted(one.seconds * 1000 for one in taken)
    return f"{statistics.median(ordered):6.1f} ms median {ordered[round(0.95 * (len(ordered) - 1))]:6.1f} p95"


if __name__ == "__main__":
    main()
