"""Many made-up applications of every status, written straight into the tables: for measuring what grows with their number.

The same count and seed give the same applications. No file lies on the disk behind the rows of files, and nobody of these
people can sign in; `flask audit` would rightly complain.
"""

import hashlib
import json
import random
from datetime import timedelta
from itertools import count

from app import demo, rules, versions
from app.desk import listed_rows
from app.extensions import db, writing
from app.models import (
    Answers,
    Application,
    Assignment,
    Decision,
    Event,
    Extension,
    FormalCheck,
    Mail,
    Note,
    Reason,
    Snapshot,
    StoredFile,
    User,
)
from tests.measure.words import COUNTRIES, GIVEN, HOUSES, PLACES, ROLES, SUBJECTS, SURNAMES, TOWNS, WAYS

BATCH = 1000
ORGANIZERS, EXPERTS = 6, 40
STATES = {
    "draft": 34, "submitted": 22, "answered": 4, "returned": 9, "passed": 14, "ineligible": 3, "under-review": 8, "decided": 3,
    "withdrawn": 3,
}  # fmt: skip
"""How many of a hundred are in which state; "answered": handed in again after a return."""


def fill(app, wanted, seed=4):
    """Writes `wanted` applications to the newest call of `app` and to the edition before it, and lists them."""
    with app.app_context():
        now, newest = rules.now(), app.calls.all()[-1]
        calls = [demo._last_edition(app, newest), newest]
        with writing():
            version_ids = {call.id: versions.keep(call, now).id for call in calls}
        made = Crowd(calls, version_ids, random.Random(seed), now)
        for start in range(0, wanted, BATCH):
            for _ in range(min(BATCH, wanted - start)):
                made.add()
            made.write()
        listed_rows.catch_up()


