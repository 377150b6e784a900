"""One page per step: what is typed is stored before it is judged; text that could not be stored is shown back."""

from flask import abort, current_app, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy.exc import OperationalError

from app import countries, languages, rules
from app.applying import feedback, saving, steps
from app.applying.drafts import Refused
from app.applying.working_copy import WorkingCopy
from app.call.schema import FILES_STEP
from app.extensions import csrf
from app.files import uploads
from app.forms.step import judge, question_of
from app.pages.access import (
    application_to_keep_for,
    ask_to_sign_in,
    call_of,
    lead_to_sign_in,
    own_application,
    signed_in,
    token_is_valid,
    wants_json,
)
from app.pages.answering import step_url
from app.pages.apply.blueprint import blueprint

ROW_VERBS = ("remove", "up", "down")


@blueprint.route("/applications/<ref>/<step_id>", methods=["GET", "POST"])
@csrf.exempt
def step(ref, step_id):
    if not current_user.is_authenticated:
        return _keep_for_later(ref, step_id) if request.method == "POST" else ask_to_sign_in()
    application, call = own_application(ref)
    copy = WorkingCopy(application, call, rules.now())
    step = _step_of(copy, step_id)
    return _save_step(copy, step) if request.method == "POST" else _open_step(copy, step)


def _step_of(copy, step_id):
    step = copy.call.step(step_id)
    return abort(404) if step is None or step_id == FILES_STEP else step


def _posted():
    """What came for a step, `{input name: [strings]}`, and the version its page had been opened with."""
    return {name: request.form.getlist(name) for name in request.form}, request.form.get("version", type=_version)


def _version(text):
    """No row holds a larger number; and one that was made up is the version of none."""
    return max(0, min(int(text), 10**9))


def _keep_for_later(ref, step_id):
    """The sign-in ended while somebody typed: the text waits for whoever owns the application to sign in again."""
    application = application_to_keep_for(ref)
    if application is not None:
        posted, version = _posted()
        copy = WorkingCopy(application, call_of(application), rules.now())
        step = copy.call.step(step_id)
        # Where there is no such step, a stranger is told no more than where there is no such application.
        if step is not None and step_id != FILES_STEP:
            saving.keep_signed_out(application=application, call=copy.serving, step=step, posted=posted, version=version, now=copy.now)
    if wants_json():
        message = _("You have been signed out. Your text is kept: sign in again and it is back.")
        return {"ok": False, "reason": "signed-out", "message": message}, 401
    return lead_to_sign_in()


def _open_step(copy, step):
    """The step; text of it that waits outside the draft is filled in again where nothing stands against it, else to choose from."""
    stored, kept = copy.raw.get(step.id, {}), saving.kept(copy.application, step)
    if kept is None:
        return _show_step(copy, step, stored)
    raw, conflicts, late = saving.take_back(copy, step, kept)
    form = judge(copy.call, step, copy.category, stored | kept.raw)
    choices = [(name, *form.named(name)) for name in conflicts if form.named(name)]
    if choices:
        return _show_choices(copy, step, choices)
    said = [(*form.named(name), kept.kept_at) for name in late if form.named(name)]
    back = _("This is the text you typed before you had to sign in again. It is not saved yet.")
    return _show_step(copy, step, raw, late=said, notice=back if kept.reason == "signed-out" and raw != stored else None)


def _show_choices(copy, step, choices):
    """Mine beside the saved one, for each input."""
    saved = judge(copy.call, step, copy.category, copy.raw.get(step.id, {}))
    language = languages.current()
    shown = [
        (name, label, field.side, field.said(language), saved.named(name)[1].said(language) if saved.named(name) else "")
        for name, label, field in choices
    ]
    return render_template("apply/kept.html", application=copy.application, call=copy.call, step=step, rows=shown)


@blueprint.post("/applications/<ref>/<step_id>/kept")
@signed_in
def resolve(ref, step_id):
    application, call = own_application(ref)
    copy = WorkingCopy(application, call, rules.now())
    step = _step_of(copy, step_id)
    mine = {name.removeprefix("keep-") for name, value in request.form.items() if name.startswith("keep-") and value == "mine"}
    try:
        saving.resolve(application=application, call=call, step=step, mine=mine, now=copy.now)
        flash(_("Your draft has been saved."), "success")
    except Refused as refused:
        flash(str(refused), "error")
    return redirect(url_for("apply.step", ref=ref, step_id=step_id))


