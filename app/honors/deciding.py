"""Decisions: prepared by the organizers in private, released all at the same instant, mailed once, corrected with a reason.

The release is exact whatever the number: shortly before its time every decision is given that very instant, a few in a write;
a status follows from comparing it with the clock. What is left after the server was down, `go_on` catches up with.
"""

from collections import Counter
from datetime import timedelta

from flask import current_app
from flask_babel import lazy_gettext as _l

from app import rules, versions
from app.applying.drafts import Refused, refuse
from app.call.organizing import Outcome
from app.extensions import db, writing
from app.honors import certificates
from app.languages import Text
from app.mails import mail_to_many, mail_words
from app.models import Application, Assignment, Decision, Expert, Listed, Mailing, Panel, User, record
from app.review import panels

LONGEST = 2000
"""Characters of the feedback in one language, or of a reason."""
BATCH = 50
"""Decisions in one write: the rows of the list follow each, and everybody else's write waits meanwhile."""
HEAD_START = timedelta(seconds=10)
PER_DECISION = timedelta(milliseconds=20)
"""How long before it all becomes known the last of the writes may end; many times what they take."""


def outcome_of(call, outcome):
    """The Outcome with this id; one of that name, and without honors, where the call file has it no more."""
    return call.decision(outcome) or Outcome(id=outcome, name=Text(zh=outcome, en=outcome))


def outcome_name(call, outcome):
    """What a decision is called, as a Text."""
    return outcome_of(call, outcome).name


def seen(decision):
    """What a page remembers of a decision, so that nobody overwrites what they have not seen; "" where there is none."""
    return f"{decision.outcome} {decision.prepared_at and decision.prepared_at.isoformat()}" if decision else ""


def _decision_of(call, organizer, application, outcome, now):
    """The Decision of an application with this outcome, in the write that is open."""
    if call.decision(outcome) is None:
        raise Refused(_l("Choose a decision."), "outcome")
    if application.decision is None:
        application.decision = Decision(outcome=outcome, feedback_zh="", feedback_en="")
    decision = application.decision
    decision.outcome, decision.prepared_at, decision.prepared_by = outcome, now, organizer.id
    return decision


# -- prepared


def prepare(*, call, organizer, chosen, now):
    """Prepares the decisions `{ref: (outcome or "" for none, what `seen` said when the page was made)}`, a few in a write.

    Answers (how many changed, [Application] left as they were because somebody else had decided meanwhile). Raises Refused
    once the release has begun.
    """
    changed, overtaken, refs = 0, [], list(chosen)
    for start in range(0, len(refs), BATCH):
        with writing() as session:
            panel = panels.of(call.id)
            query = db.select(Application).where(Application.ref.in_(refs[start : start + BATCH]), Application.call_id == call.id)
            for application in session.scalars(query.options(db.joinedload(Application.decision))).unique():
                outcome, known = chosen[application.ref]
                decision = application.decision
                if outcome == (decision.outcome if decision else ""):
                    continue
                if known != seen(decision):
                    overtaken.append(application)
                    continue
                refuse(rules.may_prepare(application, call, panel, now))
                changed += 1
                if outcome:
                    _decision_of(call, organizer, application, outcome, now)
                    said = outcome_name(call, outcome).model_dump()
                    record("decision prepared", at=now, user=organizer, application=application, outcome=said)
                else:
                    application.decision = None
                    record("decision taken back", at=now, user=organizer, application=application)
    return changed, overtaken


def decide(*, call, organizer, application, outcome, feedback, known, named=False, now):
    """Prepares one decision with its feedback, `{"zh": …, "en": …}`. `named`: a name of an expert in it is meant otherwise.

    Raises Refused, with the part of the form it is about, also where somebody else decided since `known` was `seen`.
    """
    feedback = _checked(call, application, feedback, named)
    with writing():
        refuse(rules.may_prepare(application, call, panels.of(call.id), now))
        _refuse_overtaken(application.decision, known)
        decision = _decision_of(call, organizer, application, outcome, now)
        decision.feedback_zh, decision.feedback_en = feedback["zh"], feedback["en"]
        record("decision prepared", at=now, user=organizer, application=application, outcome=outcome_name(call, outcome).model_dump())


