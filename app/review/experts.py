"""Experts of a call: put on its list, invited, what they answer, removed. A person is an expert of each call by itself."""

from contextlib import suppress
from dataclasses import dataclass

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app import languages, rules, times
from app.applying.drafts import Refused, refuse
from app.extensions import db, writing
from app.forms.experts import MOST_NAMES
from app.mails import mailing
from app.models import Application, Assignment, Event, Expert, Review, User, record
from app.people import accounts, staff
from app.people.credentials import email_key
from app.review import conflicts, panels

VALUES = ("name_zh", "name_en", "organization_zh", "organization_en", "aliases", "areas", "languages", "capacity")
"""What an organizer says of an expert; of these an expert corrects THEIRS."""
THEIRS = ("aliases", "areas", "capacity")
OF_ORGANIZATION = ("name_zh", "name_en", "organization_zh", "organization_en", "aliases")
"""On what conflicts of interest hang."""
ORGANIZES = _l("This person is an organizer, who sees every application, and so cannot be an expert as well.")


@dataclass(frozen=True)
class Load:
    """How many applications an expert has been given, and of how many the review is handed in."""

    given: int = 0
    done: int = 0


def name(expert):
    """The expert's name in the language spoken now, else in the other."""
    return _one(expert.name_zh, expert.name_en)


def organization(expert):
    return _one(expert.organization_zh, expert.organization_en)


def _one(zh, en):
    return (zh or en) if languages.current() == "zh" else (en or zh)


def of_call(call_id):
    """Every Expert of a call, in the order in which they were put on its list."""
    return db.session.scalars(db.select(Expert).filter_by(call_id=call_id).order_by(Expert.id)).all()


def of_user(user_id):
    """What a person has been invited to, [Expert], the newest first."""
    query = db.select(Expert).where(Expert.user_id == user_id, Expert.state != "listed").order_by(Expert.id.desc())
    return db.session.scalars(query).all()


def loads(call_id):
    """`{user id: Load}` of the experts of a call who have been given something that is not withdrawn."""
    query = (
        db.select(Assignment.expert_id, db.func.count(Assignment.id), db.func.count(Review.submitted_at))
        .join(Application, Application.id == Assignment.application_id)
        .outerjoin(Review, Review.assignment_id == Assignment.id)
        .where(Application.call_id == call_id, Application.withdrawn_at.is_(None), Assignment.ended_at.is_(None))
        .group_by(Assignment.expert_id)
    )
    return {user_id: Load(given, done) for user_id, given, done in db.session.execute(query)}


def is_busy(expert):
    """Whether applications of the call have been given to this expert."""
    return bool(loads(expert.call_id).get(expert.user_id))


def said(call_id):
    """`{user id: words}` that experts of a call left with their last answer."""
    query = db.select(Event.user_id, Event.details).where(Event.what.in_(("expert accepted", "expert declined"))).order_by(Event.id)
    return {user_id: details.get("said") for user_id, details in db.session.execute(query) if details.get("call") == call_id}


# -- by organizers


def add(*, call, email, language, values, by, now):
    """Puts a person on the list of a call, without a word to them, and answers the Expert. `values` are VALUES; an address that
    has no account gets one, whose mails are in `language`. Raises Refused for an organizer, and for who is on the list already.
    """
    with writing():
        staff.refuse_others(by)
        return put(call=call, email=email, language=language, values=values, by=by, now=now)


def put(*, call, email, language, values, by, now):
    """The same, within the write that is open."""
    user = accounts.find(email)
    refuse(ORGANIZES if user and user.role == "organizer" else None)
    if user and db.session.scalars(db.select(Expert.id).filter_by(call_id=call.id, user_id=user.id)).first():
        raise Refused(_l("This person is among the experts of this call already."))
    named = values["name_zh"] or values["name_en"] if language == "zh" else values["name_en"] or values["name_zh"]
    user = user or accounts.add(email=email, name=named, language=language, now=now)
    expert = Expert(call_id=call.id, user_id=user.id, state="listed", invited_at=now, **values)
    db.session.add(expert)
    record("expert listed", at=now, user=by, whom=user.id, call=call.id)
    return expert


def change(*, expert, call, values, by, now):
    """`values` are some of VALUES. Where names or organizations change, conflicts of interest are found anew."""
    with writing():
        staff.refuse_others(by)
        conflicts.still_there(expert)
        changed = alter(expert, values, by, now)
    if set(changed) & set(OF_ORGANIZATION):
        conflicts.refresh(call, now, experts=[expert])


