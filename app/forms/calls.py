"""The forms in which an organizer changes a call file, or moves its deadline."""

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, HiddenField, StringField, TextAreaField
from wtforms.validators import DataRequired, Length, StopValidation

from app.call.checks import CONTROL
from app.call.values import parse_moment
from app.forms.account import AccountForm

LONGEST_REASON = 500


def _is_printable(form, field):
    if CONTROL.search(field.data or ""):
        raise StopValidation(_l("There is a character that cannot be shown. Type it again, please."))


_SHORT = Length(max=LONGEST_REASON, message=_l("This has more than %(max)d characters. Shorten it, please."))


def _reason(label, missing, language):
    return TextAreaField(label, [DataRequired(missing), _SHORT, _is_printable], render_kw={"lang": language, "rows": 3})


class CallForm(AccountForm):
    text = TextAreaField(_l("The call file"), default="")
    base = HiddenField(default="")
    """The SHA-256 of the file as it was when its text was shown; "" where there was none."""
    view = HiddenField(default="")
    """"preview" on the page of the preview."""
    look = HiddenField(default="")
    """The page that is looked at in the preview: see `previewing.looks`."""
    reason = StringField(_l("What did you change, and why? (optional; for the history)"), [_SHORT, _is_printable], default="")
    confirm = StringField(default="")
    """The `to_confirm` of a Review, where it was ticked."""


class DeadlineForm(AccountForm):
    before = HiddenField()
    """The deadline as it was when the form was shown."""
    day = StringField(
        _l("Date"), [DataRequired(_l("Enter the date."))], render_kw={"inputmode": "numeric", "placeholder": "YYYY-MM-DD"}
    )
    clock = StringField(_l("Time"), [DataRequired(_l("Enter the time."))], render_kw={"placeholder": "HH:MM"})
    reason_zh = _reason(_l("Reason in Chinese"), _l("Give the reason in Chinese."), "zh")
    reason_en = _reason(_l("Reason in English"), _l("Give the reason in English."), "en")
    mail = BooleanField()

    @property
    def moment(self):
        """The new deadline as a call file writes it."""
        return f"{self.day.data.strip()} {self.clock.data.strip()}"

    def validate_clock(self, field):
        try:
            parse_moment(self.moment if self.day.data.strip() else f"2000-01-01 {field.data.strip()}", "UTC")
        except ValueError:
            raise StopValidation(_l("Write the date like 2027-06-30 and the time like 18:00; 24:00 is the end of the day.")) from None
