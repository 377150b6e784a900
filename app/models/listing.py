"""The list of applications as the desk searches it: one narrow row each, kept in the write that changes the application."""

from datetime import datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from app.extensions import db
from app.models.common import Instant


class Listed(db.Model):
    """What lists, filters and searches need of an application, so that none of them reads its answers.

    Of a draft only title and progress; of what was handed in, what its standing snapshot says. `state`, `until`,
    `extended_until` and `released_at` are what `rules.status_of` needs beside the time.
    """

    __tablename__ = "listed"
    application_id: Mapped[int] = mapped_column(ForeignKey("application.id", ondelete="CASCADE"), primary_key=True)
    ref: Mapped[str]
    call_id: Mapped[str]
    number: Mapped[str | None]
    state: Mapped[str]
    """A status as it is apart from the time: "draft", "submitted", "returned", "passed", "ineligible", "under-review",
    "decided" or "withdrawn"."""
    until: Mapped[datetime | None] = mapped_column(Instant)
    extended_until: Mapped[datetime | None] = mapped_column(Instant)
    released_at: Mapped[datetime | None] = mapped_column(Instant)
    reopened: Mapped[bool]
    title_zh: Mapped[str]
    title_en: Mapped[str]
    organization_zh: Mapped[str]
    organization_en: Mapped[str]
    category: Mapped[str]
    country: Mapped[str]
    joint: Mapped[bool]
    begun: Mapped[int]
    """How many steps have been begun."""
    checked_by: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    created_at: Mapped[datetime] = mapped_column(Instant)
    submitted_at: Mapped[datetime | None] = mapped_column(Instant)
    changed_at: Mapped[datetime] = mapped_column(Instant)
    folded: Mapped[str]
    """Number, titles, organizations and contributors, folded for search."""


class ListedArea(db.Model):
    """One area of an application that was handed in."""

    __tablename__ = "listed_area"
    application_id: Mapped[int] = mapped_column(ForeignKey("application.id", ondelete="CASCADE"), primary_key=True)
    area: Mapped[str] = mapped_column(primary_key=True)
