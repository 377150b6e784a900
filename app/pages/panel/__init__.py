"""The expert's pages: the invitation and one's part in it, conflicts of interest, and reviewing."""

from app.pages.panel import joining, reviewing
from app.pages.panel.blueprint import blueprint

__all__ = ["blueprint", "joining", "reviewing"]
