"""From a proposal to what experts are asked to review: run, changed by hand, confirmed, taken back; as verbs and at the desk."""

from collections import Counter
from datetime import timedelta

import pytest

from app import rules
from app.applying.drafts import Refused
from app.extensions import db, writing
from app.models import (
    Application,
    Assignment,
    Conflict,
    Event,
    Expert,
    FormalCheck,
    Listed,
    Mail,
    Panel,
    Proposal,
    User,
)
from app.people import accounts
from app.people.credentials import hashed
from app.review import assigning, matched, matching, proposing, tasks, transport
from tests.handing_in import handed_in
from tests.site import PASSWORD, Site

AREAS = ("quantum", "chips", "satellite", "industrial")


@pytest.fixture
def pool(app, call):
    """Four applications that passed, of the same person, each with other areas; four experts, and the organizer."""
    first = handed_in(app, call)
    with app.app_context():
        now = rules.now()
        organizer = _user("organizer@example.org", "organizer", now)
        source = db.session.get(Application, first)
        with writing() as session:
            session.add(organizer)
            session.flush()
            for number in range(2, 5):
                copied = Application(
                    user_id=source.user_id, call_id=call.id, sequence=number, number=f"{call.number_prefix}-{number:04d}",
                    created_at=now, changed_at=source.changed_at,
                )  # fmt: skip
                columns = [column.key for column in type(source.snapshot).__table__.columns if column.key not in ("id", "application_id")]
                copied.snapshots.append(type(source.snapshot)(**{name: getattr(source.snapshot, name) for name in columns}))
                session.add(copied)
            session.flush()
            for application in session.scalars(db.select(Application)):
                application.checks.append(FormalCheck(snapshot_id=application.snapshot.id, outcome="passed", checked_at=now))
            for number in range(4):
                user = _user(f"expert{number}@panel.example", "expert", now)
                session.add(user)
                session.flush()
                names = {"name_zh": f"评审{number}", "name_en": f"Reviewer {number}", "languages": ["zh", "en"]}
                names |= {"organization_zh": f"专家单位{number}", "organization_en": f"House {number}", "areas": [AREAS[number]]}
                session.add(Expert(call_id=call.id, user_id=user.id, capacity=4, state="accepted", invited_at=now, **names))
            session.add(Panel(call_id=call.id, reviewers=2))
    return app


def _user(email, role, now):
    language = "zh" if "0@" in email else "en"
    return User(email=email, email_key=email, name=email.partition("@")[0], language=language, created_at=now, confirmed_at=now, role=role)


@pytest.fixture
def inside(pool):
    with pool.app_context():
        yield pool


def organizer():
    return accounts.find("organizer@example.org")


def applications():
    return db.session.scalars(db.select(Application).order_by(Application.id)).all()


def experts():
    return db.session.scalars(db.select(Expert).order_by(Expert.id)).all()


def propose(call):
    proposing.propose(call=call, organizer_id=organizer().id, now=rules.now(), flow=transport.flow)


def confirm(call, ids=None):
    chosen = [application.id for application in applications()] if ids is None else ids
    assigning.confirm(call=call, ids=chosen, organizer_id=organizer().id, now=rules.now())


def pairs(table=Proposal):
    return set(map(tuple, db.session.execute(db.select(table.application_id, table.expert_id))))


def given():
    """{(application id, user id)} of what counts."""
    query = db.select(Assignment.application_id, Assignment.expert_id)
    return set(map(tuple, db.session.execute(query.filter_by(ended_at=None))))


def mails():
    return Counter(db.session.scalars(db.select(Mail.recipient).where(Mail.recipient.like("%panel.example"))))


def conflict(application, expert, **more):
    with writing() as session:
        row = {"application_id": application.id, "expert_id": expert.id, "source": "organizer", "details": {"text": ""}}
        session.add(Conflict(**row, at=rules.now(), **more))


