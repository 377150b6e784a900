"""The organizer's desk: what has come in, the formal check, and everything needed to run a call."""

from app.pages.desk import (
    application,
    applications,
    calls,
    certificates,
    checking,
    conflicts,
    decisions,
    experts,
    exports,
    log,
    mails,
    matching,
    overview,
    people,
    ranking,
    retention,
    reviews,
)
from app.pages.desk.blueprint import blueprint

__all__ = [
    "application",
    "applications",
    "blueprint",
    "calls",
    "certificates",
    "checking",
    "conflicts",
    "decisions",
    "experts",
    "exports",
    "log",
    "mails",
    "matching",
    "overview",
    "people",
    "ranking",
    "retention",
    "reviews",
]
