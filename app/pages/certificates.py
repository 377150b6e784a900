"""Certificates: whether one is genuine, for everybody who has its code; and those of an application, for its applicant."""

from flask import Blueprint, abort, make_response, redirect, render_template, url_for

from app import exporting, languages, rules
from app.honors import certificates, honoring
from app.pages.access import own_application, signed_in
from app.pages.answering import looked_up, made_for_long, pdf

blueprint = Blueprint("certificates", __name__)
PREFIX = "/<any(zh,en):language>"


@blueprint.after_request
def _hidden(response):
    response.headers["X-Robots-Tag"] = "noindex"
    return response


@blueprint.get("/certificates/<code>")
def short(code):
    """What is printed: it must fit into a small QR code, and knows no language."""
    response = redirect(url_for("certificates.verify", code=code, language=languages.preferred()))
    response.vary.update(("Cookie", "Accept-Language"))
    return response


@blueprint.get(f"{PREFIX}/certificates/<code>")
def verify(code):
    now = rules.now()
    certificate = looked_up("certificate", lambda: certificates.find(code), now)
    if certificate is None:
        return make_response(render_template("public/certificate_unknown.html", code=code), 404)
    return render_template(
        "public/certificate.html",
        certificate=certificate,
        replacement=certificates.replacement(certificate),
        tag=honoring.FORMS[certificate.form],
    )


@blueprint.get(f"{PREFIX}/applications/<ref>/certificates.zip")
@signed_in
def everything(ref):
    application, issued = _issued(ref)
    name = f"{application.number}-certificates.zip"
    content = exporting.zip_as_made(certificates.pdfs(issued))
    return made_for_long(lambda _folder: (content, None), name, "application/zip")


@blueprint.get(f"{PREFIX}/applications/<ref>/certificates/<number>.pdf")
@signed_in
def one(ref, number):
    _application, issued = _issued(ref)
    found = next((one.certificate for one in issued if one.certificate.number == number), None) or abort(404)
    return pdf(certificates.pdf(found), f"{found.number}.pdf")


def _issued(ref):
    """The applicant's Application and the [Honored] of it who have a certificate that stands; 404 where there are none."""
    application, call = own_application(ref)
    found = [one for one in honoring.of_application(application, call, rules.now()) if one.state == "issued"]
    return application, found or abort(404)
