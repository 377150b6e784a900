"""The call files at the desk: which there are, the text of one, its preview and its history, and its deadline."""

import re

from flask import abort, current_app, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user

from app import languages, rules, times, versions
from app.applying.drafts import Refused
from app.call import places
from app.call.loading import LARGEST, Entry, judge, source_for_edition
from app.desk import call_files, deadlines, listing
from app.extensions import csrf, db
from app.forms.calls import CallForm, DeadlineForm
from app.languages import LANGUAGES, OWN_NAMES, Text
from app.models import Application, CallVersion
from app.pages.access import get_call, organizer
from app.pages.desk import previewing
from app.pages.desk.blueprint import blueprint

CALL_ID = re.compile(r"[a-z][a-z0-9-]{0,39}")
NOT_THERE = Entry(None, None, ())
STATES = {
    "serving": _l("Serving"),
    "last-good": _l("Serving as it last was"),
    "broken": _l("Not serving"),
    "removed": _l("No file"),
}
TONES = {"serving": "good", "last-good": "warn", "broken": "bad", "removed": "quiet"}


@blueprint.get("/calls")
@organizer
def calls():
    entries = current_app.calls.files()
    kept = db.session.scalars(db.select(CallVersion.call_id).distinct()).all()
    counts = db.session.execute(db.select(Application.call_id, db.func.count()).group_by(Application.call_id))
    listed = [(call_id, entries.get(call_id, NOT_THERE)) for call_id in {*entries, *kept}]
    order = [call.id for call in listing.newest_first(current_app.calls.all())]
    return render_template(
        "desk/calls.html",
        listed=sorted(listed, key=lambda one: (order.index(one[0]) if one[0] in order else len(order), one[0])),
        state_of=_state,
        state_words=STATES,
        tones=TONES,
        counts=dict(map(tuple, counts)),
        editable=CALL_ID.fullmatch,
        next_edition=_next_edition,
        now_open=lambda call: rules.is_open(call, rules.now()),
    )


def _state(entry):
    if entry is NOT_THERE:
        return "removed"
    return ("last-good" if entry.problems else "serving") if entry.call else "broken"


def _next_edition(call):
    """The id of the first edition after this one that has no file yet."""
    year = call.edition + 1
    while (call_id := source_for_edition(call.id, call.edition, year)) in current_app.calls.files():
        year += 1
    return call_id


# The form judges its token itself: hours may pass over a text, and what was typed has to come back.
@blueprint.route("/calls/<call_id>", methods=["GET", "POST"])
@csrf.exempt
@organizer
def call_file(call_id):
    # As large as a call file may be, also where a browser writes three characters for each byte.
    request.max_form_memory_size = 4 * LARGEST
    form, now = CallForm(), rules.now()
    disk = call_files.on_disk(call_id) if CALL_ID.fullmatch(call_id) else abort(404)
    started = disk.text or _kept_text(call_id) or _edition_text(call_id) or abort(404)
    if not form.is_submitted():
        form.text.data, form.base.data = started, disk.sha256
        current_app.calls.look_now()
        call, problems = judge(call_files.path_of(call_id), started)
        problems = current_app.calls.files().get(call_id, NOT_THERE).problems or problems
        wrong = [(problem.line, problem.where, problem.message) for problem in problems]
        return _editor(call_id, form, now, wrong=wrong, loads=call is not None)
    action = request.form.get("action")
    in_preview = form.view.data == "preview" and action in ("look", "language", "save", "accept")
    if action == "language" and not in_preview:
        return _editor(call_id, form, now)
    if not form.validate():
        return _editor(call_id, form, now, errors=form.problems)
    review = call_files.review(call_id, disk.encoded(form.text.data), now)
    refused = None
    if action == "accept" and not review.wrong and not _elsewhere(form, review):
        try:
            return _accept(form, review, now)
        except Refused as error:
            refused = error.args[0]
            review = call_files.review(call_id, review.data, now)
    if (in_preview or action == "preview") and not review.wrong and not _elsewhere(form, review):
        return _preview(call_id, form, review, now, refused)
    return _editor(call_id, form, now, review=review, refused=refused, wrong=review.wrong, loads=review.call is not None)


def _kept_text(call_id):
    """The text of a call whose file was removed, as it last served."""
    version = versions.newest(call_id)
    return version and version.source


def _edition_text(call_id):
    """The text of another call (`from` in the address) with its year replaced by that in `call_id`; None where that makes no sense."""
    old = current_app.calls.get(request.args.get("from", ""))
    for year in re.findall(r"2\d{3}", call_id) if old else ():
        if source_for_edition(old.id, old.edition, year) == call_id:
            return source_for_edition(call_files.on_disk(old.id).text, old.edition, year)
    return None


def _elsewhere(form, review):
    """Whether the file was changed since its text was shown, and not to the very text that is posted now."""
    return review.disk.sha256 != form.base.data and not review.unchanged


def _accept(form, review, now):
    written = call_files.accept(
        review, base=form.base.data, confirmed=form.confirm.data, user=current_user.user, now=now, reason=form.reason.data.strip()
    )
    if written:
        flash(_("The file is written, and the site follows it from now on."), "success")
    else:
        flash(_("This is what stands in the file already; nothing was changed."), "notice")
    return redirect(url_for("desk.call_file", call_id=review.call_id))


