"""Submitting: check every step, freeze a snapshot, number it."""

import hashlib
import json
from dataclasses import dataclass, field

from flask_babel import lazy_gettext as _l

from app import drafts, mailing, rules, times, uploads, versions
from app.answers import as_dicts
from app.call.schema import FILES_STEP
from app.drafts import refuse
from app.extensions import db, writing
from app.models import Application, Snapshot, record


class NotReady(Exception):
    """Something required is missing or wrong; nothing was handed in."""


@dataclass
class Readiness:
    """What stands between a draft and its submission: `problems` block, `warnings` do not."""

    states: list
    problems: list = field(default_factory=list)
    """(step, input name, sentence) in the order of the form."""
    warnings: list = field(default_factory=list)


def readiness(application, call):
    """Judges the whole draft as it is stored now."""
    ready = Readiness(drafts.progress(application, call))
    files = drafts.attached(application)
    refs = [(file.ref, file) for file in files]
    for state in ready.states:
        step = state.step
        if step.id == FILES_STEP:
            ready.problems += [(step, name, sentence) for name, sentence in uploads.untitled(files)]
            if not files:
                ready.warnings.append((step, "files", _l("No supporting files have been uploaded.")))
            continue
        ready.problems += [(step, name, message) for name, message, _ in state.problems]
        state.form.evidence_files = lambda: refs
        ready.warnings += [
            (
                step,
                evidence.name,
                _l("“%(phrase)s” in “%(label)s” is a claim without a supporting file.", phrase=evidence.phrases[0], label=spec.label),
            )
            for spec, evidence in state.form.claimed()
            if evidence.unsupported
        ]
    return ready


def submit(*, application, call, expected, now):
    """Hands in: freezes the draft as the next snapshot, numbers it, queues the receipt's mail; answers the Snapshot.

    `expected` is the count of snapshots the page knew of: a double click or reload answers the snapshot that the first
    one made. Raises Refused when the rules say no, NotReady when something required is missing.
    """
    with writing() as session:
        if len(application.snapshots) > expected and not application.reopened_at:
            return application.snapshot
        refuse(rules.may_submit(application, call, now))
        ready = readiness(application, call)
        if ready.problems:
            raise NotReady
        if application.number is None:
            highest = session.scalar(db.select(db.func.max(Application.sequence)).filter_by(call_id=call.id)) or 0
            application.sequence = highest + 1
            application.number = f"{call.number_prefix}-{application.sequence:04d}"
        files = uploads.listed(call, drafts.attached(application))
        n = len(application.snapshots) + 1
        receipt = json.dumps(_receipt(application, call, ready.states, files, n, now), ensure_ascii=False, indent=1) + "\n"
        snapshot = Snapshot(
            n=n,
            call_version_id=versions.keep(call, now).id,
            answers={state.step.id: drafts.raw_of(application).get(state.step.id, {}) for state in ready.states},
            files=files,
            receipt=receipt,
            sha256=hashlib.sha256(receipt.encode()).hexdigest(),
            submitted_at=now,
        )
        application.snapshots.append(snapshot)
        application.reopened_at = None
        record("submitted", at=now, user=application.user, application=application, n=n, sha256=snapshot.sha256)
        _queue_receipt(application, call, snapshot, now)
    return snapshot


def _queue_receipt(application, call, snapshot, now):
    user = application.user
    title = drafts.title_of(application, call)
    mailing.queue(
        recipient=user.email,
        language=user.language,
        template="receipt",
        now=now,
        name=user.name,
        number=application.number,
        n=snapshot.n,
        award=call.name[user.language],
        title=title[user.language] or title["en"],
        when=times.say_exactly(now, call, user.language),
        deadline=times.say_deadline(call, user.language),
        sha256=snapshot.sha256,
        url=mailing.absolute_url("submitted.receipt", language=user.language, ref=application.ref, n=snapshot.n),
    )


def _receipt(application, call, states, files, n, now):
    category = next(state.form["category"] for state in states if state.form and "category" in state.form)
    now = now.replace(microsecond=0)
    return {
        "format": 1,
        "number": application.number,
        "submission": n,
        "submitted_at": now.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "local_time": now.astimezone(call.closes_at.tzinfo).isoformat(),
        "zone": call.zone,
        "award": call.name.model_dump(),
        "call": call.id,
        "title": drafts.title_of(application, call),
        "category": {language: category.said(language) for language in ("zh", "en")},
        "answers": as_dicts(drafts.answered(states)),
        "files": [{key: value for key, value in file.items() if key != "ref"} for file in files],
    }
