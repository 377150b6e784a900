"""What several pages answer alike: downloads, lists of applications, and the address of a step."""

import math
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import BoundedSemaphore

from flask import Response, abort, current_app, make_response, render_template, request, send_file, stream_with_context, url_for
from flask_babel import gettext as _

from app import exporting, rules
from app.applying import drafts
from app.call.schema import FILES_STEP
from app.files import uploads
from app.pages.access import call_of
from app.people import limits

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
EXPORTS_AT_ONCE = 3
"""Fewer than the threads that answer pages: an export may hold one for minutes."""
PATIENCE_SECONDS = 5
_turns = BoundedSemaphore(EXPORTS_AT_ONCE)


def download(content, name, mimetype):
    """An answer that is saved as a file: `name` in any script, never shown inside our pages."""
    response = Response(content, mimetype=mimetype)
    response.headers.set("Content-Disposition", "attachment", filename=name)
    return response


def pdf(content, name):
    return download(content, name, "application/pdf")


def stored_file(stored, name, advice):
    """The bytes of a StoredFile under this name; where they are gone a page that says so, and what to do (`advice`)."""
    try:
        path = uploads.location(stored)
    except FileNotFoundError:
        current_app.logger.exception("A stored file is missing; flask audit says which")
        gone = _("“%(name)s” was stored, but the server does not find it any more.", name=name)
        words = (_("This file cannot be read just now"), gone, advice)
        return render_template("error.html", code=503, words=words), 503
    return send_file(path, as_attachment=True, download_name=name, mimetype="application/octet-stream")


def zip_of(listed, files, name, *more):
    """The stored `files` as one ZIP under the names they have in `listed` (see `uploads.listed`), then `more` (name, bytes)."""
    paths = {file.ref: uploads.folder() / file.path for file in files}
    stream = exporting.zip_files([*((entry["name"], paths[entry["ref"]]) for entry in listed), *more])
    response = download(stream, name, "application/zip")
    response.content_length = len(stream)
    return response


def made_for_long(make, name, mimetype):
    """The download of what takes long to make or to send; a page of words where too many are being made already.

    `make(folder)` answers (an iterable of bytes, how many they are or None); a generator goes on, inside this request, while
    it is sent. `folder` is a temporary Path that is gone afterwards.
    """
    if not _turns.acquire(timeout=PATIENCE_SECONDS):
        words = (_("Please wait a moment"), _("Several exports are being made just now."), _("Please try again in a minute."))
        return render_template("error.html", code=503, words=words), 503
    folder = TemporaryDirectory()
    with ExitStack() as afterwards:
        afterwards.callback(_turns.release)
        afterwards.callback(folder.cleanup)
        content, length = make(Path(folder.name))
        sending = afterwards.pop_all()
    response = download(stream_with_context(_finished(content, sending)), name, mimetype)
    if length is not None:
        response.content_length = length
    # Also where nothing is sent but the head.
    response.call_on_close(sending.close)
    return response


def _finished(content, sending):
    with sending:
        yield from content


def with_status(applications, now):
    """[(Application, Call, title, status, status in words)] of these applications, for a list."""
    listed = []
    for application in applications:
        call = call_of(application)
        status = rules.status(application, call, now)
        listed.append((application, call, drafts.title_of(application, call), status, rules.STATUSES[status]))
    return listed


def step_url(application, step):
    """The address of a step, or of the check page after the last one (`step` is None)."""
    if step is None:
        return url_for("apply.check", ref=application.ref)
    if step.id == FILES_STEP:
        return url_for("files.manage", ref=application.ref)
    return url_for("apply.step", ref=application.ref, step_id=step.id)


def looked_up(what, find, now):
    """What `find()` finds by a secret of the address, or None. Whoever tries too many that do not exist gets a page that says so."""
    try:
        limits.look(what, now, address=request.remote_addr)
        found = find()
        if found is None:
            limits.take(what, now, address=request.remote_addr)
    except limits.TooMany as error:
        words = (_("Please wait a moment"), _("Too many addresses that do not exist were tried from here."), _("Please try again later."))
        seconds = math.ceil((error.until - now).total_seconds())
        abort(make_response(render_template("error.html", code=429, words=words), 429, {"Retry-After": str(seconds)}))
    return found
