"""Applications whose decision is released, made without a browser, and contributors who have answered."""

from app import rules
from app.extensions import writing
from app.honors import certificates, honoring, names
from app.models import Application, Decision, User
from tests.handing_in import handed_in


def honored(app, call, outcome="awarded", **given):
    """The ref of an application with this decision, released; `given` is what `handed_in` takes."""
    application_id = handed_in(app, call, **given)
    with app.app_context():
        with writing() as session:
            application = session.get(Application, application_id)
            application.decision = Decision(outcome=outcome, released_at=rules.now())
        return application.ref


def organizer(name="organizer"):
    """A User, in an application context."""
    now = rules.now()
    with writing() as session:
        user = User(
            email=f"{name}@example.org", email_key=f"{name}@example.org", name=name, role="organizer", language="en", created_at=now,
            confirmed_at=now,
        )  # fmt: skip
        session.add(user)
    return user


def confirmed(call, ref, user, row="1", zh="王𠮷", en="Wang Ji", form="SC"):
    """The Honored of this row, whose name has been asked for and confirmed."""
    now = rules.now()
    names.ask(call, [ref], None, user, now)
    names.confirm(honoring.find(ref, row, call, now), call, zh, en, form, now)
    return honoring.find(ref, row, call, now)


def issued(call, ref, user, row="1", **name):
    """The Certificate of this row."""
    confirmed(call, ref, user, row, **name)
    certificates.issue(call, [ref], {(ref, row)}, user, rules.now())
    return honoring.find(ref, row, call, rules.now()).certificate
