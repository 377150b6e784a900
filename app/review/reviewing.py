"""Reviews: whose they are, saved as they are typed, tabs merged, nothing thrown away; handed in, recalled.

What an expert types is `{input name: [strings]}`, as of an applicant's step: "score-<criterion>" and "comment".
"""

import re
from dataclasses import dataclass, field

from flask_babel import lazy_gettext as _l

from app import rules
from app.applying.drafts import refuse
from app.applying.merging import changed, merge
from app.extensions import db, writing
from app.forms.review import COMMENT, judge
from app.models import Application, Assignment, Conflict, EarlierReview, Expert, Listed, ListedArea, Review, record
from app.review import panels

VERSIONS_KEPT = 60
MOST_CHARACTERS = 50_000
"""Of one review, five times the longest comment."""
INPUT = re.compile(rf"score-[a-z0-9-]{{1,40}}|{COMMENT}")
KEPT = 0
"""The version under which text waits that is not in the review. Its raw holds, as it came, the `version` its page began with."""
HANDED_IN = "review handed in"

_CONFLICTED = (
    db.select(Conflict.id)
    .join(Expert, Expert.id == Conflict.expert_id)
    .where(
        Conflict.application_id == Assignment.application_id,
        Conflict.dismissed_at.is_(None),
        Expert.user_id == Assignment.expert_id,
    )
    .correlate(Assignment)
    .exists()
)
COUNTING = rules.assigned(Assignment, Application) & ~_CONFLICTED
"""The condition of a query that joins Assignment and Application: the expert is to review the application, and may see it."""


@dataclass(frozen=True)
class Task:
    """An Assignment with its Application and the row of the list about it."""

    assignment: Assignment
    application: Application
    listed: Listed
    areas: tuple = ()
    """The ids of the areas that the application and the expert share."""

    @property
    def state(self):
        """A key of STATES."""
        return state_of(self.assignment.review)


@dataclass
class Saved:
    """The version stored now, and the input names that need a choice between mine and the saved one."""

    version: int
    conflicts: list = field(default_factory=list)
    elsewhere: bool = False
    """Another page changed this review since mine was opened."""


def state_of(review):
    """A key of STATES."""
    if review is None or not any("".join(values).strip() for values in review.raw.values()):
        return "open"
    return "handed-in" if review.submitted_at else "begun"


STATES = {"open": _l("Not begun"), "begun": _l("Draft"), "handed-in": _l("Submitted")}


# -- whose they are


def tasks(user_id):
    """The [Task] of an expert, as one reads them: by call, then by number."""
    query = (
        db.select(Assignment, Application, Listed, Expert.areas)
        .join(Application, Application.id == Assignment.application_id)
        .join(Listed, Listed.application_id == Application.id)
        .outerjoin(Expert, (Expert.user_id == Assignment.expert_id) & (Expert.call_id == Application.call_id))
        .where(Assignment.expert_id == user_id, COUNTING)
        .options(db.joinedload(Assignment.review))
        .order_by(Listed.call_id, Listed.number_key)
    )
    rows = db.session.execute(query).all()
    chosen = {}
    of_these = db.select(ListedArea.application_id, ListedArea.area).where(ListedArea.application_id.in_([row[1].id for row in rows]))
    for application_id, area in db.session.execute(of_these):
        chosen.setdefault(application_id, []).append(area)
    return [
        Task(assignment, application, listed, tuple(area for area in chosen.get(application.id, ()) if area in (areas or ())))
        for assignment, application, listed, areas in rows
    ]


def version_of(review):
    """How often it has been saved: 0 before the first time."""
    return review.version if review else 0


# -- saving


def save(*, assignment, call, posted, version, now, merging=True):
    """Stores what came as it was typed, without judging it, and answers Saved.

    `version` is the one the page had been opened with (None: the newest). What was changed since on one side only is merged;
    what was changed on both stays as saved, and mine is kept apart until the expert has chosen. With `merging=False` a page
    that is behind is not merged at all: its changes are kept apart. So is what comes when nothing may be changed any more,
    which raises Refused.
    """
    with writing() as session:
        review = assignment.review
        saved, base = review.raw if review else {}, _base(review, version)
        mine = base | typed(posted)
        refused = rules.may_review(assignment, session.get(Application, assignment.application_id), panels.of(call.id), now)
        if refused is None:
            merged, conflicts = merge(base, saved, mine)
            elsewhere = version not in (None, version_of(review)) and changed(merged, mine) != {}
            if elsewhere and not merging:
                _keep(session, review, version, changed(base, mine))
                return Saved(version_of(review), conflicts, True)
            if merged != saved or review is None:
                review = _store(session, assignment, merged, now)
            if conflicts:
                _keep(session, review, version, {name: mine.get(name, []) for name in conflicts})
            _forget_stored(session, review)
        else:
            _keep_beside(session, assignment, version, base, mine, now)
    refuse(refused)
    return Saved(review.version, conflicts, elsewhere)


def keep(*, assignment_id, posted, version, now):
    """Keeps what was posted after the sign-in had ended, or by somebody else at that browser; the expert of this assignment
    gets it back."""
    with writing() as session:
        assignment = session.get(Assignment, assignment_id)
        # Nothing comes back to an application that was erased meanwhile.
        if assignment is not None and session.get(Application, assignment.application_id).erased_at is None:
            base = _base(assignment.review, version)
            _keep_beside(session, assignment, version, base, base | typed(posted), now)


