"""Everything the site holds of a person, to take along."""

import json

from flask import current_app

from app import rules, versions
from app.extensions import db
from app.models import Application, Assignment, Event, Expert, Mail, Review, SignIn, Token


def data_of(user):
    """A JSON-able dict of what is stored about `user`; times in ISO 8601, UTC.

    Without secrets (hashes, keys, the text of mails, which may hold a link that opens an account) and without what the
    organizer has not announced. The bytes of files are downloaded at the applications themselves.
    """
    return {
        "account": _row(user, "email name language role created_at confirmed_at"),
        "sign_ins": _rows(SignIn, "created_at seen_at", user_id=user.id),
        "links": _rows(Token, "purpose email created_at used_at", user_id=user.id),
        "mails": _rows(Mail, "recipient subject language created_at sent_at", recipient=user.email),
        "history": _rows(Event, "at what application_id details", user_id=user.id),
        "panels": _rows(
            Expert,
            "call_id name_zh name_en organization_zh organization_en aliases areas languages capacity state invited_at answered_at",
            user_id=user.id,
        ),
        "reviews": [_row(review, "raw saved_at submitted_at") for review in db.session.scalars(_reviews(user))],
        "applications": [
            _application(application) for application in db.session.scalars(db.select(Application).filter_by(user_id=user.id))
        ],
    }


def _reviews(user):
    return db.select(Review).join(Assignment).where(Assignment.expert_id == user.id).order_by(Review.id)


def _decision(application):
    call = current_app.calls.get(application.call_id) or versions.archived(application.call_id)
    known = call and rules.known_decision(application, call, rules.now())
    return _row(known, "outcome feedback_zh feedback_en released_at") if known else None


def _application(application):
    return {
        **_row(application, "id ref call_id number created_at changed_at reopened_at withdrawn_at"),
        "answers": {answers.step: _row(answers, "raw version saved_at") for answers in application.answers},
        "files": [_row(file, "ref kind title_zh title_en original_name size sha256 uploaded_at removed_at") for file in application.files],
        "submissions": [
            {**_row(snapshot, "n submitted_at sha256 answers files"), "receipt": json.loads(snapshot.receipt)}
            for snapshot in application.snapshots
        ],
        "formal_checks": [_row(check, "outcome until checked_at") for check in application.checks],
        "reasons": [_row(reason, "step field row file_ref zh en closed_at") for reason in application.reasons],
        "decision": _decision(application),
        "extensions": [_row(extension, "until reason given_at") for extension in application.extensions],
    }


def _rows(table, names, **filters):
    return [_row(row, names) for row in db.session.scalars(db.select(table).filter_by(**filters).order_by(table.id))]


def _row(row, names):
    values = {name: getattr(row, name) for name in names.split()}
    return {name: value.isoformat() if hasattr(value, "isoformat") else value for name, value in values.items()}
