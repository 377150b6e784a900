"""Rate limits: how often something may be tried or done in a while. The counts are rows, so that a restart forgets none.

An account that does not exist is counted like one that does: a refusal tells nobody which it is.
"""

import ipaddress
from dataclasses import dataclass
from datetime import timedelta

from flask_babel import lazy_gettext as _l

from app.extensions import db, writing
from app.models import Attempts, Event
from app.people.credentials import digest

QUARTER, HOUR, DAY = timedelta(minutes=15), timedelta(hours=1), timedelta(days=1)


@dataclass(frozen=True)
class Limit:
    most: int
    within: timedelta


# A whole university sits behind one address on the last evening: so much for an address, and a success is not counted.
LIMITS = {
    ("sign-in", "account"): Limit(10, QUARTER),
    ("sign-in", "address"): Limit(100, QUARTER),
    ("sign-up", "address"): Limit(100, HOUR),
    ("reset", "account"): Limit(5, HOUR),
    ("reset", "address"): Limit(50, HOUR),
    ("password", "account"): Limit(10, QUARTER),
    ("second-step", "account"): Limit(5, QUARTER),
    ("invite", "account"): Limit(100, HOUR),
    ("invitation", "account"): Limit(5, HOUR),
    ("certificate", "address"): Limit(100, QUARTER),
    ("name", "address"): Limit(100, QUARTER),
}
"""By what is tried ("password": of somebody signed in, "second-step": the code; "invite": by an organizer, "invitation":
of a person; "certificate" and "name": a secret of an address that does not exist) and for whom it is counted."""

DONE = {"application started": Limit(30, DAY), "file uploaded": Limit(300, HOUR)}
"""How often one account may do what its history tells, by the name of the Event."""
MOST_FILES = 500
"""Attached to one application: far more than anybody needs, so that pages, indexes and archives stay of a size."""


class TooMany(Exception):
    """It was tried too often; `what` it was, and from when (`until`) it may be tried again."""

    def __init__(self, what, until):
        super().__init__(what, until)
        self.what, self.until = what, until


def take(what, now, **whom):
    """Counts one try of `what` for each of `whom`: `account`, as its e-mail key or id, and `address`, that of the client.

    None is not counted. Raises TooMany when one of them has no try left; then nothing was counted. Call it outside any
    write, and before the work that is limited: what is tried at the same time must not slip through.
    """
    limits = {_key(what, kind, value): LIMITS[what, kind] for kind, value in whom.items() if value is not None}
    # Looked at before as well: refusing must not cost a write, which is what a flood would be made of.
    _refuse(what, limits, now)
    with writing() as session:
        known = _refuse(what, limits, now)
        session.execute(db.delete(Attempts).where(Attempts.window_ends_at <= now))
        for key, limit in limits.items():
            row = known.get(key) or Attempts(key=key, window_ends_at=now + limit.within, count=0)
            row.count += 1
            session.add(row)


def look(what, now, **whom):
    """Raises TooMany when one of `whom` has no try of `what` left; counts nothing."""
    _refuse(what, {_key(what, kind, value): LIMITS[what, kind] for kind, value in whom.items()}, now)


def _refuse(what, limits, now):
    rows = db.session.scalars(db.select(Attempts).where(Attempts.key.in_(limits), Attempts.window_ends_at > now)).all()
    used_up = [row.window_ends_at for row in rows if row.count >= limits[row.key].most]
    if used_up:
        raise TooMany(what, max(used_up))
    return {row.key: row for row in rows}


def succeeded(what, *, account, address=None):
    """Within the write that is open: forgets what was counted for the account, and the one try for the address.

    Not all of the address: an account of one's own would make guessing other people's passwords free.
    """
    db.session.execute(db.delete(Attempts).where(Attempts.key == _key(what, "account", account)))
    if address is not None:
        counted = db.update(Attempts).where(Attempts.key == _key(what, "address", address), Attempts.count > 0)
        db.session.execute(counted.values(count=Attempts.count - 1))


def _key(what, kind, value):
    return f"{what}:{kind}:{digest(_network(value) if kind == 'address' else str(value))}"


def _network(address):
    """The part of a client's address that stays the same: of IPv6 the first 64 bits, for the rest is free to choose."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    if parsed.version == 4:
        return str(parsed)
    return str(parsed.ipv4_mapped or int(parsed) >> 64)


# What is done, and not only tried, is in the history anyway.


def done_too_often(what, *, user_id, now):
    """Why this person may not do now what was done so often, `what` being the name of its Event; or None."""
    limit = DONE[what]
    done = db.select(db.func.count(Event.id)).where(Event.user_id == user_id, Event.what == what, Event.at > now - limit.within)
    if db.session.scalar(done) < limit.most:
        return None
    if what == "application started":
        return _l(
            "You have started %(most)s applications within a day; this site takes no more from one account. Go on with one of them, "
            "or try again tomorrow.",
            most=limit.most,
        )
    return _l(
        "You have uploaded %(most)s files within an hour; this site takes no more from one account. Everything stored before is still "
        "there; please go on in an hour.",
        most=limit.most,
    )


def full(files):
    """Why no file can be attached beside these `files`, or None."""
    if len(files) < MOST_FILES:
        return None
    return _l(
        "This application holds %(most)s files, and that is all it can hold. Put several into one PDF, or remove some.", most=MOST_FILES
    )