def typed(posted):
    """Of `{input name: [strings]}` what belongs to a review; a score that was not chosen comes not at all."""
    return {name: values[:1] for name, values in posted.items() if INPUT.fullmatch(name)}


def _base(review, version):
    """The raw strings a page opened with `version` began with (None: the newest); none when that is no longer known."""
    if review is None or version == KEPT:
        return {}
    if version in (None, review.version):
        return review.raw
    row = _earlier(review, version)
    return row.raw if row else {}


def _earlier(review, version):
    return db.session.scalars(db.select(EarlierReview).filter_by(review_id=review.id, version=version)).first()


def _store(session, assignment, raw, now):
    """Makes `raw` the next version of the review and answers it."""
    refuse(_too_much(raw))
    review = assignment.review
    if review is None:
        assignment.review = review = Review(raw=raw, version=1, saved_at=now)
    else:
        session.add(EarlierReview(review_id=review.id, version=review.version, raw=review.raw))
        review.raw, review.version, review.saved_at = raw, review.version + 1, now
    session.flush()
    outdated = EarlierReview.version.between(KEPT + 1, review.version - VERSIONS_KEPT)
    session.execute(db.delete(EarlierReview).where(EarlierReview.review_id == review.id, outdated))
    return review


def _too_much(raw):
    if sum(len(value) for values in raw.values() for value in values) <= MOST_CHARACTERS:
        return None
    return _l(
        "A review can hold at most %(most)s characters. Nothing was cut and nothing was stored; please shorten it.",
        most=MOST_CHARACTERS,
    )


# -- text that is not in the review


def _waiting(review):
    """The EarlierReview that holds it, or None."""
    return review and _earlier(review, KEPT)


def _keep(session, review, version, raw):
    row = _waiting(review)
    if row is None:
        row = EarlierReview(review_id=review.id, version=KEPT, raw={})
        session.add(row)
    row.raw = row.raw | raw | {"version": [str(version_of(review) if version is None else version)]}
    refuse(_too_much(row.raw))
    session.flush()


def _keep_beside(session, assignment, version, base, mine, now):
    """Keeps what `mine` says else than `base`, the page it came from, and than what is stored."""
    saved = assignment.review.raw if assignment.review else {}
    raw = {name: values for name, values in changed(base, mine).items() if name in changed(saved, mine)}
    if raw:
        _keep(session, assignment.review or _store(session, assignment, {}, now), version, raw)


def _forget_stored(session, review):
    """Drops waiting text that is in the review now."""
    row = _waiting(review)
    if row is not None:
        left = changed(review.raw, review.raw | typed(row.raw))
        if not left:
            session.delete(row)
        elif len(left) < len(typed(row.raw)):
            row.raw = left | {"version": row.raw["version"]}


def take_back(review):
    """(raw, conflicts): the review with the text that waits beside it merged in, for the page to show; nothing is stored. Of
    the input names in `conflicts` the two sides say different things: `raw` holds the saved one, `waiting(review)` the other.
    """
    row = _waiting(review)
    if row is None:
        return review.raw if review else {}, []
    base = _base(review, int(row.raw["version"][0]))
    return merge(base, review.raw, base | typed(row.raw))


def waiting(review):
    """The raw strings that wait beside the review."""
    row = _waiting(review)
    return typed(row.raw) if row else {}


def resolve(*, assignment, call, mine, now):
    """Ends a choice: of what waits, the input names `mine` and all that nothing stands against are stored, the rest is dropped."""
    with writing() as session:
        review = assignment.review
        refuse(rules.may_review(assignment, session.get(Application, assignment.application_id), panels.of(call.id), now))
        if _waiting(review) is None:
            return
        kept = waiting(review)
        merged, _conflicts = take_back(review)
        raw = merged | {name: values for name, values in kept.items() if name in mine}
        if raw != review.raw:
            _store(session, assignment, raw, now)
        session.delete(_waiting(review))


# -- handing in


def submit(*, assignment, call, category, version, now):
    """Hands in the review as its `version` stands, and answers what is missing, [(input id, sentence)]; nothing then changes.

    Handing in twice is handing in once. Raises Refused also where another window has saved since.
    """
    with writing() as session:
        review, application = assignment.review, session.get(Application, assignment.application_id)
        if review and review.submitted_at and review.version == version:
            return []
        refuse(rules.may_submit_review(assignment, application, panels.of(call.id), now))
        form = judge(call, category, review.raw if review else {})
        if not form.validate():
            return form.problems
        if review.version != version:
            refuse(_l("This review was changed in another window, too. Look at it as it is now, then hand it in."))
        review.submitted_at = now
        record(HANDED_IN, at=now, user_id=assignment.expert_id, application=application)
    return []


def recall(*, assignment, call, now):
    """Takes a review back that was handed in, to change it and hand it in again."""
    with writing() as session:
        application = session.get(Application, assignment.application_id)
        refuse(rules.may_recall_review(assignment, application, panels.of(call.id), now))
        assignment.review.submitted_at = None
        record("review recalled", at=now, user_id=assignment.expert_id, application=application)
