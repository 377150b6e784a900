"""A mail of an organizer's to the owners of many applications: who gets it, and its rows, a few at a time."""

import hashlib
from collections import Counter
from dataclasses import dataclass

from flask import current_app

from app import versions
from app.extensions import db, writing
from app.mails import mail_words, mailing
from app.mails.mail_words import About, Words
from app.models import Application, Listed, Mailing, User, record

BATCH = 100
"""Mails in one write: everybody else's write waits for it."""
CHUNK = 500
"""Ids in one query: SQLite takes no more than 32,766."""
_PEOPLE = (
    db.select(
        Application.id, Application.ref, Application.number, Application.extended_until, Application.call_id, Application.user_id,
        User.email, User.name, User.language, User.confirmed_at, Listed.title_zh, Listed.title_en,
    )
    .join(User, User.id == Application.user_id)
    .outerjoin(Listed, Listed.application_id == Application.id)
)  # fmt: skip


@dataclass(frozen=True)
class Plan:
    """Who gets a mail, and who does not."""

    ids: list
    """Of applications. One whose owner gets the very same text about another one is not among them."""
    languages: Counter
    """`{"zh": how many, "en": how many}`"""
    unconfirmed: int
    """How many of them go to an address that was never confirmed."""
    deleted: list
    """The ids left out because the account was deleted."""
    same: int
    """How many were left out because of the same text."""
    readers: dict
    """`{language: About}`, the first in each language."""

    @property
    def fingerprint(self):
        """The same as long as the same people get the mail."""
        return hashlib.sha256(str(sorted(self.ids)).encode()).hexdigest()[:16]


def plan(words, ids):
    """The Plan of a mail with these Words to the owners of the applications with these ids. Reads; call it outside any write."""
    rows, calls = _people(ids)
    reachable = [row for row in rows if row.email is not None]
    applications_of = Counter(row.user_id for row in reachable)
    seen, chosen = set(), []
    for row in reachable:
        if applications_of[row.user_id] > 1:
            mail = (row.user_id, *mail_words.said(words, _about(row, calls)))
            if mail in seen:
                continue
            seen.add(mail)
        chosen.append(row)
    firsts = {row.language: row for row in reversed(chosen)}
    return Plan(
        ids=[row.id for row in chosen],
        languages=Counter(row.language for row in chosen),
        unconfirmed=sum(row.confirmed_at is None for row in chosen),
        deleted=[row.id for row in rows if row.email is None],
        same=len(reachable) - len(chosen),
        readers={language: _about(row, calls) for language, row in firsts.items()},
    )


def find(key):
    """The Mailing with this key, or None."""
    return db.session.scalars(db.select(Mailing).filter_by(key=key)).first()


def send(*, key, words, ids, user, now, selection=""):
    """Queues a mail with these Words to the owners of the applications with these ids (a Plan's); answers the Mailing.

    The first BATCH are queued at once, the others by `go_on`, soon and whatever happens. `key` names the mailing: a second
    one with the same key changes nothing and answers the first. `selection` is what the Event says of how they were chosen;
    `user` is None where the site writes by itself. Call it outside any write.
    """
    mails = _mails(words, ids[:BATCH], now)
    with writing() as session:
        sent = find(key)
        if sent is None:
            sent = Mailing(key=key, user_id=user.id if user else None, at=now, remaining=ids[BATCH:] or None, **words.columns())
            session.add(sent)
            session.flush()
            _add(mails, sent)
            application = session.get(Application, ids[0]) if len(ids) == 1 else None
            subject = " / ".join(filter(None, words.subject.values()))
            record("mail written", at=now, user=user, application=application, subject=subject, count=len(ids), selection=selection)
    return sent


def go_on(now):
    """Queues what remains of every mailing, BATCH mails in a write, and answers how many. Call it outside any write."""
    unfinished = db.select(Mailing).where(Mailing.remaining.is_not(None)).order_by(Mailing.id).limit(1)
    count = 0
    while sent := db.session.scalars(unfinished).first():
        batch = sent.remaining[:BATCH]
        mails = _mails(Words.of(sent), batch, now)
        with writing() as session:
            # Somebody else may have queued this batch meanwhile.
            if session.scalars(unfinished).first() is sent and sent.remaining[:BATCH] == batch:
                sent.remaining = sent.remaining[BATCH:] or None
                _add(mails, sent)
                count += len(mails)
    return count


def _mails(words, ids, now):
    rows, calls = _people(ids)
    return [mail_words.written(words, _about(row, calls), now) for row in rows if row.email is not None]


def _add(mails, sent):
    for mail in mails:
        mail.mailing_id = sent.id
    mailing.add(*mails)


def _people(ids):
    """(rows of _PEOPLE in the order of `ids`, `{id: Call}`), without those whose call cannot be read any more."""
    calls, rows = versions.every_call(current_app.calls), {}
    for first in range(0, len(ids), CHUNK):
        rows |= {row.id: row for row in db.session.execute(_PEOPLE.where(Application.id.in_(ids[first : first + CHUNK])))}
    return [rows[number] for number in ids if number in rows and rows[number].call_id in calls], calls


def _about(row, calls):
    title = {"zh": row.title_zh or "", "en": row.title_en or ""}
    return About(row.email, row.name, row.language, row.ref, row.number, title, row.extended_until, calls[row.call_id])
