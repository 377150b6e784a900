"""The kinds of questions a call file may ask, each a WTForms field that judges the raw string and never changes it.

Beyond what WTForms gives, every field has `raw` (the string as typed, or the list of them), `missing` (true when the
only thing wrong is that nothing was filled in) and `warnings` (sentences that never block).
"""

from datetime import date

import phonenumbers
from email_validator import EmailNotValidError, validate_email
from flask_babel import lazy_gettext as _l
from wtforms import Field
from wtforms.validators import StopValidation

from app import countries, lengths, scripts


class Question(Field):
    """One input. `spec` is the schema.Field, `side` the language of its half of a pair (None for a plain question)."""

    def __init__(self, *, spec, call, side=None, **kwargs):
        super().__init__(label=spec.label, **kwargs)
        self.spec, self.call, self.side = spec, call, side
        self.missing = False

    def process_formdata(self, valuelist):
        self.data = self.raw

    @property
    def raw(self):
        return self.raw_data[0] if self.raw_data else ""

    @property
    def blank(self):
        return not self.raw.strip()

    @property
    def limit(self):
        return self.spec.limit(self.side)

    @property
    def count(self):
        return lengths.count(self.raw)

    @property
    def warnings(self):
        return []

    def pre_validate(self, form):
        self.missing = False
        if not form.applies(self):
            return
        if self.blank:
            if self.spec.required and not form.excuses(self):
                self.missing = True
                raise StopValidation(self.missing_message)
            return
        if self.limit and self.count > self.limit:
            raise StopValidation(self.too_long_message)
        self.judge()

    @property
    def missing_message(self):
        if self.side == "zh":
            return _l("Fill in “%(label)s” in Chinese.", label=self.spec.label)
        if self.side == "en":
            return _l("Fill in “%(label)s” in English.", label=self.spec.label)
        return _l("Fill in “%(label)s”.", label=self.spec.label)

    @property
    def too_long_message(self):
        values = {"label": self.spec.label, "limit": self.limit, "count": self.count}
        if self.side == "zh":
            return _l("“%(label)s” in Chinese has %(count)s characters; at most %(limit)s are allowed. Nothing was cut.", **values)
        if self.side == "en":
            return _l("“%(label)s” in English has %(count)s words; at most %(limit)s are allowed. Nothing was cut.", **values)
        return _l("“%(label)s” has %(count)s words; at most %(limit)s are allowed. Nothing was cut.", **values)

    def judge(self):
        """Raises StopValidation when the filled-in text is not what this kind asks for."""

    def said(self, language):
        """The answer as people read it in `language`."""
        return self.raw


class LineField(Question):
    @property
    def warnings(self):
        if self.blank:
            return []
        if self.side == "zh" and not scripts.has_han(self.raw):
            return [_l("There is no Chinese character here. That is fine if the name has none.")]
        if self.side == "en" and not scripts.mostly_latin(self.raw):
            return [_l("This does not look like English. Please check that it stands on the right side.")]
        return []


class TextField(Question):
    def judge(self):
        text = self.raw.strip()
        if self.side == "zh" and not scripts.has_han(text):
            raise StopValidation(
                _l("“%(label)s” needs a Chinese text here, and there is no Chinese character in it.", label=self.spec.label)
            )
        if self.side == "en" and not scripts.mostly_latin(text):
            raise StopValidation(_l("“%(label)s” needs an English text here, and most of it is in another script.", label=self.spec.label))


class EmailField(Question):
    def judge(self):
        text = self.raw.strip()
        try:
            # What is longer is no address, and would take seconds to look at.
            validate_email(text[:1000], check_deliverability=False)
        except EmailNotValidError as error:
            raise StopValidation(_l("“%(label)s” must be one e-mail address, such as name@example.org.", label=self.spec.label)) from error


class PhoneField(Question):
    @staticmethod
    def number(text):
        """The number, China assumed where no country code is typed; None if it is none."""
        try:
            number = phonenumbers.parse(text, "CN")
        except phonenumbers.NumberParseException:
            return None
        return number if phonenumbers.is_possible_number(number) else None

    def judge(self):
        text = self.raw.strip()
        if self.number(text) is None:
            raise StopValidation(
                _l(
                    "“%(label)s” must be a phone number. Outside China, begin with + and the country code, such as +49 89 1234567.",
                    label=self.spec.label,
                )
            )

    def said(self, language):
        number = self.number(self.raw)
        return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.INTERNATIONAL) if number else self.raw


class LinkField(Question):
    def judge(self):
        text = self.raw.strip()
        scheme, mark, rest = text.partition("://")
        if scheme.lower() not in ("http", "https") or not mark or "." not in rest or any(c.isspace() for c in text):
            raise StopValidation(_l("“%(label)s” must be a web address that begins with https:// or http://.", label=self.spec.label))


class DateField(Question):
    def judge(self):
        text = self.raw.strip()
        try:
            date.fromisoformat(text)
        except ValueError as error:
            raise StopValidation(_l("“%(label)s” must be a date such as 2026-05-31.", label=self.spec.label)) from error


class CountryField(Question):
    def judge(self):
        text = self.raw.strip()
        if countries.resolve(self.call, text) is None:
            raise StopValidation(_l("“%(label)s”: choose a country or region from the list.", label=self.spec.label))

    @property
    def code(self):
        return countries.resolve(self.call, self.raw)

    @property
    def shown(self):
        """What the input shows: a known name in the language of the page, else what was typed."""
        return self.said(None)

    def said(self, language):
        return countries.names(self.call, language)[self.code] if self.code else self.raw


class ChoiceField(Question):
    @property
    def choices(self):
        return self.call.options(self.spec)

    @property
    def missing_message(self):
        return _l("Choose an answer for “%(label)s”.", label=self.spec.label)

    def judge(self):
        text = self.raw.strip()
        if text not in dict(self.choices):
            raise StopValidation(_l("“%(label)s”: choose one of the answers offered.", label=self.spec.label))

    def said(self, language):
        label = dict(self.choices).get(self.raw)
        return label[language] if label else self.raw


class YesNoField(ChoiceField):
    @property
    def choices(self):
        return [("yes", _l("Yes")), ("no", _l("No"))]

    def said(self, language):
        words = {"zh": {"yes": "是", "no": "否"}, "en": {"yes": "Yes", "no": "No"}}
        return words[language].get(self.raw, self.raw)


class ChoicesField(ChoiceField):
    @property
    def raw(self):
        return self.raw_data or []

    @property
    def blank(self):
        return not any(value.strip() for value in self.raw)

    limit = None

    def judge(self):
        if not set(self.raw) <= set(dict(self.choices)):
            raise StopValidation(_l("“%(label)s”: choose one of the answers offered.", label=self.spec.label))
        if self.spec.most and len(set(self.raw)) > self.spec.most:
            raise StopValidation(_l("“%(label)s”: choose at most %(most)s.", label=self.spec.label, most=self.spec.most))
        if len(set(self.raw)) < self.spec.least:
            raise StopValidation(_l("“%(label)s”: choose at least %(least)s.", label=self.spec.label, least=self.spec.least))

    def said(self, language):
        labels = dict(self.choices)
        return ("、" if language == "zh" else ", ").join(labels[value][language] for value in self.raw if value in labels)


KINDS = {
    "line": LineField,
    "text": TextField,
    "choice": ChoiceField,
    "choices": ChoicesField,
    "country": CountryField,
    "email": EmailField,
    "phone": PhoneField,
    "link": LinkField,
    "date": DateField,
    "yes-no": YesNoField,
}
