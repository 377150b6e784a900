"""Certificates at the desk: how they look, who has confirmed their name, and what was issued to whom."""

from collections import Counter

from flask import abort, current_app, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from flask_login import current_user

from app import exporting, languages, printing, rules
from app.applying.drafts import Refused
from app.extensions import csrf, db
from app.files import uploads
from app.forms.names import FORM_NAMES, DesignForm, NameForOthersForm
from app.honors import certificates, honoring, names
from app.models import Certificate
from app.pages.access import get_call, organizer
from app.pages.answering import made_for_long, pdf
from app.pages.desk.blueprint import blueprint
from app.pages.desk.reading import find

TONES = {"unasked": "quiet", "waiting": "warn", "confirmed": "", "issued": "good", "revoked": "bad"}


@blueprint.get("/certificates", endpoint="certificates")
@organizer
def overview():
    call, now = _call(), rules.now()
    honored = honoring.of_call(call, now) if call else []
    state = request.args.get("state", "")
    return render_template(
        "desk/certificates.html",
        call=call,
        calls=current_app.calls.all(),
        counts=Counter(one.state for one in honored),
        total=len(honored),
        state=state,
        shown=[one for one in honored if state in ("", one.state)],
        untold=len(certificates.untold(call, now)) if call else 0,
        states=rules.NAME_STATES,
        tones=TONES,
        form_names=FORM_NAMES,
        lacking=[FORM_NAMES[form] for form in printing.lacking_forms()],
        local=not current_app.config["SETTINGS"]["address"],
    )


def _call():
    """The call of the address; else the one whose results came out last, or that closes last. None where there is none."""
    if request.args.get("call"):
        return get_call(request.args["call"])
    now = rules.now()
    return next((call for call in current_app.calls.all() if honoring.of_call(call, now)), next(iter(current_app.calls.all()), None))


@blueprint.post("/certificates", endpoint="certificates_act")
@organizer
def act():
    call, now, user = get_call(request.form.get("call", "")), rules.now(), current_user.user
    action = request.form.get("action", "")
    picks = {tuple(pick.split("/", 1)) for pick in request.form.getlist("pick") if "/" in pick}
    refs, chosen = ({ref for ref, _row in picks}, picks) if action.endswith("-ticked") else (None, None)
    verb = action.removesuffix("-ticked")
    if verb == "ask":
        count = names.ask(call, refs, chosen, user, now)
        said = ngettext("%(num)s contributor has been asked.", "%(num)s contributors have been asked.", count)
        nothing = _("There is nobody to ask: these contributors have answered, or were asked less than a day ago.")
    elif verb == "issue":
        count = certificates.issue(call, refs, chosen, user, now)
        said = ngettext("%(num)s certificate has been issued.", "%(num)s certificates have been issued.", count)
        nothing = _("There is nothing to issue: a certificate needs a confirmed name, and is issued once.")
    elif verb == "tell":
        count = certificates.tell(call, user, now)
        said = ngettext("%(num)s certificate has been announced by mail.", "%(num)s certificates have been announced by mail.", count)
        nothing = _("Everybody has been told already.")
    else:
        abort(400)
    flash(said if count else nothing, "success" if count else "notice")
    return redirect(url_for("desk.certificates", call=call.id, state=request.form.get("state") or None))


@blueprint.route("/certificates/design/<call_id>", methods=["GET", "POST"])
@csrf.exempt
@organizer
def certificate_design(call_id):
    call = get_call(call_id)
    design = certificates.design_of(call_id)
    form = DesignForm(data={"date": design.date or "", "signatory_zh": design.signatory_zh, "signatory_en": design.signatory_en})
    if form.validate_on_submit():
        images = {name: None for name in ("seal", "signature") if form[f"no_{name}"].data}
        for name in ("seal", "signature"):
            given = form[name].data
            if given:
                try:
                    images[name] = uploads.store_image(name=given.filename, stream=given.stream)
                except Refused as refused:
                    form[name].errors = [*form[name].errors, refused.args[0]]
        if not form.problems:
            certificates.save_design(
                call, date=form.date.data.strip() or None, signatory_zh=form.signatory_zh.data.strip(),
                signatory_en=form.signatory_en.data.strip(), images=images, user=current_user.user, now=rules.now(),
            )  # fmt: skip
            flash(_("The design is saved. Certificates that were issued before stay as they are."), "success")
            return redirect(url_for("desk.certificate_design", call_id=call_id))
        uploads.discard({path for path in images.values() if path} - uploads.images())
    return render_template(
        "desk/certificate_design.html", call=call, design=design, form=form, errors=form.problems,
        language_form="design", language_at_twin=True,
    )  # fmt: skip


@blueprint.get("/certificates/design/<call_id>/sample.pdf")
@organizer
def certificate_sample(call_id):
    call = get_call(call_id)
    return pdf(certificates.sample(call, rules.now()), f"{call.id}-sample.pdf")


@blueprint.get("/certificates.zip")
@organizer
def certificates_zip():
    call = _call() or abort(404)
    issued = [one for one in honoring.of_call(call, rules.now()) if one.state == "issued"]
    if not issued:
        flash(_("No certificate has been issued yet."), "error")
        return redirect(url_for("desk.certificates", call=call.id))
    content = exporting.zip_as_made(certificates.pdfs(issued))
    return made_for_long(lambda _folder: (content, None), f"{call.id}-certificates.zip", "application/zip")


@blueprint.get("/certificates/<number>.pdf")
@organizer
def certificate_pdf(number):
    certificate = db.session.scalars(db.select(Certificate).filter_by(number=number.replace("\0", ""))).first() or abort(404)
    return pdf(certificates.pdf(certificate), f"{certificate.number}.pdf")


# The form judges its token itself, so that what was typed comes back.
@blueprint.route("/certificates/<ref>/<row>", methods=["GET", "POST"])
@csrf.exempt
@organizer
def contributor(ref, row):
    application, call = find(ref)
    now = rules.now()
    one = honoring.find(application.ref, row, call, now) or abort(404)
    form = NameForOthersForm.about(one)
    action = request.form.get("action")
    if action == "revoke":
        # Nothing is printed then: only the reason counts.
        form.name_matters = False
    if action in ("confirm", "revoke", "replace") and form.validate_on_submit():
        try:
            flash(_done(action, one, call, form, now), "success")
        except Refused as refused:
            flash(str(refused), "error")
        return redirect(url_for("desk.contributor", ref=ref, row=row))
    link = one.confirmation and rules.name_is_open(one.confirmation, now) and names.link(one.confirmation, languages.current())
    return render_template(
        "desk/contributor.html", one=one, call=call, form=form, errors=form.problems, link=link, forms=honoring.FORMS,
        form_names=FORM_NAMES, states=rules.NAME_STATES, tones=TONES, by_id={each.id: each for each in one.certificates},
        language_form="name", language_at_twin=True,
    )  # fmt: skip


def _done(action, one, call, form, now):
    """Does what was pressed, and answers what to say of it."""
    user, reason = current_user.user, form.reason.data.strip()
    (zh, en), drawn = form.name, form.form.data
    if action == "confirm":
        names.confirm(one, call, zh, en, drawn, now, user, reason)
        return _("The name is confirmed.")
    certificate = one.certificate or abort(400)
    if action == "revoke":
        certificates.revoke(certificate, reason, user, now)
        return _("The certificate is revoked, and its page says so.")
    new = certificates.replace(one, call, certificate, zh=zh, en=en, form=drawn, reason=reason, user=user, now=now)
    return _("%(new)s is issued in the place of %(old)s.", new=new.number, old=certificate.number)
