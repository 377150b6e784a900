"""The forms by which organizers say how a call is reviewed, and take a review from an expert."""

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, IntegerField, StringField, TextAreaField
from wtforms.validators import StopValidation

from app.forms.account import AccountForm
from app.forms.checking import DatedForm
from app.review.proposing import MOST_REVIEWERS


def _is_few(form, field):
    if field.data is None or not 1 <= field.data <= MOST_REVIEWERS:
        field.errors[:] = []
        raise StopValidation(_l("Enter a whole number from 1 to %(most)s.", most=MOST_REVIEWERS))


class PanelForm(DatedForm):
    reviewers = IntegerField(_l("Experts per application"), [_is_few])
    until_day = StringField(_l("Reviews may be handed in until"))
    blind = BooleanField(_l("Blind review: experts do not see the names of people and organizations"))

    def validate(self, extra_validators=None):
        sound = super().validate(extra_validators)
        given = (self.until_day.data or "").strip()
        if given:
            return self.read_until() and sound
        return sound


class EndForm(AccountForm):
    reason = TextAreaField(_l("Reason, for the organizers"))

    def refuse(self, error):
        """Shows why a verb refused: at the reason, where it is about that."""
        sentence, *target = error.args
        if target:
            self.reason.errors = [sentence]
        else:
            self.form_errors.append(sentence)
