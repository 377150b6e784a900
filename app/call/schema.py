"""What a call for entries consists of. The engine knows no award: everything award-specific is one of these.

A call file is TOML; its keys are the attribute names below (`for_` is written `for`). A text in both languages is
written as two dotted keys, `label.zh = "…"` and `label.en = "…"`. `sample = true` marks a text the award's own guide
does not give: it is shown as a sample until an organizer confirms it by deleting the line.

The text of a `Section`, `introduction` and `privacy` are Markdown; of a slide, each line is a paragraph, or a bullet
point when it begins with "- ". Every other text is plain. What no type can say is judged in `checks.py`.

Six field ids carry meaning for the engine and must exist with these kinds (see `MEANINGS`): `category`, `title`,
`organization`, `country`, `areas`, `contributors`.
"""

import hashlib
from functools import cached_property
from typing import Annotated, ClassVar, Literal

from pydantic import Discriminator, PrivateAttr, StringConstraints, Tag
from pydantic import Field as Key

from app.call.organizing import OUTCOMES, MailText, Outcome, Point, Review, UsualReason, Wording
from app.call.values import Flag, Line, Moment, Name, Part, Passage, Positive, Slug, Title, Zone, parse_moment
from app.languages import Text

KINDS = ("line", "text", "choice", "choices", "country", "email", "phone", "link", "date", "yes-no", "rows")
PAIRABLE = ("line", "text")
CHOOSING = ("choice", "choices")
COUNTABLE = ("choices", "rows")
MEANINGS = {
    "category": "choice",
    "title": "line",
    "organization": "line",
    "country": "country",
    "areas": "choices",
    "contributors": "rows",
}
RESERVED_STEPS = ("check", "receipt", "reopen", "withdraw", "restore", "delete", "index", "draft")
FILES_STEP = "files"
MOST_ROWS = 100
RESERVED_FIELDS = (
    "action", "answers", "answers_of", "applies", "blank", "call", "claimed", "csrf_token", "data", "errors", "evidence_files",
    "evidence_of", "excuses", "form_errors", "hidden_tag", "id", "is_submitted", "items", "items_of", "meta", "named", "number",
    "populate_obj", "post_process", "problems", "process", "specs", "step", "version",
)
"""Names the pages and the form classes use themselves; so are those that begin with "validate"."""
MAX_FILE_BYTES = 5 * 1024 * 1024
"""The largest file that may be uploaded."""
FILE_TYPES = ("pdf", "png", "jpg", "jpeg", "docx", "xlsx", "pptx")


class Longest(Part):
    """The most units (see `lengths.py`) each side of a pair may hold."""

    zh: Positive
    en: Positive


class Option(Part):
    id: Slug
    label: Title


class Field(Part):
    """One question. `for_` limits it to some categories; `when` to a "yes" of a yes-no question of the same step."""

    id: Name
    kind: Literal[KINDS]
    label: Title
    hint: Text | None = None
    both: Flag = False
    """Asked in both languages: `<id>-zh` and `<id>-en`."""
    latin: Flag = False
    """Names of people and organizations: "no Chinese name: use the Latin one" is offered."""
    required: Flag = True
    private: Flag = False
    """Never shown to experts or in public."""
    longest: (
        Annotated[
            Annotated[Positive, Tag("number")] | Annotated[Longest, Tag("pair")],
            Discriminator(lambda value: "pair" if isinstance(value, dict | Longest) else "number"),
        ]
        | None
    ) = None
    options: (
        Annotated[
            Annotated[tuple[Option, ...], Tag("own")] | Annotated[Literal["categories", "areas"], Tag("named")],
            Discriminator(lambda value: "named" if isinstance(value, str) else "own"),
        ]
        | None
    ) = None
    least: Annotated[int, Key(strict=True, ge=0, le=1000)] = 0
    most: Positive | None = None
    row: Title | None = None
    """What one row is called: "Contributor"."""
    fields: "tuple[Field, ...]" = ()
    for_: tuple[Slug, ...] = Key(default=(), alias="for")
    when: Name | None = None
    sample: Flag = False

    def limit(self, language=None):
        """The most units this side may hold, or None."""
        if isinstance(self.longest, Longest):
            return self.longest.zh if language == "zh" else self.longest.en
        return self.longest


class Step(Part):
    """One page of the form. The step `files` has no fields; `when` names a yes-no question of an earlier step."""

    id: Slug
    title: Title
    reminders: tuple[Text, ...] = ()
    attachments: tuple[Slug, ...] = ()
    """Names of attachments linked beside the step."""
    fields: tuple[Field, ...] = ()
    for_: tuple[Slug, ...] = Key(default=(), alias="for")
    when: Name | None = None


class Criterion(Part):
    id: Slug
    name: Title
    description: Text
    weight: Positive
    """Percent; those of one category add up to 100."""
    sample: Flag = False


class Category(Part):
    id: Slug
    name: Title
    quick_guide: Text
    description: Text
    criteria: tuple[Criterion, ...] = Key(min_length=1)


class Area(Part):
    id: Slug
    name: Title


class FileKind(Part):
    id: Slug
    name: Title
    core: Flag = False
    hint: Text | None = None


class Files(Part):
    """What may be uploaded. A call chooses among the types that have a checker."""

    types: tuple[Literal[FILE_TYPES], ...] = Key(min_length=1)
    kinds: tuple[FileKind, ...] = Key(min_length=1)