def alter(expert, values, user, now):
    """The same within the write that is open; answers the names of what changed, and finds no conflicts."""
    changed = [name for name, value in values.items() if getattr(expert, name) != value]
    for name in changed:
        setattr(expert, name, values[name])
    if changed:
        record("expert changed", at=now, user=user, whom=expert.user_id, call=expert.call_id)
    return changed


def remove(*, expert, by, now):
    """Takes an expert off the list of a call. What was given to them is given no more; reviews that they handed in stay stored, and
    count no more.
    """
    with writing() as session:
        staff.refuse_others(by)
        conflicts.still_there(expert)
        conflicts.end_assignments([(application_id, expert.user_id) for application_id in _given(expert)], now)
        record("expert removed", at=now, user=by, whom=expert.user_id, call=expert.call_id)
        session.delete(expert)


def _given(expert):
    """The ids of the applications of the call that the expert has been given."""
    query = db.select(Assignment.application_id).join(Application, Application.id == Assignment.application_id)
    return db.session.scalars(
        query.where(Application.call_id == expert.call_id, Assignment.expert_id == expert.user_id, Assignment.ended_at.is_(None))
    ).all()


def invite(*, expert, call, by, now):
    """Mails the invitation, or once more to whoever has not answered; a person without a password gets a link to choose one,
    good for two weeks. Raises Refused.
    """
    with writing():
        staff.refuse_others(by)
        conflicts.still_there(expert)
        refuse(rules.may_invite(expert, now))
        refuse(ORGANIZES if expert.user.role == "organizer" else None)
        again, user = expert.state == "invited", expert.user
        mail = {"template": "panel_invitation", "again": again} | _asked(expert, call, user.language)
        if user.role == "expert" and user.password_hash and user.confirmed_at:
            mailing.queue(recipient=user.email, language=user.language, now=now, link=None, **mail)
        else:
            staff.appoint(user, "expert", by, now, purpose="panel", onward="panel.home", **mail)
        expert.state, expert.invited_at = "invited", now
        record("expert reminded" if again else "expert invited", at=now, user=by, whom=user.id, call=call.id)


def invite_all(*, call, state, by, now):
    """Invites all who are in this state, "listed" or "invited", and may be; answers how many. Each is a write by itself, so that a
    crash in between leaves the rest to be invited.
    """
    count = 0
    ids = [expert.id for expert in of_call(call.id) if expert.state == state and rules.may_invite(expert, now) is None]
    for expert_id in ids:
        expert = db.session.get(Expert, expert_id)
        # Answered, removed or made an organizer meanwhile.
        with suppress(Refused):
            if expert is not None and expert.state == state:
                invite(expert=expert, call=call, by=by, now=now)
                count += 1
    return count


def _asked(expert, call, language):
    """What the mail speaks of."""
    with languages.speaking(language):
        closes_at = panels.of(call.id).closes_at
        return {
            "award": _("%(award)s %(edition)s", award=call.name, edition=call.edition),
            "organizer": str(call.organizer),
            "contact": call.contact.email,
            "capacity": expert.capacity,
            "due": times.say_end(closes_at, call, language) if closes_at else None,
        }


# -- by the expert


def answer(*, expert, call, accepted, values, said, now):
    """Accepts or declines, with areas and capacity corrected (`values`, of THEIRS) and a word to the organizers. Raises Refused."""
    with writing():
        conflicts.still_there(expert)
        refuse(rules.may_answer(expert, is_busy(expert)))
        changed = alter(expert, values, expert.user, now) if accepted else []
        state = "accepted" if accepted else "declined"
        if expert.state != state or said:
            expert.state, expert.answered_at = state, now
            record("expert accepted" if accepted else "expert declined", at=now, user=expert.user, call=call.id, said=said)
    if "aliases" in changed:
        conflicts.refresh(call, now, experts=[expert])


def add_organizations(*, expert, call, names, now):
    """More organizations of whose applications the expert must see none: at any time, also while reviewing. Raises Refused above
    MOST_NAMES in all.
    """
    with writing():
        conflicts.still_there(expert)
        known = [*expert.aliases, *(name for name in names if name not in expert.aliases)]
        if len(known) > max(MOST_NAMES, len(expert.aliases)):
            raise Refused(_l("At most %(most)s organizations can be kept. Please tell the organizer of any others.", most=MOST_NAMES))
        alter(expert, {"aliases": known}, expert.user, now)
    conflicts.refresh(call, now, experts=[expert])


# -- who it is


def find(call_id, email):
    """The Expert of a call with this address, or None."""
    key = email_key(email)
    return key and db.session.scalars(db.select(Expert).join(User).where(Expert.call_id == call_id, User.email_key == key)).first()

