"""The organizer's Markdown as safe HTML. Applicants' texts never come here."""

import re
from functools import lru_cache

import nh3
from markdown_it import MarkdownIt
from markupsafe import Markup
from mdit_py_cjk_friendly import cjk_friendly

from app import languages, scripts

_parser = MarkdownIt("commonmark", {"html": False}).enable("table").use(cjk_friendly)


def markdown(text):
    """A Text as Markup in the language spoken now: plain CommonMark with tables, Chinese emphasis as written
    (`**注意：**请`), no HTML of its own; pieces in the other language are marked as such."""
    language = languages.current()
    return _rendered(text[language], language)


@lru_cache(maxsize=512)
def _rendered(text, language):
    parts = re.split(r"(<[^>]+>)", nh3.clean(_parser.render(text)))
    return Markup("").join(Markup(part) if part.startswith("<") else scripts.marked(Markup(part), language) for part in parts)  # noqa: S704 - cleaned just here
