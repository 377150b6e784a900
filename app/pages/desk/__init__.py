"""The organizer's desk: what has come in, the formal check, and everything needed to run a call."""

from app.pages.desk import application, applications, calls, checking, exports, log, mails, overview, people, retention
from app.pages.desk.blueprint import blueprint

__all__ = ["application", "applications", "blueprint", "calls", "checking", "exports", "log", "mails", "overview", "people", "retention"]
