"""The formal check: outcomes, reasons, notes and extensions; and two organizers at once."""

import threading
from datetime import timedelta

import pytest

from app import demo, rules
from app.applying import drafts, saving
from app.applying.drafts import Refused
from app.desk import concerns, formal_check
from app.extensions import db, writing
from app.models import Application, Assignment, Decision, Event, FormalCheck, Mail, Reason
from app.people import accounts
from tests.handing_in import draft, handed_in, submit
from tests.site import PASSWORD
from tests.test_rules import application as standing_at

BEFORE, AFTER = timedelta(days=-1), timedelta(days=1)


def reason(key="materials/summary", zh="请补全英文。", en="Complete the English."):
    return concerns.columns(key) | {"zh": zh, "en": en}


def made_organizer(name):
    user = accounts.register(email=f"{name.lower()}@example.org", name=name, password=PASSWORD, language="en", now=rules.now()).user
    with writing():
        user.role = "organizer"
    return user


class Case:
    """One application that was handed in a month before the deadline, and two organizers."""

    def __init__(self, app, call):
        self.call, self.now = call, call.closes_at - timedelta(days=30)
        files = [("论文_Paper.pdf", "papers", demo.sample_pdf("Paper"))]
        self.id = handed_in(app, call, files=files, now=self.now)
        self.anna, self.boris = made_organizer("Anna"), made_organizer("Boris")

    @property
    def application(self):
        db.session.rollback()
        return db.session.get(Application, self.id, populate_existing=True)

    def check(self, outcome, organizer=None, **given):
        """Checks the way a form does that has just been opened."""
        application = self.application
        newest = formal_check.newest_check(application)
        known = {"snapshot_n": application.snapshot.n, "last_check_id": newest.id if newest else None, "now": self.now}
        known |= {"until": self.call.closes_at} if outcome == "returned" else {}
        known |= {"reasons": [reason()]} if outcome != "passed" else {}
        return formal_check.check(
            application=application, call=self.call, organizer=organizer or self.anna, outcome=outcome, **known | given
        )

    def refused(self, outcome, organizer=None, **given):
        """(the sentence, what it is about) of a check that is refused."""
        with pytest.raises(Refused) as caught:
            self.check(outcome, organizer, **given)
        sentence, *target = caught.value.args
        return str(sentence), *target

    def hand_in_again(self, app, **changed):
        for step, posted in changed.items():
            raw = drafts.raw_of(self.application)[step] | posted
            saving.save(
                application=self.application, call=self.call, step=self.call.step(step), posted=raw, version=None, now=self.now
            )
        submit(app, self.call, self.id, self.now)

    @property
    def status(self):
        return rules.status(self.application, self.call, self.now)

    def open_reasons(self):
        return [(concerns.key(reason), reason.en) for reason in formal_check.open_reasons(self.application)]


@pytest.fixture
def case(app, call):
    with app.app_context():
        yield Case(app, call)


def events(what):
    return [(event.user_id, event.details) for event in db.session.scalars(db.select(Event).filter_by(what=what).order_by(Event.id))]


def mails():
    """The subjects of the mails to the applicant that tell of the check."""
    return [subject for subject in db.session.scalars(db.select(Mail.subject).order_by(Mail.id)) if "WIC" in subject][1:]


def test_pass_is_recorded_and_mailed(case):
    checked = case.check("passed", held=["languages", "title"])
    assert case.status == "passed"
    assert (checked.checked_by, checked.held, checked.until) == (case.anna.id, ["languages", "title"], None)
    assert events("passed") == [(case.anna.id, {"n": 1, "until": None, "reason": None})]
    assert mails() == ["Formal check passed: WIC2027-0001"]


def test_return_names_reasons_and_a_date(case):
    file = case.application.files[0].ref
    given = [reason(), reason("contributors/contributors/2", "", "Check the name."), reason(f"files/{file}"), reason("files"), reason("")]
    case.check("returned", reasons=given, until=case.call.closes_at + timedelta(days=7))
    assert case.status == "returned"
    stored = [(one.step, one.field, one.row, one.file_ref) for one in case.application.reasons]
    assert stored == [
        ("materials", "summary", None, None), ("contributors", "contributors", "2", None), ("files", None, None, file),
        ("files", None, None, None), (None, None, None, None),
    ]  # fmt: skip
    text = db.session.scalars(db.select(Mail.text).order_by(Mail.id.desc())).first()
    lines = [line for line in text.splitlines() if line.startswith("–")]
    assert lines == [
        "– Summary of the achievement: Complete the English.",
        "– Contributor 2 (Chen Zhiyuan): Check the name.",
        "– Paper: Complete the English.",
        "– Further files are needed: Complete the English.",
        "– Complete the English.",
    ]
    assert "June 22, 2027, 24:00 Beijing time" in text


