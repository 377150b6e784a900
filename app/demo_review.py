"""The second half of the demo: experts who review this year's applications, last year's results and certificates."""

import io
import math
from datetime import timedelta

from PIL import Image, ImageDraw

from app.extensions import db, writing
from app.files import uploads
from app.honors import certificates, deciding, honoring, names
from app.honors.scores import Scores
from app.models import Application, Assignment, Listed, Proposal
from app.people import accounts
from app.review import assigning, experts, proposing, review_progress, reviewing

PASSWORD = "try-the-laurel-demo"  # noqa: S105 - printed for whoever tries the demo
EXPERTS = [
    ("沈若水", "Shen Ruoshui", "示例科学院", "Example Academy of Sciences", ["quantum", "chips", "cloud", "security", "ai", "iot"]),
    ("哈桑", "Leila Hassan", "示例技术大学", "Example Technical University", ["mobile", "satellite", "security", "industrial", "health"]),
    ("𠮷田真一", "Yoshida Shinichi", "示例机器人协会", "Example Robotics Association",
     ["robotics", "industrial", "iot", "digital-twins", "mobile", "ai"]),
    ("安德森", "Erik Andersson", "示例医学院", "Example School of Medicine", ["health", "ai", "big-data", "open-source", "satellite"]),
    ("桑托斯", "Marina Santos", "示例港口科技公司", "Example Port Technology",
     ["digital-twins", "blockchain", "open-source", "cloud", "security", "chips"]),
]  # fmt: skip
COMMENTS = {
    "zh": "方法扎实，数据与证明材料相符；建议补充与同类工作的对比。",
    "en": "Solid method, and the data agree with the evidence. A comparison with related work would help.",
}
FEEDBACK = {"zh": "评审专家肯定了成果的扎实与数据的完整。", "en": "The reviewers valued the thoroughness and the complete data."}


def review(current, last, organizer, now):
    """Reviews in progress in the call `current`; in `last` everything is decided, announced, published, and half certified."""
    users = [
        accounts.register(
            email=f"expert{n}@example.org", name=zh if n % 2 else en, password=PASSWORD, language="zh" if n % 2 else "en", now=now
        ).user
        for n, (zh, en, *_rest) in enumerate(EXPERTS, 1)
    ]
    with writing():
        for user in users:
            user.role, user.confirmed_at = "expert", now
    closed = last.closes_at
    _assign(last, organizer, closed + timedelta(days=10), closed + timedelta(days=40))
    _score(last, closed + timedelta(days=30))
    _decide(last, organizer, closed + timedelta(days=50))
    _certify(last, organizer, now)
    _assign(current, organizer, now - timedelta(days=1), current.closes_at + timedelta(days=60), most=4)
    _score(current, now, half=True)


def _assign(call, organizer, now, closes_at, most=None):
    for n, (name_zh, name_en, organization_zh, organization_en, areas) in enumerate(EXPERTS, 1):
        values = {
            "name_zh": name_zh, "name_en": name_en, "organization_zh": organization_zh, "organization_en": organization_en,
            "aliases": [], "areas": areas, "languages": ["zh", "en"], "capacity": 10,
        }  # fmt: skip
        expert = experts.add(call=call, email=f"expert{n}@example.org", language="en", values=values, by=organizer, now=now)
        experts.invite(expert=expert, call=call, by=organizer, now=now)
        experts.answer(expert=expert, call=call, accepted=True, values={}, said="", now=now + timedelta(hours=2))
    proposing.set_panel(call=call, organizer=organizer, reviewers=3, closes_at=closes_at, blind=False, now=now)
    proposing.propose(call=call, organizer_id=organizer.id, now=now)
    proposed = db.select(Proposal.application_id).join(Application, Application.id == Proposal.application_id)
    ids = db.session.scalars(proposed.where(Application.call_id == call.id).distinct().order_by(Proposal.application_id)).all()
    assigning.confirm(call=call, ids=ids[:most], organizer_id=organizer.id, now=now + timedelta(hours=3))


