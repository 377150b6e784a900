"""Promise 13: what applicants are never told. Whoever adds a table of the organizers' or experts' fills it in `judged`,
with a word that ends in “quirk”; from then on no answer and no mail to an applicant may hold it."""

import io
import json
import re
import shutil
import subprocess
import zipfile
from datetime import timedelta

import pikepdf
import pytest
from werkzeug.wrappers import Response

from app import demo, exporting, rules
from app.extensions import db, writing
from app.models import (
    Application,
    Assignment,
    Conflict,
    Decision,
    EarlierReview,
    Expert,
    Extension,
    FormalCheck,
    Listed,
    Mail,
    Note,
    Panel,
    Reason,
    Review,
    User,
    record,
)
from app.pages.answering import download, pdf
from tests.test_access import GETS, POSTS, address_of, visitors  # noqa: F401 - fixtures

SECRET = re.compile(r"\w*quirk\w*", re.I)
STAGES = ("submitted", "returned", "ineligible", "passed", "under-review", "result")


def person(session, name, role, now):
    user = User(
        email=f"{name}@example.org", email_key=f"{name}@example.org", name=name, role=role, language="en", created_at=now, confirmed_at=now
    )
    session.add(user)
    session.flush()
    return user


def judged(app, call, stage):
    """Brings the first application to this status, with everything said of it that its owner must not learn."""
    now = rules.now()
    with app.app_context(), writing() as session:
        application = session.scalars(db.select(Application).order_by(Application.id)).first()
        organizer = person(session, "Organizerquirk", "organizer", now)
        experts = [person(session, name, "expert", now) for name in ("Expertquirk", "Reviewerquirk")]
        application.notes.append(Note(user_id=organizer.id, text="Notequirk", at=now))
        later = now + timedelta(days=3)
        application.extensions.append(Extension(until=later, reason="Illness", given_at=now, given_by=organizer.id))
        application.extended_until = later
        if stage != "submitted":
            outcome = stage if stage in ("returned", "ineligible") else "passed"
            check = FormalCheck(snapshot_id=application.snapshot.id, outcome=outcome, checked_at=now, checked_by=organizer.id)
            application.checks.append(check)
            session.flush()
            if outcome != "passed":
                application.reasons += [
                    Reason(check_id=check.id, step="basics", field="title", zh="请补充名称。", en="Please complete the name."),
                    Reason(
                        check_id=check.id, step="files", zh="缺少附件。", en="A file is missing.", closed_at=now, closed_by=organizer.id
                    ),
                ]
        if stage in ("under-review", "result"):
            reviewed(session, application, experts, now)
            released, soon = stage == "result", now + timedelta(hours=1)
            said = {"outcome": "Outcomequirk", "feedback_zh": "反馈quirk", "feedback_en": "Feedbackquirk"}
            said = {"outcome": "awarded"} if released else said
            application.decision = Decision(**said, prepared_by=organizer.id, released_at=now if released else soon)
            session.merge(Panel(call_id=application.call_id, release_at=now if released else soon, published_at=now))
        # The history that its owner sees is the one in which all of them leave their traces.
        for what, details in (
            ("submitted", {}),
            ("note written", {"name": "Notequirk", "text": "Notequirk"}),
            ("assigned", {"name": experts[0].name, "expert": experts[0].email}),
            ("reviewed", {"name": experts[0].name, "score": "Scorequirk"}),
            ("decision prepared", {"outcome": {"zh": "决定quirk", "en": "Outcomequirk"}}),
            ("decision corrected", {"earlier": {"zh": "决定quirk", "en": "Outcomequirk"}, "reason": "Whyquirk"}),
        ):
            record(what, at=now, user=organizer, application=application, **details)
        session.flush()
        assert rules.status(application, call, now + timedelta(seconds=1)) == stage


def reviewed(session, application, experts, now):
    """Gives an application to these experts, who have handed in and may read each other's reviews, with all that is known of them."""
    session.merge(Panel(call_id=application.call_id, discussion_at=now, closes_at=now + timedelta(days=9)))
    known = {"organization_zh": "示例大学quirk", "organization_en": "Universityquirk", "aliases": ["Aliasquirk"], "capacity": 7}
    for user in experts:
        names = {"name_zh": f"专家{user.name}", "name_en": user.name}
        expert = Expert(call_id=application.call_id, user_id=user.id, state="accepted", invited_at=now, areas=["ai"], **names, **known)
        if session.scalars(db.select(Expert).filter_by(user_id=user.id)).first() is None:
            session.add(expert)
            session.flush()
            about = {"application_id": application.id, "expert_id": expert.id, "source": "system", "details": {"text": "Conflictquirk"}}
            session.add(Conflict(**about, at=now, dismissed_at=now))
        raw = {"score-originality": ["Scorequirk"], "comment": ["Commentquirk"]}
        review = Review(raw=raw, saved_at=now, submitted_at=now)
        application.assignments.append(Assignment(expert_id=user.id, assigned_at=now, review=review))
        session.flush()
        session.add(EarlierReview(review_id=review.id, version=0, raw={"comment": ["Draftquirk"], "version": ["1"]}))


def said(app, response):
    """Everything that an answer tells, as text: its head, its cookies opened, its file opened."""
    head = f"{response.status} {response.headers}"
    for cookie in response.headers.getlist("Set-Cookie"):
        name, _equals, value = cookie.partition(";")[0].partition("=")
        if name == "session" and value:
            head += json.dumps(app.session_interface.get_signing_serializer(app).loads(value), default=str, ensure_ascii=False)
    return head + written(response.get_data())


