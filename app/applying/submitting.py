"""Submitting: check every step, freeze a snapshot, number it."""

import hashlib
import json
from dataclasses import dataclass, field

from flask_babel import lazy_gettext as _l

from app import rules, times, versions
from app.applying import drafts, feedback
from app.applying.answers import as_dicts
from app.applying.drafts import refuse
from app.applying.working_copy import WorkingCopy
from app.call.schema import FILES_STEP
from app.extensions import db, writing
from app.files import uploads
from app.mails import mailing
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


def readiness(copy):
    """Judges a WorkingCopy as it is stored now: of what is not open nothing."""
    ready = Readiness(copy.progress())
    refs = [(file.ref, file) for file in copy.files]
    for state in ready.states:
        step = state.step
        if step.id == FILES_STEP:
            renamable = [file for file in copy.files if copy.parts.file(file.ref)]
            ready.problems += [(step, name, sentence) for name, sentence in uploads.untitled(renamable)]
            if not copy.files and copy.parts.adding:
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
            if evidence.unsupported and copy.parts.question(step.id, spec.id)
        ]
    ready.warnings += [
        (
            point.step,
            point.anchor,
            _l(
                "“%(label)s” has not been changed since you handed it in. The organizer asks: %(reason)s",
                label=point.label,
                reason=point.text,
            ),
        )
        for point in feedback.unchanged(copy)
    ]
    return ready


def submit(*, application, call, expected, now):
    """Hands in: freezes what the owner worked on as the next snapshot, numbers it, queues the receipt's mail; answers the Snapshot.

    After closing, only what a return opened is judged and taken from the draft; the rest stays as it was handed in, under
    the call as it was then. `expected` is the count of snapshots the page knew of: a double click or reload answers the
    snapshot that the first one made. Raises Refused when the rules say no, NotReady when something required is missing.
    """
    with writing() as session:
        refused = rules.may_submit(application, call, now)
        if refused is not None and len(application.snapshots) > expected and not application.reopened_at:
            return application.snapshot
        refuse(refused)
        copy = WorkingCopy(application, call, now)
        ready = readiness(copy)
        if ready.problems:
            raise NotReady
        if application.number is None:
            highest = session.scalar(db.select(db.func.max(Application.sequence)).filter_by(call_id=call.id)) or 0
            application.sequence = highest + 1
            application.number = f"{call.number_prefix}-{application.sequence:04d}"
        files = uploads.listed(copy.call, copy.files)
        n = len(application.snapshots) + 1
        receipt = json.dumps(_receipt(copy, ready.states, files, n), ensure_ascii=False, indent=1) + "\n"
        snapshot = Snapshot(
            n=n,
            call_version_id=versions.keep(copy.call, now).id,
            answers={state.step.id: copy.raw.get(state.step.id, {}) for state in ready.states},
            files=files,
            receipt=receipt,
            sha256=hashlib.sha256(receipt.encode()).hexdigest(),
            submitted_at=now,
        )
        application.snapshots.append(snapshot)
        application.reopened_at = None
        record("submitted", at=now, user=application.user, application=application, n=n, sha256=snapshot.sha256)
        _queue_receipt(copy, snapshot)
    return snapshot


def _queue_receipt(copy, snapshot):
    application, call, user = copy.application, copy.serving, copy.application.user
    until = rules.open_until(application, call, copy.now)
    mailing.queue(
        recipient=user.email,
        language=user.language,
        template="receipt",
        now=copy.now,
        application_ref=application.ref,
        name=user.name,
        number=application.number,
        n=snapshot.n,
        award=call.name[user.language],
        title=copy.title[user.language] or copy.title["en"],
        when=times.say_exactly(copy.now, call, user.language),
        deadline=until and times.say_end(until, call, user.language),
        sha256=snapshot.sha256,
        url=mailing.absolute_url("submitted.receipt", language=user.language, ref=application.ref, n=snapshot.n),
    )


def _receipt(copy, states, files, n):
    call, category = copy.call, next(state.form["category"] for state in states if state.form and "category" in state.form)
    now = copy.now.replace(microsecond=0)
    return {
        "format": 1,
        "number": copy.application.number,
        "submission": n,
        "submitted_at": now.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "local_time": now.astimezone(call.closes_at.tzinfo).isoformat(),
        "zone": call.zone,
        "award": call.name.model_dump(),
        "call": call.id,
        "title": copy.title,
        "category": {language: category.said(language) for language in ("zh", "en")},
        "answers": as_dicts(drafts.answered(states)),
        "files": [{key: value for key, value in file.items() if key != "ref"} for file in files],
    }
