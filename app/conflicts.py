"""Conflicts of interest: found by names and addresses, declared by experts, entered by organizers. Whoever has one never sees the
application: what was given to them is given no more, at once.
"""

from collections import defaultdict
from functools import lru_cache

from flask_babel import lazy_gettext as _l

from app import rules, staff
from app.affinity import differ, employer, organization_keys, person_keys
from app.call.loading import parse
from app.credentials import email_key
from app.drafts import Refused, refuse
from app.exporting.standing import STANDING
from app.extensions import db, writing
from app.forms.step import inputs_of, row_ids, row_list
from app.models import Application, Assignment, CallVersion, Conflict, Event, Expert, Listed, Snapshot, User, record

RULES = {
    "organization": _l("Same organization"),
    "domain": _l("E-mail addresses of one organization"),
    "person": _l("May be a contributor"),
}
"""What is found: the organization or e-mail domain of the applicant, a partner or a contributor; the name or address of one."""
SOURCES = {"system": _l("Found by the site"), "expert": _l("Declared by the expert"), "organizer": _l("Entered by an organizer")}
MOST_FOUND = 5
"""Reasons that are kept of one pair."""
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


# -- finding


def find(call, experts=None, application_id=None):
    """`{(application id, expert id): [{"rule", "theirs", "ours"}]}` of what is handed in and not withdrawn, for these `experts`, or
    all of the call; `theirs` is what the application says, `ours` what is known of the expert.
    """
    experts = db.session.scalars(db.select(Expert).filter_by(call_id=call.id)).all() if experts is None else experts
    known, found = _Known(experts), defaultdict(list)
    for row_id, answers, call_version_id, owner in _handed_in(call, application_id):
        for expert_id, reason in known.alike(*_said(_call_then(call_version_id), answers, owner)):
            reasons = found[row_id, expert_id]
            if reason not in reasons and len(reasons) < MOST_FOUND:
                reasons.append(reason)
    return dict(found)


def _handed_in(call, application_id):
    query = (
        db.select(Application.id, Snapshot.answers, Snapshot.call_version_id, User.email)
        .join(Snapshot, Snapshot.application_id == Application.id)
        .join(User, User.id == Application.user_id)
        .where(Application.call_id == call.id, Application.withdrawn_at.is_(None), Application.erased_at.is_(None), STANDING)
    )
    if application_id is not None:
        query = query.where(Application.id == application_id)
    return db.session.execute(query.execution_options(yield_per=BATCH))


@lru_cache(maxsize=16)
def _questions(source, call_id):
    """What a version of a call asks for: [(inputs of an organization)], [input of an address], and of each list of rows
    (its id, whether its rows are people, names of the inputs of organization, name and address)."""
    call = parse(source, call_id)
    single, rows = [], []
    for field in (field for step in call.steps for field in step.fields):
        if field.kind == "rows":
            rows.append((field.id, field.id == "contributors", [(sub.id, sub.kind, inputs_of(sub)) for sub in field.fields]))
        elif field.id == "organization" or field.kind == "email":
            single.append((field.kind, inputs_of(field)))
    return single, rows


def _call_then(call_version_id):
    version = db.session.get(CallVersion, call_version_id)
    return _questions(version.source, version.call_id)


def _said(questions, answers, owner):
    """({names of organizations}, {e-mail addresses}, [(name in Chinese, in English, address) of a contributor])."""
    typed = {name: values for step in answers.values() for name, values in step.items()}
    single, rows = questions
    organizations, addresses, people = set(), {owner or ""}, []

    def text(name):
        return next(iter(typed.get(name, ())), "").strip()

    for kind, inputs in single:
        (addresses if kind == "email" else organizations).update(text(name) for _side, name in inputs)
    for field_id, are_people, subs in rows:
        for row_id in row_ids(typed.get(row_list(field_id), [])):
            person = {"zh": "", "en": "", "email": ""}
            for sub_id, kind, inputs in subs:
                values = {side: text(f"{field_id}-{row_id}-{name}") for side, name in inputs}
                if sub_id == "organization":
                    organizations.update(values.values())
                elif kind == "email":
                    addresses.update(values.values())
                    person["email"] = values.get(None, "")
                elif sub_id == "name":
                    person |= {side or "en": value for side, value in values.items()}
            if are_people:
                people.append((person["zh"], person["en"], person["email"]))
    return organizations - {""}, addresses - {""}, people


