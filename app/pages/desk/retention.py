"""What of a past call is erased when its time is over: looked at first, then confirmed."""

import time

from flask import current_app, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from flask_login import current_user

from app import rules
from app.extensions import csrf
from app.forms.retention import ConfirmForm, RetentionForm
from app.keeping import retention as verbs
from app.languages import same_query
from app.pages.access import organizer
from app.pages.desk.blueprint import blueprint
from app.pages.entering import page

SHOWN = 200
"""Rows of each list; the console lists them all."""
SECONDS = 20
"""How long one press of the button may take; it is pressed again for the rest."""


@blueprint.get("/retention")
@organizer
def retention():
    now = rules.now()
    form, tasks = _asked(now)
    found = [(task, rules.may_erase(task.call, task.days, now), verbs.count(task, now), verbs.listed(task, now, SHOWN)) for task in tasks]
    onward = same_query(url_for("desk.retention_confirm")) if any(rows for *_counted, rows in found) else None
    words = {"titles": verbs.WHAT, "shown": SHOWN}
    return render_template("desk/retention.html", form=form, errors=form.problems, found=found, onward=onward, **words)


@blueprint.route("/retention/confirm", methods=["GET", "POST"])
@csrf.exempt
@organizer
def retention_confirm():
    now = rules.now()
    back = same_query(url_for("desk.retention"))
    counted = [(task, verbs.count(task, now)) for task in _asked(now)[1]]
    due = [(task, count) for task, count in counted if count.applications]
    if not due:
        return redirect(back)
    form = ConfirmForm()
    form.call_id = due[0][0].call.id
    if form.validate_on_submit():
        done, finished = _carry_out([task for task, _count in due], now)
        flash(ngettext("%(num)s application has been dealt with.", "%(num)s applications have been dealt with.", done), "success")
        if finished:
            return redirect(back)
        flash(_("There are more of them than can be done at once: confirm once more for the rest."), "warn")
        return redirect(same_query(url_for("desk.retention_confirm")))
    return page("retention_confirm", form, folder="desk", due=due, titles=verbs.WHAT, back=back)


def _asked(now):
    """The form of this address, and the [Task] it asks for: none at the first look, and none when something is wrong."""
    calls = {call.id: call for call in verbs.past_calls(current_app.calls, now)}
    form = RetentionForm(request.args if "call" in request.args else None, calls.values())
    if not calls or "call" not in request.args or not form.validate():
        return form, []
    call, tasks = calls[form.call.data], []
    if form.drafts.data:
        tasks.append(verbs.Task(call, "drafts", form.drafts_after.data))
    if form.applications.data != "keep":
        tasks.append(verbs.Task(call, form.applications.data, form.applications_after.data))
    return form, tasks


def _carry_out(tasks, now):
    """(how many applications, whether that was all)"""
    done, until = 0, time.monotonic() + SECONDS
    for task in tasks:
        for taken in verbs.carry_out(task, by=current_user.user, now=now):
            done += taken
            if time.monotonic() >= until:
                return done, False
    return done, True