def _score(call, now, half=False):
    """Every expert scores and hands in; with `half` a third of the reviews is not begun, and a third is a draft."""
    query = db.select(Assignment).join(Application).where(Application.call_id == call.id).order_by(Assignment.id)
    for n, assignment in enumerate(db.session.scalars(query).all()):
        turn = (n + n // 3) % 3
        if half and turn == 2:
            continue
        category = call.category(db.session.get(Listed, assignment.application_id).category)
        merit = 5 + assignment.application_id * 7 % 5
        scores = {
            f"score-{criterion.id}": [str(min(10, merit + (place + assignment.expert_id + n) % 3 - 1))]
            for place, criterion in enumerate(category.criteria)
        }
        if half and turn == 1:
            scores.popitem()
        text = COMMENTS["zh" if n % 2 else "en"]
        saved = reviewing.save(assignment=assignment, call=call, posted=scores | {"comment": [text]}, version=None, now=now)
        if not half or turn == 0:
            reviewing.submit(assignment=assignment, call=call, category=category, version=saved.version, now=now)


def _decide(call, organizer, now):
    review_progress.open_discussion(call=call, organizer=organizer, now=now - timedelta(days=11))
    for category in call.categories:
        for n, line in enumerate(Scores(call).lines(category.id)):
            application = db.session.get(Application, line.listed.application_id)
            outcome = ("awarded", "collected", "not-selected")[min(n, 2)]
            feedback = FEEDBACK if n < 2 else {"zh": "", "en": ""}
            given = {"call": call, "organizer": organizer, "application": application, "now": now}
            deciding.decide(outcome=outcome, feedback=feedback, known=deciding.seen(None), **given)
    released_at = deciding.release(call=call, organizer=organizer, at=None, known=None, now=now + timedelta(days=1))
    deciding.go_on(released_at + timedelta(minutes=1))
    deciding.publish(call=call, organizer=organizer, now=released_at + timedelta(hours=1))


def _certify(call, organizer, now):
    """The first two of every three contributors have confirmed their names, and half of those have their certificates."""
    pictures = {"seal": _seal(), "signature": _signature()}
    images = {name: uploads.store_image(name=f"{name}.png", stream=picture) for name, picture in pictures.items()}
    zh, en = "评审委员会主席 陈思远", "Chen Siyuan, Chair of the Jury"
    certificates.save_design(call, date=None, signatory_zh=zh, signatory_en=en, images=images, user=organizer, now=now)
    for n, one in enumerate(honoring.of_call(call, now)):
        if n % 3 == 2:
            continue
        form = "JP" if "𠮷" in one.zh else "SC"
        names.confirm(one, call, one.zh, one.en, form, now)
        if n % 3 == 0:
            certificates.issue(call, [one.application.ref], [(one.application.ref, one.contributor.row)], organizer, now)
    names.ask(call, None, None, organizer, now)


def _picture(width, height, draw):
    """A PNG, transparent but for what `draw` puts on it; drawn larger, so that its edges are smooth."""
    picture = Image.new("RGBA", (width * 4, height * 4))
    draw(ImageDraw.Draw(picture))
    stream = io.BytesIO()
    picture.resize((width, height), Image.Resampling.LANCZOS).save(stream, "PNG")
    stream.seek(0)
    return stream


def _seal():
    red = (190, 30, 38, 225)
    points = [
        (1000 + radius * math.sin(n * math.pi / 5), 1000 - radius * math.cos(n * math.pi / 5))
        for n, radius in enumerate((360, 138) * 5)
    ]

    def draw(on):
        on.ellipse((60, 60, 1940, 1940), outline=red, width=56)
        on.ellipse((210, 210, 1790, 1790), outline=red, width=14)
        on.polygon(points, fill=red)

    return _picture(500, 500, draw)


def _signature():
    def draw(on):
        points = [(120 + 5.4 * t, 330 - 200 * math.sin(t / 31) * math.exp(-t / 420) - 90 * math.sin(t / 11)) for t in range(400)]
        on.line(points, fill=(30, 36, 66, 255), width=16, joint="curve")

    return _picture(600, 160, draw)
