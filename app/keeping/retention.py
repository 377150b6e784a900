"""Retention: what of a past call goes when its time is over. Drafts that were never handed in go wholly; applications are
anonymized, or erased but for number, dates and result. Either way they belong to nobody any more.

Each write takes a few applications and tells the history. What they hold goes in one write, their files from the disk after
it, the rows of these in a last one: what was broken off in between goes on at the next run.
"""

import hashlib
import json
from contextlib import suppress
from dataclasses import dataclass

from flask import current_app
from flask_babel import lazy_gettext as _l
from sqlalchemy import func, or_
from sqlalchemy.orm import selectinload, undefer

from app import rules, versions
from app.applying.drafts import refuse
from app.call.loading import parse
from app.extensions import db, writing
from app.files import uploads
from app.keeping import erasing
from app.models import Application, CallVersion, Event, FormalCheck, Listed, Snapshot, StoredFile, User, record

BATCH = 20
"""Applications in one write."""
FILES = 500
WHAT = {
    "drafts": _l("Erase drafts that were never handed in"),
    "anonymize": _l("Anonymize applications"),
    "erase": _l("Erase applications"),
}
RECORDED = {"anonymize": "application anonymized", "erase": "application erased"}
_STAYS = ("format", "number", "submission", "submitted_at", "local_time", "zone", "award", "call")
"""What of a receipt stays of an application that was erased."""


@dataclass(frozen=True)
class Task:
    """`what` is a key of WHAT, done to one call `days` after its deadline."""

    call: object
    what: str
    days: int

    @property
    def drafts(self):
        return self.what == "drafts"


@dataclass(frozen=True)
class Count:
    applications: int
    files: int
    bytes: int


def past_calls(calls, now):
    """[Call] of those that are closed, archived ones included, the newest first; `calls` is `current_app.calls`."""
    every = versions.every_call(calls).values()
    return sorted((call for call in every if rules.is_past(call, now)), key=lambda call: call.closes_at, reverse=True)


def count(task, now):
    """The Count of what would go now; of anonymized applications, the files stay."""
    due = _due(task, now)
    applications = db.session.scalar(db.select(func.count()).select_from(due.subquery()))
    if task.what == "anonymize":
        return Count(applications, 0, 0)
    files = db.select(func.count(), func.coalesce(func.sum(StoredFile.size), 0)).where(StoredFile.application_id.in_(due))
    return Count(applications, *db.session.execute(files).one())


def listed(task, now, limit=None):
    """What would go now, in the order in which it began: rows of number, created_at, changed_at, title_zh and title_en."""
    columns = (Application.number, Application.created_at, Application.changed_at, Listed.title_zh, Listed.title_en)
    query = db.select(*columns).outerjoin(Listed, Listed.application_id == Application.id).where(Application.id.in_(_due(task, now)))
    return db.session.execute(query.order_by(Application.id).limit(limit)).all()


def _due(task, now):
    """A SELECT of the ids of the applications this is to be done to; none before its time."""
    if rules.may_erase(task.call, task.days, now) is not None:
        return db.select(Application.id).where(db.false())
    longer = db.select(FormalCheck.id).where(
        FormalCheck.application_id == Application.id, ~rules.ended_long_ago(FormalCheck.until, task.days, now)
    )
    query = db.select(Application.id).where(
        Application.call_id == task.call.id,
        Application.erased_at.is_(None),
        Application.number.is_(None) if task.drafts else Application.number.is_not(None),
        rules.ended_long_ago(Application.extended_until, task.days, now),
        ~longer.exists(),
    )
    if task.what == "anonymize":
        done = db.select(Event.id).where(Event.application_id == Application.id, Event.what == RECORDED[task.what])
        query = query.where(~done.exists())
    return query


def carry_out(task, *, by, now):
    """Does it, and yields how many applications each write took; whoever stops in between may go on later. `by` is the
    organizer, or None for whoever holds the machine. Raises Refused before its time, OSError without the folder of uploads.
    """
    uploads.probe()
    finish()
    private = _private_questions(task.call) if task.what == "anonymize" else None
    while True:
        with writing() as session:
            refuse(rules.may_erase(task.call, task.days, now))
            ids = session.scalars(_due(task, now).order_by(Application.id).limit(BATCH)).all()
            if not ids:
                return
            if task.drafts:
                _forget_history(ids)
            else:
                _rewrite(ids, private, now)
            _disown(ids, now)
            if task.what != "anonymize":
                _empty(ids, now)
            if task.drafts:
                record("drafts erased", at=now, user=by, call=task.call.id, count=len(ids), after=task.days)
            for application_id in () if task.drafts else ids:
                record(RECORDED[task.what], at=now, user=by, application=session.get(Application, application_id), after=task.days)
        finish(ids)
        yield len(ids)


# -- inside the write


def _disown(ids, now):
    """Gives the applications, and what their owners did to them, to an account without name and address."""
    nobody = User(name="", language="zh", created_at=now, deleted_at=now)
    db.session.add(nobody)
    db.session.flush()
    owner = db.select(Application.user_id).where(Application.id == Event.application_id).scalar_subquery()
    theirs = db.update(Event).where(Event.application_id.in_(ids), Event.user_id == owner)
    db.session.execute(theirs.values(user_id=nobody.id), execution_options={"synchronize_session": False})
    db.session.execute(db.update(Application).where(Application.id.in_(ids)).values(user_id=nobody.id))


