"""The calendar file against RFC 5545."""

from datetime import UTC, datetime

import pytest

from app import calendars
from app.languages import Text

STAMP = datetime(2027, 1, 2, 3, 4, 5, tzinfo=UTC)
URL = "https://awards.example.org/en/calls/wic-awards-2027"


@pytest.fixture
def made(app, call):
    """Makes the file of the shipped call with a fixed deadline, answers its bytes."""

    def make(language="en", **changes):
        with app.app_context():
            changed = call.model_copy(update={"id": "wic-awards-2027", "deadline": "2027-06-15 24:00"} | changes)
            return calendars.ics(changed, URL, language, STAMP)

    return make


def unfolded(content):
    return content.replace(b"\r\n ", b"").decode().split("\r\n")


def test_calendar_in_english_holds_the_last_hour_and_an_alarm(made):
    assert unfolded(made()) == [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Laurel//Award applications//EN",
        "CALSCALE:GREGORIAN",
        "METHOD:PUBLISH",
        "BEGIN:VEVENT",
        "UID:wic-awards-2027-deadline@awards.example.org",
        "DTSTAMP:20270102T030405Z",
        "DTSTART:20270615T150000Z",
        "DTEND:20270615T160000Z",
        "SUMMARY:Deadline: World Internet Conference Awards for Pioneering Science and Technology",
        r"DESCRIPTION:Applications close on June 15\, 2027\, 24:00 Beijing time (= June 16\, 00:00).\n" + URL,
        f"URL:{URL}",
        "TRANSP:TRANSPARENT",
        "BEGIN:VALARM",
        "ACTION:DISPLAY",
        "DESCRIPTION:Deadline: World Internet Conference Awards for Pioneering Science and Technology",
        "TRIGGER:-P2D",
        "END:VALARM",
        "END:VEVENT",
        "END:VCALENDAR",
        "",
    ]


def test_calendar_in_chinese_speaks_chinese(made):
    lines = unfolded(made("zh"))
    assert lines[10] == "SUMMARY:申报截止：世界互联网大会领先科技奖"
    assert lines[11] == r"DESCRIPTION:申报截止时间：2027年6月15日24:00（北京时间）。\n" + URL


def test_both_languages_are_the_same_entry(made):
    assert [line for line in unfolded(made("zh")) if line[:3] == "UID"] == [line for line in unfolded(made("en")) if line[:3] == "UID"]


def test_lines_are_folded_within_75_octets_between_characters(made):
    content = made("zh", name=Text(zh="量子𠮷" * 60, en="x"))
    lines = content.split(b"\r\n")
    assert max(map(len, lines)) <= 75
    assert [line.decode() for line in lines]
    assert "SUMMARY:申报截止：" + "量子𠮷" * 60 in unfolded(content)


def test_text_is_escaped(made):
    hostile = Text(zh="x", en="a;b,c\\d\nBEGIN:VEVENT")
    assert r"SUMMARY:Deadline: a\;b\,c\\d\nBEGIN:VEVENT" in unfolded(made(name=hostile))