class Crowd:
    """Makes the rows of one application after another; the last of `calls` gets nine out of ten."""

    def __init__(self, calls, version_ids, chance, now):
        self.calls, self.version_ids, self.chance, self.now = calls, version_ids, chance, now
        self.ids, self.sequences = {table: count(1000) for table in (User, Application, Snapshot, FormalCheck)}, {}
        self.rows = {}
        people = [self.person(role) for role, number in (("organizer", ORGANIZERS), ("expert", EXPERTS)) for _ in range(number)]
        self.organizers, self.experts = people[:ORGANIZERS], people[ORGANIZERS:]

    def row(self, table, **values):
        """Adds a row and answers its id, where the table is one of those that others refer to."""
        if table in self.ids:
            values["id"] = next(self.ids[table])
        self.rows.setdefault(table, []).append(values)
        return values.get("id")

    def write(self):
        """Stores the rows made so far."""
        with writing() as session:
            for table, rows in self.rows.items():
                session.execute(db.insert(table.__table__), rows)
        self.rows = {}

    def person(self, role="applicant"):
        zh, en = self.name()
        email, since = f"{role}{next(self.ids[User])}@example.org", self.now - timedelta(days=300)
        about = {"name": self.chance.choice((zh, en)), "language": self.chance.choice(("zh", "en")), "role": role}
        return self.row(User, email=email, email_key=email, created_at=since, confirmed_at=since, **about)

    def add(self):
        """One application with everything that belongs to its state."""
        chance = self.chance
        call = self.calls[-1] if chance.random() < 0.9 else self.calls[0]
        state = chance.choices(list(STATES), STATES.values())[0]
        ends = min(self.now, rules.closing(call))
        begun = ends - timedelta(minutes=int(chance.triangular(10, 160 * 1440, 20 * 1440)))
        changed = begun + (ends - begun) * chance.random()
        answers = self.answers(call)
        if state == "draft":
            for step in list(answers)[chance.randint(0, 5) :]:
                del answers[step]
        application = {"ref": f"{chance.getrandbits(96):024x}"[:16], "user_id": self.person(), "call_id": call.id}
        sequence = None if state == "draft" else self.sequences.setdefault(call.id, count(1))
        sequence = sequence and next(sequence)
        application |= {"sequence": sequence, "number": sequence and f"{call.number_prefix}-{sequence:04d}"}
        extended = rules.closing(call) + timedelta(days=7) if chance.random() < 0.01 else None
        application_id = self.row(
            Application, **application, created_at=begun, changed_at=changed, extended_until=extended,
            withdrawn_at=changed if state == "withdrawn" else None,
            reopened_at=changed if state in ("submitted", "passed") and chance.random() < 0.1 else None,
        )  # fmt: skip
        for step, raw in answers.items():
            self.row(Answers, application_id=application_id, step=step, raw=raw, version=chance.randint(1, 9), saved_at=changed)
        self.row(Event, at=begun, what="application started", user_id=application["user_id"], application_id=application_id, details={})
        if extended:
            given = {"until": extended, "reason": "住院 Illness", "given_at": changed, "given_by": self.organizers[0]}
            self.row(Extension, application_id=application_id, **given)
        if state != "draft":
            self.hand_in(call, application_id, application, state, answers, changed)

    def hand_in(self, call, application_id, application, state, answers, at):
        files = [self.file(application_id, number, at) for number in range(1, self.chance.randint(2, 7))]
        times = 2 if state == "answered" else 1
        for n in range(1, times + 1):
            then = at - timedelta(hours=5 * (times - n))
            snapshot_id, sha256 = self.snapshot(call, application_id, application["number"], n, answers, files, then)
            about = {"user_id": application["user_id"], "application_id": application_id, "details": {"n": n, "sha256": sha256}}
            self.row(Event, at=then, what="submitted", **about)
            self.row(
                Mail, recipient="applicant@example.org", subject=application["number"], text="…", html="<p>…</p>", language="en",
                created_at=then, sent_at=then, application_ref=application["ref"],
            )  # fmt: skip
            if n < times or state not in ("submitted", "answered", "withdrawn"):
                self.judge(application_id, snapshot_id, "returned" if state == "answered" else state, then)
        if self.chance.random() < 0.2:
            author = self.chance.choice(self.organizers)
            self.row(Note, application_id=application_id, user_id=author, text="已电话联系。 Called the applicant.", at=at)

    def judge(self, application_id, snapshot_id, state, at):
        outcome = state if state in ("returned", "ineligible") else "passed"
        until = at + timedelta(days=self.chance.randint(7, 30)) if outcome == "returned" else None
        checked_by = self.chance.choice(self.organizers)
        check_id = self.row(
            FormalCheck, application_id=application_id, snapshot_id=snapshot_id, outcome=outcome, until=until, checked_at=at,
            checked_by=checked_by, held=[],
        )  # fmt: skip
        if outcome != "passed":
            self.row(
                Reason, application_id=application_id, check_id=check_id, step="basics", field="title", zh="请填写规范全称。",
                en="Please give the full name.",
            )  # fmt: skip
        if state in ("under-review", "decided"):
            for expert_id in self.chance.sample(self.experts, 3):
                self.row(Assignment, application_id=application_id, expert_id=expert_id, assigned_at=at)
        if state == "decided":
            released = at + timedelta(days=self.chance.choice((1, 400)))
            self.row(Decision, application_id=application_id, outcome="awarded", released_at=released)

    def file(self, application_id, number, at):
        ref = f"{self.chance.getrandbits(96):024x}"[:16]
        digest = hashlib.sha256(ref.encode()).hexdigest()
        row = {"ref": ref, "kind": "papers", "title_zh": f"论文{number}", "title_en": f"Paper {number}", "size": 300_000, "sha256": digest}
        self.row(
            StoredFile, **row, application_id=application_id, original_name="论文_Paper.pdf", extension="pdf", path=f"{ref[:2]}/{ref}.pdf",
            position=number, uploaded_at=at,
        )  # fmt: skip
        kind = {"zh": "论文", "en": "Papers"}
        named = {"zh": row["title_zh"], "en": row["title_en"], "name": f"{number:02d}_论文{number}_Paper {number}.pdf"}
        return {"order": number, "ref": ref, "kind": kind, "core": True, **named, "type": "pdf", "size": 300_000, "sha256": digest}

    def snapshot(self, call, application_id, number, n, answers, files, at):
        title = {side: answers["basics"][f"title-{side}"][0] for side in ("zh", "en")}
        receipt = json.dumps(
            {
                "format": 1, "number": number, "submission": n, "submitted_at": at.strftime("%Y-%m-%dT%H:%M:%SZ"),
                "zone": call.zone, "award": call.name.model_dump(), "call": call.id, "title": title, "answers": list(said(call, answers)),
                "files": [{key: value for key, value in file.items() if key != "ref"} for file in files],
            },
            ensure_ascii=False,
        )  # fmt: skip
        sha256 = hashlib.sha256(receipt.encode()).hexdigest()
        snapshot_id = self.row(
            Snapshot, application_id=application_id, n=n, call_version_id=self.version_ids[call.id], answers=answers, files=files,
            receipt=receipt, sha256=sha256, submitted_at=at,
        )  # fmt: skip
        return snapshot_id, sha256

    def answers(self, call):
        """What an applicant typed into every step."""
        chance = self.chance
        (subject_zh, subject_en, area), (way_zh, way_en), (place_zh, place_en) = (chance.choice(pool) for pool in (SUBJECTS, WAYS, PLACES))
        organizations = [self.organization() for _ in range(1 + int(chance.expovariate(1.2)))]
        country = chance.choices(list(COUNTRIES), COUNTRIES.values())[0]
        title = (f"{place_zh}{subject_zh}{way_zh}", f"{way_en} {subject_en} {place_en}".strip())
        achievement = (*title, *organizations[0], country, chance.choice(call.categories).id, area)
        answers = demo.sample_answers(call, achievement)
        answers["basics"]["areas"] = list({area, chance.choice(call.areas).id})
        people, answers["contributors"] = min(20, 1 + int(chance.expovariate(0.25))), {"contributors-row": []}
        for number in range(1, people + 1):
            answers["contributors"]["contributors-row"].append(f"r{number}")
            cells = {"name": self.name(), "organization": chance.choice(organizations), "role": chance.choice(ROLES)}
            for cell, sides in cells.items():
                for side, value in zip(("zh", "en"), sides, strict=True):
                    answers["contributors"][f"contributors-r{number}-{cell}-{side}"] = [value]
        if chance.random() < 0.2:
            answers["basics"]["joint"] = ["yes"]
            zh, en = self.organization()
            answers["partnership"] = {
                "partners-row": ["a"], "partners-a-organization-zh": [zh], "partners-a-organization-en": [en], "partners-a-country": ["DE"],
                "partnership_importance-zh": ["双方共同完成验证。"], "partnership_importance-en": ["Both carried out the tests."],
            }  # fmt: skip
        return answers

    def organization(self):
        (town_zh, town_en), (house_zh, house_en) = self.chance.choice(TOWNS), self.chance.choice(HOUSES)
        return town_zh + house_zh, f"{town_en} {house_en}"

    def name(self):
        (surname_zh, surname_en), (given_zh, given_en) = self.chance.choice(SURNAMES), self.chance.choice(GIVEN)
        return surname_zh + given_zh, f"{surname_en} {given_en}"


def said(call, answers):
    """Answers as a receipt holds them; rows are left out."""
    for step in call.steps:
        raw = answers.get(step.id, {})
        questions = [field for field in step.fields if field.id in raw or f"{field.id}-zh" in raw]
        yield {
            "id": step.id,
            "title": step.title.model_dump(),
            "answers": [
                {
                    "id": field.id, "label": field.label.model_dump(), "kind": field.kind, "both": field.both,
                    **{side: "".join(raw.get(f"{field.id}-{side}") or raw.get(field.id, [])) for side in ("zh", "en")},
                }
                for field in questions
            ],
        }  # fmt: skip