def test_proposal_is_stored_and_seen_by_nobody(inside, call):
    propose(call)
    assert Counter(application for application, _expert in pairs()) == {application.id: 2 for application in applications()}
    assert (given(), mails()) == (set(), {})
    assert [rules.status(application, call, rules.now()) for application in applications()] == ["passed"] * 4


def test_another_run_keeps_what_is_locked_and_heeds_conflicts(inside, call):
    first, expert = applications()[0], experts()[0]
    proposing.add(application=first, call=call, expert_id=expert.id, organizer=organizer(), now=rules.now())
    conflict(applications()[1], experts()[1])
    propose(call)
    before = pairs()
    assert (first.id, expert.id) in before
    assert (applications()[1].id, experts()[1].id) not in before
    proposing.lock(call=call, ids=[one.id for one in applications()], locked=True, organizer=organizer(), now=rules.now())
    with writing() as session:
        session.get(Panel, call.id).reviewers = 3
    propose(call)
    assert before < pairs()
    assert len(pairs()) == 12


def test_confirmation_gives_what_is_proposed_and_mails_each_expert_once(inside, call):
    with writing() as session:
        session.get(Panel, call.id).closes_at = call.closes_at + timedelta(days=30)
    propose(call)
    proposed, users = pairs(), {expert.id: expert.user_id for expert in experts()}
    confirm(call)
    assert given() == {(application, users[expert]) for application, expert in proposed}
    assert pairs() == set()
    assert [rules.status(application, call, rules.now()) for application in applications()] == ["under-review"] * 4
    assert set(db.session.scalars(db.select(Listed.state))) == {"under-review"}
    assert mails() == {f"expert{number}@panel.example": 1 for number in range(4)}
    confirm(call)
    assert sum(mails().values()) == 4
    written = {mail.recipient: mail for mail in db.session.scalars(db.select(Mail))}
    assert "评审" in written["expert0@panel.example"].subject
    assert "/zh/panel/" in written["expert0@panel.example"].text
    assert f"hand in your reviews by July 15, {call.edition}, 24:00 Beijing time" in written["expert1@panel.example"].text
    assert written["expert1@panel.example"].subject == "2 applications for you to review"


def test_part_of_a_proposal_is_confirmed_and_what_came_late_is_added_by_another_run(inside, call):
    propose(call)
    first, *others = applications()
    confirm(call, [first.id])
    assert {application for application, _user in given()} == {first.id}
    kept = given()
    propose(call)
    confirm(call)
    assert kept < given()
    assert Counter(application for application, _user in given()) == {application.id: 2 for application in applications()}


def test_confirmation_asks_rules_and_conflicts_again(inside, call):
    propose(call)
    first, second, *_others = applications()
    expert = next(expert for expert in experts() if (second.id, expert.id) in pairs())
    conflict(second, expert)
    with writing():
        first.withdrawn_at = rules.now()
    confirm(call)
    assert first.id not in {application for application, _user in given()}
    assert (second.id, expert.user_id) not in given()
    with writing() as session:
        session.get(Panel, call.id).closes_at = rules.now()
    with pytest.raises(Refused):
        assigning.start(call=call, ids=[], organizer=organizer(), now=rules.now())


def test_dismissed_conflict_does_not_count(inside, call):
    for application in applications():
        conflict(application, experts()[0], dismissed_at=rules.now())
        conflict(application, experts()[1])
    problem = proposing.problem_of(call, rules.now())
    assert problem.conflicts == {(application.id, experts()[1].id) for application in applications()}


def test_confirmation_that_was_broken_off_is_told_by_the_worker_and_can_be_repeated(inside, call, monkeypatch):
    propose(call)
    monkeypatch.setattr(assigning, "BATCH", 2)
    monkeypatch.setattr(assigning, "tell", lambda *_given, **_more: None)
    confirm(call, [application.id for application in applications()[:2]])
    monkeypatch.undo()
    assert (len(given()), mails()) == (4, {})
    assigning.go_on(rules.now())
    told = mails()
    assert set(told.values()) == {1}
    assigning.go_on(rules.now())
    assert mails() == told
    confirm(call)
    assert len(given()) == 8
    assert max(mails().values()) <= 2


