"""Reviews in every state that looks different: not begun, in error, typed twice, handed in and discussed, too late and blind."""

from contextlib import suppress
from datetime import timedelta

from app.applying import drafts, submitting
from app.extensions import db
from app.models import Assignment
from app.review import review_progress, reviewing
from tests import panel


def review_states(organizer, expert, call, past, fill, now):
    """`{endpoint: [(path, who, button to press or None)]}`; `fill(call, number, now)` makes a draft with everything in it."""
    then = past.closes_at - timedelta(days=9)
    other = panel.expert(call, "reviewer@example.org", name=("评审乙", "Reviewer B"))
    refs, given = {}, {}
    for state, of, number, when in (("open", call, 0, now), ("twice", call, 1, now), ("done", call, 2, now), ("late", past, 3, then)):
        application = fill(of, number, when)
        submitting.submit(application=application, call=of, expected=0, now=when)
        given[state] = panel.give(application.id, expert.id, other)
        refs[state] = f"/panel/applications/{application.ref}"
    for text in ("One comment", "另一条意见 another comment"):
        _save(call, given["twice"][0], text, now, version=0)
    for assignment_id in given["done"]:
        panel.review(call, assignment_id, 9, 8, 7, 6, 5, comment="论证充分。\nWell argued.")
    panel.panel(past, closes_at=then + timedelta(days=30), blind=True)
    with suppress(drafts.Refused):
        _save(past, given["late"][0], "来晚了 too late", now)
    panel.panel(call, closes_at=now + timedelta(days=9))
    review_progress.open_discussion(call=call, organizer=organizer, now=now)
    done = refs["done"].rpartition("/")[2]
    return {
        "panel.applications": [("/panel/applications", "expert", None)],
        "panel.review": [*((path, "expert", None) for path in refs.values()), (refs["open"], "expert", "[value=submit]")],
        "desk.reviews": [(f"/desk/reviews?call={one.id}", "organizer", None) for one in (call, past)],
        "desk.application": [(f"/desk/applications/{done}", "organizer", None)],
    }


def _save(call, assignment_id, text, now, version=None):
    assignment = db.session.get(Assignment, assignment_id)
    reviewing.save(assignment=assignment, call=call, posted={"comment": [text]}, version=version, now=now)
