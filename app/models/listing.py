"""The list of applications as the desk searches it: one narrow row each, kept in the write that changes the application."""

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from app.extensions import db
from app.models.common import Instant

_FILTERED = (
    "application_id", "call_id", "state", "until", "extended_until", "released_at", "answered", "category", "country", "joint",
    "checked_by",
)  # fmt: skip


def _sorted_by(column):
    """An index that holds all that filters ask about: a filtered list, in this order, never reads the rows themselves.

    No other index may begin with a column that is filtered by: SQLite would prefer it, and look every row up.
    """
    return Index(f"ix_listed_{column}", column, *_FILTERED)


class Listed(db.Model):
    """What lists, filters and counts need of an application, so that none of them reads its answers.

    Of a draft only title and progress; of what was handed in, what its standing snapshot says. `state`, `until`,
    `extended_until` and `released_at` are what `rules.status_of` needs beside the time. Texts may be cut.
    """

    __tablename__ = "listed"
    __table_args__ = (
        *map(_sorted_by, ("changed_at", "submitted_at", "number_key", "title_key_zh", "title_key_en")),
        Index("ix_listed_country", "country"),
        Index("ix_listed_checked_by", "checked_by"),
        Index("ix_listed_created_on", "created_on", "call_id"),
        Index("ix_listed_submitted_on", "submitted_on", "call_id"),
        Index("ix_listed_answered", "answered", "call_id", "state", "category", "country"),
    )
    application_id: Mapped[int] = mapped_column(ForeignKey("application.id", ondelete="CASCADE"), primary_key=True)
    ref: Mapped[str] = mapped_column(unique=True)
    call_id: Mapped[str]
    number: Mapped[str | None]
    number_key: Mapped[str | None]
    """The number as it is sorted: with leading zeros."""
    state: Mapped[str]
    """A status as it is apart from the time: "draft", "submitted", "returned", "passed", "ineligible", "under-review",
    "decided" or "withdrawn"."""
    until: Mapped[datetime | None] = mapped_column(Instant)
    extended_until: Mapped[datetime | None] = mapped_column(Instant)
    released_at: Mapped[datetime | None] = mapped_column(Instant)
    reopened: Mapped[bool]
    answered: Mapped[bool]
    """Handed in again after a check, and not looked at since."""
    title_zh: Mapped[str]
    title_en: Mapped[str]
    title_key_zh: Mapped[str]
    """As lists in Chinese are sorted: the bytes of its first characters in GB 18030, in which the common ones follow Pinyin."""
    title_key_en: Mapped[str]
    organization_zh: Mapped[str]
    organization_en: Mapped[str]
    category: Mapped[str]
    country: Mapped[str]
    """ISO 3166-1 code."""
    joint: Mapped[bool]
    begun: Mapped[int]
    """How many steps of a draft have been begun, out of `steps`."""
    steps: Mapped[int]
    checked_by: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    """Who checked it last, be it an earlier snapshot."""
    created_at: Mapped[datetime] = mapped_column(Instant)
    submitted_at: Mapped[datetime | None] = mapped_column(Instant)
    """When the standing snapshot was handed in."""
    changed_at: Mapped[datetime] = mapped_column(Instant)
    """When its owner last changed something or handed it in."""
    created_on: Mapped[date]
    """The day in the zone of the call."""
    submitted_on: Mapped[date | None]
    """The day of the first submission."""


class ListedText(db.Model):
    """What a search looks through: a table of its own, because it is read from end to end.

    Number, titles, organizations, contributors, or the title of a draft, each on a line, folded (`listed_rows.folded`).
    Apart, because most searches are in one script and need only look through half of it.
    """

    __tablename__ = "listed_text"
    application_id: Mapped[int] = mapped_column(ForeignKey("application.id", ondelete="CASCADE"), primary_key=True)
    ascii: Mapped[str]
    """Those written in ASCII alone, and pieces of the others that are."""
    other: Mapped[str]


class ListedArea(db.Model):
    """One area of an application that was handed in."""

    __tablename__ = "listed_area"
    __table_args__ = (Index("ix_listed_area_area", "area", "call_id", "application_id"),)
    application_id: Mapped[int] = mapped_column(ForeignKey("application.id", ondelete="CASCADE"), primary_key=True)
    area: Mapped[str] = mapped_column(primary_key=True)
    call_id: Mapped[str]