def test_ineligible_can_be_reversed_with_a_reason_alone(case):
    case.check("ineligible")
    assert case.status == "ineligible"
    settled = [one.id for one in case.application.reasons]
    assert case.refused("passed", settled=settled) == ("Say why the earlier outcome is reversed.", "why")
    case.check("passed", settled=settled, why="It was another application that was meant.")
    assert (case.status, case.open_reasons()) == ("passed", [])
    assert events("passed")[0][1]["reason"] == "It was another application that was meant."


@pytest.mark.parametrize(("outcome", "given", "refusal"), [
    ("returned", {"reasons": []}, ("Give at least one reason.", "reasons")),
    ("ineligible", {"reasons": []}, ("Give at least one reason.", "reasons")),
    ("passed", {"reasons": [reason()]},
     ("There are reasons that are still open. Settle each of them, or return the application.", "settled")),
])
def test_reasons_an_outcome_needs(case, outcome, given, refusal):
    assert case.refused(outcome, **given) == refusal
    assert (case.status, db.session.scalars(db.select(FormalCheck)).all()) == ("submitted", [])


def test_date_of_a_return(case):
    closes = case.call.closes_at
    early = "Until the deadline everything may be improved. Choose the deadline itself or a later date."
    assert case.refused("returned", until=closes - timedelta(seconds=1)) == (early, "until")
    named = "After the deadline only what the reasons name can be changed: choose the question or file of at least one reason."
    assert case.refused("returned", until=closes + timedelta(seconds=1), reasons=[reason("")]) == (named, "until")
    case.now = closes + timedelta(days=1)
    assert case.refused("returned", until=case.now) == ("The date until which it may be improved must lie ahead.", "until")
    assert case.refused("returned", until=case.now + timedelta(days=1), reasons=[reason("")]) == (named, "until")
    case.check("returned", until=case.now + timedelta(seconds=1), reasons=[reason(""), reason("files")])
    assert case.status == "returned"


def test_date_that_a_return_usually_has(case):
    closes = case.call.closes_at
    assert rules.usual_return(case.call, closes - timedelta(seconds=1)) == closes
    assert rules.usual_return(case.call, closes) == closes + timedelta(days=8)
    assert rules.usual_return(case.call, closes + timedelta(hours=23)) == closes + timedelta(days=8)


def test_returning_again_carries_open_reasons_on_and_passing_closes_them(app, case):
    case.check("returned", reasons=[reason(), reason("basics/title", "", "Give the full name.")])
    first, second = (one.id for one in case.application.reasons)
    case.hand_in_again(app, basics={"title-en": ["Quantum key distribution"]})
    assert case.status == "submitted"
    case.check("returned", reasons=[], settled=[second])
    assert case.open_reasons() == [("materials/summary", "Complete the English.")]
    case.hand_in_again(app, materials={"summary-en": ["It is complete now."]})
    assert case.refused("passed")[1] == "settled"
    case.check("passed", case.boris, settled=[first])
    assert (case.status, case.open_reasons()) == ("passed", [])
    assert [(one.closed_by, one.check_id) for one in case.application.reasons] == [(case.boris.id, 1), (case.anna.id, 1)]


def test_settled_reasons_of_others_stay_as_they_are(case):
    case.check("returned", settled=[1, 2, 99])
    assert case.open_reasons() == [("materials/summary", "Complete the English.")]


def test_newer_submission_refuses_a_check_in_words(app, case):
    case.check("returned")
    case.hand_in_again(app, basics={"title-en": ["Quantum key distribution"]})
    sentence, target = case.refused("passed", snapshot_n=1)
    assert (sentence.partition(", so")[0], target) == ("The applicant has handed in again meanwhile (submission 2)", "overtaken")
    assert case.status == "submitted"


def test_somebody_elses_check_refuses_in_words(case):
    case.check("returned", case.boris)
    sentence, target = case.refused("passed", last_check_id=None)
    assert sentence.partition(", so")[0] == "Boris has checked this submission meanwhile (Returned for improvement)"
    assert target == "overtaken"
    assert case.status == "returned"


