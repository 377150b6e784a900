"""History as organizers read it: who did what, the newest first, a page at a time or all of it as a table."""

from collections import Counter
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import date, datetime, time, timedelta
from urllib.parse import parse_qsl

from flask_babel import gettext as _
from sqlalchemy import and_, or_, tuple_

from app import times, versions
from app.desk import events
from app.exporting.table import MIDDLE, NARROW, WIDE, Column
from app.extensions import db
from app.languages import current
from app.models import Application, Event, User
from app.people.second_factor import ROLES
from app.people.staff import MADE

PAGE = 50
BATCH = 500
FEW = 2000
"""Applications of a call whose events are looked up one by one; of more, recent ones are found faster by reading along."""
COLUMNS = (Event.id, Event.at, Event.what, Event.user_id, Event.application_id, Event.details)
UNSIGNED = tuple(
    what
    for group in ("people", "experts", "calls", "mail", "retention", "matching", "decisions")
    for what in events.KINDS[group]
)
"""What an organizer, or the site for them, may also do without being signed in: in a console, or in the folder of calls."""


@dataclass(frozen=True)
class Chosen:
    """Which events: made of the query of an address, and written into one.

    `who` is the id of a User, "all" for everybody; else all that organizers and experts have done. `what` is a kind of event,
    or a group of kinds; `number` that of an application; `since` and `until` are days, in figures, both included.
    """

    who: str = ""
    what: str = ""
    call: str = ""
    number: str = ""
    since: str = ""
    until: str = ""

    @classmethod
    def from_args(cls, args):
        """Of a MultiDict; what makes no sense is left out."""
        given = {name: args.get(name, "").replace("\0", "").strip()[:100] for name in cls.__dataclass_fields__}
        sound = {
            "who": given["who"] == "all" or given["who"].isascii() and given["who"].isdecimal() and len(given["who"]) < 10,
            "what": given["what"] in events.WORDS or given["what"] in events.KINDS,
            "since": _day(given["since"]) is not None,
            "until": _day(given["until"]) is not None,
        }
        return cls(**{name: value for name, value in given.items() if sound.get(name, True)})

    def args(self):
        """What is set, for `url_for(endpoint, **chosen.args())`."""
        return {name: value for name, value in asdict(self).items() if value}


@dataclass(frozen=True)
class Entry:
    """One event in words. `who` is a row of User, or None; `application` one of (number, ref, erased_at), or None; `details`
    are (label, text).
    """

    id: int
    at: datetime
    words: str
    who: object
    application: object
    details: list


class Log:
    """All chosen events as a table for `exporting.csv_lines` and `write_xlsx`; reads some hundreds at a time."""

    def __init__(self, chosen, calls):
        self._calls, self.counts = calls, Counter()
        self._zone, zone_name = times.zone_of(calls.all())
        self._choices = _choices(chosen, [person.id for person in people()], self._zone)
        headings = [
            (_("When (%(zone)s)", zone=zone_name), MIDDLE), (_("Who"), MIDDLE), (_("E-mail address"), MIDDLE), (_("What"), WIDE),
            (_("Application"), NARROW), (_("Details"), WIDE),
        ]  # fmt: skip
        self.columns = [Column(heading, width, None) for heading, width in headings]

    def rows(self):
        before, colon = None, _(": ")
        while found := _entries(self._choices, self._calls, before, BATCH):
            db.session.rollback()
            for entry in found:
                self.counts[entry.words] += 1
                who = entry.who
                details = "\n".join(f"{label}{colon}{text}" for label, text in entry.details)
                yield [
                    entry.at.astimezone(self._zone).replace(microsecond=0), name_of(who), who and who.email, entry.words,
                    entry.application and (entry.application.number or _("Draft")), details,
                ]  # fmt: skip
            before = (found[-1].at, found[-1].id)


def page(chosen, calls, staff, before_id=None):
    """([Entry], whether there are older ones): the newest, or those older than the event with this id. `staff` are the ids of
    `people`.
    """
    before = None
    if before_id is not None:
        row = db.session.execute(db.select(Event.at, Event.id).where(Event.id == before_id)).first()
        before = tuple(row) if row else None
    found = _entries(_choices(chosen, staff, times.zone_of(calls.all())[0]), calls, before, PAGE + 1)
    return found[:PAGE], len(found) > PAGE


def people():
    """The rows (id, name, email) of everybody who is an organizer or expert, or has been one, by name."""
    appointed = db.select(Event.details["whom"].as_integer()).where(Event.what.in_(MADE.values()))
    ids = set(db.session.scalars(db.select(User.id).where(User.role.in_(ROLES)))) | set(filter(None, db.session.scalars(appointed)))
    query = db.select(User.id, User.name, User.email).where(User.id.in_(ids)).order_by(User.name, User.id)
    return db.session.execute(query).all()


