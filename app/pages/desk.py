"""The organizer's desk: what has come in, and what the organizer has to know about the calls."""

import json

from flask import Blueprint, abort, current_app, render_template, request, send_file

from app import languages, printing, rules, uploads
from app.call.loading import parse
from app.extensions import db
from app.models import Application, StoredFile
from app.pages.access import call_of, organizer
from app.pages.answering import pdf, with_status, zip_of

blueprint = Blueprint("desk", __name__, url_prefix="/<any(zh,en):language>/desk")

PAGE = 50


@blueprint.get("/")
@organizer
def applications():
    number = max(request.args.get("page", 1, type=int), 1)
    # One more than shown tells whether there is a next page, without counting them all.
    query = db.select(Application).order_by(Application.changed_at.desc(), Application.id.desc())
    rows = db.session.scalars(query.limit(PAGE + 1).offset((min(number, 10_000) - 1) * PAGE)).all()
    return render_template(
        "desk/applications.html",
        listed=with_status(rows[:PAGE], rules.now()),
        number=number,
        more=len(rows) > PAGE,
        problems=[problem for problems in current_app.calls.problems().values() for problem in problems],
        samples=[(call, call.samples()) for call in current_app.calls.all()],
    )


@blueprint.get("/applications/<ref>")
@organizer
def application(ref):
    application, call, snapshot = _handed_in(ref)
    status = rules.status(application, call_of(application), rules.now())
    return render_template(
        "desk/application.html",
        application=application,
        call=call,
        snapshot=snapshot,
        receipt=json.loads(snapshot.receipt),
        refs=[file["ref"] for file in snapshot.files],
        status=status,
        status_words=rules.STATUSES[status],
    )


@blueprint.get("/applications/<ref>/receipt.pdf")
@organizer
def receipt_pdf(ref):
    application, call, snapshot = _handed_in(ref)
    content = printing.receipt(call, json.loads(snapshot.receipt), snapshot.sha256, languages.current())
    return pdf(content, f"{application.number}-{snapshot.n}.pdf")


@blueprint.get("/applications/<ref>/files/<file_ref>")
@organizer
def file(ref, file_ref):
    application, _call, snapshot = _handed_in(ref)
    entry = next((entry for entry in snapshot.files if entry["ref"] == file_ref), None) or abort(404)
    stored = db.session.scalars(db.select(StoredFile).filter_by(application_id=application.id, ref=file_ref)).one()
    return send_file(uploads.location(stored), as_attachment=True, download_name=entry["name"], mimetype="application/octet-stream")


@blueprint.get("/applications/<ref>/files.zip")
@organizer
def files_zip(ref):
    application, _call, snapshot = _handed_in(ref)
    return zip_of(snapshot.files, application.files, f"{application.number}.zip")


def _handed_in(ref):
    """An application that was handed in, the call as it stood then, and its newest snapshot; or 404. Drafts stay private."""
    application = db.session.scalars(db.select(Application).filter_by(ref=ref)).first() or abort(404)
    snapshot = application.snapshot or abort(404)
    return application, parse(snapshot.call_version.source, application.call_id), snapshot
