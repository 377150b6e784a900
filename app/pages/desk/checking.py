"""The formal check: its form, what changed between two versions, single reasons, a later deadline."""

from dataclasses import replace

from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user

from app import languages, rules
from app.applying.drafts import Refused
from app.desk import comparing, concerns, formal_check, hints
from app.extensions import csrf
from app.forms.checking import CheckForm, ExtensionForm, ends
from app.mails import mail_words
from app.models import Reason
from app.pages.access import organizer
from app.pages.desk.blueprint import blueprint
from app.pages.desk.reading import find, handed_in

DECIDED = {
    "passed": _l("The application has passed the formal check."),
    "returned": _l("The application has been returned for improvement."),
    "ineligible": _l("The application has been found ineligible."),
}


# The form judges its token itself, hence `exempt`: so the page comes back with what was typed, not an error page.
@blueprint.route("/applications/<ref>/check", methods=["GET", "POST"])
@csrf.exempt
@organizer
def check(ref):
    application, call, version = handed_in(ref)
    now = rules.now()
    refused = rules.may_check(application, call, now)
    if refused is not None and request.method == "GET":
        flash(str(refused), "error")
        return redirect(url_for("desk.application", ref=ref))
    form = CheckForm(
        call=call,
        offered=concerns.offered(version.states, version.snapshot),
        open_reasons=formal_check.open_reasons(application),
        data=ends(rules.usual_return(call, now), call.closes_at.tzinfo) | {"held": _held(application)},
    )
    action = request.form.get("action", "")
    if action in ("decide", "preview") and form.validate_on_submit():
        decision = _decision(form)
        if action == "preview":
            return _show(application, call, version, form, preview=_preview(application, call, version, decision))
        try:
            formal_check.check(application=application, call=call, organizer=current_user.user, now=now, **decision)
        except Refused as error:
            form.refuse(error)
            # Somebody may have been quicker: what was typed is shown beside how it stands now.
            application, call, version = handed_in(ref)
        else:
            flash(str(DECIDED[form.outcome.data]), "success")
            return redirect(url_for("desk.application", ref=ref))
    elif action == "add":
        form.add()
    elif action.startswith("use-"):
        _use(form, action.removeprefix("use-"))
    return _show(application, call, version, form)


def _held(application):
    """The points that held when it was checked last."""
    newest = formal_check.newest_check(application)
    return newest.held if newest else []


def _decision(form):
    """What `formal_check.check` takes from the form."""
    return {
        "outcome": form.outcome.data,
        "snapshot_n": request.form.get("snapshot_n", type=int),
        "last_check_id": request.form.get("last_check_id", type=int),
        "held": [point.id for point in form.call.checklist if point.id in (form.held.data or [])],
        "reasons": [concerns.columns(key) | {"zh": zh, "en": en} for key, zh, en in form.given],
        "settled": form.settled,
        "until": form.until,
        "why": form.why.data or "",
    }


def _preview(application, call, version, decision):
    """(language, subject, text) of the mail the applicant would get; None when the account was deleted."""
    reader = mail_words.about(application, call)
    if reader is None:
        return None
    left = [reason for reason in formal_check.open_reasons(application) if reason.id not in decision["settled"]]
    values = formal_check.told(application, left + [Reason(**reason) for reason in decision["reasons"]], decision["until"])
    # What the owner has not handed in is not for organizers.
    reader = replace(reader, title=version.title)
    return reader.language, *mail_words.said(mail_words.words(call, decision["outcome"]), reader, **values)


def _use(form, picked):
    """Puts a usual reason among those typed: `picked` is "<id of a point>-<number>", or "ineligible-<number>"."""
    known = {f"{point.id}-{n}": reason for point in form.call.checklist for n, reason in enumerate(point.reasons)}
    known |= {f"ineligible-{n}": reason for n, reason in enumerate(form.call.ineligible)}
    reason = known.get(picked) or abort(404)
    keys = [key for _title, choices in form.offered for key, _name in choices]
    asked = [key for name in reason.fields for key in keys if key.split("/")[1:] == [name]]
    form.add(about=next(iter(asked), "files" if reason.files else ""), zh=reason.text.zh, en=reason.text.en)


def _show(application, call, version, form, preview=None):
    newest = formal_check.newest_check(application)
    standing = rules.standing_check(application)
    return render_template(
        "desk/checking.html",
        application=application,
        call=call,
        version=version,
        form=form,
        errors=form.problems,
        points=[point for point in call.checklist if not point.for_ or version.category in point.for_],
        hints=hints.of(version.call, version.states, version.snapshot.files),
        newest=newest,
        standing=standing,
        reverses=rules.reverses(application, "passed"),
        open_reasons=[(reason, _since(application, version, reason)) for reason in formal_check.open_reasons(application)],
        outcomes=formal_check.OUTCOMES,
        preview=preview,
        concerned=lambda reason: concerns.name(application, reason),
        said=formal_check.words,
        language_form="step",
        language_at_twin=True,
    )


def _since(application, version, reason):
    """(number of the submission in which it was found, Comparison of what it concerns since then, None while nothing came since)."""
    raised = next(check for check in application.checks if check.id == reason.check_id)
    before = next(snapshot for snapshot in application.snapshots if snapshot.id == raised.snapshot_id)
    if before is version.snapshot:
        return before.n, None
    return before.n, comparing.versions(before, version.snapshot, languages.current()).about(concerns.key(reason))


@blueprint.get("/applications/<ref>/changes")
@organizer
def changes(ref):
    application, call, version = handed_in(ref)
    known = {snapshot.n: snapshot for snapshot in application.snapshots}
    if len(known) < 2:
        abort(404)
    newer = known.get(request.args.get("to", type=int), version.snapshot)
    older = known.get(request.args.get("from", type=int), known.get(newer.n - 1) or known[newer.n + 1])
    return render_template(
        "desk/changes.html",
        application=application,
        call=call,
        version=version,
        older=older,
        newer=newer,
        comparison=comparing.versions(older, newer, languages.current()),
    )


@blueprint.post("/applications/<ref>/reasons/<int(max=999999999):reason_id>")
@organizer
def settle(ref, reason_id):
    application, call = find(ref)
    verb = formal_check.reopen_reason if request.form.get("action") == "reopen" else formal_check.close_reason
    try:
        verb(application=application, call=call, organizer=current_user.user, reason_id=reason_id, now=rules.now())
    except Refused as refused:
        flash(str(refused.args[0]), "error")
    return redirect(url_for("desk.application", ref=ref) + "#checks")


@blueprint.route("/applications/<ref>/extension", methods=["GET", "POST"])
@csrf.exempt
@organizer
def extension(ref):
    application, call = find(ref)
    now = rules.now()
    refused = rules.may_extend(application, call, now)
    if refused is not None and request.method == "GET":
        flash(str(refused), "error")
        return redirect(url_for("desk.application", ref=ref))
    form = ExtensionForm(call=call, until_time="24:00")
    if form.validate_on_submit():
        try:
            formal_check.extend(
                application=application, call=call, organizer=current_user.user, until=form.until, reason=form.reason.data, now=now
            )
        except Refused as error:
            form.refuse(error)
        else:
            flash(_("The deadline of this application has been extended, and its owner is told by mail."), "success")
            return redirect(url_for("desk.application", ref=ref))
    return render_template(
        "desk/extension.html",
        application=application,
        call=call,
        form=form,
        errors=form.problems,
        closes=rules.closing(call, application.extended_until),
        language_form="step",
        language_at_twin=True,
    )
