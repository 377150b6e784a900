"""Giving applications to experts: a proposal is confirmed, somebody else takes over, a review is not asked for any more.

Who confirms starts a row of small writes. Whatever breaks them off, what was not given stays proposed, and can be confirmed;
what was given is mailed to the experts all the same, by the worker.
"""

from flask import current_app
from flask_babel import lazy_gettext as _l

from app import rules, times, versions
from app.applying.drafts import Refused, refuse
from app.desk import listed_rows
from app.extensions import db, writing
from app.mails import mailing
from app.models import Application, Assignment, Event, Expert, Proposal, User, record
from app.review import conflicts, panels, proposing, tasks

BATCH = 100
"""Applications in one write: everybody else's write waits for it."""
LONGEST_REASON = 500
CONFIRMING = "confirming"
"""What the task is called that confirms a proposal."""
CONFIRMED = "matching confirmed"
TOLD = "experts told"


def start(*, call, ids, organizer, now):
    """Begins to confirm what is proposed for the applications with these ids, and answers the Task. Raises Refused."""
    refuse(rules.may_match(panels.of(call.id), now))
    organizer_id = organizer.id
    return tasks.start(CONFIRMING, call.id, now, lambda task: confirm(call=call, ids=ids, organizer_id=organizer_id, now=now, task=task))


def confirm(*, call, ids, organizer_id, now, task=None):
    """Gives them to the experts, who are mailed once at the end. What may not be assigned now, or is in conflict, stays proposed.

    Call it outside any write.
    """
    ids = sorted(ids)
    if task is not None:
        task.total = len(ids)
    conflicts.refresh(call, now)
    with writing():
        record(CONFIRMED, at=now, user_id=organizer_id, call=call.id, count=len(ids))
    for first in range(0, len(ids), BATCH):
        _confirm(call, ids[first : first + BATCH], organizer_id, now)
        if task is not None:
            task.done = min(first + BATCH, len(ids))
    tell(call, now)


def _confirm(call, ids, organizer_id, now):
    with writing() as session:
        panel, barred = panels.of(call.id), conflicts.standing(call)
        users = dict(map(tuple, session.execute(db.select(Expert.id, Expert.user_id).filter_by(call_id=call.id, state="accepted"))))
        chosen = session.scalars(db.select(Proposal).where(Proposal.application_id.in_(ids))).all()
        proposed = {}
        for pair in chosen:
            if pair.expert_id in users and (pair.application_id, pair.expert_id) not in barred:
                proposed.setdefault(pair.application_id, []).append(pair)
        for application in _whole(proposed):
            if application.call_id != call.id or rules.may_assign(application, call, panel, now) is not None:
                continue
            given = {assignment.expert_id for assignment in application.assignments if assignment.ended_at is None}
            for pair in proposed[application.id]:
                if users[pair.expert_id] not in given:
                    application.assignments.append(Assignment(expert_id=users[pair.expert_id], assigned_at=now))
                session.delete(pair)
            record("assigned", at=now, user_id=organizer_id, application=application, count=len(proposed[application.id]))


def _whole(ids):
    return db.session.scalars(listed_rows.with_course().where(Application.id.in_(ids)).order_by(Application.id)).all()


def tell(call, now, unless_busy=False):
    """Mails each expert, once, what was confirmed for them since the last time."""
    with writing() as session:
        if unless_busy and tasks.is_busy():
            return
        told = session.scalar(_last(TOLD, call)) or 0
        moments = session.scalars(
            db.select(Event.at).where(Event.what == CONFIRMED, Event.details["call"].as_string() == call.id, Event.id > told)
        ).all()
        if not moments:
            return
        query = db.select(Assignment.expert_id, db.func.count()).join(Application, Application.id == Assignment.application_id)
        given = (Application.call_id == call.id, Assignment.assigned_at.in_(moments), rules.assigned(Assignment, Application))
        counts = dict(map(tuple, session.execute(query.where(*given).group_by(Assignment.expert_id))))
        for user in session.scalars(db.select(User).where(User.id.in_(counts), User.email.is_not(None)).order_by(User.id)):
            _mail(user, call, counts[user.id], now)
        record(TOLD, at=now, call=call.id, count=len(counts))


def go_on(now):
    """Tells those who were given something by a confirmation that was broken off. Call it outside any write."""
    for call in versions.every_call(current_app.calls).values():
        if (db.session.scalar(_last(CONFIRMED, call)) or 0) > (db.session.scalar(_last(TOLD, call)) or 0):
            tell(call, now, unless_busy=True)


def _last(what, call):
    return db.select(db.func.max(Event.id)).where(Event.what == what, Event.details["call"].as_string() == call.id)


def _mail(user, call, count, now):
    panel = panels.of(call.id)
    mailing.queue(
        recipient=user.email, language=user.language, template="assigned", now=now, name=user.name, count=count, award=call.name,
        until=times.say_end(panel.closes_at, call, user.language) if panel.closes_at else None,
    )  # fmt: skip


# -- one by one


def end(*, application, call, user_id, reason, expert_id=None, organizer, now):
    """Takes an application from the expert with this User id, and gives it to the Expert with the id `expert_id` if given, who is
    told by mail. What was written of it stays, and counts nowhere. Raises Refused, also without a reason. Call it outside any write.
    """
    reason = reason.strip()
    if not reason:
        raise Refused(_l("Say why; other organizers read it."), "reason")
    if len(reason) > LONGEST_REASON:
        raise Refused(_l("The reason has more than %(most)s characters. Shorten it, please.", most=LONGEST_REASON), "reason")
    if expert_id is not None:
        conflicts.refresh(call, now, application_id=application.id)
    with writing() as session:
        tasks.refuse_while_busy()
        standing = [one for one in application.assignments if one.expert_id == user_id and one.ended_at is None]
        if not standing:
            raise Refused(_l("This expert does not review it any more."))
        expert = proposing.expert_for(application, call, expert_id, now) if expert_id is not None else None
        for assignment in standing:
            assignment.ended_at = now
        record("assignment ended", at=now, user=organizer, application=application, whom=user_id, reason=reason)
        if expert is not None:
            application.assignments.append(Assignment(expert_id=expert.user_id, assigned_at=now))
            record("assigned", at=now, user=organizer, application=application, whom=expert.user_id, count=1)
            user = session.get(User, expert.user_id)
            if user.email:
                _mail(user, call, 1, now)
