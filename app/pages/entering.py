"""How a browser comes in and where it goes from there; and the page of a form of the account."""

import math
import re
from contextlib import contextmanager

from flask import redirect, render_template, request, session, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from flask_login import login_user, logout_user

from app import rules
from app.people.limits import TooMany
from app.people.sign_ins import Pending

# Browsers take a backslash for a slash and drop tabs and line ends: "/\t/elsewhere.org" would lead away.
OWN_PATH = re.compile(r"/(?!/)[^\\\x00-\x1f\x7f]*")


def onward_url(otherwise):
    """Where to go from here: `next` when it is a page of ours, else the page of the endpoint `otherwise`."""
    target = request.args.get("next", "")
    return target if OWN_PATH.fullmatch(target) else url_for(otherwise)


def onward(otherwise):
    return redirect(onward_url(otherwise))


def enter(opened):
    """Signs this browser in to a SignIn, and goes on; for a Pending, asks for the code first."""
    # What was in the session before belongs to whoever had the browser before.
    session.clear()
    if isinstance(opened, Pending):
        session["second_step"] = opened.secret
        return redirect(url_for("second_factor.step", next=request.args.get("next")))
    session.permanent = True
    login_user(opened)
    return onward("apply.mine")


def leave():
    logout_user()
    session.clear()


@contextmanager
def limited(form):
    """Inside, what is tried too often ends in the page of the form: with what was typed, when to try again, and status 429."""
    try:
        yield
    except TooMany as error:
        form.retry_after = math.ceil((error.until - rules.now()).total_seconds())
        minutes = max(1, math.ceil(form.retry_after / 60))
        form.form_errors.append(
            ngettext(
                "Too many attempts. Please try again in %(num)s minute.",
                "Too many attempts. Please try again in %(num)s minutes.",
                minutes,
            )
        )
        if error.what == "sign-in":
            form.form_errors.append(_("You can also choose a new password by mail; that signs you in right away."))


def page(template, form=None, folder="account", **context):
    """The page `<folder>/<template>.html`; with the errors of the form, and told to the browser when it was `limited`."""
    # The language is switched by posting what was typed to the twin page, which gives it back unjudged.
    switch = {"language_form": "account", "language_at_twin": True} if form else {}
    errors = form.problems if form else []
    body = render_template(f"{folder}/{template}.html", form=form, errors=errors, next=request.args.get("next"), **switch, **context)
    if form and form.retry_after is not None:
        return body, 429, {"Retry-After": str(form.retry_after)}
    return body
