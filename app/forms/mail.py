"""The form of a mail to applicants, in both languages."""

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, StringField, TextAreaField
from wtforms.validators import Length

from app.call.checks import CONTROL
from app.call.organizing import BLANK, PLACEHOLDERS, placeholders
from app.forms.account import AccountForm
from app.languages import LANGUAGES
from app.mails.mail_words import Words

EXPLAINED = {
    "name": _l("the applicant’s name"),
    "number": _l("the number of the application"),
    "title": _l("the achievement’s name"),
    "award": _l("the name of the award"),
    "organizer": _l("the organizer"),
    "deadline": _l("the deadline, or the later one this application was given"),
    "link": _l("the address of the application’s page; put it on a line of its own"),
    "contact": _l("name, e-mail address and phone number of the contact"),
}
"""What each of PLACEHOLDERS is replaced by."""
LONGEST_SUBJECT, LONGEST_TEXT = 200, 20_000
LABELS = {
    "subject_zh": _l("Subject in Chinese"),
    "subject_en": _l("Subject in English"),
    "text_zh": _l("Text in Chinese"),
    "text_en": _l("Text in English"),
}
MISSING = {"subject": _l("Write the subject."), "text": _l("Write the text.")}


def _subject(language):
    length = Length(max=LONGEST_SUBJECT, message=_l("The subject has more than %(max)d characters. Shorten it, please."))
    return StringField(LABELS[f"subject_{language}"], [length], name=f"subject-{language}", render_kw={"lang": language})


def _text(language):
    length = Length(max=LONGEST_TEXT, message=_l("The text has more than %(max)d characters. Shorten it, please."))
    return TextAreaField(LABELS[f"text_{language}"], [length], name=f"text-{language}", render_kw={"lang": language, "rows": 14})


class MailForm(AccountForm):
    key = HiddenField()
    """Made with the form: whatever is sent with it is sent once."""
    expected = HiddenField()
    """Who was to get the mail when it was shown, `Plan.fingerprint`."""
    subject_zh = _subject("zh")
    subject_en = _subject("en")
    text_zh = _text("zh")
    text_en = _text("en")
    needed = LANGUAGES
    """The languages that are read by somebody who gets the mail."""

    @property
    def problems(self):
        labels = {self[name].id: label for name, label in LABELS.items()}
        return [
            (name, _("%(concerns)s: %(reason)s", concerns=labels[name], reason=error) if name in labels else error)
            for name, error in super().problems
        ]

    @property
    def words(self):
        """The Words, line breaks as we write them."""
        typed = {name: (self[name].data or "").replace("\r\n", "\n").strip() for name in LABELS}
        return Words(*({language: typed[f"{part}_{language}"] for language in LANGUAGES} for part in ("subject", "text")))

    def validate(self, extra_validators=None):
        sound = super().validate(extra_validators)
        for part in ("subject", "text"):
            for language, words in getattr(self.words, part).items():
                written = self.words.subject[language] or self.words.text[language]
                problem = _problem(words) if words else MISSING[part] if written or language in self.needed else None
                if problem:
                    self[f"{part}_{language}"].errors = [problem]
                    sound = False
        return sound


def _problem(words):
    if CONTROL.search(words):
        return _("There is a character that cannot be shown. Type it again, please.")
    if BLANK in words:
        return _("There is still a blank to fill in: %(blank)s", blank=BLANK)
    unknown = [name for name in placeholders(words) if name not in PLACEHOLDERS]
    if unknown:
        known = _(", ").join(f"{{{name}}}" for name in PLACEHOLDERS)
        return _("There is no “{%(name)s}”. There are: %(known)s.", name=unknown[0], known=known)
    return None
