"""The rows of the list (`models.Listed`): what they say of an application, and how they are written. `touched.py` keeps them true."""

import re
import unicodedata
from datetime import UTC
from itertools import groupby
from operator import attrgetter

from flask import current_app
from sqlalchemy import bindparam
from sqlalchemy.orm import selectinload

from app import countries, rules, versions
from app.applying import drafts, steps
from app.call.loading import parse
from app.call.schema import FILES_STEP
from app.extensions import db, writing
from app.forms.step import inputs_of, row_ids, row_list
from app.models import Application, Listed, ListedArea, ListedText, Snapshot, StoredFile

LONGEST = 300
"""The most characters of a title or name that the list keeps: it shows an excerpt, the application has the whole."""
KEY_CHARACTERS = 20
BATCH = 500
_ASCII = re.compile(r"[!-~]+")
_ATTACHED = db.select(StoredFile.id).filter_by(application_id=bindparam("application_id"), removed_at=None).limit(1)
_LAST = "~"
"""As a key, comes after every other."""


def folded(text):
    """`text` as it is searched: width, case and accents make no difference."""
    bare = "".join(letter for letter in unicodedata.normalize("NFKD", text.casefold()) if unicodedata.category(letter) != "Mn")
    return unicodedata.normalize("NFKC", bare).casefold()


def key_zh(title):
    """What a list in Chinese is sorted by: GB 18030 keeps the common characters in the order of their Pinyin."""
    return title[:KEY_CHARACTERS].casefold().encode("gb18030", "replace").hex() or _LAST


def key_en(title):
    return folded(title[:KEY_CHARACTERS]).encode().hex() or _LAST


# -- what the list says of an application


def _course(application, call):
    """Where it stands: the columns of Listed that need nothing of what was typed."""
    standing, snapshots = rules.standing(application), application.submissions
    checks = application.checks if snapshots else []
    zone = call.closes_at.tzinfo if call else UTC
    return {
        "ref": application.ref,
        "call_id": application.call_id,
        "number": application.number,
        "number_key": application.number and f"{application.number.rpartition('-')[0]}-{application.sequence or 0:08d}",
        "state": standing.state,
        "until": standing.until,
        "extended_until": standing.extended_until,
        "released_at": standing.released_at,
        "reopened": bool(snapshots and application.reopened_at),
        "answered": bool(checks) and standing.state == "submitted",
        "checked_by": checks[-1].checked_by if checks else None,
        "created_at": application.created_at,
        "submitted_at": snapshots[-1].submitted_at if snapshots else None,
        "changed_at": max([application.changed_at, *(snapshot.submitted_at for snapshot in snapshots[-1:])]),
        "created_on": application.created_at.astimezone(zone).date(),
        "submitted_on": snapshots[0].submitted_at.astimezone(zone).date() if snapshots else None,
    }


def _contents(application, call):
    """(columns of Listed, those of ListedText, areas): of a draft title and progress, else what the standing snapshot says."""
    said = {"category": "", "country": "", "joint": False, "begun": 0, "steps": 0}
    title, organization, names, areas = {}, {}, [], set()
    if application.number is None:
        if call is not None:
            title = drafts.title_of(application, call)
            said["begun"], said["steps"] = _progress(application, call)
    elif application.snapshot is not None and (call := _call_then(application.snapshot, call)) is not None:
        raw = application.snapshot.answers
        title, organization, names = (_pair(call, raw, "title"), _pair(call, raw, "organization"), _names(call, raw))
        said["category"] = steps.chosen_category(call, raw)
        said["country"] = countries.resolve(call, _typed(call, raw, "country")) or ""
        said["joint"] = _typed(call, raw, "joint") == "yes"
        step, field = call.find("areas")
        areas = {area for area in raw.get(step.id, {}).get(field.id, []) if call.area(area)}
    for name, pair in (("title", title), ("organization", organization)):
        said |= {f"{name}_{side}": _cut(pair.get(side, "")) for side in ("zh", "en")}
    said["title_key_zh"] = key_zh(said["title_zh"] or said["title_en"])
    said["title_key_en"] = key_en(said["title_en"] or said["title_zh"])
    return said, _searched([application.number or "", said["title_zh"], said["title_en"], *names]), sorted(areas)


def _searched(texts):
    texts = list(dict.fromkeys(filter(None, map(folded, texts))))
    other = [text for text in texts if not text.isascii()]
    pieces = [text for text in texts if text.isascii()] + [piece for text in other for piece in _ASCII.findall(text)]
    return {"ascii": "\n".join(dict.fromkeys(pieces)), "other": "\n".join(other)}


def _call_of(application):
    """The Call that serves, else as it last served; None when nothing of it is known."""
    return current_app.calls.get(application.call_id) or versions.archived(application.call_id)


def _call_then(snapshot, call):
    try:
        return parse(snapshot.call_version.source, snapshot.call_version.call_id)
    except ValueError:
        return call


def _progress(application, call):
    """(steps begun, steps there are) of a draft."""
    raw = drafts.raw_of(application)
    shown = [step.id for step in steps.shown(call, raw)]
    begun = {step for step, typed in raw.items() if any(_has_text(name, values) for name, values in typed.items())}
    if FILES_STEP in shown and db.session.scalar(_ATTACHED, {"application_id": application.id}):
        begun.add(FILES_STEP)
    return len(begun.intersection(shown)), len(shown)


