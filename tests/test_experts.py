"""Experts of a call: listed, invited, answering, corrected, removed."""

from datetime import timedelta

import pytest

from app import demo, rules
from app.applying.drafts import Refused
from app.extensions import db, writing
from app.models import Application, Assignment, Conflict, Event, Expert, Review
from app.people import accounts, personal_data, staff
from app.review import conflicts, experts, panels
from tests.handing_in import handed_in
from tests.mailbox import OTHER_PASSWORD, mails, path, register
from tests.site import PASSWORD, Site

DESK, GUEST = "desk@example.org", "guest@example.org"
VALUES = {
    "name_zh": "韩梅梅", "name_en": "Han Meimei", "organization_zh": "清华大学", "organization_en": "Tsinghua University",
    "aliases": ["清华"], "areas": ["ai", "quantum"], "languages": ["zh", "en"], "capacity": 12,
}  # fmt: skip


def person(email, role="applicant"):
    """The User of a new, confirmed account."""
    user = register(email).user
    with writing():
        user.role, user.confirmed_at = role, rules.now()
    return user


@pytest.fixture
def by(app):
    """An organizer, in the app's context."""
    with app.app_context():
        yield person(DESK, "organizer")


@pytest.fixture
def desk(app):
    """The browser of an organizer."""
    with app.app_context():
        person(DESK, "organizer")
    return Site(app).sign_in(DESK)


def listed(call, by, email=GUEST, language="zh", **changed):
    return experts.add(call=call, email=email, language=language, values=VALUES | changed, by=by, now=rules.now())


def joined(app, call, email="expert@example.org", **changed):
    """The id of an Expert who has accepted, with an account; and their browser."""
    with app.app_context():
        by = accounts.find(DESK) or person(DESK, "organizer")
        expert = listed(call, by, email=email) if accounts.find(email) or person(email, "expert") else None
        with writing():
            expert.state = "accepted"
            for name, value in changed.items():
                setattr(expert, name, value)
        return expert.id


def give(expert_id, application_id, submitted=False):
    with writing() as session:
        user_id = session.get(Expert, expert_id).user_id
        assignment = Assignment(application_id=application_id, expert_id=user_id, assigned_at=rules.now())
        if submitted:
            assignment.review = Review(saved_at=rules.now(), submitted_at=rules.now())
        session.add(assignment)


def recorded(what):
    return [(event.user_id, event.details) for event in db.session.query(Event).filter_by(what=what)]


# On the list


def test_listed_expert_is_told_nothing_and_can_do_nothing(call, by):
    expert = listed(call, by)
    assert (expert.state, expert.user.role, expert.user.password_hash) == ("listed", "applicant", None)
    assert [mail for mail in mails("") if mail.recipient == GUEST] == experts.of_user(expert.user_id) == []
    assert recorded("expert listed") == [(by.id, {"whom": expert.user_id, "call": call.id})]


def test_person_is_listed_once_for_a_call_and_an_organizer_never(call, by):
    listed(call, by)
    with pytest.raises(Refused, match="already"):
        listed(call, by, email="Guest@Example.org")
    with pytest.raises(Refused, match="organizer"):
        listed(call, by, email=DESK)


def test_expert_is_added_changed_and_removed_at_the_desk(app, desk, call):
    desk.open("/en/desk/experts/new")
    desk.submit(form="account", email=GUEST, name_en="", organization_zh="清华大学", capacity="0", areas="none")
    assert desk.errors() == [
        "Enter the name in at least one language.", "This area is not one of the call.", "Enter a whole number from 1 to 500.",
    ]  # fmt: skip
    desk.submit(form="account", name_en=" Han  Meimei ", capacity="7", areas=["ai", "chips"], aliases="清华\n\n清华\nTHU")
    assert "Han Meimei is on the list now, and not invited yet." in desk.text()
    desk.submit(form="account", organization_en="Tsinghua University", languages=["en"])
    assert desk.address == f"/en/desk/experts?call={call.id}"
    with app.app_context():
        expert = experts.find(call.id, GUEST)
        assert {name: getattr(expert, name) for name in experts.VALUES} == {
            "name_zh": "", "name_en": "Han Meimei", "organization_zh": "清华大学", "organization_en": "Tsinghua University",
            "aliases": ["清华", "THU"], "areas": ["ai", "chips"], "languages": ["en"], "capacity": 7,
        }  # fmt: skip
        number = expert.id
        assert [what for what in ("expert listed", "expert changed") if recorded(what)] == ["expert listed", "expert changed"]
    desk.open(f"/en/desk/experts/{number}/remove")
    desk.submit(form="account")
    assert "Han Meimei is no longer among the experts of this call." in desk.text()
    desk.open(f"/en/desk/experts/{number}", status=404)