def name_of(who):
    """The name of a row of User; words where there is none."""
    if who is None:
        return _("The site, or somebody at its console")
    return who.name or _("A deleted account")


# -- which


def _entries(choices, calls, before, limit):
    rows = []
    for conditions in choices:
        query = db.select(*COLUMNS).where(*conditions)
        if before is not None:
            query = query.where(tuple_(Event.at, Event.id) < before)
        rows += db.session.execute(query.order_by(Event.at.desc(), Event.id.desc()).limit(limit))
    rows = sorted(rows, key=lambda row: (row.at, row.id), reverse=True)[:limit]
    return _told(rows, calls)


def _choices(chosen, staff, zone):
    """The conditions of each query to be made. A sum or a joined text keeps SQLite from an index that would not help."""
    where = [*_of_applications(chosen), *_between(chosen, zone)]
    kinds = tuple(events.KINDS.get(chosen.what, (chosen.what,) if chosen.what else ()))
    if chosen.who == "all":
        return [[*where, *([Event.what.in_(kinds)] if kinds else [])]]
    of_these = [Event.what.concat("").in_(kinds)] if kinds else []
    if chosen.who:
        return [[*where, Event.user_id == int(chosen.who), *of_these]]
    alone = set(UNSIGNED) & set(kinds or UNSIGNED)
    return [
        [*where, Event.user_id.in_(staff), *of_these],
        [*where, (Event.user_id + 0).is_(None), Event.what.in_(alone)],
    ]


def _of_applications(chosen):
    if chosen.number:
        yield Event.application_id == db.select(Application.id).where(Application.number == chosen.number.upper()).scalar_subquery()
    if chosen.call:
        of_call = db.select(Application.id).where(Application.call_id == chosen.call)
        few = db.session.scalars(of_call.limit(FEW)).all()
        mine = Event.application_id.in_(few) if len(few) < FEW else of_call.where(Application.id == Event.application_id).exists()
        tells = Event.application_id.is_(None) & Event.what.in_(UNSIGNED)
        yield or_(mine, and_(tells, Event.details["call"].as_string() == chosen.call))


def _between(chosen, zone):
    if chosen.since:
        yield Event.at >= _midnight(_day(chosen.since), zone)
    if chosen.until:
        yield Event.at < _midnight(_day(chosen.until) + timedelta(days=1), zone)


def _day(text):
    with suppress(ValueError):
        day = date.fromisoformat(text)
        return day if 2000 <= day.year < 3000 else None
    return None


def _midnight(day, zone):
    return datetime.combine(day, time(), zone)


# -- in words


def _told(rows, calls):
    ids = {row.user_id for row in rows} | {row.details.get("whom") for row in rows}
    known = db.select(User.id, User.name, User.email).where(User.id.in_(ids - {None}))
    users = {user.id: user for user in db.session.execute(known)}
    columns = (Application.id, Application.number, Application.ref, Application.erased_at)
    query = db.select(*columns).where(Application.id.in_({row.application_id for row in rows} - {None}))
    applications = {application.id: application for application in db.session.execute(query)}
    words = {what: str(events.WORDS.get(what, what)) for what in {row.what for row in rows}}
    labels = {name: str(events.DETAILS.get(name, name)) for name in {name for row in rows for name in row.details}}
    say = _sayers(users, calls)
    return [
        Entry(
            row.id, row.at, words[row.what], users.get(row.user_id), applications.get(row.application_id),
            [(labels[name], str(say.get(name, _plainly)(value))) for name, value in row.details.items() if value not in (None, "", {})],
        )
        for row in rows
    ]  # fmt: skip


def _sayers(users, calls):
    """`{name of a detail: function}` where its value is not said as it is."""
    zone = times.zone_of(calls.all())[0]

    def whom(user_id):
        user = users.get(user_id)
        return f"{user.name} <{user.email}>" if user and user.email else name_of(user)

    def award(call_id):
        call = calls.get(call_id) or versions.archived(call_id)
        return f"{call.short_name} {call.edition}" if call else call_id

    def until(moment):
        return times.say_briefly(datetime.fromisoformat(moment), zone)

    return {
        "whom": whom, "call": award, "until": until, "before": lambda value: events.ROLES.get(value, value),
        "selection": lambda query: ", ".join(f"{name}={value}" for name, value in parse_qsl(query)),
    }  # fmt: skip


def _plainly(value):
    """A text in both languages in the one spoken now; anything else as it is."""
    return value.get(current()) or next(iter(value.values())) if isinstance(value, dict) else value