def test_expert_who_declined_is_not_given_anything_and_whoever_lost_capacity_nothing_more(inside, call):
    propose(call)
    declined, full, *_others = experts()
    proposing.lock(call=call, ids=[one.id for one in applications()], locked=True, organizer=organizer(), now=rules.now())
    with writing():
        declined.state = "declined"
    shown = matched.Matched(call, rules.now())
    assert declined.id not in {expert for states in shown.pairs.values() for expert in states}
    confirm(call)
    assert declined.user_id not in {user for _application, user in given()}
    with writing():
        full.capacity = 0
    propose(call)
    assert {expert for _application, expert in pairs()}.isdisjoint({full.id, declined.id})


def test_hand_made_changes_are_refused_where_they_must_not_be(inside, call):
    first, expert, other = applications()[0], experts()[0], experts()[1]
    about = {"application": first, "call": call, "organizer": organizer(), "now": rules.now()}
    proposing.add(expert_id=expert.id, **about)
    conflict(first, other)
    for expert_id in (expert.id, other.id, 999):
        with pytest.raises(Refused):
            proposing.add(expert_id=expert_id, **about)
    proposing.add(expert_id=experts()[2].id, instead_of=expert.id, **about)
    assert pairs() == {(first.id, experts()[2].id)}
    proposing.remove(expert_id=experts()[2].id, **about)
    assert pairs() == set()
    with writing():
        first.withdrawn_at = rules.now()
    with pytest.raises(Refused):
        proposing.add(expert_id=expert.id, **about)


def test_review_is_taken_from_an_expert_and_given_to_another_with_a_reason(inside, call):
    propose(call)
    confirm(call)
    first = applications()[0]
    leaves = next(expert for expert in experts() if (first.id, expert.user_id) in given())
    comes = next(expert for expert in experts() if (first.id, expert.user_id) not in given())
    about = {"application": first, "call": call, "organizer": organizer(), "now": rules.now()}
    with pytest.raises(Refused):
        assigning.end(user_id=leaves.user_id, reason=" ", **about)
    before = mails()
    assigning.end(user_id=leaves.user_id, expert_id=comes.id, reason="Ill", **about)
    assert (first.id, leaves.user_id) not in given()
    assert (first.id, comes.user_id) in given()
    assert mails() - before == {comes.user.email: 1}
    with pytest.raises(Refused):
        assigning.end(user_id=leaves.user_id, reason="Ill", **about)
    for user in {user for application, user in given() if application == first.id}:
        assigning.end(user_id=user, reason="Ill", **about)
    assert rules.status(first, call, rules.now()) == "passed"
    told = db.session.execute(db.select(Event.what, Event.details).where(Event.what == "assignment ended").order_by(Event.id)).all()
    assert told[0].details == {"whom": leaves.user_id, "reason": "Ill"}


def test_review_is_not_given_to_another_in_whom_a_conflict_is_found_only_now(inside, call):
    propose(call)
    confirm(call)
    first = applications()[0]
    leaves = next(expert for expert in experts() if (first.id, expert.user_id) in given())
    comes = next(expert for expert in experts() if (first.id, expert.user_id) not in given())
    with writing():
        comes.organization_zh = "示例大学"
    before = given(), mails()
    about = {"application": first, "call": call, "organizer": organizer(), "now": rules.now()}
    with pytest.raises(Refused, match="conflict"):
        assigning.end(user_id=leaves.user_id, expert_id=comes.id, reason="Ill", **about)
    assert (given(), mails()) == before


