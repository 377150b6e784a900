"""What an organizer chooses to be erased of a past call, and the word that confirms it."""

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, IntegerField, SelectField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import StopValidation

from app import rules
from app.forms.account import AccountForm

MOST_DAYS = 36_500
APPLICATIONS = {
    "keep": _l("Keep them as they are"),
    "anonymize": _l("Anonymize: contact data and every private answer go"),
    "erase": _l("Erase: only number, dates and result stay"),
}


def _days(label, kept):
    return IntegerField(label, [_enough], default=rules.DAYS_KEPT[kept])


def _enough(form, field):
    if field.data is None or not rules.LEAST_DAYS_KEPT <= field.data <= MOST_DAYS:
        field.errors[:] = []
        raise StopValidation(_l("Enter a whole number of days, %(least)s or more.", least=rules.LEAST_DAYS_KEPT))


def _is_offered(form, field):
    if field.data not in [choice.value for choice in field.choices]:
        raise StopValidation(_l("Choose one of these."))


class RetentionForm(FlaskForm):
    """Comes with the address, so that what would go can be looked at again. `calls` are the past ones."""

    class Meta:
        csrf = False

    call = SelectField(_l("Award"), [_is_offered], validate_choice=False)
    drafts = BooleanField(_l("Erase drafts that were never handed in"))
    drafts_after = _days(_l("Days after the deadline, for drafts"), "drafts")
    applications = SelectField(
        _l("Applications that were handed in"),
        [_is_offered],
        choices=[SelectChoice(name, words) for name, words in APPLICATIONS.items()],
        validate_choice=False,
    )
    applications_after = _days(_l("Days after the deadline, for applications"), "applications")

    def __init__(self, args, calls):
        # An unticked box is not in the address, nor is anything at the first look.
        super().__init__(args, drafts=True)
        self.call.choices = [SelectChoice(call.id, _l("%(award)s %(edition)s", award=call.name, edition=call.edition)) for call in calls]

    @property
    def problems(self):
        """`(id, sentence)` of everything that is wrong."""
        return [(field.id, error) for field in self for error in field.errors]


class ConfirmForm(AccountForm):
    """`call_id` has to be typed: nobody erases a call by a slip of the hand."""

    word = StringField(_l("Type the name of the call file to confirm"), render_kw={"autocomplete": "off", "spellcheck": "false"})
    call_id = None

    def validate_word(self, field):
        if (field.data or "").strip() != self.call_id:
            raise StopValidation(_l("This is not %(call)s. Nothing was erased.", call=self.call_id))
