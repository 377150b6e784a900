"""Organizers and experts: invited by mail, given another role, removed; their sign-ins end with the role."""

from datetime import timedelta

import pytest

from app import create_app, rules
from app.applying.drafts import Refused
from app.extensions import db, writing
from app.models import Application, Assignment, Event, Review
from app.people import accounts, sign_ins, staff
from app.people.limits import LIMITS, Limit, TooMany
from tests.mailbox import OTHER_PASSWORD, mails, path, path_in, register
from tests.site import PASSWORD, Site
from tests.test_apply import begin

DESK, GUEST = "desk@example.org", "guest@example.org"
PEOPLE = "/en/desk/people"


def person(email, role="applicant"):
    """The User of a new, confirmed account."""
    user = register(email).user
    with writing():
        user.role, user.confirmed_at = role, rules.now()
    return user


@pytest.fixture
def inside(app):
    with app.app_context():
        yield


@pytest.fixture
def by(inside):
    """An organizer."""
    return person(DESK, "organizer")


@pytest.fixture
def desk(app):
    """The browser of an organizer."""
    with app.app_context():
        person(DESK, "organizer")
    return Site(app).sign_in(DESK)


def role_of(app, email=GUEST):
    with app.app_context():
        return accounts.find(email).role


def number(app, email):
    with app.app_context():
        return accounts.find(email).id


def invite(by, email=GUEST, role="expert", now=None, name="李雷"):
    staff.invite(email=email, name=name, role=role, language="zh", by=by, now=now or rules.now())
    return accounts.find(email)


def recorded(what):
    return [(event.user_id, event.details) for event in db.session.query(Event).filter_by(what=what)]


# From the console


def test_make_organizer_of_a_new_address_gives_a_link_to_set_a_password(site, app):
    with app.app_context():
        user, url = staff.make_organizer(email="Desk@example.org", now=rules.now())
        assert (user.role, user.name, user.language) == ("organizer", "Desk", "zh")
        assert mails("您已成为管理员") != []
    site.open(url.removeprefix("http://127.0.0.1:8000"))
    site.submit(form=site._form_with("password"), password=OTHER_PASSWORD)
    with app.app_context():
        assert staff.make_organizer(email="desk@example.org", now=rules.now())[1] is None


def test_make_organizer_of_an_unconfirmed_account_starts_it_anew(inside):
    now = rules.now()
    stranger = register("desk@example.org")
    user, url = staff.make_organizer(email="desk@example.org", now=now)
    assert url is not None
    assert sign_ins.by_key(stranger.key) is None
    assert accounts.sign_in(email="desk@example.org", password=PASSWORD, now=now) is None


def test_make_organizer_of_no_address_is_refused(inside):
    with pytest.raises(ValueError, match="is not an e-mail address"):
        staff.make_organizer(email="desk", now=rules.now())


# Inviting


@pytest.mark.parametrize(("role", "subject"), [("organizer", "您已成为管理员"), ("expert", "您已成为评审专家")])
def test_invited_person_chooses_a_password_by_the_link_and_is_in(app, desk, role, subject):
    desk.open(f"{PEOPLE}/invite")
    desk.submit(form="account", email=GUEST, name="韩梅梅", role=role, language="zh")
    assert desk.address == PEOPLE
    assert "A mail is on its way to guest@example.org." in desk.text()
    assert "invited the link is good until" in desk.text()
    guest = Site(app)
    guest.open(path(app, subject))
    guest.submit(form="account", password=OTHER_PASSWORD)
    assert guest.client.get("/zh/desk/people").status_code == (200 if role == "organizer" else 404)
    desk.open(PEOPLE)
    assert "invited" not in desk.text()
    with app.app_context():
        user = accounts.find(GUEST)
        assert (user.role, user.name, user.language, user.confirmed_at is not None) == (role, "韩梅梅", "zh", True)
        assert recorded(staff.MADE[role]) == [(accounts.find(DESK).id, {"whom": user.id, "before": "applicant"})]
        assert recorded("invitation accepted") == [(user.id, {})]


