"""The scoring form: a whole number for each criterion of the category, and a comment to the committee."""

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.datastructures import MultiDict
from wtforms import Form, StringField, TextAreaField
from wtforms.validators import Length, StopValidation

COMMENT = "comment"
LONGEST = 10_000
"""Characters of the comment."""
MOST_BUTTONS = 10
"""Up to this scale a score is chosen among buttons, above it typed."""


def score(text, scale):
    """The whole number from 0 to `scale` that was typed, or None."""
    text = text.strip()
    number = int(text) if text.isdecimal() and len(text) < 5 else None
    return number if number is not None and number <= scale else None


class Score(StringField):
    """Any way to write a whole number in figures, full-width ones as well, is read; what was typed stays in `data`."""

    def __init__(self, *args, criterion, scale, **kwargs):
        super().__init__(*args, **kwargs)
        self.criterion, self.scale = criterion, scale

    @property
    def number(self):
        """The score, or None where there is none from 0 to the scale."""
        return score(self.data or "", self.scale)

    @property
    def choices(self):
        """[(value, whether it is chosen)] of the buttons; none where the score is typed."""
        return [(value, value == self.number) for value in range(self.scale + 1)] if self.scale <= MOST_BUTTONS else []

    def pre_validate(self, form):
        if self.number is None:
            raise StopValidation(
                _("%(criterion)s: give a whole number from 0 to %(scale)s.", criterion=self.criterion.name, scale=self.scale)
            )


class ReviewForm(Form):
    comment = TextAreaField(validators=[Length(max=LONGEST, message=_l("Use at most %(max)d characters."))])
    required = False
    """Whether the call asks for a comment."""

    @property
    def scores(self):
        """The [Score], in the order of the criteria."""
        return [field for field in self if isinstance(field, Score)]

    @property
    def scored(self):
        """How many criteria have a score."""
        return sum(field.number is not None for field in self.scores)

    @property
    def total(self):
        """The sum of weight (percent) times score; None before every criterion has one."""
        if any(field.number is None for field in self.scores):
            return None
        return sum(field.criterion.weight * field.number for field in self.scores)

    @property
    def total_words(self):
        """The weighted mean, from 0 to the scale, with both its decimals: nothing is rounded."""
        return None if self.total is None else f"{self.total // 100}.{self.total % 100:02d}"

    def validate_comment(self, field):
        if self.required and not (field.data or "").strip():
            raise StopValidation(_("Write a comment to the committee."))

    @property
    def problems(self):
        """[(input id, sentence)] of a judged form."""
        return [(field.id, error) for field in [*self.scores, self.comment] for error in field.errors]


def judge(call, category, raw):
    """The form with what was typed, `{input name: [strings]}`, for a Category of `call`."""
    scale = call.review.scale
    scores = {f"score-{criterion.id}": Score(criterion=criterion, scale=scale) for criterion in category.criteria}
    form = type("ReviewForm", (ReviewForm,), {**scores, "required": call.review.comment_required})
    return form(MultiDict(raw))