def test_removed_expert_loses_what_was_given_and_reviews_are_kept(app, call):
    number, first = joined(app, call), handed_in(app, call)
    with app.app_context():
        give(number, first, submitted=True)
        expert = db.session.get(Expert, number)
        assert experts.loads(call.id) == {expert.user_id: experts.Load(1, 1)}
        experts.remove(expert=expert, by=accounts.find(DESK), now=rules.now())
        assert experts.loads(call.id) == {}
        (assignment,) = db.session.query(Assignment)
        assert (assignment.ended_at is not None, assignment.review.submitted_at is not None) == (True, True)
        assert experts.of_call(call.id) == []


def test_list_is_filtered_and_says_how_much_there_is(app, desk, call):
    with app.app_context():
        by = accounts.find(DESK)
        for n in range(60):
            listed(call, by, email=f"e{n}@example.org", name_en=f"Expert {n:02}", areas=["ai"] if n % 2 else ["chips"])
    desk.open("/en/desk/experts?area=ai")
    assert "30 experts" in desk.text()
    assert len(desk.page.xpath("//tbody/tr")) == 30
    desk.open("/en/desk/experts?page=2")
    assert [row.text_content() for row in desk.page.xpath("//tbody/tr/td[1]")][:2] == ["Expert 50", "Expert 51"]
    for query in ("state=accepted", "area=nothing", "page=99999999999"):
        desk.open(f"/en/desk/experts?{query}")
    desk.open("/en/desk/experts?call=nothing", status=404)


def test_expert_who_was_removed_meanwhile_is_refused_in_words(call, by):
    expert = listed(call, by)
    with writing() as session:
        session.execute(db.delete(Expert).where(Expert.id == expert.id), execution_options={"synchronize_session": False})
    for verb, given in ((experts.change, {"values": {}}), (experts.invite, {})):
        with pytest.raises(Refused, match="meanwhile"):
            verb(expert=expert, call=call, by=by, now=rules.now(), **given)


# Invited


def test_invited_expert_chooses_a_password_by_the_link_and_accepts(app, desk, call):
    with app.app_context():
        number = listed(call, accounts.find(DESK)).id
    desk.open(f"/en/desk/experts/{number}")
    desk.post(f"/en/desk/experts/{number}/invite", {})
    with app.app_context():
        (mail,) = mails("专家")
    assert "两周" in mail.text
    guest = Site(app)
    guest.open(path(app, "专家"))
    guest.submit(form="account", password=OTHER_PASSWORD)
    assert guest.address == "/zh/panel/"
    guest.open(f"/en/panel/calls/{call.id}")
    guest.submit("accept", form="account", areas=["chips"], capacity="5", aliases="清华\nTHU", said="很高兴")
    assert "Thank you for accepting." in guest.text()
    with app.app_context():
        expert = db.session.get(Expert, number)
        assert (expert.state, expert.areas, expert.capacity, expert.aliases) == ("accepted", ["chips"], 5, ["清华", "THU"])
        assert recorded("expert accepted") == [(expert.user_id, {"call": call.id, "said": "很高兴"})]
    desk.open(f"/en/desk/experts/{number}")
    assert "很高兴" in desk.text()


def test_link_of_an_invitation_is_good_for_two_weeks(call, by):
    then = rules.now()
    expert = listed(call, by)
    experts.invite(expert=expert, call=call, by=by, now=then)
    secret = mails("专家")[0].text.partition("/reset/")[2].partition("?")[0]
    late = then + timedelta(days=14)
    assert accounts.reset_password(secret=secret, password=OTHER_PASSWORD, now=late) is None
    assert accounts.reset_password(secret=secret, password=OTHER_PASSWORD, now=late - timedelta(seconds=1)) is not None


