"""Reviewing: the expert's list; one application side by side with the scores beside it; what it consists of, to download."""

from flask import abort, current_app, flash, redirect, render_template, request, session, url_for
from flask_babel import gettext as _
from flask_login import current_user
from itsdangerous import BadSignature, URLSafeSerializer
from sqlalchemy.exc import OperationalError

from app import dossiers, exporting, languages, rules
from app.applying.drafts import Refused
from app.extensions import csrf, db
from app.forms.review import judge
from app.models import StoredFile
from app.pages.access import ask_to_sign_in, call_of, expert, token_is_valid, wants_json
from app.pages.answering import made_for_long, stored_file
from app.pages.panel.blueprint import blueprint
from app.printing.attachments import Merger
from app.review import conflicts, panels, review_progress, reviewing
from app.review.reading_for_experts import ForExperts, title_of

SHOWN = (*languages.LANGUAGES, "both")


@blueprint.get("/applications")
@expert
def applications():
    by_call = {}
    for task in reviewing.tasks(current_user.user_id):
        by_call.setdefault(task.application.call_id, []).append(task)
    groups = [_group(tasks) for tasks in by_call.values()]
    return render_template("panel/applications.html", groups=groups, states=reviewing.STATES)


def _group(tasks):
    """What the list says of the applications of one call."""
    call, now = call_of(tasks[0].application), rules.now()
    panel = panels.of(call.id)
    waiting = [task for task in tasks if task.state != "handed-in"]
    return {
        "call": call,
        "panel": panel,
        "rows": [
            (task, title_of(task.listed, task.application, call, panel.blind), call.category(task.listed.category)) for task in tasks
        ],
        "done": len(tasks) - len(waiting),
        "next": waiting[0] if waiting and rules.may_review(waiting[0].assignment, waiting[0].application, panel, now) is None else None,
    }


class Sheet:
    """One application before the expert who reviews it: the Task, its neighbours on the list, how it may be read."""

    def __init__(self, tasks, place, tongue=None):
        self.task, self.number, self.total = tasks[place], place + 1, len(tasks)
        self.before = tasks[place - 1] if place else None
        self.after = tasks[place + 1] if place + 1 < len(tasks) else None
        self.next = next((task for task in [*tasks[place + 1 :], *tasks[:place]] if task.state != "handed-in"), None)
        self.assignment, self.application = self.task.assignment, self.task.application
        self.call = call_of(self.application)
        self.panel = panels.of(self.call.id)
        self.tongue = tongue
        self.version = ForExperts(self.application, blind=self.panel.blind, tongue=tongue)
        self.category = self.call.category(self.version.category) or self.version.call.category(self.version.category)
        self.address = url_for("panel.review", ref=self.application.ref)

    @property
    def review(self):
        return self.assignment.review

    @property
    def stored(self):
        return self.review.raw if self.review else {}

    def asks(self, rule):
        """What `rules.may_…` says of this review now."""
        return rule(self.assignment, self.application, self.panel, rules.now())

    def judge(self, raw):
        return judge(self.call, self.category, raw)

    def said(self, raw):
        """[(input name, its name on the page, what stands in it)] of raw strings."""
        form = self.judge(raw)
        inputs = [(field.name, str(field.criterion.name), field.data) for field in form.scores]
        inputs.append(("comment", _("Comment to the committee"), form.comment.data))
        return [(name, label, text or "") for name, label, text in inputs if name in raw]


def _find(ref):
    """The Sheet of the signed-in expert for this application, or None where it is none of theirs."""
    tasks = reviewing.tasks(current_user.user_id) if current_user.user.role == "expert" else []
    place = next((place for place, task in enumerate(tasks) if task.application.ref == ref), None)
    tongue = session.get("reading")
    return None if place is None else Sheet(tasks, place, tongue if tongue in languages.LANGUAGES else None)


def _own(ref):
    return _unbound(_find(ref)) or abort(404)


def _unbound(sheet):
    """The same Sheet, or None where a conflict has come up: another address or organization may have made one since it was given."""
    if sheet is None:
        return None
    told = {"application": sheet.application, "call": sheet.call, "user_id": current_user.user_id, "now": rules.now()}
    return None if conflicts.look_again(**told) else sheet


