"""Experts from a spreadsheet: read, shown with every problem, then put on the list."""

import io

from flask import flash, redirect, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from flask_login import current_user
from xlsxwriter import Workbook

from app import languages, rules
from app.applying.drafts import Refused
from app.exporting.cells import GUARDED, cell, heading
from app.extensions import csrf
from app.forms.experts import ImportForm, TableForm
from app.pages.access import organizer
from app.pages.answering import XLSX, download
from app.pages.desk.asking import asked_call
from app.pages.desk.blueprint import blueprint
from app.pages.entering import page
from app.review import imports, rosters

LARGEST = 12 * imports.MAX_BYTES
"""Of the page that carries what was read: browsers write three characters for each byte."""


@blueprint.get("/experts/template.xlsx")
@organizer
def expert_table():
    """A table to fill in, and the areas of the call to copy from."""
    call, _calls = asked_call()
    target = io.BytesIO()
    with Workbook(target, {"in_memory": True, **GUARDED}) as book:
        areas = [[_("Area"), "中文", "English"], *([area.id, area.name.zh, area.name.en] for area in call.areas)]
        for title, rows in ((_("Experts"), rosters.template(call, languages.current())), (_("Areas"), areas)):
            sheet = book.add_worksheet(title)
            sheet.set_column(0, len(rows[0]) - 1, 26)
            sheet.freeze_panes(1, 0)
            for number, row in enumerate(rows):
                for place, text in enumerate(row):
                    sheet.write_string(number, place, cell(text), heading(book) if number == 0 else None)
    return download(target.getvalue(), f"experts-{call.id}.xlsx", XLSX)


@blueprint.route("/experts/import", methods=["GET", "POST"])
@csrf.exempt
@organizer
def import_experts():
    request.max_form_memory_size = LARGEST
    call, _calls = asked_call()
    return _carried_out(call) if "sheet" in request.form else _chosen(call)


def _chosen(call):
    """The first page, or what a file that was chosen comes to."""
    form = TableForm()
    if form.validate_on_submit():
        file = form.table.data
        try:
            # One byte more than may be, to see that there are more.
            rows = imports.read(file.filename or "", file.stream.read(imports.MAX_BYTES + 1))
            return _shown(call, rows, rosters.plan(call, rows))
        except Refused as refused:
            form.table.errors.append(refused.args[0])
    return page("experts_import", form, folder="desk", call=call, most=imports.MAX_ROWS)


def _shown(call, rows, plan, notice=None):
    form = ImportForm(formdata=None, sheet=imports.packed(rows), shown=rosters.fingerprint(plan))
    counts = {state: sum(row.state == state for row in plan) for state in ("new", "changed", "same", "wrong")}
    return page("experts_preview", form, folder="desk", call=call, plan=plan, counts=counts, said=rosters.said, notice=notice)


def _carried_out(call):
    form = ImportForm()
    try:
        rows = imports.unpacked(form.sheet.data or "")
        plan = rosters.plan(call, rows)
    except Refused:
        return redirect(url_for("desk.import_experts", call=call.id))
    if not form.validate_on_submit():
        return _shown(call, rows, plan, form.problems[0][1] if form.problems else None)
    if form.shown.data != rosters.fingerprint(plan):
        return _shown(call, rows, plan, _("The list has changed meanwhile. Look at it as it would be now, then press the button again."))
    added, changed = rosters.carry_out(call=call, plan=plan, update=form.update.data, by=current_user.user, now=rules.now())
    flash(
        ngettext("%(num)s expert has been put on the list.", "%(num)s experts have been put on the list.", added)
        + (ngettext(" %(num)s has been changed.", " %(num)s have been changed.", changed) if changed else ""),
        "success",
    )
    return redirect(url_for("desk.experts", call=call.id))
