"""The proposal of who reviews what: computed, changed by hand, locked. Nobody but the organizers sees it before it is confirmed."""

from collections import Counter

from flask_babel import lazy_gettext as _l

from app import rules
from app.applying.drafts import Refused, refuse
from app.extensions import db, writing
from app.models import Application, Assignment, Expert, Listed, ListedArea, Proposal, record
from app.review import conflicts, matching, panels, tasks
from app.review.matching import Problem

MOST_REVIEWERS = 20
MATCHING = "matching"
"""What the task is called that computes a proposal."""
_YES = {"zh": "是", "en": "Yes"}
_PAIR = (Proposal.application_id, Proposal.expert_id)


def set_panel(*, call, organizer, reviewers, closes_at, blind, now):
    """Stores how many experts review each application, until when (an exclusive instant or None), and whether they see names."""
    with writing():
        panel = panels.for_write(call.id)
        refuse(rules.may_close_reviews(panel, closes_at, now))
        panel.reviewers, panel.closes_at, panel.blind = reviewers, closes_at, blind
        until = closes_at.isoformat() if closes_at else None
        record("reviewing set", at=now, user=organizer, call=call.id, reviewers=reviewers, until=until, blind=_YES if blind else None)


def start(*, call, organizer, now):
    """Begins to compute a new proposal, which keeps what is locked or confirmed, and answers the Task. Raises Refused."""
    refuse(rules.may_match(panels.of(call.id), now))
    organizer_id = organizer.id
    return tasks.start(MATCHING, call.id, now, lambda task: propose(call=call, organizer_id=organizer_id, now=now))


def propose(*, call, organizer_id, now, flow=None):
    """Computes it, and stores it in one write. `flow` as in `matching.solve`. Call it outside any write."""
    conflicts.refresh(call, now)
    problem = problem_of(call, now)
    db.session.rollback()
    pairs = matching.solve(problem, flow)
    with writing() as session:
        # Whoever withdrew, declined or declared a conflict meanwhile is left out.
        left = problem_of(call, now)
        of_call = Proposal.application_id.in_(db.select(Application.id).where(Application.call_id == call.id))
        kept = {tuple(pair) for pair in session.execute(db.select(*_PAIR).where(of_call, Proposal.locked))} & left.locked
        taken = left.locked | left.conflicts
        new = {
            (application, expert)
            for application, expert in pairs
            if application in left.applications and expert in left.experts and (application, expert) not in taken
        }
        session.execute(db.delete(Proposal).where(of_call))
        rows = [{"application_id": pair[0], "expert_id": pair[1], "locked": pair in kept} for pair in sorted(kept | new)]
        if rows:
            session.execute(db.insert(Proposal.__table__), rows)
        record("matching run", at=now, user_id=organizer_id, call=call.id, count=len(new))


def problem_of(call, now):
    """The Problem of a call as it is now: what may be assigned, who accepted; what is confirmed or locked stays."""
    assignable = rules.assignable(Listed, call, now)
    applications = {number: [] for number in db.session.scalars(db.select(Listed.application_id).where(assignable))}
    chosen = db.select(ListedArea.application_id, ListedArea.area).join(Listed, Listed.application_id == ListedArea.application_id)
    for number, area in db.session.execute(chosen.where(assignable).order_by(ListedArea.area)):
        applications[number].append(area)
    rows = db.session.execute(
        db.select(Expert.id, Expert.user_id, Expert.areas, Expert.capacity, Expert.state).where(Expert.call_id == call.id)
    ).all()
    expert_of = {row.user_id: row.id for row in rows}
    accepted = {row.id for row in rows if row.state == "accepted"}
    assigned = {(number, expert_of[user_id]) for number, user_id in assigned_in(call) if user_id in expert_of}
    barred = conflicts.standing(call)
    kept = map(tuple, db.session.execute(db.select(*_PAIR).where(Proposal.locked)))
    kept = {pair for pair in kept if pair[0] in applications and pair[1] in accepted} - barred
    elsewhere = Counter(expert for number, expert in assigned if number not in applications)
    locked = kept | {pair for pair in assigned if pair[0] in applications}
    held = {expert for _number, expert in locked}
    return Problem(
        applications=applications,
        experts={row.id: row.areas for row in rows if row.id in accepted | held},
        # Who declined since keeps what was given, and gets nothing more.
        capacities={row.id: row.capacity - elsewhere[row.id] if row.id in accepted else 0 for row in rows if row.id in accepted | held},
        reviews=panels.of(call.id).reviewers,
        conflicts={pair for pair in barred if pair[0] in applications} - locked,
        locked=locked,
    )


def assigned_in(call):
    """Rows (application id, user id) of everything that is assigned in this call; not of what was withdrawn."""
    query = db.select(Assignment.application_id, Assignment.expert_id).join(Application, Application.id == Assignment.application_id)
    return db.session.execute(query.where(Application.call_id == call.id, rules.assigned(Assignment, Application))).all()


# -- by hand


def lock(*, call, ids, locked, organizer, now):
    """Locks, or unlocks, the pairs proposed of the applications with these ids; answers how many applications have any."""
    with writing() as session:
        tasks.refuse_while_busy()
        of_call = Proposal.application_id.in_(db.select(Application.id).where(Application.call_id == call.id))
        others = (of_call, Proposal.locked.is_(not locked))
        chosen = sorted(set(session.scalars(db.select(Proposal.application_id).where(*others))).intersection(ids))
        for start_at in range(0, len(chosen), 500):
            part = chosen[start_at : start_at + 500]
            session.execute(db.update(Proposal).where(Proposal.application_id.in_(part)).values(locked=locked))
        if chosen:
            record("proposal locked" if locked else "proposal unlocked", at=now, user=organizer, call=call.id, count=len(chosen))
    return len(chosen)


def add(*, application, call, expert_id, instead_of=None, organizer, now):
    """Proposes an expert for an application, locked, in place of the one with the id `instead_of` if given; raises Refused."""
    with writing() as session:
        tasks.refuse_while_busy()
        expert = expert_for(application, call, expert_id, now)
        if instead_of is not None:
            session.execute(db.delete(Proposal).filter_by(application_id=application.id, expert_id=instead_of))
        session.add(Proposal(application_id=application.id, expert_id=expert.id, locked=True))
        record("proposal changed", at=now, user=organizer, application=application, whom=expert.user_id)


def remove(*, application, call, expert_id, organizer, now):
    """Takes a proposed expert from an application."""
    with writing() as session:
        tasks.refuse_while_busy()
        if session.execute(db.delete(Proposal).filter_by(application_id=application.id, expert_id=expert_id)).rowcount:
            record("proposal changed", at=now, user=organizer, application=application)


def expert_for(application, call, expert_id, now):
    """The Expert with this id, who may be given this application, within the write that is open; raises Refused."""
    refuse(rules.may_assign(application, call, panels.of(call.id), now))
    expert = db.session.scalars(db.select(Expert).filter_by(id=expert_id, call_id=call.id, state="accepted")).first()
    if expert is None:
        raise Refused(_l("This expert is not on the panel any more."))
    if conflicts.stands(application, expert):
        raise Refused(_l("This expert is in conflict with this application, and cannot be chosen."))
    taken = db.session.scalar(db.select(Proposal.id).filter_by(application_id=application.id, expert_id=expert.id))
    if taken or any(one.expert_id == expert.user_id and one.ended_at is None for one in application.assignments):
        raise Refused(_l("This expert has been chosen for this application already."))
    return expert
