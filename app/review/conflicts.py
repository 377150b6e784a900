"""Conflicts of interest: found by names and addresses, declared by experts, entered by organizers. Whoever has one never sees the
application: what was given to them is given no more, at once.
"""

from flask_babel import lazy_gettext as _l
from sqlalchemy.exc import InvalidRequestError

from app import rules
from app.applying.drafts import Refused, refuse
from app.extensions import db, writing
from app.models import Application, Assignment, Conflict, Event, Expert, Listed, record
from app.people import staff
from app.review.ties import find

RULES = {
    "organization": _l("Same organization"),
    "domain": _l("E-mail addresses of one organization"),
    "person": _l("May be a contributor"),
}
"""What is found: the organization or e-mail domain of the applicant, a partner or a contributor; the name or address of one."""
SOURCES = {"system": _l("Found by the site"), "expert": _l("Declared by the expert"), "organizer": _l("Entered by an organizer")}
BATCH = 500


def standing(call):
    """{(application id, expert id)} of all conflicts that hold: declared, entered, or found and not dismissed.

    As `refresh` last found them: call that before, outside any write.
    """
    query = db.select(Conflict.application_id, Conflict.expert_id).join(Expert, Expert.id == Conflict.expert_id)
    return set(map(tuple, db.session.execute(query.where(Expert.call_id == call.id, Conflict.dismissed_at.is_(None)))))


def stands(application, expert):
    """Whether this expert has a conflict with this application."""
    query = db.select(Conflict.id).filter_by(application_id=application.id, expert_id=expert.id, dismissed_at=None)
    return db.session.scalars(query.limit(1)).first() is not None


def count(expert):
    """How many conflicts of this expert hold."""
    return db.session.scalar(db.select(db.func.count(Conflict.id)).filter_by(expert_id=expert.id, dismissed_at=None))


# -- keeping what was found


def refresh(call, now, experts=None, application_id=None):
    """Finds anew, for all experts or some, and keeps what was found; what is found no more goes. One that was dismissed stays so
    while nothing is found that was not known then. Call it outside any write.
    """
    experts = db.session.scalars(db.select(Expert).filter_by(call_id=call.id)).all() if experts is None else experts
    ids = [expert.id for expert in experts]
    found = find(call, experts, application_id)
    if _differences(found, _kept(ids, application_id)) == ([], [], []):
        return
    with writing() as session:
        users = dict(map(tuple, session.execute(db.select(Expert.id, Expert.user_id).where(Expert.id.in_(ids)))))
        found = {pair: reasons for pair, reasons in found.items() if pair[1] in users}
        new, changed, gone = _differences(found, _kept(ids, application_id))
        for start in range(0, len(gone), BATCH):
            session.execute(db.delete(Conflict).where(Conflict.id.in_([row.id for row in gone[start : start + BATCH]])))
        rows = [
            {"application_id": pair[0], "expert_id": pair[1], "source": "system", "details": {"found": found[pair]}, "at": now}
            for pair in new
        ]
        if rows:
            session.execute(Conflict.__table__.insert(), rows)
        for row, reasons in changed:
            stored = session.get(Conflict, row.id)
            stored.details = {"found": reasons}
            if row.dismissed_at and any(reason not in row.details["found"] for reason in reasons):
                stored.dismissed_at = stored.dismissed_by = None
                new.append((row.application_id, row.expert_id))
        for application_id, user_id in end_assignments([(application_id, users[expert_id]) for application_id, expert_id in new], now):
            record("conflict found", at=now, application=session.get(Application, application_id), whom=user_id)


def look_again(*, application, call, user_id, now):
    """Finds anew for one application as the expert with this account opens it; answers whether a conflict stands."""
    expert = db.session.scalars(db.select(Expert).filter_by(call_id=call.id, user_id=user_id)).first()
    if expert is None:
        return False
    refresh(call, now, [expert], application.id)
    return stands(application, expert)


def _kept(expert_ids, application_id):
    """Rows of what the system found, without the weight of Conflicts."""
    columns = (Conflict.id, Conflict.application_id, Conflict.expert_id, Conflict.details, Conflict.dismissed_at)
    query = db.select(*columns).where(Conflict.source == "system", Conflict.expert_id.in_(expert_ids))
    return db.session.execute(query if application_id is None else query.where(Conflict.application_id == application_id)).all()


def _differences(found, kept):
    """([pairs that are new], [(row, reasons) that changed], [rows found no more])"""
    known = {(row.application_id, row.expert_id): row for row in kept}
    changed = [(known[pair], reasons) for pair, reasons in found.items() if pair in known and known[pair].details["found"] != reasons]
    return [pair for pair in found if pair not in known], changed, [row for pair, row in known.items() if pair not in found]


def still_there(row):
    """Within the write that is open: raises Refused where another organizer has deleted the row meanwhile."""
    try:
        db.session.refresh(row)
    except InvalidRequestError:
        raise Refused(_l("Somebody else has removed this meanwhile.")) from None


