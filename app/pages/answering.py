"""What several pages answer alike: downloads, and the address of a step."""

from flask import Response, url_for

from app.call.schema import FILES_STEP


def download(content, name, mimetype):
    """An answer that is saved as a file: `name` in any script, never shown inside our pages."""
    response = Response(content, mimetype=mimetype)
    response.headers.set("Content-Disposition", "attachment", filename=name)
    return response


def pdf(content, name):
    return download(content, name, "application/pdf")


def step_url(application, step):
    """The address of a step, or of the check page after the last one (`step` is None)."""
    if step is None:
        return url_for("apply.check", ref=application.ref)
    if step.id == FILES_STEP:
        return url_for("files.manage", ref=application.ref)
    return url_for("apply.step", ref=application.ref, step_id=step.id)
