"""The deadline as a calendar file (RFC 5545)."""

from datetime import UTC, timedelta
from urllib.parse import urlsplit

from flask_babel import gettext as _

from app import times
from app.languages import speaking

LINE_OCTETS = 75


def ics(call, url, language, stamp):
    """The bytes of an .ics file: the last hour before the deadline, with an alarm two days ahead.

    `url` is the absolute address of the call page, `stamp` the aware instant at which the file is made. Both languages
    and every download share one UID, so that a calendar updates its entry instead of adding another.
    """
    closes = call.closes_at
    with speaking(language):
        summary = _("Deadline: %(award)s", award=call.name[language])
        closing = _("Applications close on %(deadline)s.", deadline=times.say_deadline(call, language))
        lines = [
            "BEGIN:VCALENDAR",
            "VERSION:2.0",
            "PRODID:-//Laurel//Award applications//EN",
            "CALSCALE:GREGORIAN",
            "METHOD:PUBLISH",
            "BEGIN:VEVENT",
            f"UID:{call.id}-deadline@{urlsplit(url).hostname}",
            f"DTSTAMP:{_utc(stamp)}",
            f"DTSTART:{_utc(closes - timedelta(hours=1))}",
            f"DTEND:{_utc(closes)}",
            f"SUMMARY:{_text(summary)}",
            "DESCRIPTION:" + _text(closing + "\n" + url),
            f"URL:{url}",
            "TRANSP:TRANSPARENT",
            "BEGIN:VALARM",
            "ACTION:DISPLAY",
            f"DESCRIPTION:{_text(summary)}",
            "TRIGGER:-P2D",
            "END:VALARM",
            "END:VEVENT",
            "END:VCALENDAR",
        ]
    return b"".join(_folded(line) for line in lines)


def _utc(instant):
    return instant.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")


def _text(value):
    """A TEXT value: backslash, semicolon, comma and line ends are escaped."""
    value = value.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,")
    return "\\n".join(value.splitlines())


def _folded(line):
    """The line in UTF-8 with CRLF, broken so that no physical line is over 75 octets and no character is cut."""
    parts, room = [b""], LINE_OCTETS
    for character in line:
        octets = character.encode()
        if len(parts[-1]) + len(octets) > room:
            parts.append(b"")
            room = LINE_OCTETS - 1
        parts[-1] += octets
    return b"\r\n ".join(parts) + b"\r\n"
