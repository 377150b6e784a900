"""The files step, downloads and the bilingual index."""

import time

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext

from app import exporting, languages, printing, rules
from app.applying import feedback, steps
from app.applying.drafts import Refused
from app.applying.working_copy import WorkingCopy
from app.call.schema import FILES_STEP, MAX_FILE_BYTES
from app.extensions import csrf
from app.files import file_names, uploads
from app.pages.access import own_application, signed_in, token_is_valid, wants_json
from app.pages.answering import XLSX, download, pdf, step_url, stored_file, zip_of

blueprint = Blueprint("files", __name__, url_prefix="/<any(zh,en):language>/applications/<ref>")
SECONDS = 30
"""How long the files of one request may be looked at: it may bring hundreds of hostile ones that take seconds each."""


@blueprint.route("/files", methods=["GET", "POST"])
@csrf.exempt
@signed_in
def manage(ref):
    application, call = own_application(ref)
    now = rules.now()
    if request.method == "GET":
        return _show(WorkingCopy(application, call, now))
    described, code = _described(), 200
    if not token_is_valid():
        stale = _(
            "This page had been open too long, or you signed in again meanwhile. Please choose the files again, or press the "
            "button once more."
        )
        refused, code = [("main", stale)], 400
    else:
        refused = _save(application, call, described, now)
    if wants_json():
        return {"ok": not refused, "message": " ".join(str(message) for _target, message in refused)}, code
    copy = WorkingCopy(application, call, now)
    if refused:
        return _show(copy, refused, described), code
    return _act(copy, request.form.get("action", "save"))


def _save(application, call, described, now):
    """Stores what came, and answers the (target, sentence) of what could not be stored."""
    try:
        uploads.describe(application=application, call=call, described=described, now=now)
        return _store_uploads(application, call, now)
    except Refused as error:
        return [("main", error.args[0])]


def _put_back(files, described):
    """Shows the titles as typed, stored or not, and answers the refs of those that are not; nothing commits this."""
    typed = set()
    for file in files:
        given = described.get(file.ref, {})
        titles = given.get("zh", file.title_zh), given.get("en", file.title_en)
        if titles != (file.title_zh, file.title_en):
            typed.add(file.ref)
            file.title_zh, file.title_en = titles
    return typed


def _described():
    """The titles and kinds that came: inputs are named `title-<ref>-zh`, `title-<ref>-en` and `kind-<ref>`."""
    described = {}
    for name, value in request.form.items():
        what, _dash, ref = name.partition("-")
        if what == "title" and name.endswith(("-zh", "-en")):
            described.setdefault(ref[:-3], {})[name[-2:]] = value
        elif what == "kind" and ref:
            described.setdefault(ref, {})["kind"] = value
    return described


def _store_uploads(application, call, now):
    """Stores every good file of the request; the (target, sentence) of the others."""
    refused, stored, until = [], 0, time.monotonic() + SECONDS
    for upload in request.files.getlist("files"):
        if not upload.filename:
            continue
        try:
            if time.monotonic() > until:
                raise Refused(_("Looking at the others took too long. Please choose this one again."))
            uploads.store(
                application=application, call=call, kind=request.form.get("kind", ""), name=upload.filename, stream=upload.stream, now=now
            )
            stored += 1
        except Refused as error:
            shown = file_names.display_name(upload.filename)
            refused.append(("files", _("“%(name)s” was not stored. %(reason)s", name=shown, reason=error.args[0])))
    if stored:
        # Sent one by one with progress, each file would leave a sentence of its own on the next page.
        if not wants_json():
            flash(ngettext("%(num)s file has been stored.", "%(num)s files have been stored.", stored), "success")
    elif request.form.get("action") == "upload" and not refused:
        refused.append(("files", _("Choose at least one file first.")))
    return refused


def _act(copy, action):
    application, call, now = copy.application, copy.serving, copy.now
    here = languages.same_query(url_for("files.manage", ref=application.ref))
    verb, _dash, ref = action.partition("-")
    if verb == "remove":
        uploads.remove(application=application, call=call, ref=ref, now=now)
    elif verb in ("up", "down"):
        uploads.move(application=application, call=call, ref=ref, verb=verb, now=now)
        return redirect(f"{here}#title-{ref}-zh")
    elif action == "language":
        return redirect(languages.twin_url())
    elif action == "continue":
        untitled = uploads.untitled([file for file in copy.files if copy.parts.file(file.ref)])
        if untitled:
            return _show(copy, untitled)
        if request.args.get("from") == "check":
            return redirect(url_for("apply.check", ref=application.ref) + "#files")
        return redirect(step_url(application, copy.step_after(copy.call.step(FILES_STEP))))
    elif action == "save":
        flash(_("Your draft has been saved."), "success")
    return redirect(here)


def _show(copy, errors=(), described=None):
    application, call = copy.application, copy.call
    shown = steps.shown(call, copy.raw)
    step = call.step(FILES_STEP)
    before, _after = steps.around(shown, step)
    files = uploads.in_order(call, copy.files)
    open_files = {file.ref for file in files if copy.parts.file(file.ref)} | _put_back(files, described or {})
    return render_template(
        "apply/files.html",
        application=application,
        call=call,
        copy=copy,
        step=step,
        files=[(file, url_for("files.one", ref=application.ref, file_ref=file.ref)) for file in files],
        open_files=open_files,
        points=[point for point in feedback.points(copy) if point.step and point.step.id == FILES_STEP],
        errors=list(errors),
        named_errors=dict(errors),
        upload_errors=[message for target, message in errors if target == "files"],
        locked=None if copy.parts.step(FILES_STEP) else rules.may_edit(application, copy.serving, copy.now) or rules.NOT_NAMED,
        number=shown.index(step) + 1,
        total=len(shown),
        back=step_url(application, before),
        max_bytes=MAX_FILE_BYTES,
        chosen_kind=request.form.get("kind"),
        step_url=step_url,
    )


def _own(ref):
    application, call = own_application(ref)
    return WorkingCopy(application, call, rules.now())


@blueprint.get("/files/<file_ref>")
@signed_in
def one(ref, file_ref):
    copy = _own(ref)
    stored = next((file for file in copy.files if file.ref == file_ref), None) or abort(404)
    name = next(entry["name"] for entry in uploads.listed(copy.call, copy.files) if entry["ref"] == file_ref)
    advice = _(
        "All your answers are there. Please try again later. If the file does not come back, ask the organizer, or remove it from "
        "your application and upload it again."
    )
    return stored_file(stored, name, advice)


@blueprint.get("/files.zip")
@signed_in
def everything(ref):
    copy = _own(ref)
    listed, number = uploads.listed(copy.call, copy.files), copy.application.number
    index = exporting.index_xlsx(copy.call, copy.title, number, listed, languages.current())
    return zip_of(listed, copy.files, f"{number or 'draft'}.zip", ("index.xlsx", index))


@blueprint.get("/index")
@signed_in
def index(ref):
    copy = _own(ref)
    return render_template(
        "apply/index.html", application=copy.application, call=copy.call, title=copy.title, files=uploads.listed(copy.call, copy.files)
    )


@blueprint.get("/index.xlsx")
@signed_in
def index_xlsx(ref):
    content = exporting.index_xlsx(*_indexed(ref), languages.current())
    return download(content, "index.xlsx", XLSX)


@blueprint.get("/index.pdf")
@signed_in
def index_pdf(ref):
    return pdf(printing.index(*_indexed(ref), languages.current()), "index.pdf")


def _indexed(ref):
    copy = _own(ref)
    return copy.call, copy.title, copy.application.number, uploads.listed(copy.call, copy.files)
