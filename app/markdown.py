"""The organizer's Markdown as safe HTML. Applicants' texts never come here."""

from functools import lru_cache

import nh3
from markdown_it import MarkdownIt
from markupsafe import Markup
from mdit_py_cjk_friendly import cjk_friendly

_parser = MarkdownIt("commonmark", {"html": False}).enable("table").use(cjk_friendly)


@lru_cache(maxsize=512)
def markdown(text):
    """Markup; plain CommonMark with tables, Chinese emphasis as written (`**注意：**请`), no HTML of its own."""
    return Markup(nh3.clean(_parser.render(text)))  # noqa: S704 - cleaned just here