@blueprint.route("/applications/<ref>", methods=["GET", "POST"])
@csrf.exempt
def review(ref):
    if request.method == "POST":
        return _post(ref)
    if not current_user.is_authenticated:
        return ask_to_sign_in()
    sheet = _own(ref)
    if request.args.get("show") in SHOWN:
        session["reading"] = request.args["show"]
        return redirect(sheet.address)
    if sheet.asks(rules.may_review):
        return _show(sheet, sheet.stored, waiting=sheet.said(reviewing.waiting(sheet.review)))
    raw, conflicts = reviewing.take_back(sheet.review)
    if conflicts:
        saved = {name: text for name, _label, text in sheet.said({name: [""] for name in conflicts} | sheet.stored)}
        mine = sheet.said({name: [""] for name in conflicts} | reviewing.waiting(sheet.review))
        rows = [(name, label, None, text, saved[name]) for name, label, text in mine if name in conflicts]
        return render_template("panel/review_kept.html", sheet=sheet, rows=rows)
    notice = _("This is the text you typed before you had to sign in again. It is not saved yet.") if raw != sheet.stored else None
    return _show(sheet, raw, notice=notice)


def _show(sheet, raw, form=None, version=None, refused=None, notice=None, waiting=(), code=200):
    form = form or sheet.judge(raw)
    page = render_template(
        "panel/review.html",
        sheet=sheet,
        application=sheet.application,
        call=sheet.call,
        form=form,
        version=reviewing.version_of(sheet.review) if version is None else version,
        whose=_seal().dumps(sheet.assignment.id),
        locked=None if refused else sheet.asks(rules.may_review),
        recallable=sheet.asks(rules.may_recall_review) is None,
        refused=refused,
        notice=notice,
        waiting=waiting,
        errors=form.problems,
        others=[
            (voice, sheet.judge(voice.review.raw))
            for voice in review_progress.others(sheet.assignment, sheet.application, sheet.panel, rules.now())
        ],
        states=reviewing.STATES,
        title=sheet.version.title,
        blind=sheet.panel.blind,
        file_endpoint="panel.file",
    )
    return page, code


# -- saving


def _seal():
    """Says whose page a text comes from, also when nobody is signed in any more: several experts share one address."""
    return URLSafeSerializer(current_app.secret_key, salt="review")


def _typist():
    """The id of the assignment for which the page was made that is posted here, or None."""
    try:
        return _seal().loads(request.form.get("whose", ""))
    except BadSignature:
        return None


def _posted():
    """What came, `{input name: [strings]}`, and the version its page had been opened with."""
    return {name: request.form.getlist(name) for name in request.form}, request.form.get("version", type=_version)


def _version(text):
    """No row holds a larger number."""
    return max(0, min(int(text), 10**9))


def _post(ref):
    typist, sheet = _typist(), _unbound(_find(ref)) if current_user.is_authenticated else None
    if typist is not None and (sheet is None or sheet.assignment.id != typist):
        posted, version = _posted()
        reviewing.keep(assignment_id=typist, posted=posted, version=version, now=rules.now())
    if not current_user.is_authenticated:
        if wants_json():
            return _signed_out()
        # What is kept is not shown again before its expert has signed in.
        return ask_to_sign_in() if typist is None else redirect(url_for("account.sign_in", next=request.full_path.rstrip("?")))
    if sheet is None:
        abort(404)
    if typist is not None and sheet.assignment.id != typist:
        # Somebody else has signed in at this browser since.
        return _signed_out() if wants_json() else redirect(sheet.address)
    return _save(sheet)


def _signed_out():
    message = _("You have been signed out. Your text is kept: sign in again and it is back.")
    return {"ok": False, "reason": "signed-out", "message": message}, 401


