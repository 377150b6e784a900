"""The form in which a name is confirmed or put right; it judges as the form of the application does."""

from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField
from werkzeug.datastructures import MultiDict
from wtforms import BooleanField, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import AnyOf, DataRequired, Length, StopValidation

from app.call.values import parse_moment
from app.forms.account import AccountForm
from app.forms.calls import LONGEST_REASON, _is_printable
from app.forms.step import form_class
from app.honors.honoring import FORMS

FORM_NAMES = {
    "SC": _l("Simplified Chinese"),
    "TC": _l("Traditional Chinese"),
    "HK": _l("Traditional Chinese, Hong Kong"),
    "JP": _l("Japanese"),
    "KR": _l("Korean"),
}


class NameForm(AccountForm):
    """`call` is the one that the contributor was named under; with `name_matters` off, a name is not judged."""

    zh = StringField(_l("Name in Chinese"), default="", render_kw={"lang": "zh", "autocomplete": "off", "spellcheck": "false"})
    latin = BooleanField(_l("No Chinese name: print the Latin one alone"))
    en = StringField(_l("Name in English"), default="", render_kw={"lang": "en", "autocomplete": "off", "spellcheck": "false"})
    form = SelectField(
        _l("How the characters are drawn"),
        [AnyOf(FORMS, message=_l("Choose one of these."))],
        choices=[SelectChoice(form, words) for form, words in FORM_NAMES.items()],
        validate_choice=False,
        default="SC",
    )
    call = None
    name_matters = True

    @classmethod
    def about(cls, one):
        """The form over an Honored, filled with the name as it stands."""
        same = one.zh == one.en
        form = cls(data={"zh": "" if same else one.zh, "en": one.en, "latin": same, "form": one.form})
        form.call = one.call
        return form

    @property
    def name(self):
        """(zh, en) as they are printed."""
        en = self.en.data.strip()
        return (en if self.latin.data and not self.zh.data.strip() else self.zh.data.strip()), en

    def validate(self, extra_validators=None):
        valid = super().validate(extra_validators)
        if not self.name_matters:
            return valid
        _step, field = self.call.find("contributors")
        latin = {"name-latin": "yes"} if self.latin.data else {}
        posted = MultiDict({"name-zh": self.zh.data, "name-en": self.en.data} | latin)
        row = form_class(self.call, _step, "")(formdata=MultiDict(), meta={"csrf": False})[field.id].row_class(posted)
        row.validate()
        for side in ("zh", "en"):
            self[side].errors = [*self[side].errors, *row[f"name-{side}"].errors]
            valid = valid and not self[side].errors
        return valid


class NameForOthersForm(NameForm):
    """The same at the desk, with the reason why an organizer does it, which also stands for a revocation."""

    reason = TextAreaField(
        _l("Reason"),
        [
            DataRequired(_l("Give the reason.")),
            Length(max=LONGEST_REASON, message=_l("This has more than %(max)d characters. Shorten it, please.")),
            _is_printable,
        ],
        default="",
    )


def _signatory(label, language):
    return StringField(
        label,
        [Length(max=100, message=_l("This has more than %(max)d characters. Shorten it, please.")), _is_printable],
        default="",
        render_kw={"lang": language},
    )


class DesignForm(AccountForm):
    date = StringField(_l("Date on the certificates"), default="", render_kw={"inputmode": "numeric", "placeholder": "YYYY-MM-DD"})
    signatory_zh = _signatory(_l("Who signs, in Chinese"), "zh")
    signatory_en = _signatory(_l("Who signs, in English"), "en")
    seal = FileField(_l("Seal"), render_kw={"accept": ".png,.jpg,.jpeg"})
    signature = FileField(_l("Signature"), render_kw={"accept": ".png,.jpg,.jpeg"})
    no_seal = BooleanField(_l("Take the seal away"))
    no_signature = BooleanField(_l("Take the signature away"))

    def validate_date(self, field):
        if not (field.data or "").strip():
            return
        try:
            parse_moment(f"{field.data.strip()} 12:00", "UTC")
        except ValueError:
            raise StopValidation(_l("Write the date like 2027-11-10.")) from None