def test_invited_account_keeps_name_language_password_and_applications(app, desk, call):
    guest = Site(app).register(GUEST, name="Anna Muster")
    address = begin(guest, call)
    with app.app_context(), writing():
        accounts.find(GUEST).confirmed_at = rules.now()
    stolen = guest.client.get_cookie("session").value
    desk.open(f"{PEOPLE}/invite")
    desk.submit(form="account", email="Guest@Example.org", name="Somebody Else", role="expert", language="zh")
    with app.app_context():
        user = accounts.find(GUEST)
        assert (user.role, user.name, user.language) == ("expert", "Anna Muster", "en")
        (mail,) = mails("You are an expert now")
        assert "/account/sign-in" in mail.text
        assert "/account/reset/" not in mail.text
    thief = Site(app)
    thief.client.set_cookie("session", stolen)
    assert [site.client.get("/en/applications").status_code for site in (thief, guest)] == [302, 302]
    again = Site(app).sign_in(GUEST)
    again.open(address)
    assert again.address == address


def test_account_nobody_confirmed_starts_anew_when_it_is_invited(by):
    stranger = register(GUEST)
    user = invite(by)
    assert (user.password_hash, sign_ins.by_key(stranger.key)) == (None, None)
    assert "/account/reset/" in mails("You are an expert now")[0].text


def test_invitation_is_good_for_48_hours_and_can_be_sent_again(by):
    then = rules.now()
    user = invite(by, now=then)
    first = path_in(mails("您已成为")[0]).rpartition("/")[2]
    assert [member.link_until for member in staff.members(then) if member.invited] == [then + timedelta(hours=48)]
    late = then + timedelta(hours=48)
    assert [(member.invited, member.link_until) for member in staff.members(late) if member.user is user] == [(True, None)]
    assert accounts.reset_password(secret=first, password=OTHER_PASSWORD, now=late) is None
    staff.invite_again(user=user, by=by, now=late)
    second = path_in(mails("您已成为")[0]).rpartition("/")[2]
    assert accounts.reset_password(secret=first, password=OTHER_PASSWORD, now=then) is None
    assert accounts.reset_password(secret=second, password=OTHER_PASSWORD, now=late) is not None
    assert recorded("invitation sent again") == [(by.id, {"whom": user.id})]


def test_invitation_of_somebody_who_has_a_password_is_not_sent_again(by):
    user = person(GUEST, "expert")
    staff.invite_again(user=user, by=by, now=rules.now())
    assert (mails("You are an expert now"), recorded("invitation sent again")) == ([], [])


def test_member_is_not_invited_but_changed(app, desk):
    with app.app_context():
        person(GUEST, "expert")
    desk.open(f"{PEOPLE}/invite")
    desk.submit(form="account", email=GUEST, name="A", role="organizer", language="en")
    assert desk.errors() == ["This person is among the organizers and experts already. Change the role there, or invite once more."]
    assert role_of(app) == "expert"


def test_only_organizer_cannot_be_invited_away(by):
    with pytest.raises(Refused):
        invite(by, email=DESK)
    assert by.role == "organizer"


def test_invite_page_in_error_keeps_what_was_typed(desk):
    desk.open(f"{PEOPLE}/invite")
    desk.submit(form="account", email="nobody", name="", role="owner", language="fr")
    assert desk.errors() == [
        "Enter an e-mail address such as name@example.org, without spaces.", "Enter the name.", "Choose one of the two roles.",
        "Choose one of the two languages.",
    ]  # fmt: skip
    assert desk.value("email") == "nobody"


