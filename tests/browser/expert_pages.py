"""The experts of a call: states of their pages at the desk, and of those that one of them sees."""

from app.extensions import db, writing
from app.models import Assignment, Conflict, Expert
from app.review import conflicts, experts

NAMES = {"name_zh": "韩梅梅", "name_en": "Han Meimei", "organization_zh": "清华大学", "organization_en": "Tsinghua University"}
VALUES = NAMES | {"aliases": ["清华", "THU"], "areas": ["ai", "chips"], "languages": ["zh", "en"], "capacity": 12}
FOUND = {"rule": "organization", "theirs": "示例单位", "ours": "Example"}, {"rule": "domain", "theirs": "a.cn", "ours": "a.cn"}
SEND = "main form.card button"


def expert_states(organizer, expert, call, application, now):
    """`{endpoint: [(path, who looks at it, button to press)]}`; `application` is given to the User `expert`."""
    about = {"call": call, "language": "zh", "values": VALUES, "by": organizer, "now": now}
    mine, guest = (experts.add(email=email, **about) for email in (expert.email, "e@example.org"))
    experts.invite(expert=guest, call=call, by=organizer, now=now)
    conflicts.enter(expert=guest, application=application, text="Former student. 师生", by=organizer, now=now)
    with writing() as session:
        mine.state, mine.answered_at = "accepted", now
        session.add(Assignment(application_id=application.id, expert_id=expert.id, assigned_at=now))
        invited = {"state": "invited", "invited_at": now, "capacity": 9, "areas": ["ai"]}
        session.add(Expert(call_id="wic-awards-2025", user_id=expert.id, **NAMES, **invited))
        found = {"application_id": application.id, "expert_id": guest.id, "source": "system", "details": {"found": FOUND}, "at": now}
        session.add(Conflict(**found, dismissed_at=now, dismissed_by=organizer.id))
        session.flush()
        numbers = session.scalars(db.select(Conflict.id)).all()
    desk, one, panel = "organizer", f"/desk/experts/{guest.id}", "/panel/calls"
    past = f"{panel}/wic-awards-2025"
    return {
        # The second page first: the first one finds anew.
        "desk.conflicts": [(f"/desk/conflicts{query}", desk, None) for query in ("?page=2", "?state=dismissed", "")],
        "desk.new_conflict": [("/desk/conflicts/new", desk, None), ("/desk/conflicts/new", desk, SEND)],
        "desk.conflict": [(f"/desk/conflicts/{number}", desk, None) for number in numbers[:1]],
        "desk.experts": [(f"/desk/experts{query}", desk, None) for query in ("", "?call=wic-awards-2025&state=declined")],
        "desk.new_expert": [("/desk/experts/new", desk, None), ("/desk/experts/new", desk, SEND)],
        "desk.import_experts": [("/desk/experts/import", desk, None), ("/desk/experts/import", desk, SEND)],
        "desk.expert": [(one, desk, None)],
        "desk.remove_expert": [(f"{one}/remove", desk, None)],
        "panel.home": [("/panel/", "expert", None)],
        "panel.part": [(f"{panel}/{call.id}", "expert", None), (past, "expert", None)],
        "panel.declare": [(f"/panel/applications/{application.ref}/conflict", "expert", None)],
    }