def _empty(ids, now):
    erasing.contents(ids)
    db.session.execute(db.update(FormalCheck).where(FormalCheck.application_id.in_(ids)).values(held=[]))
    db.session.execute(db.update(Application).where(Application.id.in_(ids)).values(erased_at=now, reopened_at=None))


def _forget_history(ids):
    """What the owners of drafts did goes; what organizers did stays, without details."""
    owner = db.select(Application.user_id).where(Application.id == Event.application_id).scalar_subquery()
    of_drafts = Event.application_id.in_(ids)
    unwatched = {"synchronize_session": False}
    db.session.execute(db.delete(Event).where(of_drafts, or_(Event.user_id.is_(None), Event.user_id == owner)), execution_options=unwatched)
    db.session.execute(db.update(Event).where(of_drafts).values(details={}), execution_options=unwatched)


def _rewrite(ids, private, now):
    """Takes the `private` questions out of answers, snapshots and receipts; everything where `private` is None. A receipt that
    was changed gets its new fingerprint in the history, too.
    """
    whole = selectinload(Application.snapshots).options(undefer(Snapshot.answers), undefer(Snapshot.receipt))
    for application in db.session.scalars(db.select(Application).where(Application.id.in_(ids)).options(whole)):
        history = db.session.scalars(db.select(Event).filter_by(application_id=application.id)).all()
        if private is None:
            for event in history:
                event.details = {name: event.details[name] for name in ("n", "sha256") if event.what == "submitted"}
        else:
            erasing.mails([application.id])
            erasing.found_conflicts([application.id])
            application.kept.clear()
            for answers in application.answers:
                answers.raw = _without(answers.raw, private)
        for snapshot in application.snapshots:
            _rewrite_snapshot(snapshot, private, now)


def _rewrite_snapshot(snapshot, private, now):
    receipt, before = json.loads(snapshot.receipt), snapshot.sha256
    if private is None:
        receipt = {name: receipt[name] for name in _STAYS} | {"title": {"zh": "", "en": ""}, "answers": [], "files": []}
        snapshot.answers, snapshot.files = {}, []
    else:
        snapshot.answers = {step: _without(raw, private) for step, raw in snapshot.answers.items()}
        for step in receipt["answers"]:
            step["answers"] = _public(step["answers"], private, ())
        receipt |= {"anonymized_at": f"{now:%Y-%m-%dT%H:%M:%SZ}", "sha256_as_submitted": before}
    snapshot.receipt = json.dumps(receipt, ensure_ascii=False, indent=1) + "\n"
    snapshot.sha256 = hashlib.sha256(snapshot.receipt.encode()).hexdigest()
    told = db.select(Event).filter_by(application_id=snapshot.application_id, what="submitted")
    for event in db.session.scalars(told):
        if event.details["n"] == snapshot.n:
            event.details = event.details | {"sha256": snapshot.sha256}


def _public(answers, private, within):
    said = [answer for answer in answers if (*within, answer["id"]) not in private]
    for answer in said:
        for row in answer.get("rows", ()):
            row["answers"] = _public(row["answers"], private, (answer["id"],))
    return said


def _without(raw, private):
    """The raw answers of a step without the inputs of these questions: `<question>…` or `<question>-<row>-<part>…`."""
    parts = {name: name.split("-") for name in raw}
    return {name: raw[name] for name, part in parts.items() if (part[0],) not in private and (part[0], *part[2:3]) not in private}


def _private_questions(call):
    """{(question,) or (question, part of its rows)} of what names or reaches a person, in any version the call ever had."""
    known = [call]
    for source in db.session.scalars(db.select(CallVersion.source).filter_by(call_id=call.id)):
        # One that an older program stored, and this one cannot read any more, hides none that a newer one asks.
        with suppress(ValueError):
            known.append(parse(source, call.id))
    questions = [field for version in known for step in version.steps for field in step.fields]
    parts = [((question.id, part.id), part) for question in questions for part in question.fields]
    whole = [((question.id,), question) for question in questions]
    return {name for name, field in (*whole, *parts) if field.private or field.kind in ("email", "phone")}


# -- after it


def finish(ids=None):
    """Unlinks the files of what was erased, then forgets their rows and the drafts they belonged to; of the applications `ids`,
    or of all, also what an earlier run left behind.
    """
    erased = (Application.erased_at.is_not(None), *([Application.id.in_(ids)] if ids is not None else []))
    files = db.select(StoredFile.path).join(Application).where(*erased).limit(FILES)
    while paths := db.session.scalars(files).all():
        left = uploads.discard(paths)
        gone = [path for path in paths if path not in left]
        with writing() as session:
            session.execute(db.delete(StoredFile).where(StoredFile.path.in_(gone)))
        if left:
            current_app.logger.error("%s files of erased applications cannot be removed, such as %s", len(left), left[0])
            return
    with writing() as session:
        for draft in session.scalars(db.select(Application).where(*erased, Application.number.is_(None))):
            session.delete(draft)
