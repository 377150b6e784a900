"""Ranking, decisions and results in every state that looks different: prepared in one call, released and published in another."""

from datetime import timedelta

from app import rules
from app.applying import submitting
from app.extensions import db
from app.honors import deciding
from app.models import Application, Listed, Panel
from tests import panel

FEEDBACK = {"zh": "资料翔实。\n祝贺你们！", "en": "Thorough work.\nCongratulations!"}


def result_states(organizer, expert, call, past, fill, now):
    """`{endpoint: [(path, who, button to press or None)]}`; `fill(call, number, now)` makes a draft with everything in it."""
    then = past.closes_at - timedelta(days=8)
    for number in (4, 2, 7):
        application = fill(past, number, then)
        submitting.submit(application=application, call=past, expected=0, now=then)
        panel.give(application.id, expert.id)
    for one in (past, call):
        _prepare(one, organizer, now)
    ref = _refs(past)[0]
    deciding.release(call=past, organizer=organizer, at=None, known=None, now=now - timedelta(days=1))
    released_at = db.session.get(Panel, past.id).release_at
    deciding.go_on(released_at)
    deciding.publish(call=past, organizer=organizer, now=now)
    address, decision = "/desk/decisions", "/desk/applications/{}/decision"
    return {
        "desk.ranking": [
            (f"/desk/ranking?call={one.id}&category={category}", "organizer", None)
            for one, category in ((call, "key-technology"), (past, "engineering-rd"))
        ],
        "desk.decisions": [(f"{address}?call={one.id}&category=key-technology", "organizer", None) for one in (call, past)],
        "desk.decision": [
            (decision.format(_refs(call)[0]), "organizer", None),
            *((decision.format(ref), "organizer", press) for press in (None, "[value=decide]")),
        ],
        "desk.release": [(f"{address}/release?call={call.id}", "organizer", "[value=release]")],
        "results.results_of": [(f"/calls/{past.id}/results", "nobody", None)],
        "apply.overview": [(f"/applications/{ref}", "owner", None)],
    }


def _refs(call):
    """Of the applications that are decided on, by number."""
    query = db.select(Listed.ref).where(Listed.call_id == call.id, rules.is_ranked(Listed)).order_by(Listed.number_key)
    return db.session.scalars(query).all()


def _prepare(call, organizer, now):
    outcomes = [decision.id for decision in call.decisions]
    for place, ref in enumerate(_refs(call)):
        application = db.session.scalars(db.select(Application).filter_by(ref=ref)).one()
        deciding.decide(
            call=call, organizer=organizer, application=application, outcome=outcomes[place % 3], feedback=FEEDBACK, known="", now=now
        )  # fmt: skip
