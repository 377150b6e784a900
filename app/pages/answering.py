"""What several pages answer alike: downloads, lists of applications, and the address of a step."""

from flask import Response, url_for

from app import drafts, exporting, rules, uploads
from app.call.schema import FILES_STEP
from app.pages.access import call_of


def download(content, name, mimetype):
    """An answer that is saved as a file: `name` in any script, never shown inside our pages."""
    response = Response(content, mimetype=mimetype)
    response.headers.set("Content-Disposition", "attachment", filename=name)
    return response


def pdf(content, name):
    return download(content, name, "application/pdf")


def zip_of(listed, files, name, *more):
    """The stored `files` as one ZIP under the names they have in `listed` (see `uploads.listed`), then `more` (name, bytes)."""
    paths = {file.ref: uploads.folder() / file.path for file in files}
    stream = exporting.zip_files([*((entry["name"], paths[entry["ref"]]) for entry in listed), *more])
    response = download(stream, name, "application/zip")
    response.content_length = len(stream)
    return response


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
