"""The forms of an account. `form.problems` is what the error summary lists."""

import unicodedata

from flask import current_app, request
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import EmailField, PasswordField, SelectField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import AnyOf, DataRequired, Length, StopValidation

from app.languages import OWN_NAMES
from app.people.credentials import MOST, email_key, weakness

WRONG = {
    "password": _l("This password is not right."),
    "code": _l("This code is not right, or was used before. Wait for the next one."),
}


def _is_address(form, field):
    if email_key(field.data) is None:
        raise StopValidation(_l("Enter an e-mail address such as name@example.org, without spaces."))


def _is_printable(form, field):
    if any(unicodedata.category(character) in ("Cc", "Zl", "Zp") for character in field.data):
        raise StopValidation(_l("The name holds a character that cannot be shown. Type it again, please."))


def _is_hard_to_guess(form, field):
    settings = current_app.config["SETTINGS"]
    problem = weakness(field.data, *form.known, settings["site_name_zh"], settings["site_name_en"])
    if problem:
        raise StopValidation(problem)


def email_field(label):
    return EmailField(
        label,
        [DataRequired(_l("Enter an e-mail address.")), Length(max=254, message=_l("This e-mail address is too long.")), _is_address],
        render_kw={"autocomplete": "email", "autocapitalize": "none", "spellcheck": "false"},
    )


def name_field(label, missing):
    return StringField(
        label,
        [
            DataRequired(missing),
            Length(max=200, message=_l("The name has more than %(max)d characters. Shorten it, please.")),
            _is_printable,
        ],
        render_kw={"autocomplete": "name"},
    )


def language_field(label):
    return SelectField(
        label,
        [AnyOf(OWN_NAMES, message=_l("Choose one of the two languages."))],
        choices=[SelectChoice(language, name, {"lang": language}) for language, name in OWN_NAMES.items()],
        validate_choice=False,
    )


def _password(label):
    """A password that exists already; too long is simply wrong, but nobody makes us hash megabytes."""
    return PasswordField(
        label,
        [DataRequired(_l("Enter your password.")), Length(max=MOST, message=_l("This password is not right."))],
        render_kw={"autocomplete": "current-password"},
    )


def _new_password(label):
    return PasswordField(label, [DataRequired(_l("Choose a password.")), _is_hard_to_guess], render_kw={"autocomplete": "new-password"})


def _code():
    return StringField(
        _l("Code"),
        [DataRequired(_l("Enter the code.")), Length(max=100, message=_l("This code is not right."))],
        render_kw={"autocomplete": "one-time-code", "inputmode": "numeric", "spellcheck": "false"},
    )


class AccountForm(FlaskForm):
    known = ()
    """What a guesser knows of the person who chooses a password here."""
    retry_after = None
    """In how many seconds to try again, when it was tried too often."""

    def validate_on_submit(self, extra_validators=None):
        """False, and nothing is judged, when only the language of the page was switched."""
        return request.form.get("action") != "language" and super().validate_on_submit(extra_validators)

    @property
    def problems(self):
        """`(id, sentence)` of everything that is wrong."""
        if self.meta.csrf and self.csrf_token.errors:
            return [("main", _l("This page was open for too long, or you signed in or out meanwhile. Please send it once more."))]
        return [("main", error) for error in self.form_errors] + [(field.id, error) for field in self for error in field.errors]

    def refuse(self, name):
        """Marks the password or the code, by the name of its field, as wrong."""
        self[name].errors.append(WRONG[name])


class RegisterForm(AccountForm):
    email = email_field(_l("E-mail address"))
    name = name_field(_l("Your name"), _l("Enter your name."))
    password = _new_password(_l("Password"))

    @property
    def known(self):
        return (self.email.data or "", self.name.data or "")


class SignInForm(AccountForm):
    email = email_field(_l("E-mail address"))
    password = _password(_l("Password"))


class ForgotForm(AccountForm):
    email = email_field(_l("E-mail address"))


class ResetForm(AccountForm):
    password = _new_password(_l("New password"))


class ProfileForm(AccountForm):
    name = name_field(_l("Your name"), _l("Enter your name."))
    language = language_field(_l("Language of our mails to you"))


class EmailForm(AccountForm):
    email = email_field(_l("New e-mail address"))
    password = _password(_l("Your password"))


class PasswordForm(AccountForm):
    current = _password(_l("Current password"))
    password = _new_password(_l("New password"))


class DeleteForm(AccountForm):
    password = _password(_l("Your password"))


class CodeForm(AccountForm):
    code = _code()


class SecondFactorForm(AccountForm):
    password = _password(_l("Your password"))
    code = _code()


class PressForm(AccountForm):
    """Nothing to fill in: only a button, and the token that shows it was pressed on our page."""