def test_double_click_decides_once(case):
    first = case.check("returned")
    assert case.check("returned", last_check_id=None).id == first.id
    assert case.refused("returned", last_check_id=None, reasons=[reason(en="Another one.")])[1] == "overtaken"
    assert case.refused("returned", case.boris, last_check_id=None)[1] == "overtaken"
    assert (len(case.application.checks), len(case.application.reasons), len(mails())) == (1, 1, 1)


def test_two_organizers_at_once_one_decides_and_the_other_is_told(app, case):
    start, answers = threading.Barrier(2), {}
    ids = {"passed": case.anna.id, "ineligible": case.boris.id}

    def decide(outcome):
        with app.app_context():
            application = db.session.get(Application, case.id)
            organizer = db.session.get(type(application.user), ids[outcome])
            given = {"reasons": [reason()]} if outcome == "ineligible" else {}
            known = {"snapshot_n": application.snapshot.n, "last_check_id": None, "now": case.now}
            start.wait()
            try:
                formal_check.check(application=application, call=case.call, organizer=organizer, outcome=outcome, **known, **given)
                answers[outcome] = "decided"
            except Refused as refused:
                answers[outcome] = str(refused.args[0])

    threads = [threading.Thread(target=decide, args=[outcome]) for outcome in ids]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    (winner,) = (outcome for outcome, answer in answers.items() if answer == "decided")
    (loser,) = answers.keys() - {winner}
    name = "Anna" if winner == "passed" else "Boris"
    assert answers[loser].startswith(f"{name} has checked this submission meanwhile ({formal_check.OUTCOMES[winner]})")
    assert [check.outcome for check in case.application.checks] == [winner]
    assert len(mails()) == 1


STANDINGS = {
    "draft": ({"handed_in": False}, BEFORE),
    "not-submitted": ({"handed_in": False}, AFTER),
    "submitted": ({}, AFTER),
    "returned": ({"check": "returned"}, BEFORE),
    "return-lapsed": ({"check": "returned"}, AFTER),
    "passed": ({"check": "passed"}, AFTER),
    "ineligible": ({"check": "ineligible"}, AFTER),
    "under-review": ({"check": "passed", "assigned": True}, AFTER),
    "result": ({"check": "passed", "assigned": True, "released": rules.now()}, AFTER + timedelta(days=3650)),
    "withdrawn": ({"withdrawn_at": rules.now()}, BEFORE),
}
MOVES = {
    "draft": {"extend"},
    "not-submitted": {"extend"},
    "submitted": {"check", "pass", "return", "settle", "extend"},
    "returned": {"check", "pass", "return", "settle", "extend"},
    "return-lapsed": {"check", "pass", "return", "settle", "extend"},
    "passed": {"check", "return", "extend"},
    "ineligible": {"check", "pass", "return"},
    "under-review": set(),
    "result": set(),
    "withdrawn": {"extend"},
}


@pytest.mark.parametrize("status", rules.STATUSES)
def test_desk_may_what_the_contract_says_in_every_status(call, status):
    made, offset = STANDINGS[status]
    now = rules.closing(call) + offset
    row = standing_at(**made)
    assert rules.status(row, call, now) == status
    until = max(now, call.closes_at) + timedelta(days=1)
    answers = {
        "check": rules.may_check(row, call, now),
        "pass": rules.may_pass(row, call, now),
        "return": rules.may_return(row, call, now, until, named=True),
        "settle": rules.may_settle(row, call, now),
        "extend": rules.may_extend(row, call, now, until),
    }
    assert {move for move, refusal in answers.items() if refusal is None} == MOVES[status]


@pytest.mark.parametrize("status", ["draft", "not-submitted", "under-review", "result", "withdrawn"])
def test_what_may_not_be_checked_is_refused_by_the_verb(app, case, call, status):
    application, offset = case.application, STANDINGS[status][1]
    if status in ("draft", "not-submitted"):
        case.id = draft(app, call, email="b@example.org", now=case.now)
    elif status == "withdrawn":
        drafts.withdraw(application=application, call=call, now=case.now)
    else:
        case.check("passed")
        with writing() as session:
            session.add(Assignment(application_id=case.id, expert_id=case.boris.id, assigned_at=case.now))
            if status == "result":
                session.add(Decision(application_id=case.id, outcome="awarded", released_at=case.now))
    case.now = call.closes_at + offset
    assert case.status == status
    with pytest.raises(Refused) as caught:
        formal_check.check(
            application=case.application, call=call, organizer=case.anna, outcome="ineligible", snapshot_n=1, last_check_id=None,
            reasons=[reason()], now=case.now,
        )  # fmt: skip
    assert str(caught.value.args[0]) == f"This is not possible while the status is “{rules.STATUSES[status]}”."