def _has_text(name, values):
    # An empty row is there from the beginning.
    return not name.endswith(row_list("")) and any(value.strip() for value in values)


def _typed(call, raw, field_id):
    step, field = call.find(field_id)
    return steps.first(raw, step, field) if field else ""


def _pair(call, raw, field_id):
    step, field = call.find(field_id)
    return _sides(field, raw.get(step.id, {}))


def _sides(field, typed, prefix=""):
    """What was typed for a question, by side; by None for one that is no pair."""
    return {side: (typed.get(prefix + name) or [""])[0].strip() for side, name in inputs_of(field)}


def _names(call, raw):
    """The names of organizations and people: whatever may be given in Latin letters alone, and is not private."""
    for step in call.steps:
        typed = raw.get(step.id, {})
        for field in step.fields:
            if field.kind == "rows":
                named = [sub for sub in field.fields if sub.latin and not sub.private]
                for row_id in row_ids(typed.get(row_list(field.id), [])):
                    for sub in named:
                        yield from map(_cut, _sides(sub, typed, f"{field.id}-{row_id}-").values())
            elif field.latin and not field.private:
                yield from map(_cut, _sides(field, typed).values())


def _cut(text):
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"


# -- keeping it


def refresh(application, anew=True):
    """Writes what the list says of an application, inside the write that is open.

    `anew=False` spares reading the standing snapshot, where it is the same as when the row was written.
    """
    call, row = _call_of(application), db.session.get(Listed, application.id)
    if application.erased_at is not None:
        _remove(Listed, ListedText, ListedArea, application_id=application.id)
        return
    if row is None:
        _add([application])
        return
    said = _course(application, call)
    if anew or application.number is None:
        contents, texts, areas = _contents(application, call)
        said |= contents
        if anew or any(getattr(row, name) != said[name] for name in ("title_zh", "title_en")):
            _remove(ListedText, ListedArea, application_id=application.id)
            _add_parts([(application, texts, areas)])
    for name, value in said.items():
        setattr(row, name, value)


def _remove(*tables, application_id):
    for table in tables:
        db.session.execute(table.__table__.delete().where(table.application_id == application_id))


def _add(applications):
    rows, parts = [], []
    for application in applications:
        call = _call_of(application)
        contents, texts, areas = _contents(application, call)
        rows.append({"application_id": application.id} | _course(application, call) | contents)
        parts.append((application, texts, areas))
    db.session.execute(Listed.__table__.insert(), rows)
    _add_parts(parts)


def _add_parts(parts):
    db.session.execute(ListedText.__table__.insert(), [{"application_id": application.id} | texts for application, texts, _areas in parts])
    areas = [{"application_id": one.id, "call_id": one.call_id, "area": area} for one, _texts, areas in parts for area in areas]
    if areas:
        db.session.execute(ListedArea.__table__.insert(), areas)


def with_course():
    """A query for applications with what tells where they stand."""
    parts = (Application.answers, Application.snapshots, Application.checks, Application.assignments, Application.decision)
    return db.select(Application).options(*map(selectinload, parts))


# -- all of them


def catch_up():
    """Lists the applications that are not listed yet, as after an upgrade; in several writes, so that nobody waits for long."""
    unlisted = Application.id.not_in(db.select(Listed.application_id)) & Application.erased_at.is_(None)
    while db.session.scalar(db.select(Application.id).where(unlisted).limit(1)):
        with writing():
            # Whoever wrote meanwhile listed theirs.
            _add(_whole(unlisted))


def list_anew():
    """Lists every application anew, as after rows were changed past the site, or call files past recognition."""
    with writing() as session:
        for table in (ListedText, ListedArea, Listed):
            session.execute(table.__table__.delete())
    catch_up()


def differing():
    """Yields every Application of which the list says something else than `refresh` would write."""
    last = 0
    while applications := _whole(Application.id > last, Application.erased_at.is_(None)):
        first, last = applications[0].id, applications[-1].id
        rows, texts, areas = (
            {application_id: list(found) for application_id, found in groupby(_between(table, first, last), attrgetter("application_id"))}
            for table in (Listed, ListedText, ListedArea)
        )
        for application in applications:
            call = _call_of(application)
            contents, searched, chosen = _contents(application, call)
            said = _course(application, call) | contents
            listed = [{name: getattr(row, name) for name in said} for row in rows.get(application.id, [])]
            found = [{"ascii": row.ascii, "other": row.other} for row in texts.get(application.id, [])]
            if (listed, found, [row.area for row in areas.get(application.id, [])]) != ([said], [searched], chosen):
                yield application


def _whole(*conditions):
    """The next applications with all that the list asks of them, read anew, in the order of their ids."""
    answers = selectinload(Application.snapshots).undefer(Snapshot.answers)
    query = with_course().options(answers).where(*conditions).order_by(Application.id).limit(BATCH)
    return db.session.scalars(query.execution_options(populate_existing=True)).all()


def _between(table, first, last):
    query = db.select(table).where(table.application_id.between(first, last))
    return db.session.scalars(query.order_by(*table.__mapper__.primary_key))
