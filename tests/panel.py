"""Experts and what was given to them, made without a browser."""

from app import create_app, demo, rules
from app.extensions import db, writing
from app.models import Application, Assignment, Expert, Panel
from app.people import accounts
from app.review import reviewing
from tests.handing_in import handed_in
from tests.site import PASSWORD


def expert(call, email, *, areas=("quantum",), name=("评审甲", "Reviewer A")):
    """The id of the account of an expert who has accepted."""
    now = rules.now()
    user = accounts.find(email) or accounts.register(email=email, name=name[1], password=PASSWORD, language="en", now=now).user
    with writing() as session:
        user.role, user.confirmed_at = "expert", now
        session.add(
            Expert(
                call_id=call.id, user_id=user.id, name_zh=name[0], name_en=name[1], organization_zh="评审大学",
                organization_en="Reviewing University", areas=list(areas),
                languages=["zh", "en"], capacity=9, state="accepted", invited_at=now, answered_at=now,
            )
        )  # fmt: skip
    return user.id


def give(application_id, *user_ids):
    """Gives an application to these experts; the ids of the assignments."""
    with writing() as session:
        made = [Assignment(application_id=application_id, expert_id=user_id, assigned_at=rules.now()) for user_id in user_ids]
        session.add_all(made)
    return [assignment.id for assignment in made]


def panel(call, **columns):
    """Sets columns of the Panel of the call."""
    with writing() as session:
        row = session.get(Panel, call.id) or Panel(call_id=call.id)
        for name, value in columns.items():
            setattr(row, name, value)
        session.add(row)


def category(call, application_id):
    return call.category(db.session.get(Application, application_id).snapshot.answers["category"]["category"][0])


def scores(call, application_id, *numbers, comment=""):
    """What is typed to give these scores, in the order of the criteria."""
    criteria = category(call, application_id).criteria
    raw = {f"score-{criterion.id}": [str(number)] for criterion, number in zip(criteria, numbers, strict=False)}
    return raw | {"comment": [comment]}


def review(call, assignment_id, *numbers, comment="", hand_in=True):
    """Saves a review, and hands it in."""
    assignment, now = db.session.get(Assignment, assignment_id), rules.now()
    posted = scores(call, assignment.application_id, *numbers, comment=comment)
    saved = reviewing.save(assignment=assignment, call=call, posted=posted, version=None, now=now)
    if hand_in:
        chosen = category(call, assignment.application_id)
        assert reviewing.submit(assignment=assignment, call=call, category=chosen, version=saved.version, now=now) == []


def furnish(folder, **said):
    """Prepares an instance: two applications of one file each, the first before the experts d@example.org and e@example.org, the
    second before the first expert alone. `said` adds to the answers of their steps. Answers the ids: (applications, users,
    assignments)."""
    app = create_app(folder, TESTING=True)
    (call,) = app.calls.all()
    files = [("林晓雯的论文_Paper of Lin Xiaowen.pdf", "papers", demo.sample_pdf("Paper"))]
    ids = [handed_in(app, call, achievement=demo.ACHIEVEMENTS[number], files=files, **said) for number in (0, 1)]
    with app.app_context():
        users = [expert(call, f"{letter}@example.org", name=(f"评审{letter}", f"Reviewer {letter}")) for letter in "de"]
        given = [*give(ids[0], *users), *give(ids[1], users[0])]
        db.session.remove()
        db.engine.dispose()
    return ids, users, given