def _save_step(copy, step):
    posted, version = _posted()
    if not token_is_valid():
        stale = _(
            "This page had been open too long, or you signed in again meanwhile. Your text is still here: please press the "
            "button once more."
        )
        return _not_saved(copy, step, "token", stale, 400)
    application, call, now = copy.application, copy.serving, copy.now
    try:
        saved = saving.save(
            application=application, call=call, step=step, posted=posted, version=version, now=now, merging=not wants_json()
        )
    except Refused as refused:
        return _not_saved(copy, step, "late", refused.args[0], 409)
    except OperationalError:
        current_app.logger.exception("A step could not be saved")
        busy = _("The text could not be saved just now; it is still here. Please press the button again in a minute.")
        return _not_saved(copy, step, "busy", busy, 503)
    late = _("Some of this came after the deadline, for questions that are closed. It is kept apart and shown on this page.")
    if wants_json():
        if saved.elsewhere:
            message = _("This step was changed in another window, too. Press “Save draft” to bring both together.")
            return {"ok": False, "reason": "elsewhere", "message": message}, 409
        return ({"ok": False, "reason": "late", "message": late}, 409) if saved.late else {"ok": True, "version": saved.version}
    if saved.late:
        flash(late, "warn")
    if saved.conflicts or saved.late:
        return redirect(url_for("apply.step", ref=application.ref, step_id=step.id))
    return _after_saving(WorkingCopy(application, call, now), step, request.form.get("action", "save"))


def _not_saved(copy, step, reason, message, code):
    if wants_json():
        return {"ok": False, "reason": reason, "message": str(message)}, code
    posted, version = _posted()
    closed = {name: values for name, values in copy.raw.get(step.id, {}).items() if not copy.parts.question(step.id, question_of(name))}
    return _show_step(copy, step, closed | posted, version=version, refused=message, code=code)


def _after_saving(copy, step, action):
    application = copy.application
    here = languages.same_query(url_for("apply.step", ref=application.ref, step_id=step.id))
    verb, _dash, row_id = action.partition("-")
    if verb == "add" or verb in ROW_VERBS:
        changed = saving.change_rows(application=application, call=copy.serving, step=step, verb=verb, row_id=row_id, now=copy.now)
        if changed is None:
            flash(_("That row was not there any more. Everything else has been saved."), "notice")
            return redirect(here)
        return redirect(here + f"#{'-'.join(changed)}")
    if action == "language":
        return redirect(languages.twin_url())
    if action == "continue":
        raw = copy.raw.get(step.id, {})
        form = judge(copy.call, step, copy.category, raw)
        form.validate()
        if copy.open_problems(step, form.problems()):
            return _show_step(copy, step, raw, form=form)
        if request.args.get("from") == "check":
            return redirect(url_for("apply.check", ref=application.ref) + f"#{step.id}")
        return redirect(step_url(application, copy.step_after(step)))
    flash(_("Your draft has been saved."), "success")
    return redirect(here)


def _show_step(copy, step, raw, form=None, version=None, refused=None, notice=None, late=(), code=200):
    application, call = copy.application, copy.call
    form = form or judge(call, step, copy.category, raw)
    form.evidence_files = lambda: [
        (file.ref, f"{number}. {getattr(file, f'title_{languages.current()}') or file.original_name}")
        for number, file in enumerate(uploads.in_order(call, copy.files), 1)
    ]
    shown = steps.shown(call, copy.raw | {step.id: raw})
    before = steps.around(shown, step)[0] if step in shown else None
    points = [point for point in feedback.points(copy) if point.step and point.step.id == step.id]
    page = render_template(
        "apply/step.html",
        application=application,
        call=call,
        copy=copy,
        step=step,
        form=form,
        items=_items(copy, step, form, points, raw if refused else ()),
        points=points,
        errors=[problem[:2] for problem in copy.open_problems(step, form.problems())],
        refused=refused,
        notice=notice,
        late=[(label, field.side, field.said(languages.current()), kept_at) for label, field, kept_at in late],
        version=version if version is not None else saving.version_of(application, step),
        locked=None if refused or copy.parts.step(step.id) else rules.may_edit(application, copy.serving, copy.now) or rules.NOT_NAMED,
        number=shown.index(step) + 1 if step in shown else None,
        total=len(shown),
        back=step_url(application, before) if before else url_for("apply.overview", ref=application.ref),
        step_url=step_url,
        countries=countries.options(call) if _asks_country(form.specs) else "",
        category_needed=_category_needed(copy, step),
    )
    return page, code


def _items(copy, step, form, points, typed):
    """The items of the form: which are open, and what the organizer asks for there; what was `typed` is shown as it came."""
    came = {question_of(name) for name in typed}
    items = form.items
    for item in items:
        item.open = copy.parts.question(step.id, item.id) or item.id in came
        item.points = [point for point in points if point.reason.field == item.id]
    return items


def _category_needed(copy, step):
    """The address of the step that asks for the category, where questions of this one depend on it and there is none."""
    if copy.category or not any(spec.for_ for spec in step.fields):
        return None
    return step_url(copy.application, copy.call.find("category")[0])


def _asks_country(specs):
    return any(spec.kind == "country" or _asks_country(spec.fields) for spec in specs)
