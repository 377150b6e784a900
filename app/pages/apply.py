"""The applicant's pages: start, task list, one page per step, check, submit, receipt."""

from flask import Blueprint, abort, current_app, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from sqlalchemy.exc import OperationalError

from app import countries, drafts, events, languages, rules, saving, steps, submitting, uploads
from app.call.schema import FILES_STEP
from app.drafts import Refused
from app.extensions import csrf, db
from app.forms.step import judge
from app.models import Event
from app.pages.access import (
    application_to_keep_for,
    ask_to_sign_in,
    call_of,
    get_call,
    own_application,
    signed_in,
    token_is_valid,
    wants_json,
)
from app.pages.answering import step_url, with_status

blueprint = Blueprint("apply", __name__, url_prefix="/<any(zh,en):language>")

STATE_NAMES = {
    "not-started": _l("Not started"),
    "in-progress": _l("In progress"),
    "complete": _l("Complete"),
    "attention": _l("Needs attention"),
}
STATE_TONES = {"not-started": "quiet", "in-progress": "", "complete": "good", "attention": "warn"}

ROW_VERBS = ("remove", "up", "down")


@blueprint.get("/applications")
@signed_in
def mine():
    return render_template("apply/mine.html", listed=with_status(drafts.recent(current_user.user), rules.now()))


@blueprint.route("/calls/<call_id>/applications", methods=["GET", "POST"])
def start(call_id):
    call = get_call(call_id)
    if not current_user.is_authenticated:
        return ask_to_sign_in()
    earlier = drafts.recent(current_user.user)
    copies = {application.ref: application for application in earlier}
    if request.method == "POST":
        try:
            application = drafts.create(user=current_user.user, call=call, now=rules.now(), copy_of=copies.get(request.form.get("copy")))
        except Refused as refused:
            flash(str(refused), "error")
            return redirect(url_for("public.call", call_id=call.id))
        return redirect(url_for("apply.overview", ref=application.ref))
    closed = rules.may_start(call, rules.now())
    return render_template("apply/start.html", call=call, closed=closed, earlier=[(a, drafts.title_of(a, call_of(a))) for a in earlier])


@blueprint.get("/applications/<ref>")
@signed_in
def overview(ref):
    application, call = own_application(ref)
    now = rules.now()
    status = rules.status(application, call, now)
    states = drafts.progress(application, call)
    return render_template(
        "apply/overview.html",
        application=application,
        call=call,
        title=drafts.title_of(application, call),
        states=states,
        state_names=STATE_NAMES,
        state_tones=STATE_TONES,
        with_kept_text=saving.steps_with_kept_text(application),
        amounts={side: f"{sum(s.filled[side] for s in states)}/{sum(s.total[side] for s in states)}" for side in languages.LANGUAGES},
        has_files=bool(drafts.attached(application)),
        status=status,
        status_words=rules.STATUSES[status],
        may=_may(application, call, now),
        events=db.session.scalars(db.select(Event).filter_by(application_id=application.id).order_by(Event.id.desc()).limit(50)).all(),
        event_names=events.TIMELINE,
        step_url=step_url,
    )


def _may(application, call, now):
    """Which verbs are allowed now."""
    verbs = ("edit", "submit", "reopen", "withdraw", "restore", "delete")
    return {verb for verb in verbs if getattr(rules, f"may_{verb}")(application, call, now) is None}


@blueprint.route("/applications/<ref>/<step_id>", methods=["GET", "POST"])
@csrf.exempt
def step(ref, step_id):
    if not current_user.is_authenticated:
        return _keep_for_later(ref, step_id) if request.method == "POST" else ask_to_sign_in()
    application, call = own_application(ref)
    step = _step_of(call, step_id)
    now = rules.now()
    if request.method == "POST":
        return _save_step(application, call, step, now)
    kept = saving.kept(application, step)
    if kept is None:
        return _show_step(application, call, step, now, drafts.raw_of(application).get(step.id, {}))
    return _show_kept(application, call, step, now, kept)


