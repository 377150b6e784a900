"""The second factor: the step after the password, and the page on which it is set up, renewed and turned off."""

from flask import Blueprint, Response, abort, current_app, flash, redirect, request, session, url_for
from flask_babel import gettext as _
from flask_login import current_user

from app import rules
from app.extensions import csrf
from app.forms.account import CodeForm, SecondFactorForm
from app.languages import Text
from app.pages.access import signed_in
from app.pages.entering import enter, limited, onward, onward_url, page
from app.people import mailed_links, second_factor, sign_ins

blueprint = Blueprint("second_factor", __name__, url_prefix="/<any(zh,en):language>/account")
OPEN_WITHOUT = {"second_factor.manage", "second_factor.qr_code", "account.sign_out", "bare.health"}


@blueprint.before_app_request
def _insist():
    if request.endpoint in OPEN_WITHOUT or not current_user.is_authenticated or not second_factor.is_owed(current_user.user):
        return None
    back = request.full_path.rstrip("?") if request.method == "GET" else None
    return redirect(url_for("second_factor.manage", next=back))


@blueprint.route("/second-step", methods=["GET", "POST"])
@csrf.exempt
def step():
    if current_user.is_authenticated:
        return onward("apply.mine")
    now = rules.now()
    secret = session.get("second_step", "")
    if mailed_links.find(secret, (sign_ins.SECOND_STEP,), now) == (None, None):
        flash(_("That took too long. Please sign in once more."), "warn")
        return redirect(url_for("account.sign_in", next=request.args.get("next")))
    form = CodeForm()
    if form.validate_on_submit():
        with limited(form):
            opened = second_factor.finish(secret=secret, code=form.code.data, now=now)
            if opened:
                return enter(opened)
            form.refuse("code")
    return page("second_step", form)


@blueprint.route("/second-factor", methods=["GET", "POST"])
@csrf.exempt
@signed_in
def manage():
    user = current_user.user
    if user.totp_secret:
        return _change(user)
    if user.role not in second_factor.ROLES:
        abort(404)
    form = SecondFactorForm()
    if form.validate_on_submit():
        with limited(form):
            try:
                codes = second_factor.set_up(
                    sign_in=current_user._get_current_object(), password=form.password.data, code=form.code.data, now=rules.now()
                )
                return page("recovery_codes", codes=codes, onward=onward_url("account.settings"))
            except second_factor.Wrong as wrong:
                form.refuse(wrong.args[0])
    key = second_factor.proposed_secret(current_user)
    groups = " ".join(key[start : start + 4] for start in range(0, len(key), 4))
    return page("second_factor_new", form, key=groups, required=second_factor.is_owed(user))


def _change(user):
    form = CodeForm()
    if form.validate_on_submit():
        with limited(form):
            try:
                if request.form.get("action") == "off":
                    second_factor.turn_off(user=user, code=form.code.data, now=rules.now())
                    flash(_("Two-factor sign-in is off. Your password alone signs you in."), "success")
                    return redirect(url_for("account.settings"))
                codes = second_factor.renew_recovery_codes(user=user, code=form.code.data, now=rules.now())
                return page("recovery_codes", codes=codes, onward=url_for("account.settings"))
            except second_factor.Wrong as wrong:
                form.refuse(wrong.args[0])
    return page("second_factor", form, left=second_factor.recovery_codes_left(user))


@blueprint.get("/second-factor.svg")
@signed_in
def qr_code():
    if current_user.user.totp_secret or current_user.user.role not in second_factor.ROLES:
        abort(404)
    settings = current_app.config["SETTINGS"]
    name = Text(zh=settings["site_name_zh"], en=settings["site_name_en"])
    return Response(second_factor.qr_code(current_user, str(name)), mimetype="image/svg+xml")
