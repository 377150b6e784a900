"""The forms of decisions: one application's, and the time at which all of them become known."""

from datetime import datetime

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, HiddenField, RadioField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import AnyOf

from app.forms.account import AccountForm
from app.forms.checking import DatedForm


class DecisionForm(AccountForm):
    known = HiddenField()
    """`deciding.seen` of the decision as the page shows it."""
    outcome = RadioField(_l("Decision"), validate_choice=False)
    feedback_zh = TextAreaField(_l("Feedback in Chinese"), render_kw={"lang": "zh"})
    feedback_en = TextAreaField(_l("Feedback in English"), render_kw={"lang": "en"})
    named = BooleanField(_l("It is not the expert who is meant."))
    reason = StringField(_l("Reason"))
    mail = BooleanField(_l("Mail the result to the applicant again"))
    asks_named = False
    """Whether a name of an expert was found in the feedback."""

    def __init__(self, *, call, **kwargs):
        super().__init__(**kwargs)
        self.outcome.choices = [SelectChoice(decision.id, str(decision.name)) for decision in call.decisions]
        self.outcome.validators = [AnyOf([decision.id for decision in call.decisions], message=_l("Choose a decision."))]

    @property
    def feedback(self):
        return {"zh": self.feedback_zh.data or "", "en": self.feedback_en.data or ""}

    def refuse(self, refused):
        """Shows why a verb refused: beside the input it is about, where it says so."""
        sentence, *about = refused.args
        field = self._fields.get(about[0]) if about else None
        self.asks_named = "named" in about
        if field is None:
            self.form_errors.append(sentence)
        else:
            field.errors = [*field.errors, sentence]


class ReleaseForm(DatedForm):
    known = HiddenField()
    """The time that held when the page was made, ISO 8601; empty for none."""
    when = RadioField(
        _l("When"), [AnyOf(("now", "later"), message=_l("Choose when."))],
        choices=[SelectChoice("now", _l("As soon as possible, within two minutes")), SelectChoice("later", _l("At a time I choose"))],
        validate_choice=False,
    )  # fmt: skip
    until_day = StringField(_l("Day"))

    def validate(self, extra_validators=None):
        sound = super().validate(extra_validators)
        return sound and (self.when.data == "now" or self.read_until())

    @property
    def held(self):
        """The time that held when the page was made, or None; also where the address was tampered with."""
        try:
            return datetime.fromisoformat(self.known.data) if self.known.data else None
        except ValueError:
            return None
