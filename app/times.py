"""How instants, deadlines and file sizes are said in words, in the zone of the call. Nothing here compares dates."""

from datetime import UTC, timedelta

from babel.dates import format_datetime
from babel.numbers import format_decimal

from app.languages import LOCALES, Text

DAY = {"zh": "y年M月d日", "en": "MMMM d, y"}
_MOMENT = {"zh": "{day} {clock}（{zone}）", "en": "{day}, {clock} {zone}"}
_DEADLINE = {"zh": "{day}{clock}（{zone}）", "en": "{day}, {clock} {zone}"}
_NEXT_DAY = {"zh": "", "en": " (= {day}, 00:00)"}


def say(instant, call, language):
    """An aware instant in the call's zone, to the minute: "June 1, 2027, 16:30 Beijing time"."""
    return _said(instant.astimezone(call.closes_at.tzinfo), "HH:mm", call.zone_name[language], language)


def say_exactly(instant, call, language):
    """The same to the second, for receipts."""
    return _said(instant.astimezone(call.closes_at.tzinfo), "HH:mm:ss", call.zone_name[language], language)


def zone_of(calls):
    """(tzinfo, its name as a Text) in which times are said that belong to no one call: that of the first of `calls`, or UTC."""
    return next(((call.closes_at.tzinfo, call.zone_name) for call in calls), (UTC, Text(zh="UTC", en="UTC")))


def say_briefly(instant, zone):
    """In figures, for a column whose heading names the zone: "2027-06-01 16:30:05"."""
    return f"{instant.astimezone(zone):%Y-%m-%d %H:%M:%S}"


def say_utc(instant, language):
    """An aware instant in UTC, to the second, for receipts."""
    return _said(instant.astimezone(UTC), "HH:mm:ss", "UTC", language)


def say_deadline(call, language):
    """The deadline as announced, without grace. The end of a day is 24:00, in English also the next day's 00:00."""
    return _end(call.closes_at, call.deadline[-5:], call, language)


def say_end(instant, call, language):
    """Any exclusive end, said like the deadline: midnight is the end of the day before."""
    if instant == call.closes_at:
        return say_deadline(call, language)
    moment = instant.astimezone(call.closes_at.tzinfo)
    return _end(moment, "24:00" if (moment.hour, moment.minute) == (0, 0) else f"{moment:%H:%M}", call, language)


def _end(day, clock, call, language):
    if clock != "24:00":
        return _DEADLINE[language].format(day=_day(day, language), clock=clock, zone=call.zone_name[language])
    last = day - timedelta(days=1)
    said = _DEADLINE[language].format(day=_day(last, language), clock=clock, zone=call.zone_name[language])
    following = _day(day, language) if day.year != last.year else format_datetime(day, "MMMM d", locale=LOCALES[language])
    return said + _NEXT_DAY[language].format(day=following)


def size(count, language):
    """Bytes in words, in units of 1,024 with at most one decimal: "1.2 MB"."""
    units = iter(("B", "KB", "MB", "GB", "TB"))
    unit = next(units)
    while round(count, 1) >= 1024:
        count, unit = count / 1024, next(units)
    return f"{format_decimal(round(count, 1), locale=LOCALES[language])} {unit}"


def _day(moment, language):
    return format_datetime(moment, DAY[language], locale=LOCALES[language])


def _said(moment, clock, zone, language):
    clock = format_datetime(moment, clock, locale=LOCALES[language])
    return _MOMENT[language].format(day=_day(moment, language), clock=clock, zone=zone)
