"""The pages of an account. Whoever signs in or registers on the way to another page comes back to it by `next`."""

import json
import re

from flask import Blueprint, flash, redirect, render_template, request, session, url_for
from flask_babel import gettext as _
from flask_login import current_user, login_user, logout_user
from sqlalchemy.orm.exc import ObjectDeletedError

from app import accounts, languages, mailed_links, rules, uploads
from app.extensions import csrf, db
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
from app.pages.access import ask_to_sign_in, signed_in
from app.pages.public import download
from app.personal_data import data_of

blueprint = Blueprint("account", __name__, url_prefix="/<any(zh,en):language>/account")

# Browsers take a backslash for a slash and drop tabs and line ends: "/\t/elsewhere.org" would lead away.
OWN_PATH = re.compile(r"/(?!/)[^\\\x00-\x1f\x7f]*")


def _onward(otherwise):
    """Where to go from here: `next` when it is a page of ours, else the page of the endpoint `otherwise`."""
    target = request.args.get("next", "")
    return redirect(target if OWN_PATH.fullmatch(target) else url_for(otherwise))


def _enter(sign_in):
    # What was in the session before belongs to whoever had the browser before.
    session.clear()
    session.permanent = True
    login_user(sign_in)


def _leave():
    logout_user()
    session.clear()


def _page(template, form=None, **context):
    errors = form.problems if form else []
    # The language is switched by posting what was typed to the twin page, which gives it back unjudged.
    switch = {"language_form": "account", "language_at_twin": True} if form else {}
    return render_template(f"account/{template}.html", form=form, errors=errors, next=request.args.get("next"), **switch, **context)


def _invalid_link(ask_again):
    return _page("invalid_link", ask_again=ask_again), 410


@blueprint.app_errorhandler(ObjectDeletedError)
def _ended_meanwhile(error):
    """The sign-in was ended in another tab or on another device in the middle of this request."""
    return ask_to_sign_in()


# The forms judge their token themselves, hence `exempt`: so the page comes back with what was typed, not an error page.
@blueprint.route("/register", methods=["GET", "POST"])
@csrf.exempt
def register():
    if current_user.is_authenticated:
        return _onward("apply.mine")
    form = RegisterForm()
    if form.validate_on_submit():
        email, password, now = form.email.data, form.password.data, rules.now()
        # The right password for an address that is taken: the button was pressed twice, or the account forgotten.
        sign_in = accounts.register(
            email=email, name=form.name.data, password=password, language=languages.current(), now=now
        ) or accounts.sign_in(email=email, password=password, now=now)
        if sign_in:
            _enter(sign_in)
            return _onward("apply.mine")
        # Registering signs in at once (mail may be late on the last evening), so this answer cannot but differ from a
        # success. It says no more than it must, and the owner hears of it.
        accounts.warn_owner(email=email, now=now)
        form.email.errors.append(_("There may be an account with this address already. Sign in, or ask for a new password."))
    return _page("register", form)


@blueprint.route("/sign-in", methods=["GET", "POST"])
@csrf.exempt
def sign_in():
    if current_user.is_authenticated:
        return _onward("apply.mine")
    form = SignInForm()
    if form.validate_on_submit():
        opened = accounts.sign_in(email=form.email.data, password=form.password.data, now=rules.now())
        if opened:
            _enter(opened)
            return _onward("apply.mine")
        form.password.errors.append(_("The e-mail address and the password do not match."))
    return _page("sign_in", form)


@blueprint.post("/sign-out")
def sign_out():
    if current_user.is_authenticated:
        accounts.sign_out(sign_in=current_user._get_current_object(), now=rules.now())
    _leave()
    flash(_("You have signed out."), "success")
    return redirect(url_for("public.home"))


@blueprint.post("/sign-out-everywhere")
@signed_in
def sign_out_everywhere():
    accounts.sign_out_everywhere(user=current_user.user, now=rules.now())
    _leave()
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
    return _page("confirm", form, email=link.email)


