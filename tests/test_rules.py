"""Statuses and dates: the table of the contract, and the second at which everything closes."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from app import rules
from app.models import Application, Assignment, Decision, FormalCheck, Snapshot

BEFORE = timedelta(days=-1)
AFTER = timedelta(days=1)


def application(*, handed_in=True, check=None, until=None, assigned=False, released=None, **columns):
    row = Application(**columns)
    if handed_in:
        row.number = "WIC2027-0001"
        row.snapshots.append(Snapshot(id=7, n=1))
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


@pytest.mark.parametrize(
    ("made", "open_verbs", "closed_verbs"),
    [
        ({"handed_in": False}, {"edit", "submit", "delete"}, set()),
        ({}, {"reopen", "withdraw"}, {"withdraw"}),
        ({"reopened_at": datetime(2026, 1, 1, tzinfo=UTC)}, {"edit", "submit", "withdraw"}, {"withdraw"}),
        ({"check": "returned"}, {"edit", "submit", "withdraw"}, set()),
        ({"check": "passed"}, {"reopen", "withdraw"}, {"withdraw"}),
        ({"check": "ineligible"}, set(), set()),
        ({"check": "passed", "assigned": True}, {"withdraw"}, {"withdraw"}),
        ({"withdrawn_at": datetime(2026, 1, 1, tzinfo=UTC)}, {"restore"}, set()),
    ],
)
def test_applicant_may_what_the_contract_says(call, closes, made, open_verbs, closed_verbs):
    def allowed(now):
        return {verb for verb in VERBS if getattr(rules, f"may_{verb}")(application(**made), call, now) is None}

    assert allowed(closes + BEFORE) == open_verbs
    assert allowed(closes + AFTER) == closed_verbs
