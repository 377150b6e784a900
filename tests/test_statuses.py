"""One application walks through every status of the contract; at every station, every verb that is not allowed is refused and
changes nothing.
"""

import io
from datetime import timedelta

import pytest

from app import demo, rules
from app.applying import drafts, saving, submitting
from app.applying.drafts import Refused
from app.desk import formal_check
from app.extensions import db, writing
from app.files import uploads
from app.models import Application, Assignment, Decision, User
from tests.handing_in import draft
from tests.test_formal_check import made_organizer, reason

DAY = timedelta(days=1)
ADJUSTED = ("kept_text",)
"""Tables that a refused verb may write: text that came late is kept apart."""
EDITS = {"edit", "upload", "rename", "remove file"}


class Walk:
    """One application, made thirty days before closing by somebody, and the organizer; `now` is where the walk has come to."""

    def __init__(self, app, call):
        self.app, self.call, self.closes = app, call, rules.closing(call)
        self.now = call.closes_at - 30 * DAY
        files = [("论文_Paper.pdf", "papers", demo.sample_pdf("Paper"))]
        self.id = draft(app, call, files=files, now=self.now)
        self.organizer = made_organizer("Anna")
        self.seen = []

    @property
    def application(self):
        db.session.rollback()
        return db.session.get(Application, self.id, populate_existing=True)

    def verbs(self):
        """`{name: a function}` of everything that its owner can press."""
        application = self.application
        here = {"application": application, "call": self.call, "now": self.now}
        (paper,) = drafts.attached(application)
        content = io.BytesIO(demo.sample_pdf("Patent"))
        posted = drafts.raw_of(application)["basics"] | {"title-en": ["Changed"]}
        return {
            "edit": lambda: saving.save(**here, step=self.call.step("basics"), posted=posted, version=None),
            "add row": lambda: saving.change_rows(**here, step=self.call.step("contributors"), verb="add", row_id=""),
            "upload": lambda: uploads.store(**here, kind="patents", name="专利_Patent.pdf", stream=content),
            "rename": lambda: uploads.describe(**here, described={paper.ref: {"en": "Renamed"}}),
            "move": lambda: uploads.move(**here, ref=paper.ref, verb="up"),
            "remove file": lambda: uploads.remove(**here, ref=paper.ref),
            "submit": lambda: submitting.submit(**here, expected=len(application.snapshots)),
            "reopen": lambda: drafts.reopen(**here),
            "withdraw": lambda: drafts.withdraw(**here),
            "restore": lambda: drafts.restore(**here),
            "delete": lambda: drafts.delete(**here),
        }

    def desk_verbs(self):
        """`{name: a function}` of everything that the organizer can press."""
        application = self.application
        here = {"application": application, "call": self.call, "organizer": self.organizer, "now": self.now}
        newest, snapshot = formal_check.newest_check(application), application.snapshot
        known = here | {"snapshot_n": snapshot.n if snapshot else 1, "last_check_id": newest.id if newest else None}
        settled = [one.id for one in application.reasons]
        far, named = self.closes + 400 * DAY, [reason("basics/title")]
        return {
            "pass": lambda: formal_check.check(**known, outcome="passed", settled=settled, why="Looked at again."),
            "return": lambda: formal_check.check(**known, outcome="returned", reasons=named, until=far),
            "find ineligible": lambda: formal_check.check(**known, outcome="ineligible", reasons=named),
            "settle": lambda: formal_check.close_reason(**here, reason_id=settled[0] if settled else 0),
            "open again": lambda: formal_check.reopen_reason(**here, reason_id=settled[0] if settled else 0),
            "extend": lambda: formal_check.extend(**here, until=far, reason="Illness"),
        }

    def station(self, status, allowed):
        """The status holds, and each verb that is not `allowed`, or not in DESK, is refused and changes nothing."""
        assert rules.status(self.application, self.call, self.now) == status
        self.seen.append(status)
        before = self.everything()
        for verbs, pressable in ((self.verbs, allowed), (self.desk_verbs, DESK[status])):
            for name in verbs().keys() - pressable:
                with pytest.raises(Refused):
                    verbs()[name]()
                assert self.everything() == before, name
        for name in allowed & {"submit", "reopen", "withdraw", "restore", "delete"}:
            assert getattr(rules, f"may_{name}")(self.application, self.call, self.now) is None

    def press(self, name):
        self.now += timedelta(minutes=1)
        return self.verbs()[name]()

    def check(self, outcome, **given):
        application = self.application
        self.now += timedelta(minutes=1)
        newest = formal_check.newest_check(application)
        known = {"reasons": [reason("basics/title")]} if outcome != "passed" else {"settled": [one.id for one in application.reasons]}
        formal_check.check(
            application=application, call=self.call, organizer=self.organizer, outcome=outcome, now=self.now,
            snapshot_n=application.snapshot.n, last_check_id=newest.id if newest else None, **known | given,
        )  # fmt: skip

    def everything(self):
        """All rows of all tables."""
        db.session.rollback()
        tables = [table for table in db.metadata.sorted_tables if table.name not in ADJUSTED]
        return {table.name: db.session.execute(db.select(table)).all() for table in tables}


@pytest.fixture
def walk(app, call):
    with app.app_context():
        yield Walk(app, call)


CHECKABLE = {"pass", "return", "find ineligible", "settle", "open again", "extend"}
DESK = {
    "draft": {"extend"},
    "not-submitted": {"extend"},
    "submitted": CHECKABLE,
    "returned": CHECKABLE,
    "return-lapsed": CHECKABLE,
    "passed": {"return", "find ineligible", "extend"},
    "ineligible": {"pass", "return", "find ineligible"},
    "under-review": set(),
    "result": set(),
    "withdrawn": {"extend"},
}
"""What an organizer may do in each status."""
WHOLE = {"edit", "add row", "upload", "rename", "move", "remove file", "submit"}


