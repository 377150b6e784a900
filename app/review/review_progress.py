"""Reviews seen together: the discussion among the experts of an application, how far all of them are, and reminders."""

from dataclasses import dataclass
from datetime import datetime

from flask_babel import gettext as _

from app import languages, rules, times
from app.applying.drafts import refuse
from app.applying.steps import chosen_category
from app.applying.working_copy import call_at
from app.extensions import db, writing
from app.forms.review import judge
from app.mails import mailing
from app.models import Application, Assignment, Event, Expert, Listed, Review, User, record
from app.review import panels
from app.review.reviewing import COUNTING, HANDED_IN, state_of

PAGE = 50
REMINDED = "reviewer reminded"


@dataclass(frozen=True)
class Voice:
    """A review of an application: the Assignment, its User, the Expert or None, and which of its experts this is, from 1."""

    assignment: Assignment
    user: User
    expert: Expert | None
    number: int

    @property
    def review(self):
        return self.assignment.review

    def name(self, language):
        return _name(self, language)

    @property
    def state(self):
        """A key of `reviewing.STATES`."""
        return state_of(self.review)


def _name(somebody, language):
    """How an expert is called, in this language if it is known; the name of the account, if it has one still, where nothing else is."""
    names = [getattr(somebody.expert, f"name_{side}", "") for side in (language, languages.other(language))]
    return next(filter(None, names), somebody.user.name) or _("A deleted account")


def voices(application):
    """The [Voice] of everybody an application was given to; those that have ended, last."""
    query = (
        db.select(Assignment, User, Expert)
        .join(User, User.id == Assignment.expert_id)
        .outerjoin(Expert, (Expert.user_id == User.id) & (Expert.call_id == application.call_id))
        .where(Assignment.application_id == application.id)
        .options(db.joinedload(Assignment.review))
        .order_by(Assignment.ended_at.is_not(None), Assignment.id)
    )
    return [Voice(*row, number) for number, row in enumerate(db.session.execute(query), 1)]


def judged(application, call):
    """[(Voice, its ReviewForm)] of everybody an application was given to, for organizers."""
    found = voices(application) if application.assignments else []
    if not found:
        return []
    snapshot = application.snapshot
    then = call_at(snapshot, call)
    chosen = chosen_category(then, snapshot.answers)
    category = call.category(chosen) or then.category(chosen)
    return [(voice, judge(call, category, voice.review.raw if voice.review else {})) for voice in found]


def others(assignment, application, panel, now):
    """The [Voice] of the other experts who have handed in, for this one to read: none before the discussion is open, nor to
    an expert who has never handed in."""
    if not rules.may_discuss(panel, now) or not has_handed_in(assignment):
        return []
    return [
        voice
        for voice in voices(application)
        if voice.assignment.id != assignment.id and not voice.assignment.ended_at and voice.review and voice.review.submitted_at
    ]


def has_handed_in(assignment):
    """Whether this expert has handed in a review of the application, be it recalled since."""
    if assignment.review is None or assignment.review.submitted_at:
        return assignment.review is not None
    given = db.select(Event.id).filter_by(what=HANDED_IN, user_id=assignment.expert_id, application_id=assignment.application_id)
    return db.session.scalars(given.limit(1)).first() is not None


def open_discussion(*, call, organizer, now):
    """From now on experts who have handed in see each other's reviews of the same application."""
    with writing():
        panel = panels.for_write(call.id)
        if not rules.may_discuss(panel, now):
            panel.discussion_at = now
            record("discussion opened", at=now, user=organizer, call=call.id)


def close_discussion(*, call, organizer, now):
    """From now on nobody sees another's review any more."""
    with writing():
        panel = panels.for_write(call.id)
        if panel.discussion_at:
            panel.discussion_at = None
            record("discussion closed", at=now, user=organizer, call=call.id)


# -- who is late


