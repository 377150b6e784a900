"""Statuses and dates: the table of the contract, and the second at which everything closes."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from app import rules
from app.call.schema import ArchivedCall
from app.models import Application, Assignment, Decision, Extension, FormalCheck, Reason, Snapshot

BEFORE = timedelta(days=-1)
AFTER = timedelta(days=1)


def application(*, handed_in=True, check=None, until=None, assigned=False, released=None, asked=(), **columns):
    """An application as rows of no database; `asked` are (step, question) of open reasons."""
    row = Application(**columns)
    if handed_in:
        row.number = "WIC2027-0001"
        row.snapshots.append(Snapshot(id=7, n=1, files=[]))
        row.reasons += [Reason(step=step, field=field) for step, field in asked]
    if check:
        row.checks.append(FormalCheck(snapshot_id=7, outcome=check, until=until))
    if assigned:
        row.assignments.append(Assignment())
    if released:
        row.decision = Decision(outcome="awarded", released_at=released)
    return row


@pytest.fixture
def closes(call):
    return rules.closing(call)


def test_deadline_is_the_end_of_june_15_in_beijing(call):
    year = call.edition
    assert call.closes_at == datetime(year, 6, 16, tzinfo=ZoneInfo("Asia/Shanghai"))
    assert call.closes_at.astimezone(UTC) == datetime(year, 6, 15, 16, tzinfo=UTC)


@pytest.mark.parametrize("zone", ["UTC", "Asia/Shanghai", "America/Los_Angeles"])
def test_promise_05_deadline_is_exact_to_the_second_in_every_zone(call, closes, zone):
    last = (closes - timedelta(seconds=1)).astimezone(ZoneInfo(zone))
    assert rules.is_open(call, last)
    assert not rules.is_open(call, closes.astimezone(ZoneInfo(zone)))


def test_grace_moves_the_closing_and_not_the_deadline(call):
    lenient = call.model_copy(update={"grace_minutes": 10})
    assert rules.closing(lenient) - lenient.closes_at == timedelta(minutes=10)
    assert rules.is_open(lenient, call.closes_at + timedelta(minutes=9, seconds=59))


@pytest.mark.parametrize(
    ("made", "offset", "status"),
    [
        ({"handed_in": False}, BEFORE, "draft"),
        ({"handed_in": False}, AFTER, "not-submitted"),
        ({}, BEFORE, "submitted"),
        ({}, AFTER, "submitted"),
        ({"reopened_at": datetime(2026, 1, 1, tzinfo=UTC)}, AFTER, "submitted"),
        ({"check": "returned"}, BEFORE, "returned"),
        ({"check": "returned"}, AFTER, "return-lapsed"),
        ({"check": "passed"}, BEFORE, "passed"),
        ({"check": "ineligible"}, BEFORE, "ineligible"),
        ({"check": "passed", "assigned": True}, AFTER, "under-review"),
        ({"check": "passed", "assigned": True, "released": datetime(2020, 1, 1, tzinfo=UTC)}, AFTER, "result"),
        ({"check": "passed", "assigned": True, "released": datetime(2999, 1, 1, tzinfo=UTC)}, AFTER, "under-review"),
        ({"withdrawn_at": datetime(2026, 1, 1, tzinfo=UTC)}, BEFORE, "withdrawn"),
    ],
)
def test_status_follows_the_contract(call, closes, made, offset, status):
    assert rules.status(application(**made), call, closes + offset) == status


def test_return_date_after_the_deadline_keeps_it_returned(call, closes):
    row = application(check="returned", until=closes + timedelta(days=5))
    assert rules.status(row, call, closes + timedelta(days=4)) == "returned"
    assert rules.status(row, call, closes + timedelta(days=5)) == "return-lapsed"


def test_check_of_an_older_snapshot_counts_no_more(call, closes):
    row = application(check="returned")
    row.snapshots.append(Snapshot(id=8, n=2))
    assert rules.status(row, call, closes + BEFORE) == "submitted"


VERBS = ("edit", "submit", "reopen", "withdraw", "restore", "delete")
REOPENED = {"reopened_at": datetime(2026, 1, 1, tzinfo=UTC)}
TITLE = [("basics", "title")]
SECOND = timedelta(seconds=1)


def allowed(row, call, now):
    return {verb for verb in VERBS if getattr(rules, f"may_{verb}")(row, call, now) is None}


CONTRACT = {
    "draft": ({"handed_in": False}, {"edit", "submit", "delete"}, set()),
    "submitted": ({}, {"reopen", "withdraw"}, {"withdraw"}),
    "reopened": (REOPENED, {"edit", "submit", "withdraw"}, {"withdraw"}),
    "returned": ({"check": "returned", "asked": TITLE}, {"edit", "submit", "withdraw"}, set()),
    "returned while reopened": ({"check": "returned", "asked": TITLE} | REOPENED, {"edit", "submit", "withdraw"}, set()),
    "passed": ({"check": "passed"}, {"reopen", "withdraw"}, {"withdraw"}),
    "passed while reopened": ({"check": "passed"} | REOPENED, {"edit", "submit", "withdraw"}, {"withdraw"}),
    "ineligible": ({"check": "ineligible"}, set(), set()),
    "ineligible while reopened": ({"check": "ineligible"} | REOPENED, set(), set()),
    "under review": ({"check": "passed", "assigned": True}, {"withdraw"}, {"withdraw"}),
    "under review while reopened": ({"check": "passed", "assigned": True} | REOPENED, {"withdraw"}, {"withdraw"}),
    "result": ({"check": "passed", "assigned": True, "released": datetime(2020, 1, 1, tzinfo=UTC)}, set(), set()),
    "withdrawn": ({"withdrawn_at": datetime(2026, 1, 1, tzinfo=UTC)}, {"restore"}, set()),
}


@pytest.mark.parametrize("case", CONTRACT)
@pytest.mark.parametrize("extended", [None, timedelta(days=-3), timedelta(days=3)])
def test_applicant_may_what_the_contract_says_to_the_second(call, closes, case, extended):
    made, open_verbs, closed_verbs = CONTRACT[case]
    made = made | ({"extended_until": closes + extended} if extended else {})
    end = max(closes, made.get("extended_until", closes))
    found = [allowed(application(**made), call, end + offset) for offset in (BEFORE, -SECOND, timedelta(0), SECOND, AFTER)]
    assert found == [open_verbs, open_verbs, closed_verbs, closed_verbs, closed_verbs]


@pytest.mark.parametrize("case", CONTRACT)
def test_applicant_may_nothing_but_withdraw_in_an_archived_call(call, closes, case):
    made, open_verbs, _closed = CONTRACT[case]
    archived = ArchivedCall.model_validate(call.model_dump(by_alias=True))
    assert allowed(application(**made), archived, closes + BEFORE) == open_verbs & {"withdraw"}


def test_return_with_a_date_after_closing_opens_what_it_names_to_the_second(call, closes):
    until = closes + timedelta(days=5)
    row = application(check="returned", until=until, asked=TITLE)
    verbs = {"edit", "submit", "withdraw"}
    moments = (closes - SECOND, closes, until - SECOND, until, until + SECOND)
    assert [allowed(row, call, now) for now in moments] == [verbs, verbs, verbs, set(), set()]
    parts = [rules.open_parts(row, call, now) for now in moments]
    assert [part.everything for part in parts] == [True, False, False, False, False]
    assert [part.questions for part in parts] == [frozenset(), {*TITLE}, {*TITLE}, frozenset(), frozenset()]


def test_return_that_names_nothing_opens_nothing_after_closing(call, closes):
    row = application(check="returned", until=closes + timedelta(days=5), asked=[(None, None)])
    assert allowed(row, call, closes - SECOND) == {"edit", "submit", "withdraw"}
    assert allowed(row, call, closes) == {"withdraw"}


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({"step": "basics", "field": "title"}, {"questions": {("basics", "title")}}),
        ({"step": "contributors", "field": "contributors", "row": "2"}, {"questions": {("contributors", "contributors")}}),
        ({"step": "files"}, {"more_files": True}),
        ({"step": "files", "file_ref": "f"}, {"more_files": True, "files": {"f"}}),
        ({"step": "basics", "field": "title", "closed_at": datetime(2026, 1, 1, tzinfo=UTC)}, {}),
        ({}, {}),
    ],
)
def test_parts_that_a_reason_opens_after_closing(call, closes, asked, expected):
    row = application(check="returned", until=closes + timedelta(days=5))
    row.snapshots[0].files = [{"ref": "f"}, {"ref": "g"}]
    row.reasons.append(Reason(**asked))
    parts = rules.open_parts(row, call, closes)
    nothing = {"everything": False, "questions": frozenset(), "files": frozenset(), "more_files": False, "handed_in": {"f", "g"}}
    assert vars(parts) == nothing | expected
    assert [parts.file(ref) for ref in ("f", "g", "new")] == ["files" in expected, False, "more_files" in expected]


@pytest.mark.parametrize(
    ("made", "extended", "until", "deadline", "by"),
    [
        ({"handed_in": False}, None, None, 0, 0),
        ({"handed_in": False}, 3, None, 3, 3),
        ({"handed_in": False}, -3, None, 0, 0),
        ({"check": "returned"}, None, None, 0, 0),
        ({"check": "returned"}, None, 5, 0, 5),
        ({"check": "returned"}, 7, 5, 7, 7),
        ({"check": "passed"}, 3, 5, 3, 3),
    ],
)
def test_dates_that_hold_for_an_application(call, made, extended, until, deadline, by):
    def at(days):
        return None if days is None else call.closes_at + timedelta(days=days)

    row = application(**made, extended_until=at(extended), until=at(until))
    assert (rules.deadline_of(row, call), rules.hand_in_by(row, call)) == (at(deadline), at(by))


def test_since_when_something_waits_is_the_newest_of_what_changed_its_dates(call, closes):
    at = [closes - timedelta(days=days) for days in (30, 20, 10, 5)]
    draft = application(handed_in=False, created_at=at[0])
    assert rules.unsubmitted_since(draft, call, at[3]) == at[0]
    draft.extended_until = closes + AFTER
    draft.extensions.append(Extension(given_at=at[2]))
    assert rules.unsubmitted_since(draft, call, at[3]) == at[2]
    row = application(check="returned", created_at=at[0], reopened_at=at[1])
    row.checks[0].checked_at = at[2]
    assert rules.unsubmitted_since(row, call, at[3]) == at[2]
    row.checks[0].outcome = "passed"
    assert rules.unsubmitted_since(row, call, at[3]) == at[1]
    assert rules.unsubmitted_since(application(created_at=at[0]), call, at[3]) is None
