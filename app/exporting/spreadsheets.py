"""A `Table` written as XLSX and as CSV, row by row."""

import csv
from datetime import datetime
from io import StringIO
from tempfile import TemporaryDirectory

from flask_babel import gettext as _
from xlsxwriter import Workbook

from app.exporting.cells import COLOUR, GUARDED, cell, defused, heading

BOM = "\ufeff"
"""Without it, Excel reads UTF-8 as the code page of its country."""


def write_xlsx(target, table, title, about):
    """Writes the table as XLSX into an open binary file.

    A second sheet holds `about`, [(word, text or datetime)], and `table.counts`, such as how many rows have which status.
    Times stand as dates, in their zone.
    """
    with TemporaryDirectory() as folder, Workbook(target, GUARDED | {"constant_memory": True, "tmpdir": folder}) as book:
        book.set_properties({"title": cell(title)})
        formats = {
            "heading": heading(book),
            "text": book.add_format({"text_wrap": True, "valign": "top"}),
            "time": book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss", "valign": "top", "align": "left"}),
        }
        sheets = [book.add_worksheet(title), book.add_worksheet(_("About this table"))]
        _fill(sheets[0], table, formats)
        counts = [(title, table.counts.total()), *((f"– {status}", count) for status, count in table.counts.items())]
        _tell(sheets[1], title, [*about, *counts], formats, book)


def _fill(sheet, table, formats):
    for place, column in enumerate(table.columns):
        sheet.set_column(place, place, column.width)
    sheet.freeze_panes(1, 1)
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.repeat_rows(0)
    for place, column in enumerate(table.columns):
        sheet.write_string(0, place, cell(column.heading), formats["heading"])
    for row, values in enumerate(table.rows(), 1):
        for place, value in enumerate(values):
            _write(sheet, row, place, value, formats)
    sheet.autofilter(0, 0, table.counts.total(), len(table.columns) - 1)


def _tell(sheet, title, about, formats, book):
    sheet.set_column(0, 0, 28)
    sheet.set_column(1, 1, 60)
    sheet.write_string(0, 0, cell(title), book.add_format({"bold": True, "font_size": 14, "font_color": COLOUR}))
    for row, (word, value) in enumerate(about, 2):
        sheet.write_string(row, 0, cell(word), formats["text"])
        _write(sheet, row, 1, value, formats)


def _write(sheet, row, place, value, formats):
    if isinstance(value, datetime):
        sheet.write_datetime(row, place, value.replace(tzinfo=None), formats["time"])
    elif isinstance(value, int):
        sheet.write_number(row, place, value, formats["text"])
    elif value:
        sheet.write_string(row, place, cell(value), formats["text"])


def csv_lines(table):
    """The table as CSV (RFC 4180, UTF-8 with a byte order mark), an iterable of bytes. Times stand in ISO 8601, with their zone."""
    yield BOM.encode() + _lines([defused(column.heading) for column in table.columns])
    for values in table.rows():
        yield _lines([_plain(value) for value in values])


def _plain(value):
    if isinstance(value, datetime):
        return value.isoformat()
    return "" if value is None else str(value) if isinstance(value, int) else defused(value)


def _lines(values):
    target = StringIO()
    csv.writer(target).writerow(values)
    return target.getvalue().encode("utf-8", "replace")