def test_one_task_at_a_time_and_a_failure_is_told(inside, call, monkeypatch):
    def fail(task):
        with pytest.raises(Refused):
            tasks.start("another", call.id, rules.now(), print)
        with pytest.raises(Refused):
            proposing.lock(call=call, ids=[], locked=True, organizer=organizer(), now=rules.now())
        raise RuntimeError("by purpose")

    task = tasks.start("first", call.id, rules.now(), fail)
    assert task.finished.wait(10)
    assert (task.failed, tasks.is_busy()) == (tasks.FAILED, False)
    monkeypatch.setattr(matching, "PATIENCE_SECONDS", 0.001)
    task = proposing.start(call=call, organizer=organizer(), now=rules.now())
    assert task.finished.wait(20)
    assert (task.failed, pairs()) == (tasks.FAILED, set())


def test_settings_of_the_reviews_are_stored_and_a_past_date_is_refused(inside, call):
    now = rules.now()
    proposing.set_panel(call=call, organizer=organizer(), reviewers=4, closes_at=now + timedelta(days=9), blind=True, now=now)
    panel = db.session.get(Panel, call.id)
    assert (panel.reviewers, panel.closes_at, panel.blind) == (4, now + timedelta(days=9), True)
    with pytest.raises(Refused):
        proposing.set_panel(call=call, organizer=organizer(), reviewers=4, closes_at=now, blind=True, now=now)


def test_application_that_is_being_changed_is_not_assigned_before_the_deadline(inside, call):
    first = applications()[0]
    with writing():
        first.reopened_at = rules.now()
    assert first.id not in proposing.problem_of(call, rules.now()).applications
    assert rules.may_assign(first, call, db.session.get(Panel, call.id), rules.now()) is not None
    after = call.closes_at + timedelta(days=1)
    assert first.id in proposing.problem_of(call, after).applications
    assert rules.may_assign(first, call, db.session.get(Panel, call.id), after) is None


# -- at the desk


@pytest.fixture
def desk(pool, monkeypatch):
    # However busy the machine is.
    monkeypatch.setattr("app.pages.desk.matching.SECONDS", 60)
    site = Site(pool)
    with pool.app_context(), writing():
        organizer().password_hash = hashed(PASSWORD)
    return site.sign_in("organizer@example.org")


def press(site, action, form=-1, **given):
    forms = site.page.xpath("//main//form[@method='post']")
    number = site.page.forms.index(forms[form])
    site.submit(action, form=number, **given)


def run(site):
    site.open("/en/desk/matching")
    press(site, None, form=0)


def test_matching_is_run_looked_at_and_confirmed_at_the_desk(pool, desk):
    desk.open("/en/desk/matching")
    assert "Passed, no expert confirmed yet4" in desk.text()
    run(desk)
    assert "8 of 8 reviews have an expert. The greatest load is 4." in desk.text()
    desk.open("/zh/desk/matching")
    assert "8份评审中已有8份落实专家" in desk.text()
    (box, *_others) = desk.page.xpath("//input[@name='pick']/@value")
    press(desk, "confirm", pick=[box])
    desk.open(desk.address.replace("/zh/", "/en/"))
    assert "1 application is under review from then on" in desk.text()
    press(desk, None)
    assert "Experts confirmed1" in desk.text()
    press(desk, "confirm")
    press(desk, None)
    with pool.app_context():
        assert (len(given()), pairs()) == (8, set())


def test_desk_warns_of_too_little_capacity_and_explains_every_gap(pool, call, desk):
    with pool.app_context(), writing():
        for expert in experts():
            expert.capacity = 1
    desk.open("/en/desk/matching")
    assert "The experts can take 4 reviews, and 8 are needed: 4 too few." in desk.text()
    run(desk)
    desk.open("/en/desk/matching?show=gaps")
    assert "None of the 3 other experts without a conflict has any capacity left." in desk.text()
    with pool.app_context():
        for expert in experts():
            conflict(applications()[0], expert)
    run(desk)
    desk.open("/en/desk/matching?show=gaps")
    assert "Every expert has a conflict of interest." in desk.text()


