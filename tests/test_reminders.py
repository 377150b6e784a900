"""Reminders: each once, the newest only, to those alone who can still hand in."""

from datetime import timedelta

import lxml.html
import pytest

from app import demo, rules
from app.applying import drafts, saving, submitting
from app.desk import formal_check
from app.extensions import db, writing
from app.mails import reminders
from app.models import Event, Mail
from app.people import accounts
from tests.inspecting import mixed
from tests.site import PASSWORD, Site

DAY, HOUR = timedelta(days=1), timedelta(hours=1)


@pytest.fixture
def inside(app):
    with app.app_context():
        yield


@pytest.fixture
def begun(call):
    """When everything here was begun: long before the first reminder."""
    return call.closes_at - 30 * DAY


def person(begun, language="en"):
    name = {"zh": "王安娜", "en": "Anna Muster"}[language]
    user = accounts.register(email="anna@example.org", name=name, password=PASSWORD, language=language, now=begun).user
    forget_mails()
    return user


def forget_mails():
    with writing() as session:
        session.execute(db.delete(Mail))


def only_mail():
    return db.session.scalars(db.select(Mail)).one()


@pytest.fixture
def draft(inside, call, begun):
    return drafts.create(user=person(begun), call=call, now=begun)


def fill(application, call, now):
    for step, posted in demo.sample_answers(call, demo.ACHIEVEMENTS[0]).items():
        saving.save(application=application, call=call, step=call.step(step), posted=posted, version=None, now=now)


def sent(call, *before):
    """How many reminders are sent at each of these times before the deadline, in turn."""
    return [reminders.send_due(call.closes_at - time) for time in before]


def test_draft_is_reminded_of_three_times_each_once(draft, call):
    second = timedelta(seconds=1)
    moments = [7 * DAY + second, 7 * DAY, 6 * DAY, 2 * DAY + second, 2 * DAY, DAY, 6 * HOUR + second, 6 * HOUR, HOUR, second]
    assert sent(call, *moments) == [0, 1, 0, 0, 1, 0, 0, 1, 0, 0]
    events = db.session.scalars(db.select(Event).filter_by(what="reminded").order_by(Event.id)).all()
    assert [(event.application_id, event.details) for event in events] == [(draft.id, {"hours": hours}) for hours in (168, 48, 6)]


def test_after_a_downtime_only_the_newest_is_sent(draft, call):
    assert sent(call, 5 * HOUR, 4 * HOUR) == [1, 0]


def test_after_the_deadline_nothing_is_sent_even_within_the_grace(draft, call):
    assert sent(call, timedelta(0), -DAY) == [0, 0]
    lenient = call.model_copy(update={"grace_minutes": 60})
    assert rules.may_submit(draft, lenient, lenient.closes_at) is None
    assert rules.reminder_due(draft, lenient, lenient.closes_at, None) is None


@pytest.mark.parametrize(
    ("begun_before", "at", "count"),
    [
        (7 * DAY + 2 * HOUR, 7 * DAY, 1),
        (5 * DAY, 4 * DAY, 0),
        (5 * DAY, 2 * DAY, 1),
        (6.5 * HOUR, 6 * HOUR, 0),
        (6.5 * HOUR, 5.5 * HOUR, 1),
        (5 * HOUR, HOUR, 0),
    ],
)
def test_what_has_only_just_been_begun_is_left_in_peace(inside, call, begun_before, at, count):
    begun = call.closes_at - begun_before
    drafts.create(user=person(begun), call=call, now=begun)
    assert sent(call, at) == [count]


def test_reopened_application_is_reminded_of_and_a_submitted_or_withdrawn_one_is_not(inside, call, begun):
    user = person(begun)
    standing, reopened, withdrawn = (drafts.create(user=user, call=call, now=begun) for _ in range(3))
    for application in (standing, reopened, withdrawn):
        fill(application, call, begun)
        submitting.submit(application=application, call=call, expected=0, now=begun)
    for application in (reopened, withdrawn):
        drafts.reopen(application=application, call=call, now=begun)
    drafts.withdraw(application=withdrawn, call=call, now=begun)
    forget_mails()
    assert sent(call, 2 * DAY) == [1]
    mail = only_mail()
    assert mail.subject.startswith("Not handed in yet: Quantum key")
    assert "stands until you submit again" in mail.text
    assert f"/en/applications/{reopened.ref}/check" in mail.text