def test_account_that_exists_is_invited_to_sign_in(call, by):
    user = person(GUEST)
    expert = listed(call, by)
    experts.invite(expert=expert, call=call, by=by, now=rules.now())
    (mail,) = mails("Invitation to the panel")
    assert ("/en/panel/" in mail.text, "/reset/" in mail.text, user.role, user.password_hash is None) == (True, False, "expert", False)


def test_nobody_is_mailed_twice_within_a_day_or_after_accepting(call, by):
    expert, now = listed(call, by), rules.now()
    experts.invite(expert=expert, call=call, by=by, now=now)
    with pytest.raises(Refused, match="less than a day"):
        experts.invite(expert=expert, call=call, by=by, now=now + timedelta(hours=23))
    experts.invite(expert=expert, call=call, by=by, now=now + timedelta(days=1))
    assert ([whom["whom"] for _by, whom in recorded("expert reminded")], len(mails("专家"))) == ([expert.user_id], 2)
    experts.answer(expert=expert, call=call, accepted=True, values={}, said="", now=now)
    with pytest.raises(Refused, match="accepted already"):
        experts.invite(expert=expert, call=call, by=by, now=now + timedelta(days=9))


def test_all_who_are_not_invited_are_invited_at_once_and_once(app, desk, call):
    with app.app_context():
        by = accounts.find(DESK)
        for n in range(3):
            listed(call, by, email=f"e{n}@example.org", language="en")
        with writing():
            panels.for_write(call.id).closes_at = call.closes_at + timedelta(days=60)
    for _ in range(2):
        desk.open("/en/desk/experts")
        desk.post(f"/en/desk/experts/invite?call={call.id}", {"state": "listed"})
    with app.app_context():
        assert len(mails("Invitation to the panel")) == 3
        assert "The reviews are due by " in mails("Invitation")[0].text
        assert experts.invite_all(call=call, state="invited", by=accounts.find(DESK), now=rules.now() + timedelta(days=2)) == 3


# The expert answers


def test_expert_declines_with_a_word_and_may_accept_later(app, call):
    number = joined(app, call, state="invited")
    guest = Site(app).sign_in("expert@example.org")
    guest.open("/en/panel/")
    assert "Please say whether you accept." in guest.text()
    guest.open(f"/en/panel/calls/{call.id}")
    guest.submit("decline", form="account", areas=[], capacity="x", said="No time this year.")
    assert guest.address == "/en/panel/"
    with app.app_context():
        assert db.session.get(Expert, number).state == "declined"
        assert [details["said"] for _who, details in recorded("expert declined")] == ["No time this year."]
    guest.open(f"/en/panel/calls/{call.id}")
    guest.submit("accept", form="account")
    with app.app_context():
        assert db.session.get(Expert, number).state == "accepted"


def test_expert_to_whom_applications_were_given_only_names_more_organizations(app, call):
    number, application = joined(app, call, aliases=["清华"]), handed_in(app, call)
    with app.app_context():
        give(number, application)
    guest = Site(app).sign_in("expert@example.org")
    guest.open(f"/en/panel/calls/{call.id}")
    assert [field.get("name") for field in guest.page.xpath("//form[@id='account']//textarea")] == ["aliases"]
    guest.submit(form="account", answers={"action": "decline", "areas": ["chips"], "capacity": "1"}, aliases="THU")
    with app.app_context():
        expert = db.session.get(Expert, number)
        assert (expert.state, expert.areas, expert.capacity, expert.aliases) == ("accepted", ["ai", "quantum"], 12, ["清华", "THU"])
    guest.open(f"/en/panel/calls/{call.id}")
    guest.submit(form="account", aliases="Example University")
    with app.app_context():
        assert experts.loads(call.id) == {}
        assert [(row.source, row.application_id) for row in db.session.query(Conflict)] == [("system", application)]