def test_experts_of_one_application_are_changed_at_the_desk(pool, call, desk):
    with pool.app_context():
        ref, (first, second, third, fourth) = applications()[0].ref, [(expert.id, expert.user_id) for expert in experts()]
        conflict(applications()[0], experts()[3])
    page = f"/en/desk/matching/{ref}"
    desk.open(page)
    assert desk.page.xpath("//input[@name='expert']/@value") == [str(number) for number, _user in (first, second, third)]
    assert "In conflict of interest" in desk.text()
    press(desk, "add", status=200)
    assert desk.errors() == ["Choose an expert first."]
    press(desk, "add", expert=str(first[0]))
    press(desk, "add", expert=str(second[0]), place=str(first[0]))
    press(desk, "lock")
    with pool.app_context():
        assert pairs() == {(applications()[0].id, second[0])}
    press(desk, "add", expert=str(fourth[0]))
    assert desk.errors() == ["This expert is in conflict with this application, and cannot be chosen."]
    press(desk, f"remove-{second[0]}")
    with pool.app_context(), writing() as session:
        session.get(Expert, third[0]).capacity = 0
    press(desk, "add", expert=str(third[0]))
    assert "An expert of this application now has more than the capacity." in desk.text()
    desk.open(f"/en/desk/matching/confirm?pick={ref}")
    press(desk, None)
    desk.open(page)
    press(desk, f"end-{third[1]}")
    assert desk.errors() == ["Say why; other organizers read it."]
    press(desk, f"end-{third[1]}", reason="Away", expert=str(first[0]))
    with pool.app_context():
        assert given() == {(applications()[0].id, first[1])}


def test_settings_page_gives_back_what_is_wrong(pool, desk):
    desk.open("/en/desk/matching/settings")
    desk.submit(reviewers="0", until_day="2020-01-01", until_time="24:00")
    assert desk.errors() == ["Enter a whole number from 1 to 20."]
    desk.submit(reviewers="3", until_day="2020-01-01", until_time="24:00")
    assert desk.errors() == ["The date until which reviews may be handed in must lie ahead."]
    desk.submit(reviewers="3", until_day="2099-01-01", until_time="24:00", blind="y")
    assert "January 1, 2099, 24:00" in desk.text()


def test_page_of_a_task_at_work_looks_again_by_itself(pool, call, desk, monkeypatch):
    task = tasks.Task(proposing.MATCHING, call.id, rules.now())
    pool.extensions["task"] = task
    desk.open("/en/desk/matching?show=gaps")
    assert "The matching is being computed" in desk.text()
    assert desk.response.headers["Refresh"] == "3"
    task.finished.set()
    desk.open("/en/desk/matching")
    assert "Refresh" not in desk.response.headers


NONSENSE = ["page=0", "page=x", "page=" + "9" * 5000, "show=x&expert=x", "expert=" + "9" * 40, "area=%00", "pick=%00", "expert=%F0%90"]


def test_no_query_breaks_the_pages(pool, desk):
    run(desk)
    for query in NONSENSE:
        for page in ("", "/experts", "/settings", "/confirm"):
            desk.open(f"/en/desk/matching{page}?{query}")
    for page in ("", "/experts", "/settings", "/confirm"):
        desk.open(f"/en/desk/matching{page}?call=nothing", status=404)


def test_no_post_breaks_the_page_of_one_application(pool, desk):
    with pool.app_context():
        page = f"/en/desk/matching/{applications()[0].ref}"
    large = "9" * 30
    for action in ("", "add", "remove-", f"remove-{large}", "remove-0", "end-x", "end-1", "lock", "unlock", "x"):
        desk.open(page)
        press(desk, action, answers={"expert": large, "place": large, "reason": "\0"})
    with pool.app_context():
        assert (pairs(), given()) == (set(), set())