@blueprint.post("/resend")
@signed_in
def resend():
    if accounts.request_confirmation(user=current_user.user, now=rules.now()):
        flash(_("The mail is on its way to %(email)s.", email=current_user.user.email), "success")
    elif not current_user.user.confirmed_at:
        flash(_("Several mails have been sent to %(email)s already. Look into the spam folder too.", email=current_user.user.email), "warn")
    return _onward("account.settings")


@blueprint.route("/forgot", methods=["GET", "POST"])
@csrf.exempt
def forgot():
    form = ForgotForm()
    if form.validate_on_submit():
        accounts.request_reset(email=form.email.data, now=rules.now())
        flash(
            _(
                "If there is an account with the address %(email)s, a mail with a link is on its way. The link is valid for "
                "one hour. Look into the spam folder too.",
                email=form.email.data,
            ),
            "success",
        )
        return redirect(url_for("account.sign_in"))
    return _page("forgot", form)


@blueprint.route("/reset/<token>", methods=["GET", "POST"])
@csrf.exempt
def reset(token):
    link, user = mailed_links.find(token, ("reset", "invite"), rules.now())
    if link is None:
        return _invalid_link("account.forgot")
    form = ResetForm()
    form.known = (user.email, user.name)
    if form.validate_on_submit():
        opened = accounts.reset_password(secret=token, password=form.password.data, now=rules.now())
        if opened:
            _enter(opened)
            flash(_("Your new password is set."), "success")
            return redirect(url_for("apply.mine"))
        return _invalid_link("account.forgot")
    return _page("reset", form, email=link.email)


@blueprint.get("/settings")
@signed_in
def settings():
    count = db.session.scalar(db.select(db.func.count(SignIn.id)).filter_by(user_id=current_user.user_id))
    return _page("settings", user=current_user.user, sign_ins=count)


@blueprint.route("/profile", methods=["GET", "POST"])
@csrf.exempt
@signed_in
def profile():
    form = ProfileForm(obj=current_user.user)
    if form.validate_on_submit():
        accounts.change_profile(user=current_user.user, name=form.name.data, language=form.language.data, now=rules.now())
        flash(_("Saved."), "success")
        return redirect(url_for("account.settings"))
    return _page("profile", form)


@blueprint.route("/email", methods=["GET", "POST"])
@csrf.exempt
@signed_in
def email():
    form = EmailForm()
    if form.validate_on_submit():
        address = form.email.data
        if accounts.request_email(user=current_user.user, email=address, password=form.password.data, now=rules.now()):
            flash(_("A link is on its way to %(email)s. The new address counts once you have opened it.", email=address), "success")
            return redirect(url_for("account.settings"))
        form.password.errors.append(_("This password is not right."))
    return _page("email", form, present=current_user.user.email)


@blueprint.route("/password", methods=["GET", "POST"])
@csrf.exempt
@signed_in
def password():
    form = PasswordForm()
    form.known = (current_user.user.email, current_user.user.name)
    if form.validate_on_submit():
        this = current_user._get_current_object()
        if accounts.change_password(sign_in=this, current=form.current.data, new=form.password.data, now=rules.now()):
            flash(_("Your new password is set. Other devices have been signed out."), "success")
            return redirect(url_for("account.settings"))
        form.current.errors.append(_("This password is not right."))
    return _page("password", form)


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
        paths = accounts.delete_account(user=current_user.user, password=form.password.data, now=rules.now())
        if paths is not None:
            uploads.discard(paths)
            _leave()
            flash(_("Your account has been deleted."), "success")
            return redirect(url_for("public.home"))
        form.password.errors.append(_("This password is not right."))
    mine = db.session.scalars(db.select(Application).filter_by(user_id=current_user.user_id)).all()
    return _page(
        "delete",
        form,
        drafts=sum(application.number is None for application in mine),
        standing=[application.number for application in mine if application.number and not application.withdrawn_at],
        withdrawn=[application.number for application in mine if application.number and application.withdrawn_at],
    )
