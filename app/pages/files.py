"""The files step, downloads and the bilingual index."""

from flask import Blueprint, abort, current_app, flash, redirect, render_template, request, send_file, url_for
from flask_babel import gettext as _
from flask_babel import ngettext

from app import drafts, exporting, file_names, languages, printing, rules, steps, uploads
from app.call.schema import FILES_STEP, MAX_FILE_BYTES
from app.drafts import Refused
from app.extensions import csrf
from app.pages.access import own_application, signed_in, token_is_valid, wants_json
from app.pages.answering import download, pdf, step_url, zip_of

blueprint = Blueprint("files", __name__, url_prefix="/<any(zh,en):language>/applications/<ref>")


@blueprint.route("/files", methods=["GET", "POST"])
@csrf.exempt
@signed_in
def manage(ref):
    application, call = own_application(ref)
    now = rules.now()
    if request.method == "GET":
        return _show(application, call, now)
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
    if refused:
        _put_back(application, described)
        return _show(application, call, now, refused), code
    return _act(application, call, now, request.form.get("action", "save"))


def _save(application, call, described, now):
    """Stores what came, and answers the (target, sentence) of what could not be stored."""
    try:
        uploads.describe(application=application, call=call, described=described, now=now)
        return _store_uploads(application, call, now)
    except Refused as error:
        return [("main", error.args[0])]


def _put_back(application, described):
    """Shows the titles as typed, stored or not; nothing commits this."""
    for file in drafts.attached(application):
        given = described.get(file.ref, {})
        file.title_zh, file.title_en = given.get("zh", file.title_zh), given.get("en", file.title_en)


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
    refused, stored = [], 0
    for upload in request.files.getlist("files"):
        if not upload.filename:
            continue
        try:
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


def _act(application, call, now, action):
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
        untitled = uploads.untitled(drafts.attached(application))
        if untitled:
            return _show(application, call, now, untitled)
        if request.args.get("from") == "check":
            return redirect(url_for("apply.check", ref=application.ref) + "#files")
        shown = steps.shown(call, drafts.raw_of(application))
        return redirect(step_url(application, steps.around(shown, call.step(FILES_STEP))[1]))
    elif action == "save":
        flash(_("Your draft has been saved."), "success")
    return redirect(here)


def _show(application, call, now, errors=()):
    shown = steps.shown(call, drafts.raw_of(application))
    step = call.step(FILES_STEP)
    before, _after = steps.around(shown, step)
    files = uploads.in_order(call, drafts.attached(application))
    return render_template(
        "apply/files.html",
        application=application,
        call=call,
        step=step,
        files=[(file, url_for("files.one", ref=application.ref, file_ref=file.ref)) for file in files],
        errors=list(errors),
        named_errors=dict(errors),
        upload_errors=[message for target, message in errors if target == "files"],
        locked=rules.may_edit(application, call, now),
        number=shown.index(step) + 1,
        total=len(shown),
        back=step_url(application, before),
        max_bytes=MAX_FILE_BYTES,
        chosen_kind=request.form.get("kind"),
    )


@blueprint.get("/files/<file_ref>")
@signed_in
def one(ref, file_ref):
    application, call = own_application(ref)
    entry = next((entry for entry in uploads.listed(call, drafts.attached(application)) if entry["ref"] == file_ref), None) or abort(404)
    stored = uploads.find(application, file_ref)
    try:
        path = uploads.location(stored)
    except FileNotFoundError:
        current_app.logger.exception("A stored file is missing; flask audit says which")
        words = (
            _("This file cannot be read just now"),
            _("“%(name)s” was stored, but the server does not find it any more. All your answers are there.", name=entry["name"]),
            _(
                "Please try again later. If it does not come back, ask the organizer, or remove it from your application and "
                "upload it again."
            ),
        )
        return render_template("error.html", code=503, words=words), 503
    return send_file(path, as_attachment=True, download_name=entry["name"], mimetype="application/octet-stream")


@blueprint.get("/files.zip")
@signed_in
def everything(ref):
    application, call = own_application(ref)
    files = drafts.attached(application)
    listed = uploads.listed(call, files)
    index = exporting.index_xlsx(call, drafts.title_of(application, call), application.number, listed, languages.current())
    return zip_of(listed, files, f"{application.number or 'draft'}.zip", ("index.xlsx", index))


@blueprint.get("/index")
@signed_in
def index(ref):
    application, call = own_application(ref)
    return render_template(
        "apply/index.html",
        application=application,
        call=call,
        title=drafts.title_of(application, call),
        files=uploads.listed(call, drafts.attached(application)),
    )


@blueprint.get("/index.xlsx")
@signed_in
def index_xlsx(ref):
    content = exporting.index_xlsx(*_indexed(ref), languages.current())
    return download(content, "index.xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")


@blueprint.get("/index.pdf")
@signed_in
def index_pdf(ref):
    return pdf(printing.index(*_indexed(ref), languages.current()), "index.pdf")


def _indexed(ref):
    application, call = own_application(ref)
    return call, drafts.title_of(application, call), application.number, uploads.listed(call, drafts.attached(application))
