"""The pages of an account. Whoever signs in or registers on the way to another page comes back to it by `next`."""

import json

from flask import Blueprint, flash, redirect, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy.orm.exc import ObjectDeletedError

from app import languages, rules
from app.extensions import csrf, db
from app.files import uploads
from app.forms.account import (
    DeleteForm,
    EmailForm,
    ForgotForm,
    PasswordForm,
    PressForm,
    ProfileForm,
    RegisterForm,
    ResetForm,
    SignInForm,
)
from app.models import Application, SignIn
from app.pages.access import lead_to_sign_in, signed_in
from app.pages.answering import download
from app.pages.entering import enter, leave, limited, onward, page
from app.people import accounts, mailed_links, second_factor, sign_ins
from app.people.personal_data import data_of

blueprint = Blueprint("account", __name__, url_prefix="/<any(zh,en):language>/account")


def _invalid_link(ask_again):
    return page("invalid_link", ask_again=ask_again), 410


@blueprint.app_errorhandler(ObjectDeletedError)
def _ended_meanwhile(error):
    """The sign-in was ended in another tab or on another device in the middle of this request."""
    return lead_to_sign_in()


# The forms judge their token themselves, hence `exempt`: so the page comes back with what was typed, not an error page.
@blueprint.route("/register", methods=["GET", "POST"])
@csrf.exempt
def register():
    if current_user.is_authenticated:
        return onward("apply.mine")
    form = RegisterForm()
    if form.validate_on_submit():
        email, password, now = form.email.data, form.password.data, rules.now()
        with limited(form):
            # The right password for an address that is taken: the button was pressed twice, or the account forgotten.
            opened = accounts.register(
                email=email, name=form.name.data, password=password, language=languages.current(), now=now, address=request.remote_addr
            ) or accounts.sign_in(email=email, password=password, now=now, address=request.remote_addr)
            if opened:
                return enter(opened)
            # Registering signs in at once (mail may be late on the last evening), so this answer cannot but differ from a
            # success. It says no more than it must, and the owner hears of it.
            accounts.warn_owner(email=email, now=now)
            form.email.errors.append(_("There may be an account with this address already. Sign in, or ask for a new password."))
    return page("register", form)


@blueprint.route("/sign-in", methods=["GET", "POST"])
@csrf.exempt
def sign_in():
    if current_user.is_authenticated:
        return onward("apply.mine")
    form = SignInForm()
    if form.validate_on_submit():
        with limited(form):
            opened = accounts.sign_in(
                email=form.email.data, password=form.password.data, now=rules.now(), address=request.remote_addr
            )
            if opened:
                return enter(opened)
            form.password.errors.append(_("The e-mail address and the password do not match."))
    return page("sign_in", form)


@blueprint.post("/sign-out")
def sign_out():
    if current_user.is_authenticated:
        sign_ins.sign_out(sign_in=current_user._get_current_object(), now=rules.now())
    leave()
    flash(_("You have signed out."), "success")
    return redirect(url_for("public.home"))


@blueprint.post("/sign-out-everywhere")
@signed_in
def sign_out_everywhere():
    sign_ins.sign_out_everywhere(user=current_user.user, now=rules.now())
    leave()
    flash(_("You have signed out on every device."), "success")
    return redirect(url_for("account.sign_in"))


@blueprint.route("/confirm/<token>", methods=["GET", "POST"])
@csrf.exempt
def confirm(token):
    link, user = mailed_links.find(token, ("confirm", "email"), rules.now())
    if link is None:
        return _invalid_link("account.settings")
    form = PressForm()
    if form.validate_on_submit():
        if not accounts.confirm(secret=token, now=rules.now()):
            return _invalid_link("account.settings")
        flash(_("Your e-mail address has been confirmed."), "success")
        return redirect(url_for("apply.mine" if current_user.is_authenticated else "account.sign_in"))
    return page("confirm", form, email=link.email)


@blueprint.post("/resend")
@signed_in
def resend():
    if accounts.request_confirmation(user=current_user.user, now=rules.now()):
        flash(_("The mail is on its way to %(email)s.", email=current_user.user.email), "success")
    elif not current_user.user.confirmed_at:
        flash(_("Several mails have been sent to %(email)s already. Look into the spam folder too.", email=current_user.user.email), "warn")
    return onward("account.settings")


