"""Kills the server at random instants while people work, and looks whether all that it had acknowledged is there.

    python -m tests.measure.crash [--kills 200] [--seed N] [--applicants 3] [--forgetful]

What was acknowledged is logged on the side of the applicants, outside the server. After each `kill -9` the server is started
again, the audit must find nothing, and every account, text, file and submission that was acknowledged must be there. Exit
status 1 if anything is lost. `--forgetful` starts a server that acknowledges before it commits: it has to lose something.
"""

import argparse
import hashlib
import http.client
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from app import create_app, demo
from app.extensions import db
from app.keeping import auditing
from app.models import Answers, Application, Mail, Snapshot, StoredFile, User
from tests.measure.visitor import Visitor
from tests.running import ROOT, environment, free_port, wait_until_it_answers
from tests.site import PASSWORD

NEWCOMER = 4
"""After so many kills one applicant leaves and another registers; the site lets an address register a hundred times an hour."""


@dataclass
class Result:
    kills: int = 0
    acknowledged: Counter = field(default_factory=Counter)
    """How many, of what."""
    checks: int = 0
    losses: list = field(default_factory=list)


class Log:
    """What was asked and what was acknowledged: {(what, whose, which): [last acknowledged, and all asked since]}."""

    def __init__(self, path):
        self._file, self._lock = path.open("a"), threading.Lock()
        self.known, self.acknowledged = {}, Counter()
        self._more = threading.Event()

    def asked(self, *key, value=True):
        with self._lock:
            self.known.setdefault(key, [None]).append(value)

    def acknowledge(self, *key, value=True):
        with self._lock:
            self.known[key] = [value]
            self.acknowledged[key[0]] += 1
            print(json.dumps([time.time(), *key, value]), file=self._file, flush=True)
        self._more.set()

    def wait_for_more(self):
        """Returns at the next acknowledgement: a kill before the first after a start would show little."""
        self._more.clear()
        self._more.wait(5)


class Applicant(Visitor):
    """Works until the server is gone, then goes on where the log says that the work stands."""

    def __init__(self, server, log, name, call, chance):
        super().__init__(server)
        self.log, self.email, self.call, self.chance = log, f"{name}@example.org", call, chance
        self.home, self.count, self.filled = None, 0, set()

    def work(self):
        self._connection.close()
        try:
            if self.home is None:
                self._begin()
            while True:
                self.chance.choice((self._save, self._save, self._upload, self._remove, self._hand_in))()
        except (OSError, http.client.HTTPException):
            pass

    def _press(self, key, button="", value=True, **form):
        """Presses a button: whether it was acknowledged, as every button of ours does that did its work, by a redirect."""
        self.log.asked(*key, value=value)
        before = len(self.taken)
        try:
            self.submit("POST", button, **form)
        finally:
            done = any((taken.label, taken.status) == ("POST", 302) for taken in self.taken[before:])
            if done:
                self.log.acknowledge(*key, value=value)
        return done

    def _begin(self):
        self.open("call", f"/en/calls/{self.call.id}")
        if not self.page.xpath("//form[contains(@action, 'sign-out')]"):
            self.open("register", "/en/account/register")
            if not self.page.xpath("//input[@name='email']"):
                return
            form = "main//form[.//input[@name='password']]"
            self._press(("account", self.email, ""), form=form, email=self.email, name="A", password=PASSWORD)
            self.open("call", f"/en/calls/{self.call.id}")
        self.submit("start", form=f"form[contains(@action, '/calls/{self.call.id}/applications')]")
        self.home = self.address

    @property
    def ref(self):
        return self.home.rpartition("/")[2]

    def _save(self):
        """Fills in the next step that is not filled in yet; later the name of the achievement again and again."""
        answers = demo.sample_answers(self.call, demo.ACHIEVEMENTS[0])
        answers["contributors"] = {"contributors-paste": "林晓雯\tLin Xiaowen\t示例大学\tExample University\t课题负责人\tLead researcher"}
        step = next((step for step in answers if step not in self.filled), "basics")
        self.count += 1
        marker, posted = f"Marker {self.count}", dict(answers[step])
        if step == "basics":
            posted["title-en"] = [marker]
        self.open("step", f"{self.home}/{step}")
        if self.page.xpath("//form[@id='step']"):
            value = marker if step == "basics" else True
            if self._press(("text", self.ref, step), "save", value=value, form="form[@id='step']", **posted):
                self.filled.add(step)

    def _upload(self):
        self.count += 1
        name, content = f"论文_Paper {self.count}.pdf", demo.sample_pdf(f"{self.email} {self.count}")
        self.open("files", f"{self.home}/files")
        if self.page.xpath("//input[@name='files']"):
            digest = hashlib.sha256(content).hexdigest()
            self._press(("file", self.ref, name), "upload", value=digest, form="form[@id='step']", kind="papers", files=[(name, content)])

    def _remove(self):
        self.open("files", f"{self.home}/files")
        buttons = self.page.xpath("//form[@id='step']//button[starts-with(@value, 'remove-')]/@value")
        if buttons:
            title = self.page.xpath("string(//input[@name=$name]/@value)", name=f"title-{buttons[0][7:]}-en")
            self._press(("file", self.ref, f"论文_{title}.pdf"), buttons[0], value=None, form="form[@id='step']")

    def _hand_in(self):
        self.open("overview", self.home)
        if self.page.xpath("//form[contains(@action, '/reopen')]"):
            self.submit("reopen", form="form[contains(@action, '/reopen')]")
            return
        self.open("check", f"{self.home}/check")
        if self.page.xpath("//form[@id='submit']") and {"category", "basics", "contributors", "materials"} <= self.filled:
            n = int(self.page.xpath("string(//form[@id='submit']//input[@name='expected']/@value)")) + 1
            self._press(("submission", self.ref, n), "submit", form="form[@id='submit']", declaration="yes")