def written(content):
    """The text in the bytes of a file, whatever it is."""
    text = content.decode("utf-8", "replace")
    if content.startswith(b"PK\3\4"):
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return "\n".join(name + written(archive.read(name)) for name in archive.namelist())
    if content.startswith(b"%PDF-"):
        with pikepdf.open(io.BytesIO(content)) as document:
            text += str(document.docinfo)
        if shutil.which("pdftotext"):
            text += subprocess.run(["pdftotext", "-", "-"], input=content, capture_output=True, check=True).stdout.decode()
    return text


@pytest.fixture
def listen(app):
    """`listen(visitor)`: from now on the secrets that this visitor is told are found in the list it answers."""

    def begin(visitor):
        leaked, ask = [], visitor.client.open

        def asking(*args, **kwargs):
            response = ask(*args, **kwargs)
            leaked.extend((response.request.method, response.request.path, secret) for secret in SECRET.findall(said(app, response)))
            return response

        visitor.client.open = asking
        return leaked

    return begin


def open_everything(visitor, address_of):  # noqa: F811
    for language in ("zh", "en"):
        for endpoint in GETS:
            visitor.client.get(address_of(endpoint, language=language))


def press_everything(visitor, address_of):  # noqa: F811
    """Every button, signing out last: by hand and by a script of ours."""
    for endpoint in sorted(POSTS, key=lambda endpoint: "sign_out" in endpoint):
        visitor.open("/en/account/settings")
        token = visitor.page.xpath("string(//input[@name='csrf_token']/@value)")
        data = {"csrf_token": token, "action": "save", "declaration": "yes", "expected": "1", "email": "somebody@example.org"}
        for accept in ("text/html", "application/json"):
            answered = {"Accept": accept, "Referer": "http://localhost/en/applications"}
            visitor.client.post(address_of(endpoint), data=data, headers=answered, follow_redirects=True)


@pytest.mark.parametrize("stage", STAGES)
def test_promise_13_owner_is_never_told_who_judges_nor_what_they_note(app, call, visitors, address_of, listen, stage):  # noqa: F811
    owner = visitors[2]
    judged(app, call, stage)
    leaked = listen(owner)
    open_everything(owner, address_of)
    press_everything(owner, address_of)
    assert leaked == []
    with app.app_context():
        mails = db.session.scalars(db.select(Mail).where(Mail.recipient.in_(["owner@example.org", "other@example.org"]))).all()
        assert len(mails) >= 3
        assert [mail.subject for mail in mails if SECRET.search(f"{mail.subject} {mail.text} {mail.html}")] == []


@pytest.mark.parametrize("who", [0, 1])
def test_promise_13_strangers_are_never_told_either(app, call, visitors, address_of, listen, who):  # noqa: F811
    judged(app, call, "under-review")
    leaked = listen(visitors[who])
    open_everything(visitors[who], address_of)
    assert leaked == []


def test_experts_are_told_nothing_private_nothing_of_others_and_no_scores_but_their_own(app, call, visitors, address_of, listen):  # noqa: F811
    expert = visitors[3]
    judged(app, call, "under-review")
    with app.app_context(), writing() as session:
        now = rules.now()
        theirs = session.scalars(db.select(Application).order_by(Application.id)).first()
        mine = session.scalars(db.select(Application).filter_by(ref=address_of("panel.review").rpartition("/")[2])).one()
        session.get(Listed, theirs.id).title_en = "Titlequirk"
        theirs.snapshot.answers = {**theirs.snapshot.answers, "basics": theirs.snapshot.answers["basics"] | {"title-en": ["Titlequirk"]}}
        mine.notes.append(Note(text="Notequirk", at=now))
        reviewed(session, mine, session.scalars(db.select(User).where(User.name.in_(("Expertquirk", "Reviewerquirk")))).all(), now)
        mine.decision = Decision(outcome="Outcomequirk", feedback_en="Feedbackquirk")
        snapshot, private = mine.snapshot, ("wang.fang@example.org", "privatequirk@example.org")
        assert private[0] in snapshot.receipt
        snapshot.receipt = snapshot.receipt.replace(*private)
        snapshot.answers = json.loads(json.dumps(snapshot.answers).replace(*private))
    leaked = listen(expert)
    open_everything(expert, address_of)
    press_everything(expert, address_of)
    assert leaked == []
    expert.sign_in("expert@example.org")
    with app.app_context(), writing() as session:
        own = session.scalars(db.select(Assignment).join(User, User.id == Assignment.expert_id).filter_by(email="expert@example.org")).one()
        own.review = own.review or Review(saved_at=now)
        own.review.raw, own.review.submitted_at = {"comment": ["Own"]}, now
    expert.open(address_of("panel.review"))
    assert {secret for _method, _path, secret in leaked} == {"Commentquirk", "Expertquirk", "Reviewerquirk"}


@pytest.mark.skipif(shutil.which("pdftotext") is None, reason="pdftotext is not installed")
def test_secret_is_found_in_every_kind_of_answer(app, call):
    in_cookie = Response()
    signed = app.session_interface.get_signing_serializer(app).dumps({"_flashes": [("error", "Notequirk")]})
    in_cookie.set_cookie("session", signed)
    title = {"zh": "", "en": "Notequirk"}
    with app.app_context():
        table = exporting.index_xlsx(call, title, None, [], "en")
        answers = {
            "page": Response("<p>Notequirk</p>", mimetype="text/html"),
            "head": Response(headers={"Location": "/en/?by=Notequirk"}),
            "cookie": in_cookie,
            "name": download(b"", "Notequirk.zip", "application/zip"),
            "table": Response(table),
            "archive": Response(exporting.zip_files([("01.xlsx", table)])),
            "PDF": pdf(demo.sample_pdf("Notequirk"), "a.pdf"),
        }
        found = {kind: sorted(set(SECRET.findall(said(app, answer)))) for kind, answer in answers.items()}
    assert found == dict.fromkeys(answers, ["Notequirk"])
