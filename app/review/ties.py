"""What binds an expert to an application: the same organization, an address of one employer or of their own, a contributor's name."""

from collections import defaultdict
from functools import lru_cache

from app.call.loading import parse
from app.exporting.standing import STANDING
from app.extensions import db
from app.forms.step import inputs_of, row_ids, row_list
from app.models import Application, CallVersion, Expert, Snapshot, User
from app.people.credentials import email_key
from app.review.affinity import differ, employer, organization_keys, person_keys

MOST_FOUND = 5
"""Reasons that are kept of one pair."""
BATCH = 500


def find(call, experts=None, application_id=None):
    """`{(application id, expert id): [{"rule", "theirs", "ours"}]}` of what is handed in and not withdrawn, for these `experts`, or
    all of the call; `theirs` is what the application says, `ours` what is known of the expert.
    """
    experts = db.session.scalars(db.select(Expert).filter_by(call_id=call.id)).all() if experts is None else experts
    known, found = _Known(experts), defaultdict(list)
    for row_id, answers, call_version_id, owner in handed_in(call, application_id):
        for expert_id, reason in known.alike(*_said(_call_then(call_version_id), answers, owner)):
            reasons = found[row_id, expert_id]
            if reason not in reasons and len(reasons) < MOST_FOUND:
                reasons.append(reason)
    return dict(found)


def handed_in(call, application_id=None):
    """Rows (application id, answers of its standing snapshot, id of the version of the call, address of its owner)."""
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
    """What a version of a call asks for: ([(kind, inputs)] of organization and addresses, [(id of a list of rows, whether its rows are
    people, [(id, kind, inputs)] of what is asked in a row)])."""
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
        # Those of contributors are looked at below, beside the name.
        for address in sorted(addresses - {address for _zh, _en, address in people}):
            for expert in self.addresses.get(email_key(address), ()):
                yield expert.id, {"rule": "person", "theirs": address, "ours": expert.user.email}
        for zh, en, address in people:
            theirs = " ".join(filter(None, (zh, en)))
            for key in sorted(person_keys(zh, en)):
                for expert in self.people.get(key, ()):
                    if not differ(zh, expert.name_zh):
                        ours = " ".join(filter(None, (expert.name_zh, expert.name_en)))
                        yield expert.id, {"rule": "person", "theirs": theirs, "ours": ours}
            for expert in self.addresses.get(email_key(address), ()) if address else ():
                yield expert.id, {"rule": "person", "theirs": f"{theirs} <{address}>", "ours": expert.user.email}
