"""The forms of the formal check: the checklist, reasons, the outcome; and of a later deadline for one application."""

from datetime import timedelta

from flask import request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import Form, RadioField, SelectField, SelectMultipleField, StringField, TextAreaField
from wtforms.validators import AnyOf, Length, StopValidation

from app.call.values import parse_moment
from app.desk.concerns import WHOLE
from app.desk.formal_check import LONGEST, OUTCOMES
from app.forms.account import AccountForm

FEWEST_REASONS, MOST_REASONS = 3, 60
TOO_LONG = _l("Use at most %(max)d characters.")


class DatedForm(AccountForm):
    """A form with a day and a clock time in the zone of the call, 24:00 being the end of the day."""

    until_time = StringField(_l("Time"))
    until = None
    """The exclusive instant, once it was read."""

    def __init__(self, *, call, **kwargs):
        super().__init__(**kwargs)
        self.call = call

    def read_until(self):
        """Sets `until`, or says at the day what is wrong, and answers whether it is right."""
        try:
            self.until = parse_moment(f"{self.until_day.data} {self.until_time.data}", self.call.zone)
        except ValueError:
            self.until_day.errors = [_("Give a date such as 2027-06-15, and a time such as 24:00 or 17:30.")]
        return self.until is not None

    def refuse(self, refused):
        """Shows why a verb refused: beside the input it is about, where it says so."""
        sentence, *target = refused.args
        field = self.inputs.get(target[0]) if target else None
        if field is None:
            self.form_errors.append(sentence)
        else:
            field.errors = [*field.errors, sentence]

    @property
    def inputs(self):
        """{what a Refused may be about: its input}"""
        return {**self._fields, "until": self.until_day}


def ends(instant, zone):
    """How an exclusive instant stands in the two inputs: midnight as 24:00 of the day before."""
    moment = instant.astimezone(zone)
    if (moment.hour, moment.minute) != (0, 0):
        return {"until_day": f"{moment:%Y-%m-%d}", "until_time": f"{moment:%H:%M}"}
    return {"until_day": f"{moment - timedelta(days=1):%Y-%m-%d}", "until_time": "24:00"}


def _typed(field):
    return (field.data or "").replace("\r\n", "\n").strip()


class ReasonForm(Form):
    """One reason; left empty, it counts for none."""

    about = SelectField(validate_choice=False)
    zh = TextAreaField(validators=[Length(max=LONGEST, message=TOO_LONG)])
    en = TextAreaField(validators=[Length(max=LONGEST, message=TOO_LONG)])

    @property
    def blank(self):
        return not (_typed(self.zh) or _typed(self.en))

    def validate_about(self, field):
        if field.data not in field.known:
            raise StopValidation(_("What this reason concerned is not there any more. Choose again."))
        if field.data and self.blank:
            raise StopValidation(_("Write the reason, in Chinese or in English."))


class CheckForm(DatedForm):
    """`offered` is what reasons may concern, as `concerns.offered` gives it; `open_reasons` are those still to be settled."""

    held = SelectMultipleField(validate_choice=False)
    outcome = RadioField(
        _l("Outcome"), [AnyOf(OUTCOMES, message=_l("Choose the outcome."))], validate_choice=False
    )
    until_day = StringField(_l("May be improved until"))
    why = TextAreaField(_l("Why is the earlier outcome reversed?"), [Length(max=LONGEST, message=TOO_LONG)])

    def __init__(self, *, call, offered, open_reasons, **kwargs):
        super().__init__(call=call, **kwargs)
        typed = request.form if self.is_submitted() else None
        count = request.form.get("reasons", 0, type=int)
        self.offered = [(None, [("", WHOLE)]), *offered]
        self.reasons = []
        for _n in range(min(max(count, FEWEST_REASONS), MOST_REASONS)):
            self.add(typed)
        self.settled = {reason.id for reason in open_reasons if request.form.get(f"settled-{reason.id}") == "yes"}

    @property
    def free(self):
        """The place of the first reason that is still empty."""
        return next((n for n, reason in enumerate(self.reasons) if reason.blank and not reason.about.data), len(self.reasons))

    def add(self, typed=None, **data):
        """Appends a reason, as it was typed; one that holds `data` takes the first empty place."""
        place = self.free if data else len(self.reasons)
        reason = ReasonForm(typed, prefix=f"reason-{place}-", data=data)
        reason.about.known = [key for _title, choices in self.offered for key, _name in choices]
        reason.about.data = reason.about.data or ""
        self.reasons[place : place + 1] = [reason]

    def validate(self, extra_validators=None):
        sound = super().validate(extra_validators)
        dated = self.outcome.data != "returned" or self.read_until()
        # Every reason, not up to the first that is wrong.
        judged = all([reason.validate() for reason in self.reasons])  # noqa: C419
        return sound and dated and judged

    @property
    def given(self):
        """The reasons that were written: [(key of what they concern, Chinese, English)]."""
        return [(reason.about.data, _typed(reason.zh), _typed(reason.en)) for reason in self.reasons if not reason.blank]

    @property
    def problems(self):
        found = super().problems
        return found + [(field.id, error) for reason in self.reasons for field in reason for error in field.errors]

    @property
    def inputs(self):
        return super().inputs | {"reasons": self.reasons[0].zh}


class ExtensionForm(DatedForm):
    until_day = StringField(_l("New date"))
    reason = TextAreaField(_l("Reason"), [Length(max=LONGEST, message=TOO_LONG)])

    def validate(self, extra_validators=None):
        sound = super().validate(extra_validators)
        return self.read_until() and sound