@blueprint.route("/forgot", methods=["GET", "POST"])
@csrf.exempt
def forgot():
    form = ForgotForm()
    if form.validate_on_submit():
        email = form.email.data
        with limited(form):
            accounts.request_reset(email=email, language=languages.current(), now=rules.now(), address=request.remote_addr)
            flash(
                _(
                    "If there is an account with the address %(email)s, a mail with a link is on its way. The link is valid for "
                    "one hour. Look into the spam folder too.",
                    email=email,
                ),
                "success",
            )
            return redirect(url_for("account.sign_in"))
    return page("forgot", form)


@blueprint.route("/reset/<token>", methods=["GET", "POST"])
@csrf.exempt
def reset(token):
    link, user = mailed_links.find(token, ("reset", *mailed_links.INVITING), rules.now())
    if link is None:
        return _invalid_link("account.forgot")
    form = ResetForm()
    form.known = (user.email, user.name)
    if form.validate_on_submit():
        opened = accounts.reset_password(secret=token, password=form.password.data, now=rules.now())
        if opened:
            answer = enter(opened)
            flash(_("Your new password is set."), "success")
            return answer
        return _invalid_link("account.forgot")
    return page("reset", form, email=link.email)


@blueprint.get("/settings")
@signed_in
def settings():
    count = db.session.scalar(db.select(db.func.count(SignIn.id)).filter_by(user_id=current_user.user_id))
    user = current_user.user
    return page("settings", user=user, sign_ins=count, second_factor=user.totp_secret or user.role in second_factor.ROLES)


@blueprint.route("/profile", methods=["GET", "POST"])
@csrf.exempt
@signed_in
def profile():
    form = ProfileForm(obj=current_user.user)
    if form.validate_on_submit():
        accounts.change_profile(user=current_user.user, name=form.name.data, language=form.language.data, now=rules.now())
        flash(_("Saved."), "success")
        return redirect(url_for("account.settings"))
    return page("profile", form)


@blueprint.route("/email", methods=["GET", "POST"])
@csrf.exempt
@signed_in
def email():
    form = EmailForm()
    if form.validate_on_submit():
        address = form.email.data
        with limited(form):
            if accounts.request_email(user=current_user.user, email=address, password=form.password.data, now=rules.now()):
                flash(_("A link is on its way to %(email)s. The new address counts once you have opened it.", email=address), "success")
                return redirect(url_for("account.settings"))
            form.refuse("password")
    return page("email", form, present=current_user.user.email)


@blueprint.route("/password", methods=["GET", "POST"])
@csrf.exempt
@signed_in
def password():
    form = PasswordForm()
    form.known = (current_user.user.email, current_user.user.name)
    if form.validate_on_submit():
        this = current_user._get_current_object()
        with limited(form):
            if accounts.change_password(sign_in=this, current=form.current.data, new=form.password.data, now=rules.now()):
                flash(_("Your new password is set. Other devices have been signed out."), "success")
                return redirect(url_for("account.settings"))
            form.current.errors.append(_("This password is not right."))
    return page("password", form)


@blueprint.get("/data.json")
@signed_in
def data():
    content = json.dumps(data_of(current_user.user), ensure_ascii=False, indent=1)
    return download(content, "my-data.json", "application/json")


@blueprint.route("/delete", methods=["GET", "POST"])
@csrf.exempt
@signed_in
def delete():
    form = DeleteForm()
    if form.validate_on_submit():
        with limited(form):
            paths = accounts.delete_account(user=current_user.user, password=form.password.data, now=rules.now())
            if paths is not None:
                uploads.discard(paths)
                leave()
                flash(_("Your account has been deleted."), "success")
                return redirect(url_for("public.home"))
            form.refuse("password")
    mine = db.session.scalars(db.select(Application).filter_by(user_id=current_user.user_id)).all()
    return page(
        "delete",
        form,
        drafts=sum(application.number is None for application in mine),
        standing=[application.number for application in mine if application.number and not application.withdrawn_at],
        withdrawn=[application.number for application in mine if application.number and application.withdrawn_at],
    )