def test_one_application_through_every_status(walk):
    walk.station("draft", WHOLE | {"delete"})
    walk.now = walk.closes
    walk.station("not-submitted", set())
    extended = walk.closes + 10 * DAY
    given = {"organizer": walk.organizer, "until": extended, "reason": "Illness"}
    formal_check.extend(application=walk.application, call=walk.call, now=walk.now, **given)
    walk.station("draft", WHOLE | {"delete"})
    walk.press("submit")
    walk.station("submitted", {"reopen", "withdraw"})
    walk.press("withdraw")
    walk.station("withdrawn", {"restore"})
    walk.press("restore")
    walk.press("reopen")
    walk.station("submitted", WHOLE | {"withdraw"})
    walk.press("submit")
    walk.check("passed")
    walk.station("passed", {"reopen", "withdraw"})
    walk.press("reopen")
    walk.station("passed", WHOLE | {"withdraw"})
    walk.press("submit")
    walk.station("submitted", {"reopen", "withdraw"})
    until = extended + 10 * DAY
    walk.check("returned", until=until)
    walk.station("returned", WHOLE | {"withdraw"})
    walk.now = extended
    walk.station("returned", {"edit", "submit", "withdraw"})
    walk.press("edit")
    walk.press("submit")
    walk.station("submitted", {"withdraw"})
    walk.check("returned", until=until)
    walk.now = until
    walk.station("return-lapsed", set())
    walk.check("ineligible")
    walk.station("ineligible", set())
    walk.check("passed", why="Another application was meant.")
    walk.station("passed", {"withdraw"})
    with writing() as session:
        expert = session.scalars(db.select(User.id).where(User.id != walk.application.user_id)).first()
    with writing() as session:
        session.add(Assignment(application_id=walk.id, expert_id=expert, assigned_at=walk.now))
    walk.station("under-review", {"withdraw"})
    with writing() as session:
        session.add(Decision(application_id=walk.id, outcome="awarded", released_at=walk.now + DAY))
    walk.station("under-review", {"withdraw"})
    walk.now += DAY
    walk.station("result", set())
    assert set(walk.seen) == set(rules.STATUSES)


@pytest.mark.parametrize("status", ["submitted", "returned", "passed", "under-review"])
def test_what_is_withdrawn_after_closing_stays_withdrawn(walk, status):
    walk.press("submit")
    until = walk.closes + 10 * DAY
    if status != "submitted":
        walk.check("returned" if status == "returned" else "passed", **({"until": until} if status == "returned" else {}))
    if status == "under-review":
        with writing() as session:
            session.add(Assignment(application_id=walk.id, expert_id=walk.organizer.id, assigned_at=walk.now))
    walk.now = walk.closes + DAY
    walk.press("withdraw")
    walk.station("withdrawn", set())
    assert len(walk.application.snapshots) == 1


def test_withdrawal_that_is_taken_back_leaves_the_outcome_as_it_was(walk):
    walk.press("submit")
    walk.check("returned", until=walk.call.closes_at)
    walk.press("withdraw")
    walk.station("withdrawn", {"restore"})
    walk.press("restore")
    walk.station("returned", WHOLE | {"withdraw"})


def test_deadline_that_passes_meanwhile_takes_nothing_away(walk):
    walk.press("submit")
    walk.press("reopen")
    walk.press("edit")
    walk.now = walk.closes
    walk.station("submitted", {"withdraw"})
    application = walk.application
    assert application.snapshot.answers["basics"]["title-en"] == ["Quantum key distribution for metropolitan networks"]
    assert drafts.raw_of(application)["basics"]["title-en"] == ["Changed"]
    assert rules.has_unsubmitted_changes(application)


def test_pass_is_void_once_another_category_is_handed_in(walk):
    walk.press("submit")
    walk.check("passed")
    walk.press("reopen")
    here = {"application": walk.application, "call": walk.call, "now": walk.now, "version": None}
    saving.save(**here, step=walk.call.step("category"), posted={"category": ["key-technology"]})
    walk.station("passed", WHOLE | {"withdraw"})
    answers = demo.sample_answers(walk.call, ("", "", "", "", "CN", "key-technology", "quantum"))["materials"]
    saving.save(**here | {"application": walk.application}, step=walk.call.step("materials"), posted=answers)
    walk.press("submit")
    walk.station("submitted", {"reopen", "withdraw"})


def arrive(walk, status):
    """Brings a fresh application to a status before the deadline, or after it where the status asks for that."""
    if status not in ("draft", "not-submitted"):
        walk.press("submit")
    if status in ("returned", "return-lapsed", "passed", "ineligible"):
        outcome = "returned" if status.startswith("return") else status
        walk.check(outcome, **({"until": walk.call.closes_at} if outcome == "returned" else {}))
    if status == "withdrawn":
        walk.press("withdraw")
    if status in ("not-submitted", "return-lapsed"):
        walk.now = walk.closes
    assert rules.status(walk.application, walk.call, walk.now) == status


@pytest.mark.parametrize(("status", "verb"), [(status, verb) for status, verbs in DESK.items() for verb in sorted(verbs)])
def test_organizer_can_press_what_each_status_allows(walk, status, verb):
    arrive(walk, status)
    before = rules.standing(walk.application)
    walk.desk_verbs()[verb]()
    after = {"pass": "passed", "return": "returned", "find ineligible": "ineligible"}.get(verb, before.state)
    assert rules.standing(walk.application).state == after