def end_assignments(pairs, now):
    """Within the write that is open: what these (application id, user id) were given is given no more; answers those that were."""
    given = set(map(tuple, db.session.execute(db.select(Assignment.application_id, Assignment.expert_id).filter_by(ended_at=None))))
    ended = sorted(given.intersection(map(tuple, pairs)))
    for application_id, user_id in ended:
        query = db.update(Assignment).filter_by(application_id=application_id, expert_id=user_id, ended_at=None)
        db.session.execute(query.values(ended_at=now))
    return ended


# -- by the expert


def declare(*, expert, application, text, now):
    """The expert says that there is a conflict; `text` why, and may be blank. Raises Refused where the expert was not given it."""
    with writing():
        if not end_assignments([(application.id, expert.user_id)], now):
            raise Refused(_l("This application is not yours to review any more."))
        _add(application, expert, "expert", text, now)
        record("conflict declared", at=now, user=expert.user, application=application, said=text)


# -- by organizers


def enter(*, expert, application, text, by, now):
    """An organizer knows of one. Raises Refused where it is entered already."""
    with writing():
        staff.refuse_others(by)
        still_there(expert)
        refuse(rules.may_have_conflict(application))
        end_assignments([(application.id, expert.user_id)], now)
        _add(application, expert, "organizer", text, now)
        record("conflict entered", at=now, user=by, application=application, whom=expert.user_id, reason=text)


def _add(application, expert, source, text, now):
    known = db.select(Conflict.id).filter_by(application_id=application.id, expert_id=expert.id, source=source)
    if db.session.scalar(known):
        raise Refused(_l("This conflict of interest is known already."))
    db.session.add(Conflict(application_id=application.id, expert_id=expert.id, source=source, details={"text": text}, at=now))


def dismiss(*, conflict, reason, by, now):
    """An organizer finds what the system found to be none. Raises Refused for any other."""
    with writing():
        staff.refuse_others(by)
        still_there(conflict)
        refuse(None if conflict.source == "system" else _l("Only what the site found can be dismissed."))
        refuse(_l("Somebody else has dismissed this meanwhile.") if conflict.dismissed_at else None)
        conflict.dismissed_at, conflict.dismissed_by = now, by.id
        _record("conflict dismissed", conflict, by, now, reason=reason)


def uphold(*, conflict, by, now):
    """Takes a dismissal back."""
    with writing():
        staff.refuse_others(by)
        still_there(conflict)
        conflict.dismissed_at = conflict.dismissed_by = None
        user_id = db.session.get(Expert, conflict.expert_id).user_id
        end_assignments([(conflict.application_id, user_id)], now)
        _record("conflict upheld", conflict, by, now)


def take_back(*, conflict, by, now):
    """Deletes one that an organizer entered by mistake. Raises Refused for any other."""
    with writing() as session:
        staff.refuse_others(by)
        still_there(conflict)
        refuse(None if conflict.source == "organizer" else _l("Only what an organizer entered can be removed."))
        _record("conflict removed", conflict, by, now)
        session.delete(conflict)


def _record(what, conflict, by, now, **details):
    application = db.session.get(Application, conflict.application_id)
    whom = db.session.get(Expert, conflict.expert_id).user_id
    record(what, at=now, user=by, application=application, whom=whom, **details)


# -- as organizers read them


def listed(call, *, state="", source="", expert_id=None, number="", start=0, limit=50):
    """([(Conflict, Expert, Listed)] of a call by the number of the application, how many there are in all); `state` is "standing",
    "dismissed", or "" for both.
    """
    query = db.select(Conflict, Expert, Listed).join(Expert, Expert.id == Conflict.expert_id)
    query = query.join(Listed, Listed.application_id == Conflict.application_id).where(Expert.call_id == call.id)
    if state:
        query = query.where(Conflict.dismissed_at.is_not(None) if state == "dismissed" else Conflict.dismissed_at.is_(None))
    for column, value in ((Conflict.source, source), (Conflict.expert_id, expert_id), (Listed.number, number.upper())):
        if value:
            query = query.where(column == value)
    total = db.session.scalar(db.select(db.func.count()).select_from(query.with_only_columns(Conflict.id).subquery()))
    rows = db.session.execute(query.order_by(Listed.number_key, Conflict.expert_id, Conflict.source).offset(start).limit(limit)).all()
    return rows, total


def dismissal(conflict):
    """The reason with which it was dismissed last, or None."""
    user_id = db.session.get(Expert, conflict.expert_id).user_id
    query = db.select(Event.details).where(Event.what == "conflict dismissed", Event.application_id == conflict.application_id)
    said = [details["reason"] for details in db.session.scalars(query.order_by(Event.id)) if details.get("whom") == user_id]
    return said[-1] if said else None