def test_single_reasons_are_closed_and_opened_again(case):
    case.check("returned")
    (one,) = case.application.reasons
    given = {"call": case.call, "organizer": case.boris, "reason_id": one.id, "now": case.now}
    formal_check.close_reason(application=case.application, **given)
    formal_check.close_reason(application=case.application, **given)
    assert (case.open_reasons(), len(events("reason closed"))) == ([], 1)
    formal_check.reopen_reason(application=case.application, **given)
    assert case.open_reasons() == [("materials/summary", "Complete the English.")]
    assert events("reason reopened") == [(case.boris.id, {"reason": "Complete the English."})]
    case.check("passed", settled=[one.id])
    with pytest.raises(Refused):
        formal_check.reopen_reason(application=case.application, **given)


def test_notes_are_removed_by_who_wrote_them(case):
    for text in ("", "  \n", "x" * 2001):
        with pytest.raises(Refused):
            formal_check.add_note(application=case.application, organizer=case.anna, text=text, now=case.now)
    formal_check.add_note(application=case.application, organizer=case.anna, text=" Ask about 专利. ", now=case.now)
    (note,) = case.application.notes
    assert (note.text, note.user_id) == ("Ask about 专利.", case.anna.id)
    formal_check.remove_note(application=case.application, organizer=case.boris, note_id=note.id, now=case.now)
    assert len(case.application.notes) == 1
    formal_check.remove_note(application=case.application, organizer=case.anna, note_id=note.id, now=case.now)
    assert case.application.notes == []
    assert (events("note added"), events("note removed")) == ([(case.anna.id, {})], [(case.anna.id, {})])


def test_extension_opens_one_application_and_tells_its_owner(case):
    closes = case.call.closes_at
    until = closes + timedelta(days=3)
    given = {"call": case.call, "organizer": case.anna, "now": closes + timedelta(days=1)}
    formal_check.extend(application=case.application, until=until, reason="The site could not be reached.", **given)
    application = case.application
    assert (application.extended_until, [one.reason for one in application.extensions]) == (until, ["The site could not be reached."])
    assert rules.is_open(case.call, given["now"], application.extended_until)
    assert not rules.is_open(case.call, given["now"])
    assert events("extended") == [(case.anna.id, {"until": until.isoformat(), "reason": "The site could not be reached."})]
    text = db.session.scalars(db.select(Mail.text).order_by(Mail.id.desc())).first()
    assert "The site could not be reached." in text
    assert "June 18, 2027, 24:00 Beijing time" in text


@pytest.mark.parametrize(("until", "why", "target"), [
    (timedelta(0), "Because.", "until"),
    (timedelta(days=1), "Because.", "until"),
    (timedelta(days=2), "  ", "reason"),
])
def test_extension_must_lie_ahead_of_all_that_holds_and_say_why(case, until, why, target):
    closes = case.call.closes_at
    formal_check.extend(
        application=case.application, call=case.call, organizer=case.anna, until=closes + timedelta(days=1), reason="Why.", now=case.now
    )
    with pytest.raises(Refused) as caught:
        formal_check.extend(
            application=case.application, call=case.call, organizer=case.anna, until=closes + until, reason=why, now=case.now
        )
    assert caught.value.args[1] == target
    assert case.application.extended_until == closes + timedelta(days=1)


@pytest.mark.parametrize("key", ["", "basics/title", "contributors/contributors/a1", "files", "files/x-Y_z"])
def test_what_a_reason_concerns_goes_into_columns_and_back(key):
    assert concerns.key(Reason(**concerns.columns(key))) == key


def test_what_a_reason_concerned_is_named_after_it_is_gone(app, case):
    ref = case.application.files[0].ref
    raw = drafts.raw_of(case.application)["contributors"]
    case.check("returned", reasons=[reason("contributors/contributors/3"), reason(f"files/{ref}"), reason("nowhere/nothing")])
    rows = {name: values for name, values in raw.items() if not name.startswith("contributors-3-")}
    case.hand_in_again(app, contributors=rows | {"contributors-row": ["1", "2"]})
    names = [str(concerns.name(case.application, one)) for one in case.application.reasons]
    assert names == ["Contributors", "Paper", "nothing"]
