"""One application as the organizer reads it: answers, files, history, checks, private notes."""

import json

from flask import abort, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user

from app import languages, printing, rules
from app.applying import drafts
from app.applying.drafts import Refused
from app.desk import concerns, events, formal_check, listing
from app.extensions import db
from app.models import Event, StoredFile, User
from app.pages.access import organizer
from app.pages.answering import download, pdf, stored_file
from app.pages.desk.blueprint import blueprint
from app.pages.desk.reading import find, version_of
from app.review import review_progress, reviewing

UNTOLD = ("file uploaded", "file removed", "note added", "note removed")
"""What the history leaves out: files that may not be handed in yet, and what stands on the page anyway."""
EVENTS_SHOWN = 100


@blueprint.get("/applications/<ref>")
@organizer
def application(ref):
    """Of a draft no more than its title and how far it is."""
    application, call = find(ref)
    n = request.args.get("n", type=int)
    return _show(application, call, version_of(application, n) if application.number or n is not None else None)


def _show(application, call, version, note="", errors=()):
    now = rules.now()
    status = rules.status(application, call, now)
    states = drafts.progress(application, call) if version is None else []
    return render_template(
        "desk/application.html",
        application=application,
        call=call,
        version=version,
        title=version.title if version else drafts.title_of(application, call),
        complete=(sum(state.state == "complete" for state in states), len(states)),
        status=status,
        status_words=rules.STATUSES[status],
        following=listing.next_to_check(application) if application.checks else None,
        checkable=rules.may_check(application, call, now) is None,
        settleable=rules.may_settle(application, call, now) is None,
        extendable=rules.may_extend(application, call, now) is None,
        closes=rules.closing(call, application.extended_until),
        history=_history(application),
        event_words=events.WORDS,
        outcomes=formal_check.OUTCOMES,
        concerned=lambda reason: concerns.name(application, reason),
        said=formal_check.words,
        note=note,
        errors=errors,
        voices=review_progress.judged(application, call) if version else [],
        review_states=reviewing.STATES,
    )


def _history(application):
    """[(Event, name of whoever of the organizers did it, or None)], newest first."""
    found = db.session.execute(
        db.select(Event, User)
        .outerjoin(User, User.id == Event.user_id)
        .where(Event.application_id == application.id, Event.what.not_in(UNTOLD))
        .order_by(Event.id.desc())
        .limit(EVENTS_SHOWN)
    )
    return [(event, user.name if user and user.id != application.user_id else None) for event, user in found]


@blueprint.post("/applications/<ref>/notes")
@organizer
def notes(ref):
    application, call = find(ref)
    text, removed = request.form.get("text", ""), request.form.get("remove", type=int)
    errors = []
    try:
        if removed is None:
            formal_check.add_note(application=application, organizer=current_user.user, text=text, now=rules.now())
            text = ""
        else:
            formal_check.remove_note(application=application, organizer=current_user.user, note_id=removed, now=rules.now())
    except Refused as refused:
        errors = [("note", refused.args[0])]
    if errors or text.strip():
        return _show(application, call, version_of(application) if application.number else None, text, errors)
    return redirect(url_for("desk.application", ref=ref) + "#notes")


@blueprint.get("/applications/<ref>/receipt/<int:n>.pdf")
@organizer
def receipt_pdf(ref, n):
    application, _call = find(ref)
    version = version_of(application, n)
    snapshot = version.snapshot
    content = printing.receipt(version.call, json.loads(snapshot.receipt), snapshot.sha256, languages.current())
    return pdf(content, f"{application.number}-{n}.pdf")


@blueprint.get("/applications/<ref>/receipt/<int:n>.json")
@organizer
def receipt_json(ref, n):
    application, _call = find(ref)
    return download(version_of(application, n).snapshot.receipt.encode(), f"{application.number}-{n}.json", "application/json")


@blueprint.get("/applications/<ref>/files/<file_ref>")
@organizer
def file(ref, file_ref):
    application, _call = find(ref)
    listed = [entry for snapshot in reversed(application.submissions) for entry in snapshot.files]
    entry = next((entry for entry in listed if entry["ref"] == file_ref), None) or abort(404)
    stored = db.session.scalars(db.select(StoredFile).filter_by(application_id=application.id, ref=file_ref)).one()
    advice = _("The command “%(command)s” says what else is missing; a backup may have it.", command="flask audit")
    return stored_file(stored, entry["name"], advice)
