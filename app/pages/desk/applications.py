"""The list of what has come in."""

from flask import current_app, render_template, request

from app import rules
from app.extensions import db
from app.models import Application
from app.pages.access import organizer
from app.pages.answering import with_status
from app.pages.desk.blueprint import blueprint

PAGE = 50


@blueprint.get("/")
@organizer
def applications():
    number = max(request.args.get("page", 1, type=int), 1)
    # One more than shown tells whether there is a next page, without counting them all.
    query = db.select(Application).order_by(Application.changed_at.desc(), Application.id.desc())
    rows = db.session.scalars(query.limit(PAGE + 1).offset((min(number, 10_000) - 1) * PAGE)).all()
    return render_template(
        "desk/applications.html",
        listed=with_status(rows[:PAGE], rules.now()),
        number=number,
        more=len(rows) > PAGE,
        problems=[problem for problems in current_app.calls.problems().values() for problem in problems],
        samples=[(call, call.samples()) for call in current_app.calls.all()],
    )