class Server:
    """The server that is killed and started again, always on the same port."""

    def __init__(self, instance, script):
        self.host, self.port, self.log = "127.0.0.1", free_port(), instance.with_suffix(".log")
        command = [sys.executable, "-m", "tests.measure.nursery", script, str(self.log), str(self.port)]
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
        with self.log.open("ab") as log:
            self._nursery = subprocess.Popen(command, cwd=ROOT, env=environment(instance), stderr=log, **pipes)

    def start(self):
        print(file=self._nursery.stdin, flush=True)
        self._process = int(self._nursery.stdout.readline())
        wait_until_it_answers(self.port, self.log)

    def kill(self):
        os.kill(self._process, signal.SIGKILL)
        self._nursery.stdout.readline()

    def close(self):
        self._nursery.stdin.close()
        self._nursery.wait()
        self._nursery.stdout.close()


def run(folder, kills, seed=0, applicants=3, script="wsgi.py", tell=lambda line: None):
    """Kills the server `kills` times over a new instance in `folder` and answers a Result; stops at the first loss."""
    chance, result = random.Random(seed), Result()
    log, app = Log(folder / "acknowledged.jsonl"), create_app(folder / "instance")
    (call,) = app.calls.all()
    release(app)
    server = Server(folder / "instance", script)
    server.start()
    people = []
    while result.kills < kills and not result.losses:
        if result.kills % NEWCOMER == NEWCOMER - 1:
            people.pop(0)
        while len(people) < applicants:
            people.append(Applicant(server, log, f"a{result.kills}-{len(people)}", call, random.Random(chance.random())))
        threads = [threading.Thread(target=person.work) for person in people]
        for thread in threads:
            thread.start()
        log.wait_for_more()
        time.sleep(chance.uniform(0, 0.5))
        server.kill()
        for thread in threads:
            thread.join()
        result.kills, result.acknowledged = result.kills + 1, log.acknowledged
        server.start()
        with app.app_context():
            result.losses += [finding.wrong.en for finding in auditing.audit(settle=0).findings] + lost(log.known)
        result.checks += 1 + len(log.known)
        release(app)
        tell(f"kill {result.kills}: {log.acknowledged.total()} acknowledged, {result.checks} checks, {len(result.losses)} losses")
    server.kill()
    server.close()
    return result


def release(app):
    """Nobody but the server may have the database open when it is killed: otherwise nothing would have to be recovered."""
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


def lost(known):
    """What was acknowledged and is not there: sentences. What was asked later, without an answer, may be there or not."""
    found = {"account": _accounts, "text": _texts, "file": _files, "submission": _submissions}
    there = {what: look() for what, look in found.items()}
    return [
        f"{what} {whose} {which}: acknowledged {allowed[0]!r}, found {there[what].get((whose, which))!r}, asked since: {allowed[1:]}"
        for (what, whose, which), allowed in known.items()
        if there[what].get((whose, which)) not in allowed
    ]


def _accounts():
    """With each account the mail that confirms its address."""
    query = db.select(User.email).join(Mail, Mail.recipient == User.email)
    return {(email, ""): True for email in db.session.scalars(query)}


def _texts():
    rows = db.session.execute(db.select(Application.ref, Answers.step, Answers.raw).join(Answers))
    return {(ref, step): raw["title-en"][0] if step == "basics" else True for ref, step, raw in rows}


def _files():
    query = db.select(Application.ref, StoredFile.original_name, StoredFile.sha256).join(StoredFile).where(StoredFile.removed_at.is_(None))
    return {(ref, name): sha256 for ref, name, sha256 in db.session.execute(query)}


def _submissions():
    """With each submission its receipt by mail."""
    mailed = set(db.session.scalars(db.select(Mail.subject)))
    query = db.select(Application.ref, Application.number, Snapshot.n).join(Snapshot)
    return {(ref, n): True for ref, number, n in db.session.execute(query) if any(number in subject for subject in mailed)}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=random.randrange(2**32))
    parser.add_argument("--applicants", type=int, default=3)
    parser.add_argument("--forgetful", action="store_true", help="start the server with the planted fault")
    given = parser.parse_args()
    script = "tests/measure/forgetful.py" if given.forgetful else "wsgi.py"
    print(f"seed {given.seed}")
    with tempfile.TemporaryDirectory() as folder:
        result = run(Path(folder), given.kills, given.seed, given.applicants, script, tell=print)
    print(*result.losses, sep="\n")
    kinds = ", ".join(f"{count} {what}" for what, count in result.acknowledged.items())
    print(f"{result.kills} kills; acknowledged: {kinds}; {result.checks} checks, {len(result.losses)} losses")
    sys.exit(1 if result.losses else 0)


if __name__ == "__main__":
    main()
