"""After handing in: receipts; reopen, withdraw, restore; and deleting what was never handed in."""

import json

from flask import Blueprint, abort, flash, redirect, render_template, request, session, url_for
from flask_babel import gettext as _

from app import languages, printing, rules
from app.applying import drafts
from app.applying.drafts import Refused
from app.applying.working_copy import WorkingCopy, call_at
from app.files import uploads
from app.pages.access import call_of, own_application, signed_in
from app.pages.answering import download, pdf

blueprint = Blueprint("submitted", __name__, url_prefix="/<any(zh,en):language>/applications/<ref>")


@blueprint.get("/draft.pdf")
@signed_in
def draft_pdf(ref):
    application, call = own_application(ref)
    copy, now = WorkingCopy(application, call, rules.now()), rules.now()
    if copy.parts:
        states, title, files = copy.progress(), copy.title, uploads.listed(copy.call, copy.files)
    else:
        # With what was not handed in: nowhere else is it shown any more.
        states, title = drafts.progress(application, call), drafts.title_of(application, call)
        files = uploads.listed(call, drafts.attached(application))
    return pdf(printing.draft(call, title, drafts.answered(states), files, languages.current(), now), "draft.pdf")


@blueprint.get("/receipt")
@signed_in
def newest(ref):
    application, _call = own_application(ref)
    snapshot = application.snapshot or abort(404)
    return redirect(url_for("submitted.receipt", ref=ref, n=snapshot.n))


@blueprint.get("/receipt/<int:n>")
@signed_in
def receipt(ref, n):
    application, call, snapshot = _snapshot(ref, n)
    now, serving = rules.now(), call_of(application)
    return render_template(
        "apply/receipt.html",
        application=application,
        call=call,
        snapshot=snapshot,
        receipt=json.loads(snapshot.receipt),
        standing=snapshot is application.snapshot,
        status=(status := rules.status(application, serving, now)),
        status_words=rules.STATUSES[status],
        reopenable=rules.may_reopen(application, serving, now) is None,
        improvable=rules.may_submit(application, serving, now) is None,
        changed=rules.has_unsubmitted_changes(application),
        open_until=rules.open_until(application, serving, now),
    )


@blueprint.get("/receipt/<int:n>.pdf")
@signed_in
def receipt_pdf(ref, n):
    application, call, snapshot = _snapshot(ref, n)
    content = printing.receipt(call, json.loads(snapshot.receipt), snapshot.sha256, languages.current())
    return pdf(content, f"{application.number}-receipt-{n}.pdf")


@blueprint.get("/receipt/<int:n>.json")
@signed_in
def receipt_json(ref, n):
    application, _call, snapshot = _snapshot(ref, n)
    return download(snapshot.receipt.encode(), f"{application.number}-receipt-{n}.json", "application/json")


def _snapshot(ref, n):
    """The application, the call as it stood when snapshot `n` was handed in, and the snapshot; or 404."""
    application, call = own_application(ref)
    snapshot = next((snapshot for snapshot in application.snapshots if snapshot.n == n), None) or abort(404)
    return application, call_at(snapshot, call), snapshot


@blueprint.post("/reopen")
@signed_in
def reopen(ref):
    return _act(drafts.reopen, ref, _("You can change your application now. What you handed in stands until you submit again."))


@blueprint.post("/restore")
@signed_in
def restore(ref):
    return _act(drafts.restore, ref, _("Your application takes part again."))


@blueprint.route("/withdraw", methods=["GET", "POST"])
@signed_in
def withdraw(ref):
    if request.method == "POST":
        return _act(drafts.withdraw, ref, _("Your application has been withdrawn."))
    return _ask(ref, "withdraw", rules.may_withdraw)


@blueprint.route("/delete", methods=["GET", "POST"])
@signed_in
def delete(ref):
    if request.method == "GET":
        return _ask(ref, "delete", rules.may_delete)
    application, call = own_application(ref)
    try:
        uploads.discard(drafts.delete(application=application, call=call, now=rules.now()))
    except Refused as refused:
        flash(str(refused), "error")
        return redirect(url_for("apply.overview", ref=ref))
    session.pop("draft", None)
    flash(_("The draft has been deleted."), "success")
    return redirect(url_for("apply.mine"))


def _act(verb, ref, done):
    application, call = own_application(ref)
    try:
        verb(application=application, call=call, now=rules.now())
        flash(done, "success")
    except Refused as refused:
        flash(str(refused), "error")
    return redirect(url_for("apply.overview", ref=ref))


def _ask(ref, verb, rule):
    application, call = own_application(ref)
    reason = rule(application, call, rules.now())
    if reason is not None:
        flash(str(reason), "error")
        return redirect(url_for("apply.overview", ref=ref))
    until = rules.open_until(application, call, rules.now())
    title = drafts.title_of(application, call)
    return render_template("apply/confirm.html", application=application, call=call, title=title, verb=verb, open_until=until)
