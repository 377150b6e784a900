"""What everybody may see: the open calls, a call for entries, its downloads."""

from pathlib import Path

from flask import Blueprint, Response, abort, current_app, redirect, render_template, send_file, url_for
from flask_login import current_user

from app import calendars, languages, printing, rules
from app.applying import drafts
from app.extensions import db, writing
from app.files import uploads
from app.mails import mailing
from app.pages.access import get_call
from app.pages.answering import download, pdf
from app.review import panels

blueprint = Blueprint("public", __name__, url_prefix="/<any(zh,en):language>")
bare = Blueprint("bare", __name__)


@bare.get("/")
def root():
    response = redirect(url_for("public.home", language=languages.preferred()))
    response.vary.update(("Cookie", "Accept-Language"))
    return response


@bare.get("/healthz")
def health():
    try:
        with writing(patience=2) as session:
            session.execute(db.text("SELECT 1 FROM application LIMIT 1"))
        uploads.probe()
    except Exception:
        current_app.logger.exception("The health check failed")
        return Response("unavailable\n", 503, mimetype="text/plain")
    return Response("ok\n", mimetype="text/plain")


@blueprint.get("/")
def home():
    now = rules.now()
    calls = [call for call in current_app.calls.all() if rules.has_begun(call, now)]
    return render_template(
        "public/home.html",
        open_calls=[call for call in calls if rules.is_open(call, now)],
        closed_calls=[call for call in calls if not rules.is_open(call, now)],
        problems=current_app.calls.problems(),
    )


@blueprint.get("/calls/<call_id>")
def call(call_id):
    call = get_call(call_id)
    now = rules.now()
    ended = rules.has_begun(call, now) and not rules.is_open(call, now)
    earlier = drafts.recent(current_user.user) if current_user.is_authenticated else []
    return render_template(
        "public/call.html",
        call=call,
        closed=rules.may_start(call, now),
        ended=ended,
        mine=[application for application in earlier if application.call_id == call.id],
        earlier=bool(earlier),
        results_public=ended and rules.results_are_public(panels.of(call.id), now),
    )


@blueprint.get("/calls/<call_id>/privacy")
def privacy(call_id):
    return render_template("public/privacy.html", call=get_call(call_id))


@blueprint.get("/calls/<call_id>/questions.pdf")
def questions(call_id):
    call = get_call(call_id)
    return pdf(printing.questions(call, languages.current()), f"{call.id}-questions.pdf")


@blueprint.get("/calls/<call_id>/attachments/<name>")
def attachment(call_id, name):
    call = get_call(call_id)
    attachment = call.attachment(name) or abort(404)
    if attachment.kind == "file":
        return send_file(Path(current_app.instance_path) / "calls" / call.id / attachment.file, as_attachment=True)
    return pdf(printing.attachment(call, attachment, languages.current()), f"{call.id}-{attachment.name}.pdf")


@blueprint.get("/calls/<call_id>/deadline.ics")
def calendar(call_id):
    call = get_call(call_id)
    content = calendars.ics(call, mailing.absolute_url("public.call", call_id=call.id), languages.current(), rules.now())
    return download(content, f"{call.id}.ics", "text/calendar; charset=utf-8")