def _editor(call_id, form, now, review=None, refused=None, wrong=(), errors=(), loads=False):
    """The page of the text. `loads`: whether the text that is shown is that of a call."""
    text = form.text.data.replace("\r\n", "\n")
    rows = text.split("\n")
    elsewhere = review is not None and _elsewhere(form, review)
    if elsewhere:
        form.base.data = review.disk.sha256
    entry = current_app.calls.files().get(call_id, NOT_THERE)
    return render_template(
        "desk/call.html",
        call_id=call_id,
        call=entry.call,
        state=_state(entry),
        state_words=STATES,
        tones=TONES,
        form=form,
        errors=[("desk-accept", refused)] if refused else errors or wrong,
        wrong=[(line, rows[line - 1] if line <= len(rows) else "", where, message) for line, where, message in wrong],
        review=review,
        elsewhere=elsewhere,
        changes=call_files.changes(review.disk.text, text) if review else (),
        notices=_notices(review, now) if review and review.call and not wrong else (),
        samples=places.samples(text) if loads else (),
        stale=_stale(call_id, text, entry.call) if loads else (),
        history=versions.history(call_id),
        language_form="desk-call",
        language_at_twin=True,
    )


def _notices(review, now):
    """[(sentence, [(line, text) it is about])] of what to know before it is accepted."""
    before, call = review.before, review.call
    language = languages.current()
    found = []
    if before is None and rules.has_begun(call, now):
        found.append((_("As soon as this is accepted, everybody sees the call and can start an application."), ()))
    elif before is None:
        found.append((_("Everybody sees the call from %(when)s on.", when=times.say(call.opens_at, call, language)), ()))
    elif before.closes_at != call.closes_at:
        old, new = times.say_deadline(before, language), times.say_deadline(call, language)
        found.append((_("The deadline moves from %(old)s to %(new)s; every applicant reads so.", old=old, new=new), ()))
        mentioned = places.mentions(review.text, before.deadline)
        if mentioned and before.deadline[:10] != call.deadline[:10]:
            found.append((_("These lines still say the old date:"), mentioned))
    return found


def _stale(call_id, text, call):
    """[(line, text)] that still say the date from which the deadline was moved last."""
    move = deadlines.newest_move(call_id) if call else None
    before = move and move.details["before"]
    return places.mentions(text, before) if before and before[:10] != call.deadline[:10] else ()


def _preview(call_id, form, review, now, refused):
    form.view.data = "preview"
    language, key = previewing.chosen(review.call, form.look.data)
    form.look.data = f"{language}.{key}"
    return render_template(
        "desk/call_preview.html",
        call_id=call_id,
        form=form,
        errors=[("desk-accept", refused)] if refused else [],
        review=review,
        changes=call_files.changes(review.disk.text, review.text),
        notices=_notices(review, now),
        looks=[(tongue, OWN_NAMES[tongue], previewing.looks(review.call, tongue)) for tongue in LANGUAGES],
        title=dict(previewing.looks(review.call, languages.current()))[key],
        tongue=language,
        looked_at=previewing.rendered(review.call, language, key, now),
        language_form="desk-call",
        language_at_twin=True,
    )


@blueprint.get("/calls/<call_id>/history/<int:n>")
@organizer
def call_version(call_id, n):
    entries = {served.n: served for served in versions.history(call_id)}
    served = entries.get(n) or abort(404)
    disk = call_files.on_disk(call_id)
    before = entries[n - 1].version.source if n > 1 else ""
    return render_template(
        "desk/call_version.html",
        call_id=call_id,
        served=served,
        changes=call_files.changes(before, served.version.source),
        disk=disk,
        since=call_files.changes(served.version.source, disk.text),
    )


@blueprint.route("/calls/<call_id>/deadline", methods=["GET", "POST"])
@csrf.exempt
@organizer
def deadline(call_id):
    call, now = get_call(call_id), rules.now()
    form = DeadlineForm(data={"before": call.deadline, "day": "", "clock": call.deadline[-5:]})
    if form.validate_on_submit() and _move(call, form, now):
        return redirect(url_for("desk.call_file", call_id=call_id))
    form.before.data = call.deadline
    return render_template(
        "desk/call_deadline.html",
        call=call,
        form=form,
        errors=form.problems,
        mentioned=places.mentions(call.source, call.deadline),
        concerned=deadlines.how_many_concerned(call_id),
        language_form="desk-deadline",
        language_at_twin=True,
    )


def _move(call, form, now):
    """Moves the deadline as the form says; else says in the form why not."""
    if form.before.data != call.deadline:
        said = times.say_deadline(call, languages.current())
        form.form_errors.append(_("The deadline was moved meanwhile; now it is %(deadline)s.", deadline=said))
        return False
    try:
        review = call_files.review(call.id, call_files.moved(call.id, form.moment), now)
        if review.unchanged:
            form.day.errors = [_("This is the deadline already.")]
        elif review.wrong:
            form.day.errors = [sentence for _line, _where, sentence in review.wrong]
        else:
            why = Text(zh=form.reason_zh.data.strip(), en=form.reason_en.data.strip())
            base, mailed = review.disk.sha256, form.mail.data
            call_files.accept(review, base=base, confirmed="", user=current_user.user, now=now, why_moved=why, mailed=mailed)
            said = times.say_deadline(review.call, languages.current())
            flash(_("The deadline is %(deadline)s now, and the site follows it.", deadline=said), "success")
            return True
    except Refused as refused:
        form.form_errors.append(refused.args[0])
    return False