def _step_of(call, step_id):
    step = call.step(step_id)
    return abort(404) if step is None or step_id == FILES_STEP else step


def _posted():
    """What came for a step, `{input name: [strings]}`, and the version its page had been opened with."""
    return {name: request.form.getlist(name) for name in request.form}, request.form.get("version", type=int)


def _keep_for_later(ref, step_id):
    """The sign-in ended while somebody typed: the text waits for whoever owns the application to sign in again."""
    application = application_to_keep_for(ref)
    if application is not None:
        posted, version = _posted()
        call = call_of(application)
        step = _step_of(call, step_id)
        saving.keep_signed_out(application=application, call=call, step=step, posted=posted, version=version, now=rules.now())
    if wants_json():
        message = _("You have been signed out. Your text is kept: sign in again and it is back.")
        return {"ok": False, "reason": "signed-out", "message": message}, 401
    return ask_to_sign_in()


def _show_kept(application, call, step, now, kept):
    """The step while text of it waits outside the draft: filled in again where nothing stands against it, else to choose from."""
    locked = rules.may_edit(application, call, now)
    raw, conflicts = saving.take_back(application, step, kept)
    stored = drafts.raw_of(application).get(step.id, {})
    if locked or conflicts:
        form = judge(call, step, steps.chosen_category(call, drafts.raw_of(application)), stored | kept.raw)
        choices = [(name, *form.named(name)) for name in (kept.raw if locked else conflicts) if form.named(name)]
        if choices:
            return _show_choices(application, call, step, kept, locked, choices)
    back = _("This is the text you typed before you had to sign in again. It is not saved yet.")
    return _show_step(application, call, step, now, raw, notice=back if kept.reason == "signed-out" else None)


def _show_choices(application, call, step, kept, locked, choices):
    """Mine beside the saved one, for each input."""
    category = steps.chosen_category(call, drafts.raw_of(application))
    saved = judge(call, step, category, drafts.raw_of(application).get(step.id, {}))
    language = languages.current()
    shown = [
        (name, label, field.side, field.said(language), saved.named(name)[1].said(language) if saved.named(name) else "")
        for name, label, field in choices
    ]
    return render_template("apply/kept.html", application=application, call=call, step=step, kept=kept, locked=locked, choices=shown)


@blueprint.post("/applications/<ref>/<step_id>/kept")
@signed_in
def resolve(ref, step_id):
    application, call = own_application(ref)
    step = _step_of(call, step_id)
    mine = {name.removeprefix("keep-") for name, value in request.form.items() if name.startswith("keep-") and value == "mine"}
    try:
        saving.resolve(application=application, call=call, step=step, mine=mine, now=rules.now())
        flash(_("Your draft has been saved."), "success")
    except Refused as refused:
        flash(str(refused), "error")
    return redirect(url_for("apply.step", ref=ref, step_id=step_id))


def _save_step(application, call, step, now):
    posted, version = _posted()
    if not token_is_valid():
        stale = _(
            "This page had been open too long, or you signed in again meanwhile. Your text is still here: please press the "
            "button once more."
        )
        return _not_saved(application, call, step, now, "token", stale, 400)
    try:
        saved = saving.save(
            application=application, call=call, step=step, posted=posted, version=version, now=now, merging=not wants_json()
        )
    except Refused as refused:
        return _not_saved(application, call, step, now, "late", refused.args[0], 409)
    except OperationalError:
        current_app.logger.exception("A step could not be saved")
        busy = _("The text could not be saved just now; it is still here. Please press the button again in a minute.")
        return _not_saved(application, call, step, now, "busy", busy, 503)
    if wants_json():
        if saved.elsewhere:
            message = _("This step was changed in another window, too. Press “Save draft” to bring both together.")
            return {"ok": False, "reason": "elsewhere", "message": message}, 409
        return {"ok": True, "version": saved.version}
    if saved.conflicts:
        return redirect(url_for("apply.step", ref=application.ref, step_id=step.id))
    return _after_saving(application, call, step, now, request.form.get("action", "save"))


