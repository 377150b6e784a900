"""What organizers say of an expert, and what experts say of themselves."""

import unicodedata
from contextlib import suppress

from flask import request
from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField, FileRequired
from wtforms import BooleanField, HiddenField, IntegerField, SelectField, SelectMultipleField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange, StopValidation

from app.forms.account import AccountForm, email_field, language_field
from app.languages import OWN_NAMES

MOST_CAPACITY = 500
MOST_NAMES, LONGEST = 50, 200
LONGEST_WORD = 2000
TOO_LONG = _l("This has more than %(max)d characters. Shorten it, please.")
LABELS = {
    "name_zh": _l("Name in Chinese"),
    "name_en": _l("Name in English"),
    "organization_zh": _l("Organization in Chinese"),
    "organization_en": _l("Organization in English"),
    "aliases": _l("Other names of the organization"),
    "areas": _l("Areas"),
    "languages": _l("Languages read"),
    "capacity": _l("Reviews at most"),
    "email": _l("E-mail address"),
}
"""What is said of an expert, in the order of forms and spreadsheets."""


class Words(StringField):
    """One line, without the spaces around it."""

    def process_formdata(self, valuelist):
        self.data = " ".join(valuelist[0].split()) if valuelist else ""


class WholeNumber(IntegerField):
    """What is no whole number is None, which no NumberRange lets pass."""

    def process_formdata(self, valuelist):
        with suppress(ValueError):
            super().process_formdata(valuelist)


class Names(TextAreaField):
    """A list of names, one a line; answers each once."""

    def _value(self):
        return "\n".join(self.data or [])

    def process_formdata(self, valuelist):
        lines = (" ".join(line.split()) for line in valuelist[0].splitlines()) if valuelist else ()
        self.data = list(dict.fromkeys(filter(None, lines)))

    def pre_validate(self, form):
        if len(self.data) > MOST_NAMES:
            raise StopValidation(_l("These are more than %(most)s names. Keep those that matter, please.", most=MOST_NAMES))
        for name in self.data:
            if len(name) > LONGEST:
                raise StopValidation(_l("One of the names has more than %(most)s characters.", most=LONGEST))


def _shown(form, field):
    if any(unicodedata.category(character) in ("Cc", "Zl", "Zp") for character in field.data):
        raise StopValidation(_l("This holds a character that cannot be shown. Type it again, please."))


def _words(name):
    language = {"lang": "zh"} if name.endswith("zh") else {"lang": "en"}
    length = Length(max=LONGEST, message=TOO_LONG)
    return Words(LABELS[name], [length, _shown], default="", render_kw=language)


def names_field(label):
    return Names(label, default=list, render_kw={"rows": 4})


def areas_field():
    return SelectMultipleField(LABELS["areas"], [InputRequired(_l("Choose at least one area."))], validate_choice=False)


def capacity_field():
    return WholeNumber(
        LABELS["capacity"],
        [NumberRange(1, MOST_CAPACITY, message=_l("Enter a whole number from %(min)s to %(max)s."))],
        render_kw={"inputmode": "numeric", "min": 1, "max": MOST_CAPACITY},
    )


class _OfCall(AccountForm):
    def offer(self, call):
        """Offers the areas of this call."""
        self.areas.choices = [SelectChoice(area.id, area.name) for area in call.areas]
        self.known_areas = {area.id for area in call.areas}
        return self

    def validate_areas(self, field):
        if not self.known_areas.issuperset(field.data or ()):
            raise StopValidation(_l("This area is not one of the call."))

    def values(self, names):
        return {name: self[name].data for name in names}


class _Addressed(AccountForm):
    """Before the rest of the form, on the page and among its problems."""

    email = email_field(LABELS["email"])
    language = language_field(_l("Language of the mails"))


class ExpertForm(_OfCall):
    name_zh, name_en = _words("name_zh"), _words("name_en")
    organization_zh, organization_en = _words("organization_zh"), _words("organization_en")
    aliases = names_field(LABELS["aliases"])
    areas = areas_field()
    languages = SelectMultipleField(
        LABELS["languages"],
        [InputRequired(_l("Choose at least one language."))],
        choices=[SelectChoice(language, name, {"lang": language}) for language, name in OWN_NAMES.items()],
    )
    capacity = capacity_field()

    def validate_name_en(self, field):
        if not (self.name_zh.data or field.data):
            raise StopValidation(_l("Enter the name in at least one language."))

    def validate_organization_en(self, field):
        if not (self.organization_zh.data or field.data):
            raise StopValidation(_l("Enter the organization in at least one language."))


class NewExpertForm(ExpertForm, _Addressed):
    """One who is not on the list yet."""


class PartForm(_OfCall):
    """An invitation as its expert answers it."""

    areas = areas_field()
    capacity = capacity_field()
    aliases = names_field(_l("Other names of your organization, and organizations with which you have ties"))
    said = TextAreaField(
        _l("A word to the organizer"),
        [Length(max=LONGEST_WORD, message=TOO_LONG)],
        render_kw={"rows": 3},
    )

    @property
    def accepts(self):
        """Which of the two buttons was pressed; Enter presses the first, to accept."""
        return request.form.get("action") != "decline"

    def validate(self, extra_validators=None):
        """Of whoever declines, nothing else is judged."""
        if self.accepts or "said" not in self:
            return super().validate(extra_validators)
        return all(self[name].validate(self) for name in ("csrf_token", "said") if name in self)


class ConflictForm(AccountForm):
    """Why there is a conflict of interest."""

    text = TextAreaField(_l("Why"), [Length(max=LONGEST_WORD, message=TOO_LONG)], render_kw={"rows": 3})


class EnteredForm(ConflictForm):
    number = Words(_l("Number of the application"), [DataRequired(_l("Enter the number of the application."))])
    expert = SelectField(_l("Expert"), coerce=str, validate_choice=False)


class DismissForm(AccountForm):
    reason = TextAreaField(
        _l("Reason"),
        [DataRequired(_l("Say why.")), Length(max=LONGEST_WORD, message=TOO_LONG)],
        render_kw={"rows": 3},
    )


class TableForm(AccountForm):
    table = FileField(_l("Table of experts"), [FileRequired(_l("Choose a file."))], render_kw={"accept": ".xlsx,.csv"})


class ImportForm(AccountForm):
    """The second page of an import: what was read, as JSON, and what of it is wanted."""

    sheet = HiddenField()
    shown = HiddenField()
    """The fingerprint of what the page showed."""
    update = BooleanField(_l("Also change those who are on the list already, as shown"))
