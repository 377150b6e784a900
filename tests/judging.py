"""Applications under review with the scores of experts, made as rows."""

import json
from datetime import timedelta

from app import rules
from app.extensions import db, writing
from app.models import Application, Assignment, FormalCheck, Review, Snapshot, User
from tests.handing_in import handed_in


def user(email, role="applicant", name="", language="en"):
    """A new User, stored."""
    now = rules.now()
    with writing() as session:
        made = User(
            email=email, email_key=email, name=name or email.partition("@")[0], role=role, language=language, created_at=now,
            confirmed_at=now,
        )  # fmt: skip
        session.add(made)
        session.flush()
    return made


def under_review(app, call, count, *, category="basic-research", now=None):
    """The ids of so many applications of one category that passed; each has an owner, p0@example.org and so on."""
    now = now or rules.now()
    first = handed_in(app, call, email="first@example.org", now=now, category={"category": [category]})
    with app.app_context(), writing() as session:
        template = session.get(Application, first)
        source = template.snapshot
        receipt = json.loads(source.receipt)
        owners = [
            User(email=f"p{n}@example.org", name=f"P{n}", language="zh" if n % 2 else "en", created_at=now, confirmed_at=now)
            for n in range(count)
        ]
        copies = []
        for n, owner in enumerate(owners, 1):
            number = f"{call.number_prefix}-{n + 1:04d}"
            snapshot = Snapshot(
                n=1, call_version_id=source.call_version_id, answers=source.answers, files=[], sha256=source.sha256,
                receipt=json.dumps(receipt | {"number": number}, ensure_ascii=False), submitted_at=now,
            )  # fmt: skip
            copies.append(
                Application(
                    user=owner, call_id=call.id, sequence=n + 1, number=number, created_at=now, changed_at=now, snapshots=[snapshot]
                )
            )
        session.add_all(copies)
        session.flush()
        for copy in copies:
            copy.checks.append(FormalCheck(snapshot_id=copy.snapshots[0].id, outcome="passed", checked_at=now))
        template.withdrawn_at = now
        ids = [copy.id for copy in copies]
    return ids


def reviewed(call, application_id, expert, scores, *, handed_in=True, ended=False, now=None, comment="Well done."):
    """Stores the review of an expert: `scores` by the ids of criteria; answers the Assignment."""
    now = now or rules.now()
    with writing() as session:
        assignment = Assignment(application_id=application_id, expert_id=expert.id, assigned_at=now, ended_at=now if ended else None)
        raw = {f"score-{criterion}": [str(score)] for criterion, score in scores.items()} | {"comment": [comment]}
        assignment.review = Review(raw=raw, saved_at=now, submitted_at=now + timedelta(seconds=1) if handed_in else None)
        session.add(assignment)
    return assignment


def evenly(call, category, score):
    """The same score for every criterion of a category."""
    return {criterion.id: score for criterion in call.category(category).criteria}


def application_of(application_id):
    db.session.rollback()
    return db.session.get(Application, application_id, populate_existing=True)
