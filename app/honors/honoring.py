"""Who is honored: the contributors of applications with an honored decision, and how far each is on the way to a certificate."""

from dataclasses import dataclass
from functools import cached_property

from sqlalchemy.orm import joinedload, undefer

from app import rules
from app.applying import drafts, steps
from app.applying.working_copy import call_at
from app.call.schema import Call
from app.extensions import db
from app.forms.step import row_ids, row_list
from app.models import Application, Certificate, Decision, NameConfirmation, Snapshot

FORMS = {"SC": "zh-Hans", "TC": "zh-Hant-TW", "HK": "zh-Hant-HK", "JP": "ja", "KR": "ko"}
"""The regional forms of the characters, and the language tag in which a page shows each."""


@dataclass(frozen=True)
class Contributor:
    """A row of `contributors` as it was handed in; `place` counts from 1, `email` may be blank."""

    row: str
    place: int
    zh: str
    en: str
    email: str


@dataclass
class Honored:
    """A contributor of an honored application. `confirmation` is the one that asks about these very names, or None."""

    application: Application
    snapshot: Snapshot
    call: Call
    """As it stood when `snapshot` was handed in."""
    contributor: Contributor
    confirmation: NameConfirmation | None
    certificates: list
    """Oldest first; of a replaced one, the one that replaced it comes later."""

    @property
    def certificate(self):
        """The newest, be it revoked, or None."""
        return self.certificates[-1] if self.certificates else None

    @cached_property
    def zh(self):
        return self._name("zh")

    @cached_property
    def en(self):
        return self._name("en")

    @property
    def title(self):
        """The achievement's name as it was handed in, `{"zh": …, "en": …}`."""
        step, _field = self.call.find("title")
        return drafts.title_in(self.call, self.snapshot.answers.get(step.id, {}))

    @property
    def category(self):
        return self.call.category(steps.chosen_category(self.call, self.snapshot.answers))

    def _name(self, side):
        confirmed = self.confirmation and self.confirmation.answered_at and getattr(self.confirmation, side)
        return confirmed or getattr(self.contributor, side)

    @property
    def form(self):
        return (self.confirmation and self.confirmation.form) or "SC"

    @property
    def state(self):
        """A key of `rules.NAME_STATES`."""
        return rules.name_state(self.confirmation, self.certificate)

    @property
    def pick(self):
        """Names it in a form: `<ref of the application>/<row>`."""
        return f"{self.application.ref}/{self.contributor.row}"


def contributors(snapshot, call):
    """The [Contributor] of a snapshot; `call` is the one of its time. Rows without any name are left out."""
    step, field = call.find("contributors")
    raw = snapshot.answers.get(step.id, {}) if field else {}

    def said(row, name):
        return (raw.get(f"{field.id}-{row}-{name}") or [""])[0].strip()

    found = []
    for row in row_ids(raw.get(row_list(field.id), ())) if field else ():
        zh, en = said(row, "name-zh"), said(row, "name-en")
        if zh or en:
            found.append(Contributor(row, len(found) + 1, zh or en, en or zh, said(row, "email")))
    return found


def of_call(call, now, refs=None):
    """The [Honored] of a call by number of the application, of those with these `refs` only where they are given."""
    newest = db.select(db.func.max(Snapshot.n)).where(Snapshot.application_id == Application.id).correlate(Application)
    query = (
        db.select(Application, Snapshot)
        .join(Decision)
        .join(Snapshot, (Snapshot.application_id == Application.id) & (Snapshot.n == newest.scalar_subquery()))
        .where(rules.honored(Application, Decision, call, now), *([Application.ref.in_(refs)] if refs is not None else []))
        .options(undefer(Snapshot.answers), joinedload(Snapshot.call_version))
        .order_by(Application.sequence)
    )
    rows = db.session.execute(query).all()
    ids = [application.id for application, _snapshot in rows]
    asked, issued = _by_row(NameConfirmation, ids), _by_row(Certificate, ids)
    found = []
    for application, snapshot in rows:
        asking = call_at(snapshot, call)
        for one in contributors(snapshot, asking):
            key = (application.id, one.row)
            about = [row for row in asked.get(key, ()) if (row.asked_zh, row.asked_en) == (one.zh, one.en)]
            found.append(Honored(application, snapshot, asking, one, about[-1] if about else None, issued.get(key, [])))
    return found


def of_application(application, call, now):
    """The [Honored] of one application; [] while its decision is not known, or is none that is honored."""
    return of_call(call, now, [application.ref]) if application.number else []


def find(ref, row, call, now):
    """The Honored of this row, or None."""
    return next((one for one in of_call(call, now, [ref]) if one.contributor.row == row), None)


def _by_row(table, ids):
    rows = {}
    for row in db.session.scalars(db.select(table).where(table.application_id.in_(ids)).order_by(table.id)):
        rows.setdefault((row.application_id, row.row), []).append(row)
    return rows