def test_part_of_a_call_one_is_not_invited_to_does_not_exist(app, call):
    joined(app, call, state="listed")
    guest = Site(app).sign_in("expert@example.org")
    guest.open("/en/panel/")
    assert "You have not been invited to a panel yet." in guest.text()
    guest.open(f"/en/panel/calls/{call.id}", status=404)
    guest.open("/en/panel/calls/nothing", status=404)


# Declaring a conflict


def test_declared_conflict_takes_the_application_away(app, call):
    number, application = joined(app, call), handed_in(app, call)
    with app.app_context():
        give(number, application)
        ref = db.session.get(Application, application).ref
    guest = Site(app).sign_in("expert@example.org")
    address = f"/en/panel/applications/{ref}/conflict"
    guest.open(address)
    assert "Quantum key distribution for metropolitan networks" in guest.text()
    assert "Example University" not in guest.text()
    guest.submit(form="account", text="We wrote a paper together.")
    assert guest.address == "/en/panel/applications"
    assert "Quantum" not in guest.text()
    guest.open(address, status=404)
    guest.open("/en/panel/applications/no-such-thing/conflict", status=404)
    with app.app_context():
        assert conflicts.standing(call) == {(application, number)}
        assert [details for _who, details in recorded("conflict declared")] == [{"said": "We wrote a paper together."}]
        assert db.session.query(Assignment).one().ended_at is not None



# When the account ends, or the role


def test_account_that_ends_leaves_reviews_without_a_name(app, call):
    number, first = joined(app, call), handed_in(app, call)
    with app.app_context():
        give(number, first, submitted=True)
        user = db.session.get(Expert, number).user
        data = personal_data.data_of(user)
        assert ([row["name_en"] for row in data["panels"]], len(data["reviews"])) == (["Han Meimei"], 1)
        accounts.delete_account(user=user, password=PASSWORD, now=rules.now())
        assert (experts.of_call(call.id), db.session.query(Review).count()) == ([], 1)
        # What was handed in goes on counting.
        assert db.session.query(Assignment).one().ended_at is None


def test_expert_whose_role_ends_is_invited_anew(app, call):
    number = joined(app, call)
    with app.app_context():
        expert, by = db.session.get(Expert, number), accounts.find(DESK)
        staff.remove(user=expert.user, by=by, now=rules.now())
        assert (expert.state, expert.answered_at, expert.user.role) == ("listed", None, "applicant")
        experts.invite(expert=expert, call=call, by=by, now=rules.now())
        assert (expert.state, expert.user.role) == ("invited", "expert")


def test_every_page_of_an_application_is_gone_with_a_conflict(app, call):
    number = joined(app, call)
    first = handed_in(app, call, files=[("专利_Patent.pdf", "patents", demo.sample_pdf("Patent"))])
    with app.app_context():
        give(number, first)
        application = db.session.get(Application, first)
        ref, file_ref, title = application.ref, application.files[0].ref, "Quantum key distribution"
    guest = Site(app).sign_in("expert@example.org")
    rule_of = {rule.endpoint: rule for rule in app.url_map.iter_rules()}
    known = {"language": "en", "ref": ref, "file_ref": file_ref}
    endpoints = [name for name, rule in rule_of.items() if name.startswith("panel.") and "ref" in rule.arguments and "GET" in rule.methods]
    addresses = [rule_of[name].build({argument: known[argument] for argument in rule_of[name].arguments})[1] for name in endpoints]
    assert {guest.client.get(address, buffered=True).status_code for address in addresses} == {200}
    with app.app_context():
        expert, by = db.session.get(Expert, number), accounts.find(DESK)
        experts.change(expert=expert, call=call, values={"organization_en": "Example University"}, by=by, now=rules.now())
    missing = [guest.client.get(address.replace(ref, "no-such-thing"), buffered=True) for address in addresses]
    gone = [guest.client.get(address, buffered=True) for address in addresses]
    assert [answer.status_code for answer in (*missing, *gone)] == [404] * 2 * len(addresses)
    for address in ("/en/panel/", "/en/panel/applications", f"/en/panel/calls/{call.id}", "/en/account/data"):
        assert title not in guest.client.get(address, buffered=True).text, address