def _save(sheet):
    posted, version = _posted()
    if not token_is_valid():
        stale = _(
            "This page had been open too long, or you signed in again meanwhile. Your text is still here: please press the "
            "button once more."
        )
        return _not_saved(sheet, "token", stale, 400)
    try:
        saved = reviewing.save(
            assignment=sheet.assignment, call=sheet.call, posted=posted, version=version, now=rules.now(), merging=not wants_json()
        )
    except Refused as refused:
        handed_in = sheet.review is not None and sheet.review.submitted_at is not None
        if request.form.get("action") == "submit" and handed_in and sheet.stored | reviewing.typed(posted) == sheet.stored:
            # The button was pressed twice.
            return redirect(sheet.address)
        return _not_saved(sheet, "late", refused.args[0], 409)
    except OperationalError:
        current_app.logger.exception("A review could not be saved")
        busy = _("The text could not be saved just now; it is still here. Please press the button again in a minute.")
        return _not_saved(sheet, "busy", busy, 503)
    if wants_json():
        if saved.elsewhere:
            message = _("This review was changed in another window, too. Press “Save draft” to bring both together.")
            return {"ok": False, "reason": "elsewhere", "message": message}, 409
        return {"ok": True, "version": saved.version}
    if saved.conflicts:
        return redirect(sheet.address)
    return _after_saving(sheet, saved)


def _not_saved(sheet, reason, message, code):
    if wants_json():
        return {"ok": False, "reason": reason, "message": str(message)}, code
    posted, version = _posted()
    return _show(sheet, reviewing.typed(posted), version=version, refused=message, code=code)


def _after_saving(sheet, saved):
    action = request.form.get("action", "save")
    if action == "language":
        return redirect(languages.twin_url())
    if action == "submit" and saved.elsewhere:
        flash(_("This review was changed in another window, too. Look at it as it is now, then hand it in."), "warn")
    elif action == "submit":
        problems = reviewing.submit(
            assignment=sheet.assignment, call=sheet.call, category=sheet.category, version=saved.version, now=rules.now()
        )
        if problems:
            form = sheet.judge(sheet.stored)
            form.validate()
            return _show(sheet, sheet.stored, form=form)
        flash(_("Your review has been handed in."), "success")
    else:
        flash(_("Your draft has been saved."), "success")
    return redirect(sheet.address)


@blueprint.post("/applications/<ref>/kept")
@expert
def resolve_review(ref):
    sheet = _own(ref)
    mine = {name.removeprefix("keep-") for name, value in request.form.items() if name.startswith("keep-") and value == "mine"}
    reviewing.resolve(assignment=sheet.assignment, call=sheet.call, mine=mine, now=rules.now())
    flash(_("Your draft has been saved."), "success")
    return redirect(sheet.address)


@blueprint.post("/applications/<ref>/recall")
@expert
def recall(ref):
    sheet = _own(ref)
    try:
        reviewing.recall(assignment=sheet.assignment, call=sheet.call, now=rules.now())
        flash(_("You can change your review now. It does not count until you hand it in again."), "success")
    except Refused as refused:
        flash(str(refused), "error")
    return redirect(sheet.address)


# -- downloads


@blueprint.get("/applications/<ref>/files/<file_ref>")
@expert
def file(ref, file_ref):
    sheet = _own(ref)
    entry = next((entry for entry in sheet.version.files if entry["ref"] == file_ref), None) or abort(404)
    stored = db.session.scalars(db.select(StoredFile).filter_by(application_id=sheet.application.id, ref=file_ref)).one()
    name = entry["name"]
    if sheet.panel.blind:
        name = f"{sheet.application.number}-{entry['order']:02d}.{entry['type']}"
    return stored_file(stored, name, _("Please tell the organizer."))


@blueprint.get("/applications/<ref>/dossier.pdf")
@expert
def dossier(ref):
    """Not in a blind review: a dossier holds the files, and they say who is behind them."""
    sheet = _own(ref)
    if sheet.panel.blind:
        abort(404)
    standing = exporting.handed_in(sheet.application.id)

    def make(folder):
        with Merger() as merger:
            path = dossiers.make(standing, folder, merger)
        size = path.stat().st_size
        return exporting.read(path, size), size

    return made_for_long(make, f"{standing.number}.pdf", "application/pdf")