@pytest.mark.parametrize("language", ["zh", "en"])
def test_reminder_says_what_is_missing_in_the_language_of_its_owner(inside, call, begun, language):
    application = drafts.create(user=person(begun, language), call=call, now=begun)
    answers = demo.sample_answers(call, demo.ACHIEVEMENTS[0])
    for step in ("category", "basics"):
        saving.save(application=application, call=call, step=call.step(step), posted=answers[step], version=None, now=begun)
    sent(call, 2 * DAY)
    mail = only_mail()
    titles = {step.id: step.title[language] for step in call.steps}
    assert [step for step, title in titles.items() if f"\n{title}\n" in mail.text] == ["contributors", "materials"]
    assert f"/{language}/applications/{application.ref}\n" in mail.text
    assert (mail.recipient, mail.language) == ("anna@example.org", language)
    assert mixed(lxml.html.document_fromstring(mail.html), language) == []


def test_reminder_of_a_complete_draft_leads_to_submitting(draft, call, begun):
    fill(draft, call, begun)
    sent(call, 2 * DAY)
    mail = only_mail()
    assert "Nothing is missing" in mail.text
    assert f"/en/applications/{draft.ref}/check\n" in mail.text


def test_deadline_that_is_put_off_makes_the_reminders_due_again(draft, call):
    now = call.closes_at - 6 * HOUR
    assert rules.reminder_due(draft, call, now, None) == 6
    assert rules.reminder_due(draft, call, now, now) is None
    later = call.model_copy(update={"deadline": f"{call.edition}-07-15 24:00"})
    assert rules.reminder_due(draft, later, later.closes_at - 7 * DAY, now) == 168


def test_one_that_cannot_be_judged_does_not_keep_others_from_theirs(draft, call, begun, monkeypatch):
    other = drafts.create(user=draft.user, call=call, now=begun)
    judged = submitting.readiness

    def readiness(copy):
        if copy.application.id == draft.id:
            raise RuntimeError("planted")
        return judged(copy)

    monkeypatch.setattr(submitting, "readiness", readiness)
    assert sent(call, 2 * DAY) == [1]
    assert db.session.scalars(db.select(Event.application_id).filter_by(what="reminded")).all() == [other.id]


def made_organizer(begun):
    user = accounts.register(email="o@example.org", name="Olga", password=PASSWORD, language="en", now=begun).user
    with writing():
        user.role = "organizer"
    return user


def returned(application, call, organizer, until, now):
    """Hands a draft in and returns it with two reasons."""
    fill(application, call, now)
    submitting.submit(application=application, call=call, expected=0, now=now)
    title = {"step": "basics", "field": "title", "zh": "请用全称。", "en": "Give the full name."}
    reasons = [title, {"step": "files", "zh": "缺证书。", "en": ""}]
    formal_check.check(
        application=application, call=call, organizer=organizer, outcome="returned", snapshot_n=1, last_check_id=None, reasons=reasons,
        until=until, now=now,
    )  # fmt: skip
    forget_mails()


MOMENTS = [7 * DAY + HOUR, 7 * DAY, 3 * DAY, 2 * DAY, DAY, 6 * HOUR, timedelta(seconds=1), timedelta(0)]
EACH_ONCE = [0, 1, 0, 1, 0, 1, 0, 0]


@pytest.mark.parametrize("days", [0, 20])
def test_returned_application_is_reminded_of_before_the_date_of_its_return(draft, call, begun, days):
    until = call.closes_at + days * DAY
    returned(draft, call, made_organizer(begun), until, begun)
    assert [reminders.send_due(until - before) for before in MOMENTS] == EACH_ONCE
    mail = db.session.scalars(db.select(Mail)).first()
    day = "June 15, {0}, 24:00 Beijing time (= June 16, 00:00)" if days == 0 else "July 5, {0}, 24:00 Beijing time (= July 6, 00:00)"
    lines = mail.text.splitlines()
    assert f"Submit by {day.format(call.edition)}." in lines
    points = ["– Achievement name: Give the full name.", "– Further files are needed: 缺证书。"]
    assert [line for line in lines if line.startswith("–")] == points
    assert "The organizer has asked for improvements of your application" in mail.text
    assert f"/en/applications/{draft.ref}" in lines[-1]