def _not_saved(application, call, step, now, reason, message, code):
    if wants_json():
        return {"ok": False, "reason": reason, "message": str(message)}, code
    posted, version = _posted()
    return _show_step(application, call, step, now, posted, version=version, refused=message, code=code)


def _after_saving(application, call, step, now, action):
    here = languages.same_query(url_for("apply.step", ref=application.ref, step_id=step.id))
    raw = drafts.raw_of(application)
    verb, _dash, row_id = action.partition("-")
    if verb == "add" or verb in ROW_VERBS:
        changed = saving.change_rows(application=application, call=call, step=step, verb=verb, row_id=row_id, now=now)
        if changed is None:
            flash(_("That row was not there any more. Everything else has been saved."), "notice")
            return redirect(here)
        return redirect(here + f"#{'-'.join(changed)}")
    if action == "language":
        return redirect(languages.twin_url())
    if action == "continue":
        form = judge(call, step, steps.chosen_category(call, raw), raw.get(step.id, {}))
        if not form.validate():
            return _show_step(application, call, step, now, raw.get(step.id, {}), form=form)
        if request.args.get("from") == "check":
            return redirect(url_for("apply.check", ref=application.ref) + f"#{step.id}")
        _before, after = steps.around(steps.shown(call, raw), step)
        return redirect(step_url(application, after))
    flash(_("Your draft has been saved."), "success")
    return redirect(here)


def _show_step(application, call, step, now, raw, form=None, version=None, refused=None, notice=None, code=200):
    everything = drafts.raw_of(application) | {step.id: raw}
    category = steps.chosen_category(call, drafts.raw_of(application))
    form = form or judge(call, step, category, raw)
    form.evidence_files = lambda: [
        (file.ref, f"{number}. {getattr(file, f'title_{languages.current()}') or file.original_name}")
        for number, file in enumerate(uploads.in_order(call, drafts.attached(application)), 1)
    ]
    shown = steps.shown(call, everything)
    before = steps.around(shown, step)[0] if step in shown else None
    page = render_template(
        "apply/step.html",
        application=application,
        call=call,
        step=step,
        form=form,
        errors=[(name, message) for name, message, _missing in form.problems()],
        refused=refused,
        notice=notice,
        version=version if version is not None else saving.version_of(application, step),
        locked=None if refused else rules.may_edit(application, call, now),
        number=shown.index(step) + 1 if step in shown else None,
        total=len(shown),
        back=step_url(application, before) if before else url_for("apply.overview", ref=application.ref),
        countries=countries.options(call) if _asks_country(form.specs) else "",
        category_needed=None if category or not any(spec.for_ for spec in step.fields) else step_url(application, call.find("category")[0]),
    )
    return page, code


def _asks_country(specs):
    return any(spec.kind == "country" or _asks_country(spec.fields) for spec in specs)


@blueprint.route("/applications/<ref>/check", methods=["GET", "POST"])
@signed_in
def check(ref):
    application, call = own_application(ref)
    now = rules.now()
    errors = []
    if request.method == "POST":
        if request.form.get("action") == "language":
            return redirect(languages.twin_url())
        if not request.form.get("declaration"):
            errors = [("declaration", _("Please confirm the declaration before submitting."))]
        else:
            try:
                expected = request.form.get("expected", 0, type=int)
                snapshot = submitting.submit(application=application, call=call, expected=expected, now=now)
            except Refused as refused:
                errors = [("main", refused.args[0])]
            except submitting.NotReady:
                sentence = _("Some answers are still missing or need attention, so nothing was handed in yet. They are listed below.")
                errors = [("missing", sentence)]
            else:
                flash(_("Your application has been handed in."), "success")
                return redirect(url_for("submitted.receipt", ref=ref, n=snapshot.n))
    return render_template(
        "apply/check.html",
        application=application,
        call=call,
        ready=submitting.readiness(application, call),
        files=uploads.listed(call, drafts.attached(application)),
        locked=rules.may_submit(application, call, now),
        errors=errors,
        step_url=step_url,
    )
