"""The applicant's pages: start, task list, one page per step, check and hand in."""

from app.pages.apply import applications, checking, steps
from app.pages.apply.blueprint import blueprint

__all__ = ["applications", "blueprint", "checking", "steps"]