def test_return_that_came_after_a_reminder_fell_due_is_spared_that_one(draft, call, begun):
    until = call.closes_at + 20 * DAY
    returned(draft, call, made_organizer(begun), until, begun)
    with writing():
        draft.checks[0].checked_at = until - 5 * DAY
    assert [reminders.send_due(until - before) for before in (4 * DAY, 2 * DAY)] == [0, 1]


def test_extended_draft_is_reminded_of_before_its_own_deadline_alone(draft, call, begun):
    until = call.closes_at + 10 * DAY
    formal_check.extend(application=draft, call=call, organizer=made_organizer(begun), until=until, reason="Illness", now=begun)
    forget_mails()
    assert sent(call, 7 * DAY, 2 * DAY, 6 * HOUR) == [0, 0, 0]
    assert [reminders.send_due(until - before) for before in MOMENTS] == EACH_ONCE
    assert f"Submit by June 25, {call.edition}, 24:00 Beijing time" in db.session.scalars(db.select(Mail.text)).first()


def test_extension_given_late_is_not_followed_by_a_reminder_at_once(draft, call, begun):
    now = call.closes_at + DAY
    until = now + 5 * DAY
    formal_check.extend(application=draft, call=call, organizer=made_organizer(begun), until=until, reason="Illness", now=now)
    assert [reminders.send_due(until - before) for before in (4 * DAY, 2 * DAY, 6 * HOUR)] == [0, 1, 1]


def test_what_is_handed_in_again_is_left_in_peace(draft, call, begun):
    until = call.closes_at + 20 * DAY
    returned(draft, call, made_organizer(begun), until, begun)
    submitting.submit(application=draft, call=call, expected=1, now=call.closes_at + DAY)
    assert [reminders.send_due(until - before) for before in MOMENTS] == [0] * len(MOMENTS)


@pytest.fixture
def others_draft(app, call):
    """Somebody else's draft, which nobody here is ever told about."""
    with app.app_context():
        user = accounts.register(email="otto@example.org", name="Otto", password=PASSWORD, language="en", now=rules.now()).user
        drafts.create(user=user, call=call, now=rules.now())


def banners(site):
    said = [" ".join(banner.text_content().split()) for banner in site.page.xpath("//main/div[contains(@class, 'banner')]")]
    return [words for words in said if "Submit by" in words]


def test_every_page_tells_its_owner_of_a_draft(app, applicant, call, others_draft):
    applicant.open("/en/account/settings")
    assert banners(applicant) == []
    applicant.post(f"/en/calls/{call.id}/applications", {})
    address = applicant.address
    assert banners(applicant) == []
    applicant.open(f"{address}/basics")
    applicant.submit("save", title__zh="量子")
    deadline = f"June 15, {call.edition}, 24:00 Beijing time (= June 16, 00:00)"
    for page in ("/en/", "/en/account/settings", "/en/applications"):
        applicant.open(page)
        assert banners(applicant) == [f"“量子” has not been handed in. Submit by {deadline}."]
        assert applicant.page.xpath("//main/div[contains(@class, 'banner')]//a/@href")[-1] == address
    for page in ("", "/basics", "/files", "/check"):
        applicant.open(address + page)
        assert banners(applicant) == []
    anonymous = Site(app)
    anonymous.open("/en/")
    assert banners(anonymous) == []


def test_draft_of_a_closed_call_is_not_nagged_about(applicant, call, monkeypatch):
    applicant.open("/en/")
    applicant.post(f"/en/calls/{call.id}/applications", {})
    monkeypatch.setattr(rules, "now", lambda: call.closes_at)
    applicant.open("/en/")
    assert banners(applicant) == []
