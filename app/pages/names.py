"""The page on which a contributor confirms how their name is written; its link is all they need."""

from flask import Blueprint, flash, make_response, redirect, render_template, url_for
from flask_babel import gettext as _

from app import rules
from app.applying.drafts import Refused
from app.extensions import csrf
from app.forms.names import NameForm
from app.honors import certificates, names
from app.honors.honoring import FORMS
from app.pages.answering import looked_up, pdf

blueprint = Blueprint("names", __name__, url_prefix="/<any(zh,en):language>/names/<token>")


@blueprint.after_request
def _hidden(response):
    response.headers["X-Robots-Tag"] = "noindex"
    return response


# The form judges its token itself: the page is open to whoever has the link, and what was typed has to come back.
@blueprint.route("", methods=["GET", "POST"])
@csrf.exempt
def confirm(token):
    now = rules.now()
    one, call = looked_up("name", lambda: names.find(token, now), now) or (None, None)
    if one is None:
        return make_response(render_template("public/name_gone.html"), 410)
    form = NameForm.about(one)
    if form.validate_on_submit():
        try:
            zh, en = form.name
            names.confirm(one, call, zh, en, form.form.data, now)
        except Refused as refused:
            flash(str(refused), "error")
        else:
            flash(_("Thank you. Your name will be printed like this."), "success")
        return redirect(url_for("names.confirm", token=token))
    return render_template(
        "public/name.html", one=one, call=call, form=form, forms=FORMS, errors=form.problems, language_form="name", language_at_twin=True
    )


@blueprint.get("/certificate.pdf")
def certificate(token):
    now = rules.now()
    one, _call = looked_up("name", lambda: names.find(token, now), now) or (None, None)
    if one is None or one.state != "issued":
        return make_response(render_template("public/name_gone.html"), 410)
    return pdf(certificates.pdf(one.certificate), f"{one.certificate.number}.pdf")
