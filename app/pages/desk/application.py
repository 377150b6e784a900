"""One application as the organizer reads it."""

import json

from flask import abort, render_template, send_file

from app import languages, printing, rules, uploads
from app.call.loading import parse
from app.extensions import db
from app.models import Application, StoredFile
from app.pages.access import call_of, organizer
from app.pages.answering import pdf, zip_of
from app.pages.desk.blueprint import blueprint


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
