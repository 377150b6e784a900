"""Check your answers, and hand in."""

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _

from app import languages, rules
from app.applying import submitting
from app.applying.drafts import Refused
from app.applying.working_copy import WorkingCopy
from app.files import uploads
from app.pages.access import own_application, signed_in
from app.pages.answering import step_url
from app.pages.apply.blueprint import blueprint


@blueprint.route("/applications/<ref>/check", methods=["GET", "POST"])
@signed_in
def check(ref):
    application, call = own_application(ref)
    now = rules.now()
    errors = []
    if request.method == "POST":
        if request.form.get("action") == "language":
            return redirect(languages.twin_url())
        if not request.form.get("declaration"):
            errors = [("declaration", _("Please confirm the declaration before submitting."))]
        else:
            try:
                expected = request.form.get("expected", 0, type=int)
                snapshot = submitting.submit(application=application, call=call, expected=expected, now=now)
            except Refused as refused:
                errors = [("main", refused.args[0])]
            except submitting.NotReady:
                sentence = _("Some answers are still missing or need attention, so nothing was handed in yet. They are listed below.")
                errors = [("missing", sentence)]
            else:
                flash(_("Your application has been handed in."), "success")
                return redirect(url_for("submitted.receipt", ref=ref, n=snapshot.n))
    copy = WorkingCopy(application, call, now)
    return render_template(
        "apply/check.html",
        application=application,
        call=copy.call,
        copy=copy,
        ready=submitting.readiness(copy),
        files=uploads.listed(copy.call, copy.files),
        locked=rules.may_submit(application, call, now),
        open_until=rules.open_until(application, call, now),
        errors=errors,
        step_url=step_url,
    )
