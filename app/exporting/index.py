"""The index of an application's files as a spreadsheet."""

from io import BytesIO

from flask_babel import gettext as _
from xlsxwriter import Workbook

from app import times
from app.exporting.cells import COLOUR, GUARDED, cell, heading
from app.languages import speaking


def index_xlsx(call, title, number, files, language):
    """The bytes of the index of `files` (dicts as `uploads.listed` makes them), headings in `language`, titles in both.

    `title` has `["zh"]` and `["en"]`; `number` is None before the first submission. No cell becomes a formula or a link,
    whatever it holds; characters a spreadsheet cannot hold are left out.
    """
    target = BytesIO()
    with speaking(language), Workbook(target, GUARDED | {"in_memory": True}) as book:
        book.set_properties({"title": cell(_("Index of supporting files")), "company": cell(call.organizer[language])})
        sheet = book.add_worksheet(_("Index"))
        _head(book, sheet, call, title, number, language)
        _table(book, sheet, files, language)
    return target.getvalue()


def _head(book, sheet, call, title, number, language):
    strong = book.add_format({"bold": True, "font_size": 14, "font_color": COLOUR})
    wrapped = book.add_format({"text_wrap": True, "valign": "top"})
    sheet.write_string(0, 0, cell(_("Index of supporting files")), strong)
    sheet.write_string(1, 0, cell(f"{call.name[language]} {number or ''}".rstrip()))
    sheet.set_row(2, 32)
    sheet.write_string(2, 1, cell(_("Achievement")), wrapped)
    sheet.write_string(2, 2, cell(title["zh"]), wrapped)
    sheet.write_string(2, 3, cell(title["en"]), wrapped)


def _table(book, sheet, files, language):
    columns = [
        (_("No."), 6),
        (_("Kind of material"), 22),
        (_("Title in Chinese"), 44),
        (_("Title in English"), 44),
        (_("Core material"), 14),
        (_("File"), 50),
        (_("Type"), 8),
        (_("Size"), 11),
        ("SHA-256", 68),
    ]
    strong = heading(book)
    wrapped = book.add_format({"text_wrap": True, "valign": "top"})
    for column, (word, width) in enumerate(columns):
        sheet.set_column(column, column, width)
        sheet.write_string(4, column, cell(word), strong)
    for row, file in enumerate(files, 5):
        sheet.write_number(row, 0, file["order"], wrapped)
        texts = [
            file["kind"][language], file["zh"], file["en"], _("Yes") if file["core"] else _("No"),
            file["name"], file["type"].upper(), times.size(file["size"], language), file["sha256"],
        ]  # fmt: skip
        for column, text in enumerate(texts, 1):
            sheet.write_string(row, column, cell(text), wrapped)
    sheet.freeze_panes(5, 1)
    sheet.autofilter(4, 0, 4 + len(files), len(columns) - 1)
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(4)
