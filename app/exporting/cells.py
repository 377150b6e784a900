"""What may stand in a cell: texts that no spreadsheet program takes for a formula, whatever somebody typed."""

import re

from flask_babel import gettext as _

from app.printing import printable

CELL_CHARACTERS = 32_767
"""The most a cell of a spreadsheet can hold."""
COLOUR, PALE, GOLD = "#6b1626", "#faf6ee", "#b18a3e"
GUARDED = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
"""Options of a Workbook: no cell is judged by its look, so that "=1+1" stays the text it is."""

_SHIELD = "\u00a0"
_FORMULA = "[=+\\-@＝＋－＠]"
# Programs read a formula behind these, also behind spaces, and in Japanese and Chinese settings in full width. Excel in a
# country that parts cells by semicolons takes no notice of our quotes: to it a cell begins behind each of them, and a row
# behind each line end.
_ACTIVE = re.compile(f"\\A(?=[\t\r\n]|\\s*{_FORMULA})|(?:\\A|(?<=[;\t\n])|(?<=\r)(?!\n))(?=\u00a0|(?:[^\\S\t\r\n]|\")*{_FORMULA})")


def cell(text):
    """`text` as an XLSX cell can hold it: without unprintable characters; what no cell can hold loses its end, and says so."""
    text = printable(text)
    if len(text) <= CELL_CHARACTERS:
        return text
    remark = _("… (shortened: a cell holds no more)")
    return text[: CELL_CHARACTERS - len(remark)] + remark


def defused(text):
    """`text` for a CSV file: with a no-break space in front where a program would read a formula or a number, and likewise
    behind each semicolon, tab and line end.

    No program trims that space, and a person does not see it. Whatever came out with one in such a place had one put there,
    so taking it away gives `text` again.
    """
    return _ACTIVE.sub(_SHIELD, text)


def heading(book):
    """The format of the headings of a table."""
    return book.add_format(
        {"bold": True, "font_color": COLOUR, "bg_color": PALE, "bottom": 2, "bottom_color": GOLD, "text_wrap": True, "valign": "top"}
    )