@dataclass(frozen=True)
class Load:
    """What an expert of a call has: the User, the Expert or None, how many applications, how many of them handed in, and when
    a reminder was mailed last."""

    user: User
    expert: Expert | None
    total: int
    done: int
    reminded_at: datetime | None

    def name(self, language):
        return _name(self, language)


def loads(call_id):
    """The [Load] of a call, whoever has most to hand in first."""
    reminded = (
        db.select(db.func.max(Event.at))
        .where(Event.what == REMINDED, Event.details["call"].as_string() == call_id, Event.details["whom"].as_integer() == User.id)
        .correlate(User)
        .scalar_subquery()
    )
    query = (
        db.select(User, Expert, db.func.count(Assignment.id), db.func.count(Review.submitted_at), reminded)
        .select_from(Assignment)
        .join(Application, Application.id == Assignment.application_id)
        .join(User, User.id == Assignment.expert_id)
        .outerjoin(Expert, (Expert.user_id == User.id) & (Expert.call_id == Application.call_id))
        .outerjoin(Review, Review.assignment_id == Assignment.id)
        .where(Application.call_id == call_id, COUNTING)
        .group_by(User.id)
    )
    found = [Load(*row) for row in db.session.execute(query)]
    return sorted(found, key=lambda load: (load.done - load.total, load.user.name, load.user.id))


def remind(*, call, organizer, user_id, now):
    """Mails an expert who has reviews to hand in, and answers whether there are any. Raises Refused when reviewing has closed,
    or the expert was mailed less than a day ago."""
    with writing():
        panel = panels.of(call.id)
        load = next((load for load in loads(call.id) if load.user.id == user_id), None)
        if load is None or load.done == load.total or load.user.email is None:
            return False
        refuse(rules.may_remind_reviewer(panel, now, load.reminded_at))
        _queue_reminder(call, panel, load, now)
        record(REMINDED, at=now, user=organizer, call=call.id, whom=user_id, count=load.total - load.done)
    return True


def _queue_reminder(call, panel, load, now):
    language = load.user.language
    mailing.queue(
        recipient=load.user.email,
        language=language,
        template="review_reminder",
        now=now,
        name=load.name(language),
        award=call.name[language],
        waiting=load.total - load.done,
        total=load.total,
        until=panel.closes_at and times.say_end(panel.closes_at, call, language),
    )


# -- how far they are


def counts(call_id):
    """(reviews handed in, reviews there are to be, applications) of a call."""
    query = (
        db.select(db.func.count(Review.submitted_at), db.func.count(Assignment.id), db.func.count(Application.id.distinct()))
        .select_from(Assignment)
        .join(Application, Application.id == Assignment.application_id)
        .outerjoin(Review, Review.assignment_id == Assignment.id)
        .where(Application.call_id == call_id, COUNTING)
    )
    return tuple(db.session.execute(query).one())


def page(call_id, number):
    """[(Listed, [Voice])] of the applications under review on this page, counted from 1."""
    given = db.select(Assignment.id).where(Assignment.application_id == Application.id, COUNTING).correlate(Application)
    query = (
        db.select(Listed)
        .join(Application, Application.id == Listed.application_id)
        .where(Listed.call_id == call_id, given.exists())
        .order_by(Listed.number_key)
    )
    listed = db.session.scalars(query.limit(PAGE).offset((number - 1) * PAGE)).all()
    of_these = (
        db.select(Assignment, User, Expert)
        .join(Application, Application.id == Assignment.application_id)
        .join(User, User.id == Assignment.expert_id)
        .outerjoin(Expert, (Expert.user_id == User.id) & (Expert.call_id == Application.call_id))
        .where(Assignment.application_id.in_([row.application_id for row in listed]), COUNTING)
        .options(db.joinedload(Assignment.review))
        .order_by(Assignment.id)
    )
    found = {}
    for assignment, user, expert in db.session.execute(of_these):
        found.setdefault(assignment.application_id, []).append(Voice(assignment, user, expert, 0))
    return [(row, found.get(row.application_id, [])) for row in listed]