def test_invitations_are_limited_for_the_sender_and_for_each_address(by):
    user, now = invite(by), rules.now()
    for _ in range(LIMITS["invitation", "account"].most - 1):
        staff.invite_again(user=user, by=by, now=now)
    with pytest.raises(TooMany):
        staff.invite_again(user=user, by=by, now=now)
    assert len(mails("您已成为")) == LIMITS["invitation", "account"].most
    for n in range(LIMITS["invite", "account"].most - LIMITS["invitation", "account"].most - 1):
        invite(by, email=f"guest{n}@example.org")
    with pytest.raises(TooMany):
        invite(by, email="one.more@example.org")


def test_too_many_invitations_are_told_on_the_page(desk, monkeypatch):
    monkeypatch.setitem(LIMITS, ("invite", "account"), Limit(1, timedelta(hours=1)))
    for email, status in ((GUEST, 200), ("other@example.org", 429)):
        desk.open(f"{PEOPLE}/invite")
        desk.submit(form="account", email=email, name="A", role="expert", language="en", status=status)
    assert desk.errors() == ["Too many attempts. Please try again in 60 minutes."]


def test_expert_is_asked_for_a_second_factor_where_the_site_requires_it(instance, monkeypatch):
    monkeypatch.setenv("LAUREL_REQUIRE_SECOND_FACTOR", "true")
    app = create_app(instance, TESTING=True)
    with app.app_context():
        person(DESK, "organizer")
        person(GUEST)
    guest = Site(app).sign_in(GUEST)
    assert guest.address == "/en/applications"
    with app.app_context():
        invite(accounts.find(DESK))
    guest.sign_in(GUEST)
    assert guest.address == "/en/account/second-factor?next=/en/applications"
    with app.app_context():
        db.engine.dispose()


# Roles


def test_change_of_role_ends_sign_ins_and_is_told(app, desk):
    with app.app_context():
        guest_id = person(GUEST, "expert").id
    guest = Site(app).sign_in(GUEST)
    desk.open(f"{PEOPLE}/{guest_id}")
    desk.submit(form="account", role="organizer")
    assert desk.address == PEOPLE
    assert "The role of Anna Muster has been saved." in desk.text()
    assert guest.client.get("/en/account/settings").status_code == 302
    assert guest.sign_in(GUEST).client.get(PEOPLE).status_code == 200
    with app.app_context():
        assert recorded("made organizer") == [(accounts.find(DESK).id, {"whom": guest_id, "before": "expert"})]
        assert [mail.recipient for mail in mails("You are an organizer now")] == [GUEST]


def test_role_that_stays_the_same_changes_nothing(by):
    guest = person(GUEST, "expert")
    staff.change_role(user=guest, role="expert", by=by, now=rules.now())
    assert (recorded("made expert"), mails("You are an expert")) == ([], [])


def test_removed_person_is_out_at_once_and_keeps_the_account(app, desk):
    with app.app_context():
        guest_id = person(GUEST, "organizer").id
    guest = Site(app).sign_in(GUEST)
    stolen = Site(app)
    stolen.client.set_cookie("session", guest.client.get_cookie("session").value)
    assert stolen.client.get(PEOPLE).status_code == 200
    desk.open(f"{PEOPLE}/{guest_id}/remove")
    desk.submit(form="account")
    assert desk.address == PEOPLE
    assert GUEST not in desk.text()
    assert [site.client.get(PEOPLE).status_code for site in (stolen, guest)] == [302, 302]
    assert guest.sign_in(GUEST).client.get(PEOPLE).status_code == 404
    with app.app_context():
        assert recorded("removed from staff") == [(accounts.find(DESK).id, {"whom": guest_id, "before": "organizer"})]
        (mail,) = mails("You are no longer")
        assert "/account/" not in mail.text
    desk.open(f"{PEOPLE}/{guest_id}", status=404)


def test_invitation_that_is_taken_back_opens_nothing_and_mails_nobody(by):
    user = invite(by)
    link = path_in(mails("您已成为")[0]).rpartition("/")[2]
    staff.remove(user=user, by=by, now=rules.now())
    assert accounts.reset_password(secret=link, password=OTHER_PASSWORD, now=rules.now()) is None
    assert (user.role, mails("You are no longer")) == ("applicant", [])