class _Known:
    """What is known of experts, by the keys under which it is looked up."""

    def __init__(self, experts):
        self.own, self.within, self.employers, self.people, self.addresses = (defaultdict(list) for _ in range(5))
        for expert in experts:
            for name in {expert.organization_zh, expert.organization_en, *expert.aliases}:
                own, within = organization_keys(name)
                for keys, found in ((own, self.own), (within, self.within)):
                    for key in keys:
                        found[key].append((expert.id, name))
            for key in person_keys(expert.name_zh, expert.name_en):
                self.people[key].append(expert)
            if expert.user.email:
                self.addresses[expert.user.email_key].append(expert)
                if domain := employer(expert.user.email):
                    self.employers[domain].append(expert.id)

    def alike(self, organizations, addresses, people):
        """Yields (expert id, reason)."""
        for theirs in sorted(organizations):
            own, within = organization_keys(theirs)
            of_own = (match for key in own for match in (*self.own.get(key, ()), *self.within.get(key, ())))
            of_within = (match for key in within for match in self.own.get(key, ()))
            for expert_id, ours in sorted({*of_own, *of_within}):
                yield expert_id, {"rule": "organization", "theirs": theirs, "ours": ours}
        for domain in sorted({employer(address) for address in addresses} - {None}):
            for expert_id in self.employers.get(domain, ()):
                yield expert_id, {"rule": "domain", "theirs": domain, "ours": domain}
        for zh, en, address in people:
            theirs = " ".join(filter(None, (zh, en)))
            for key in sorted(person_keys(zh, en)):
                for expert in self.people.get(key, ()):
                    if not differ(zh, expert.name_zh):
                        ours = " ".join(filter(None, (expert.name_zh, expert.name_en)))
                        yield expert.id, {"rule": "person", "theirs": theirs, "ours": ours}
            for expert in self.addresses.get(email_key(address), ()) if address else ():
                yield expert.id, {"rule": "person", "theirs": f"{theirs} <{address}>", "ours": expert.user.email}


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
        for row, reasons in changed:
            if row.dismissed_at and any(reason not in row.details["found"] for reason in reasons):
                row.dismissed_at = row.dismissed_by = None
                new.append((row.application_id, row.expert_id))
            row.details = {"found": reasons}
        fresh = [pair for pair in new if pair not in {(row.application_id, row.expert_id) for row, _reasons in changed}]
        if fresh:
            rows = [
                {"application_id": pair[0], "expert_id": pair[1], "source": "system", "details": {"found": found[pair]}, "at": now}
                for pair in fresh
            ]
            session.execute(Conflict.__table__.insert(), rows)
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
    query = db.select(Conflict).where(Conflict.source == "system", Conflict.expert_id.in_(expert_ids))
    return db.session.scalars(query if application_id is None else query.where(Conflict.application_id == application_id)).all()


def _differences(found, kept):
    """([pairs that are new], [(Conflict, reasons) that changed], [Conflicts found no more])"""
    known = {(row.application_id, row.expert_id): row for row in kept}
    changed = [(known[pair], reasons) for pair, reasons in found.items() if pair in known and known[pair].details["found"] != reasons]
    return [pair for pair in found if pair not in known], changed, [row for pair, row in known.items() if pair not in found]


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
        refuse(None if conflict.source == "system" else _l("Only what the site found can be dismissed."))
        conflict.dismissed_at, conflict.dismissed_by = now, by.id
        _record("conflict dismissed", conflict, by, now, reason=reason)


def uphold(*, conflict, by, now):
    """Takes a dismissal back."""
    with writing():
        staff.refuse_others(by)
        conflict.dismissed_at = conflict.dismissed_by = None
        user_id = db.session.get(Expert, conflict.expert_id).user_id
        end_assignments([(conflict.application_id, user_id)], now)
        _record("conflict upheld", conflict, by, now)


def take_back(*, conflict, by, now):
    """Deletes one that an organizer entered by mistake. Raises Refused for any other."""
    with writing() as session:
        staff.refuse_others(by)
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
