"""The kinds of value a call file holds."""

import re
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BaseModel, ConfigDict, StringConstraints
from pydantic import Field as Key

from app.languages import Text

Slug = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{0,39}$")]
"""In an address: a to z, digits and hyphens."""
Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
"""The name of a field: no hyphen, because `<field>-zh` must split at the last one."""
Positive = Annotated[int, Key(strict=True, ge=1, le=100_000)]
Flag = Annotated[bool, Key(strict=True)]
Line = Annotated[str, StringConstraints(pattern=r"^[^\r\n]*\S[^\r\n]*$")]


def _a_zone(value):
    try:
        ZoneInfo(value)
    except (KeyError, ValueError, OSError):
        raise ValueError("zone") from None
    return value


def _a_moment(value):
    parse_moment(value, "UTC")
    return value


def _one_line(text):
    if "\n" in text.zh + text.en or "\r" in text.zh + text.en:
        raise ValueError("one line")
    return text


Zone = Annotated[str, AfterValidator(_a_zone)]
Moment = Annotated[str, AfterValidator(_a_moment)]
Title = Annotated[Text, AfterValidator(_one_line)]
"""A text that may stand in a heading, a label or the subject of a mail."""


@lru_cache(maxsize=256)
def parse_moment(value, zone):
    """The aware instant of "YYYY-MM-DD HH:MM" in `zone`; 24:00 is the exclusive end of its day. ValueError if it is none."""
    match = re.fullmatch(r"(2\d{3})-(\d\d)-(\d\d) (\d\d):(\d\d)", value, re.ASCII)
    if not match:
        raise ValueError("moment")
    year, month, day, hour, minute = map(int, match.groups())
    if (hour, minute) == (24, 0):
        return (datetime(year, month, day) + timedelta(days=1)).replace(tzinfo=ZoneInfo(zone))
    return datetime(year, month, day, hour, minute, tzinfo=ZoneInfo(zone))


class Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Passage(Text):
    """A text of some length that the organizer should approve."""

    sample: Flag = False