def test_last_organizer_stays(app, desk):
    with app.app_context():
        # Somebody invited cannot do anything yet.
        invite(accounts.find(DESK), role="organizer")
    own = f"{PEOPLE}/{number(app, DESK)}"
    only = "This is the only organizer who can sign in. Make somebody else an organizer first."
    desk.open(own)
    desk.submit(form="account", role="expert", aware="y")
    assert desk.errors() == [only]
    desk.open(f"{own}/remove")
    desk.submit(form="account", aware="y")
    assert desk.errors() == [only]
    desk.open("/en/account/delete")
    desk.submit(form="account", password=PASSWORD, status=409)
    assert only in desk.text()
    assert role_of(app, DESK) == "organizer"


def test_own_account_is_removed_only_with_a_tick(app, desk):
    with app.app_context():
        person(GUEST, "organizer")
    own = f"{PEOPLE}/{number(app, DESK)}"
    for address in (own, f"{own}/remove"):
        desk.open(address)
        desk.submit(form="account", **({"role": "expert"} if address == own else {}))
        assert desk.errors() == ["Tick this to go on: it is your own account."]
    desk.submit(form="account", aware="y")
    assert desk.address == "/en/account/sign-in"
    assert role_of(app, DESK) == "applicant"


def test_organizer_who_was_removed_meanwhile_changes_nobody(by):
    other = person(GUEST, "organizer")
    staff.remove(user=by, by=other, now=rules.now())
    with pytest.raises(Refused):
        staff.remove(user=other, by=by, now=rules.now())
    assert other.role == "organizer"


LEAVE = {
    "removed": lambda user, by: staff.remove(user=user, by=by, now=rules.now()),
    "made organizer": lambda user, by: staff.change_role(user=user, role="organizer", by=by, now=rules.now()),
    "made organizer at the machine": lambda user, by: staff.make_organizer(email=user.email, now=rules.now()),
}


@pytest.mark.parametrize("leave", LEAVE.values(), ids=LEAVE)
def test_who_is_no_expert_any_more_has_nothing_more_to_review_and_what_was_handed_in_counts_on(by, call, leave):
    now, expert = rules.now(), person(GUEST, "expert")
    with writing() as session:
        application = Application(user_id=expert.id, call_id=call.id, created_at=now, changed_at=now)
        session.add(application)
        session.flush()
        reviews = None, Review(saved_at=now), Review(saved_at=now, submitted_at=now)
        given = {"application_id": application.id, "expert_id": expert.id, "assigned_at": now}
        session.add_all(Assignment(**given, review=review) for review in reviews)
    leave(expert, by)
    assert [row.ended_at is None for row in db.session.query(Assignment).order_by(Assignment.id)] == [False, False, True]
    assert db.session.query(Application.user_id).one() == (expert.id,)


def test_list_says_when_somebody_was_here_last(by):
    then = rules.now() - timedelta(days=3)
    guest = person(GUEST, "expert")
    assert {member.user.email: member.seen_at is not None for member in staff.members(rules.now())} == {DESK: True, GUEST: True}
    with writing() as session:
        sign_ins.end(guest)
        session.execute(db.update(Event).where(Event.user_id == guest.id).values(at=then))
    assert [member.seen_at for member in staff.members(rules.now()) if member.user is guest] == [then]


@pytest.mark.parametrize("user_id", ["0", "999999999", "9999999999999999999", "-1", "x"])
def test_person_who_is_not_there_is_not_found(desk, user_id):
    desk.open(f"{PEOPLE}/{user_id}", status=404)


def test_applicant_is_not_among_the_people(app, desk):
    with app.app_context():
        applicant = person("a@example.org").id
    desk.open(f"{PEOPLE}/{applicant}", status=404)
    desk.open(PEOPLE)
    assert "a@example.org" not in desk.text()