def correct(*, call, organizer, application, outcome, feedback, known, reason, mail, named=False, now):
    """Changes a decision that is known, or decides after the release on an application that had none: known at once.

    `reason` is for the organizers' log; with `mail` the owner is told again, in the words of the decision as it is now.
    Without honors, its certificates are revoked.
    """
    feedback, reason = _checked(call, application, feedback, named), reason.strip()
    if not reason:
        raise Refused(_l("Say why; only organizers read it."), "reason")
    with writing():
        panel = panels.of(call.id)
        refuse(rules.may_correct(application, call, panel, now))
        _refuse_overtaken(application.decision, known)
        if mail and _is_announcing(panel):
            raise Refused(_l("The mails of the release are being written just now. Try again in a minute."), "mail")
        earlier = outcome_name(call, application.decision.outcome).model_dump() if application.decision else None
        decision = _decision_of(call, organizer, application, outcome, now)
        decision.feedback_zh, decision.feedback_en = feedback["zh"], feedback["en"]
        decision.released_at = decision.released_at or now
        said = outcome_name(call, outcome).model_dump()
        record("decision corrected", at=now, user=organizer, application=application, outcome=said, earlier=earlier, reason=reason)
        if not outcome_of(call, outcome).honored:
            certificates.revoke_all(application, reason, organizer, now)
        if mail:
            mail_words.queue_about(application, call, mail_id(call, outcome), now, outcome=outcome_name(call, outcome))


def _refuse_overtaken(decision, known):
    if seen(decision) != known:
        user = db.session.get(User, decision.prepared_by) if decision and decision.prepared_by else None
        sentence = _l("%(name)s has decided on this application meanwhile. What you typed is still here.", name=user.name if user else "—")
        raise Refused(sentence, "overtaken")


def _checked(call, application, feedback, named):
    """The feedback without blanks around it, each language at most LONGEST, and no expert named in it."""
    feedback = {side: text.replace("\r\n", "\n").strip() for side, text in feedback.items()}
    for side, text in feedback.items():
        if len(text) > LONGEST:
            sentence = _l("The feedback may have up to %(most)s characters, and this has %(count)s.", most=LONGEST, count=len(text))
            raise Refused(sentence, f"feedback_{side}")
        found = sorted(name for name in _experts_of(call, application) if name.casefold() in text.casefold())
        if found and not named:
            sentence = _l("This may name an expert: %(name)s. Applicants never learn who reviewed.", name=", ".join(found))
            raise Refused(sentence, f"feedback_{side}", "named")
    return feedback


def _experts_of(call, application):
    """The names of everybody on the panel of the call, and of whoever reviewed this application."""
    of_panel = db.select(Expert.name_zh, Expert.name_en, User.name).join(User).where(Expert.call_id == call.id)
    assigned = db.select(User.name).join(Assignment, Assignment.expert_id == User.id).where(Assignment.application_id == application.id)
    names = {name.strip() for row in db.session.execute(of_panel) for name in row} | set(db.session.scalars(assigned))
    return {name for name in names if len(name) > 1}


# -- how far they are


def counts(call_id):
    """Counter of (category, outcome; "" for undecided) over the applications that are decided on."""
    query = (
        db.select(Listed.category, Decision.outcome, db.func.count())
        .outerjoin(Decision, Decision.application_id == Listed.application_id)
        .where(Listed.call_id == call_id, rules.is_ranked(Listed))
        .group_by(Listed.category, Decision.outcome)
    )
    return Counter({(category, outcome or ""): count for category, outcome, count in db.session.execute(query)})


def _prepared(call_id):
    """(how many decisions are prepared, how many applications have none)."""
    found = counts(call_id)
    undecided = sum(count for (_category, outcome), count in found.items() if not outcome)
    return found.total() - undecided, undecided


def may_release(call, panel, now, at=None):
    """`rules.may_release` for a call as it is."""
    return rules.may_release(panel, *_prepared(call.id), now, at)


# -- released


def release(*, call, organizer, at, known, now):
    """Sets or moves the time at which all decisions become known together, and answers it. `at` None: as soon as can be.

    `known` is the time that held when the page was made; another one by now is not overwritten.
    """
    with writing():
        panel = panels.for_write(call.id)
        if panel.release_at != known:
            raise Refused(_l("Somebody else has changed the time of the release meanwhile. Look at it again."))
        decided, undecided = _prepared(call.id)
        now = _now_for(panel, now)
        refuse(rules.may_release(panel, decided, undecided, now, at))
        soonest = now + _head_start(decided)
        panel.release_at = max(at or soonest, soonest)
        record("release set", at=now, user=organizer, call=call.id, until=panel.release_at.isoformat(), count=decided)
    _give_instant(call.id, now)
    return panel.release_at


def _head_start(count):
    return min(HEAD_START + count * PER_DECISION, rules.RELEASE_BEGINS)