class Slide(Part):
    title: Title
    text: Text
    sample: Flag = False


class Attachment(Part):
    """A download. `slides` is made from `slides`, `criteria` from a category's criteria, `file` is a file beside the call file."""

    name: Slug
    title: Title
    kind: Literal["slides", "criteria", "file"]
    slides: tuple[Slide, ...] = ()
    category: Slug | None = None
    file: Line | None = None


class KeyDate(Part):
    name: Title
    date: Title
    """In words, since a call may know only a month."""
    sample: Flag = False


class Section(Part):
    """A passage of the call page; `text` is Markdown."""

    title: Title
    text: Text
    sample: Flag = False


class GuideStep(Part):
    title: Title
    text: Text
    reminders: tuple[Text, ...] = ()


class Contact(Part):
    name: Title
    phone: Line
    email: Line


class Claims(Part):
    """Phrases that claim to be the largest, the first or leading; `claims.find` says how they are matched."""

    zh: tuple[Line, ...]
    en: tuple[Line, ...]


class Call(Part):
    """One edition of one award. Its id is the name of its file."""

    archived: ClassVar[bool] = False
    id: Slug
    edition: Annotated[int, Key(strict=True, ge=2000, le=2999)]
    number_prefix: Annotated[str, StringConstraints(pattern=r"^[A-Z][A-Z0-9]{1,15}$")]
    name: Title
    short_name: Title
    organizer: Title
    zone: Zone
    zone_name: Title
    opens: Moment | None = None
    deadline: Moment
    grace_minutes: Annotated[int, Key(strict=True, ge=0, le=1440)] = 0
    summary: Text
    introduction: Text
    contact: Contact
    dates: tuple[KeyDate, ...] = ()
    sections: tuple[Section, ...] = ()
    guide: tuple[GuideStep, ...] = ()
    notes: tuple[Section, ...] = ()
    privacy: Passage
    declaration: Passage
    check_reminder: Text
    countries: dict[Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")], Text] = {}
    """Other names for countries and regions than the Unicode CLDR's, by ISO 3166-1 code."""
    claims: Claims
    categories: tuple[Category, ...] = Key(min_length=1)
    areas: tuple[Area, ...] = Key(min_length=1)
    attachments: tuple[Attachment, ...] = ()
    files: Files
    steps: tuple[Step, ...] = Key(min_length=1)
    checklist: tuple[Point, ...] = ()
    """Of the formal check."""
    ineligible: tuple[UsualReason, ...] = ()
    """Why an application may be ineligible."""
    mails: tuple[MailText, ...] = ()
    decisions: tuple[Outcome, ...] = Key(default=OUTCOMES, min_length=1)
    review: Review = Review()
    certificate: Wording = Wording()
    _source: str = PrivateAttr("")

    @property
    def source(self):
        """The text of the call file this was read from."""
        return self._source

    @cached_property
    def sha256(self):
        """Of `source`, UTF-8: names this version of the call."""
        return hashlib.sha256(self._source.encode()).hexdigest()

    @property
    def opens_at(self):
        """Aware instant, or None when it is open from the beginning."""
        return parse_moment(self.opens, self.zone) if self.opens else None

    @property
    def closes_at(self):
        """Aware instant, exclusive: what arrives at it is late. Without grace."""
        return parse_moment(self.deadline, self.zone)

    def step(self, step_id):
        return next((step for step in self.steps if step.id == step_id), None)

    def category(self, category_id):
        return next((category for category in self.categories if category.id == category_id), None)

    def area(self, area_id):
        return next((area for area in self.areas if area.id == area_id), None)

    def attachment(self, name):
        return next((attachment for attachment in self.attachments if attachment.name == name), None)

    def file_kind(self, kind_id):
        return next((kind for kind in self.files.kinds if kind.id == kind_id), None)

    def mail(self, mail_id):
        return next((mail for mail in self.mails if mail.id == mail_id), None)

    def decision(self, decision_id):
        return next((decision for decision in self.decisions if decision.id == decision_id), None)

    def options(self, field):
        """The (id, Text) pairs a choice field offers."""
        if field.options == "categories":
            return [(category.id, category.name) for category in self.categories]
        if field.options == "areas":
            return [(area.id, area.name) for area in self.areas]
        return [(option.id, option.label) for option in field.options or ()]

    def samples(self):
        """The texts an organizer has still to confirm, as [Text]: what stands beside `sample = true`."""
        questions = [field for step in self.steps for field in step.fields]
        slides = [slide for attachment in self.attachments for slide in attachment.slides]
        criteria = [criterion for category in self.categories for criterion in category.criteria]
        return [
            *(part.name for part in [*self.dates, *criteria] if part.sample),
            *(part.title for part in [*self.sections, *self.notes, *slides] if part.sample),
            *(field.label for field in questions if field.sample),
            *(certificate.title for certificate in [self.certificate] if certificate.sample),
        ]

    def find(self, field_id):
        """The (step, field) with this top-level field id, or (None, None)."""
        for step in self.steps:
            for field in step.fields:
                if field.id == field_id:
                    return step, field
        return None, None


class ArchivedCall(Call):
    """A call whose file was removed: nothing can be changed any more, but its receipts still render."""

    archived: ClassVar[bool] = True
