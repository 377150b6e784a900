"""How instants, deadlines and sizes are said."""

from datetime import UTC, datetime

import pytest

from app import times


@pytest.fixture
def at(call):
    """The shipped call with another deadline: `at("2027-06-15 24:00")`."""
    return lambda deadline, zone="Asia/Shanghai": call.model_copy(update={"deadline": deadline, "zone": zone})


MOMENT = datetime(2027, 6, 1, 8, 30, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    ("deadline", "zh", "en"),
    [
        ("2027-06-15 24:00", "2027年6月15日24:00（北京时间）", "June 15, 2027, 24:00 Beijing time (= June 16, 00:00)"),
        ("2027-06-30 24:00", "2027年6月30日24:00（北京时间）", "June 30, 2027, 24:00 Beijing time (= July 1, 00:00)"),
        ("2027-12-31 24:00", "2027年12月31日24:00（北京时间）", "December 31, 2027, 24:00 Beijing time (= January 1, 2028, 00:00)"),
        ("2027-06-15 17:00", "2027年6月15日17:00（北京时间）", "June 15, 2027, 17:00 Beijing time"),
        ("2027-06-15 00:00", "2027年6月15日00:00（北京时间）", "June 15, 2027, 00:00 Beijing time"),
    ],
)
def test_deadline_is_said_as_announced(at, deadline, zh, en):
    assert (times.say_deadline(at(deadline), "zh"), times.say_deadline(at(deadline), "en")) == (zh, en)


def test_instant_is_said_in_the_zone_of_the_call(call):
    assert times.say(MOMENT, call, "zh") == "2027年6月1日 16:30（北京时间）"
    assert times.say(MOMENT, call, "en") == "June 1, 2027, 16:30 Beijing time"


def test_instant_after_midnight_in_the_zone_has_the_date_of_the_zone(call):
    assert times.say(datetime(2027, 12, 31, 16, 0, tzinfo=UTC), call, "en") == "January 1, 2028, 00:00 Beijing time"


def test_instant_in_a_zone_with_summer_time_follows_it(at):
    in_berlin = at("2027-01-15 24:00", "Europe/Berlin")
    assert times.say(MOMENT, in_berlin, "zh") == "2027年6月1日 10:30（北京时间）"


def test_receipt_time_has_seconds_and_a_twin_in_utc(call):
    assert times.say_exactly(MOMENT, call, "zh") == "2027年6月1日 16:30:05（北京时间）"
    assert times.say_exactly(MOMENT, call, "en") == "June 1, 2027, 16:30:05 Beijing time"
    assert times.say_utc(MOMENT, "zh") == "2027年6月1日 08:30:05（UTC）"
    assert times.say_utc(MOMENT, "en") == "June 1, 2027, 08:30:05 UTC"


@pytest.mark.parametrize(
    ("count", "said"),
    [
        (0, "0 B"),
        (1023, "1,023 B"),
        (1024, "1 KB"),
        (325_632, "318 KB"),
        (1_048_575, "1 MB"),
        (1_258_291, "1.2 MB"),
        (5 * 1024 * 1024, "5 MB"),
        (3 * 1024**3, "3 GB"),
    ],
)
def test_size_is_said_in_the_unit_that_fits(count, said):
    assert (times.size(count, "zh"), times.size(count, "en")) == (said, said)