def call_off(*, call, organizer, now):
    """Takes the time of the release back: everything stays prepared."""
    with writing():
        panel = panels.for_write(call.id)
        refuse(rules.may_call_off(panel, _now_for(panel, now)))
        panel.release_at = None
        record("release called off", at=now, user=organizer, call=call.id)


def _now_for(panel, now):
    """`now`, or later where the write had to be waited for, and the release has begun meanwhile: something was given its instant."""
    begun = panel.release_at and _released(panel.call_id, panel.release_at)
    return max(now, panel.release_at) if begun else now


def go_on(now):
    """Carries on with every release: gives the decisions their instant shortly before it, and writes the mails once it has come.

    After downtime as well, and never twice. Call it outside any write.
    """
    waiting = db.session.scalars(db.select(Panel).where(Panel.release_at.is_not(None), Panel.announced_at.is_(None))).all()
    for call_id in [panel.call_id for panel in waiting if rules.is_being_released(panel, now)]:
        call = current_app.calls.get(call_id) or versions.archived(call_id)
        if call is not None:
            _give_instant(call_id, now)
            _announce(call, now)


def _left(call_id):
    """A query for the decisions that are still to be given the instant of the release."""
    query = db.select(Decision).join(Listed, Listed.application_id == Decision.application_id)
    return query.where(Listed.call_id == call_id, rules.is_decidable(Listed), Decision.released_at.is_(None))


def _give_instant(call_id, now):
    left = _left(call_id).order_by(Decision.id).limit(BATCH)
    while True:
        with writing() as session:
            panel = panels.of(call_id)
            decisions = session.scalars(left).all() if rules.is_being_released(panel, now) and panel.announced_at is None else []
            if decisions and rules.is_overdue(panel, now) and not _released(call_id, panel.release_at):
                # Nobody knows anything yet, because the site was down: they still all become known together.
                panel.release_at = now + _head_start(session.scalar(db.select(db.func.count()).select_from(_left(call_id).subquery())))
                record("release put off", at=now, call=call_id, until=panel.release_at.isoformat())
            for decision in decisions:
                decision.released_at = panel.release_at
        if len(decisions) < BATCH:
            return


def _released(call_id, at):
    """[(application id, outcome)] of what is or becomes known at this instant."""
    query = db.select(Decision.application_id, Decision.outcome).join(Listed, Listed.application_id == Decision.application_id)
    return db.session.execute(query.where(Listed.call_id == call_id, Listed.released_at == at, Listed.state == "decided")).all()


def _is_announcing(panel):
    """Whether mails that tell of the release, in the words of each decision as it was then, are still to be queued."""
    theirs = db.select(Mailing.id).where(Mailing.key.startswith(_key(panel), autoescape=True), Mailing.remaining.is_not(None))
    return panel.announced_at is None or db.session.scalars(theirs).first() is not None


def _key(panel):
    """How the keys of the mailings of a release begin; what follows is the outcome."""
    return f"release {panel.call_id} {panel.release_at.isoformat()} "


def _announce(call, now):
    panel = panels.of(call.id)
    if not rules.is_overdue(panel, now):
        return
    head, found = _key(panel), {}
    for application_id, outcome in _released(call.id, panel.release_at):
        found.setdefault(outcome, []).append(application_id)
    for outcome, ids in found.items():
        words = _words(call, outcome)
        ids = mail_to_many.plan(words, ids).ids
        if ids:
            mail_to_many.send(key=head + outcome, words=words, ids=ids, user=None, now=now)
    with writing():
        panels.for_write(call.id).announced_at = now


def _words(call, outcome):
    return mail_words.words(call, mail_id(call, outcome), outcome=outcome_name(call, outcome))


def mail_id(call, outcome):
    """The id of the mail that tells of a decision: the call's own words for it, or for all; else the shipped ones."""
    own = f"result-{outcome}"
    return own if call.mail(own) or not call.mail("result") and mail_words.ships(own) else "result"


# -- published


def publish(*, call, organizer, now):
    """Opens the public page of results."""
    with writing():
        panel = panels.for_write(call.id)
        refuse(rules.may_publish(panel, now))
        if panel.published_at is None:
            panel.published_at = now
            record("results published", at=now, user=organizer, call=call.id)


def take_back(*, call, organizer, now):
    """Closes the public page of results again."""
    with writing():
        panel = panels.for_write(call.id)
        if panel.published_at is not None:
            panel.published_at = None
            record("results taken back", at=now, user=organizer, call=call.id)
