"""The organizer's desk: what has come in, the formal check, and everything needed to run a call."""

from app.pages.desk import (
    application,
    applications,
    calls,
    checking,
    experts,
    exports,
    log,
    mails,
    matching,
    overview,
    people,
    retention,
    reviews,
)
from app.pages.desk.blueprint import blueprint

__all__ = [
    "application",
    "applications",
    "blueprint",
    "calls",
    "checking",
    "experts",
    "exports",
    "log",
    "mails",
    "matching",
    "overview",
    "people",
    "retention",
    "reviews",
]
