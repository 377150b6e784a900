"""The second factor: set up, asked for, used once, lost; and nobody in before it."""

from datetime import timedelta

import pyotp
import pytest

from app import create_app, rules
from app.extensions import db, writing
from app.models import Event, RecoveryCode, SignIn, User
from app.people import accounts, second_factor, sign_ins, staff
from app.people.limits import LIMITS, TooMany
from tests.mailbox import OTHER_PASSWORD, mails, path
from tests.site import PASSWORD, Site

NAME = "desk@example.org"
WRONG = "This code is not right, or was used before. Wait for the next one."


@pytest.fixture
def clock(monkeypatch):
    """The time of the site; `clock(seconds=30)` lets it go by."""

    class Clock:
        now = rules.now()

        def __call__(self, **time):
            self.now += timedelta(**time)

    clock = Clock()
    monkeypatch.setattr(rules, "now", lambda: clock.now)
    return clock


@pytest.fixture
def organizer(app):
    """A browser signed in to an organizer's account."""
    return with_role(app, "organizer")


def with_role(app, role, email=NAME):
    site = Site(app).register(email)
    with app.app_context(), writing():
        accounts.find(email).role = role
    return site


def fill_in(site, action=None, status=200, **given):
    site.submit(action, form="account", status=status, **given)


def code(app, moment, email=NAME):
    with app.app_context():
        return pyotp.TOTP(accounts.find(email).totp_secret).at(moment)


def set_up(site, clock):
    """Turns the second factor on; the recovery codes. Half a minute goes by, so that the next code is another one."""
    site.open("/en/account/second-factor")
    fill_in(site, password=PASSWORD, code=pyotp.TOTP(key(site)).at(clock.now))
    clock(seconds=30)
    return site.page.xpath("//main//li/code/text()")


def key(site):
    return "".join(site.page.xpath("string(//main//code)").split())


def password_only(app, email=NAME, target=""):
    """A browser that has given the password and is asked for the code."""
    site = Site(app)
    site.open(f"/en/account/sign-in{target}")
    site.submit(form=site._form_with("password"), email=email, password=PASSWORD)
    assert site.page.xpath("string(//h1)") == "Enter the code"
    return site


# Setting it up


def test_set_up_shows_ten_recovery_codes_once_and_ends_other_sign_ins(app, organizer, clock):
    other = Site(app).sign_in(NAME)
    codes = set_up(organizer, clock)
    assert (len(set(codes)), {len(code) for code in codes}) == (10, {23})
    other.open("/en/account/settings")
    assert other.address.startswith("/en/account/sign-in")
    organizer.open("/en/account/second-factor")
    assert "10 recovery codes are left." in organizer.text()
    assert codes[0] not in organizer.response.text
    with app.app_context():
        assert [mail.recipient for mail in mails("Two-factor sign-in was turned on")] == [NAME]
        assert codes[0].replace("-", "") not in "".join(db.session.scalars(db.select(RecoveryCode.code_hash)))


def test_set_up_needs_the_password_and_a_code_of_the_phone(app, organizer, clock):
    organizer.open("/en/account/second-factor")
    right = pyotp.TOTP(key(organizer)).at(clock.now)
    fill_in(organizer, password=OTHER_PASSWORD, code=right)
    assert organizer.errors() == ["This password is not right."]
    fill_in(organizer, password=PASSWORD, code=pyotp.TOTP(pyotp.random_base32()).at(clock.now))
    assert organizer.errors() == [WRONG]
    with app.app_context():
        assert accounts.find(NAME).totp_secret is None
    # What was scanned is still what is asked for.
    fill_in(organizer, password=PASSWORD, code=right)
    assert organizer.page.xpath("string(//h1)") == "Your recovery codes"


def test_picture_holds_the_key_and_is_not_stored(organizer):
    response = organizer.client.get("/en/account/second-factor.svg")
    assert (response.mimetype, response.headers["Cache-Control"]) == ("image/svg+xml", "no-store")
    assert response.data.startswith(b"<svg ")
    assert b"style" not in response.data
    assert b"script" not in response.data


def test_key_is_another_one_for_each_sign_in_and_after_a_code_was_used(app, organizer, clock):
    organizer.open("/en/account/second-factor")
    first = key(organizer)
    other = Site(app).sign_in(NAME)
    other.open("/en/account/second-factor")
    set_up(organizer, clock)
    organizer.open("/en/account/second-factor")
    fill_in(organizer, "off", code=code(app, clock.now))
    organizer.open("/en/account/second-factor")
    assert len({first, key(other), key(organizer)}) == 3


def test_applicants_are_not_offered_it(applicant):
    applicant.open("/en/account/settings")
    assert "Two-factor" not in applicant.text()
    applicant.open("/en/account/second-factor", status=404)
    applicant.open("/en/account/second-factor.svg", status=404)


# Signing in


def test_password_alone_opens_nothing(app, organizer, clock):
    set_up(organizer, clock)
    site = password_only(app)
    assert site.client.get("/en/account/settings").status_code == 302
    with app.app_context():
        assert db.session.query(SignIn).count() == 1


def test_code_of_the_phone_signs_in_and_goes_on(app, organizer, clock):
    set_up(organizer, clock)
    site = password_only(app, target="?next=/en/account/profile")
    fill_in(site, code=code(app, clock.now))
    assert site.address == "/en/account/profile"
    with site.client.session_transaction() as session:
        assert "second_step" not in session


@pytest.mark.parametrize(("seconds", "works"), [(-60, False), (-30, True), (0, True), (30, True), (60, False)])
def test_code_is_good_half_a_minute_early_and_late(app, organizer, clock, seconds, works):
    set_up(organizer, clock)
    clock(minutes=5)
    site = password_only(app)
    fill_in(site, code=code(app, clock.now + timedelta(seconds=seconds)))
    assert (site.address == "/en/applications") is works


def test_code_counts_once_even_in_another_browser(app, organizer, clock):
    set_up(organizer, clock)
    one, other, used = password_only(app), password_only(app), code(app, clock.now)
    fill_in(one, code=used)
    assert one.address == "/en/applications"
    fill_in(other, code=used)
    assert other.errors() == [WRONG]
    clock(seconds=30)
    fill_in(other, code=code(app, clock.now - timedelta(seconds=60)))
    assert other.errors() == [WRONG]


def test_code_is_read_as_people_type_it(app, organizer, clock):
    set_up(organizer, clock)
    six = code(app, clock.now)
    site = password_only(app)
    fill_in(site, code=f" {six[:3]} {''.join(chr(ord(digit) + 0xFEE0) for digit in six[3:])} ")
    assert site.address == "/en/applications"


def test_recovery_code_signs_in_once(app, organizer, clock):
    first, second, *_others = set_up(organizer, clock)
    for given, lands in ((first, "/en/applications"), (first, "/en/account/second-step"), (second.replace("-", " "), "/en/applications")):
        site = password_only(app)
        fill_in(site, code=given)
        assert site.address == lands
    with app.app_context():
        assert second_factor.recovery_codes_left(accounts.find(NAME)) == 8


def test_recovery_code_of_somebody_else_is_worth_nothing(app, organizer, clock):
    set_up(organizer, clock)
    theirs = set_up(with_role(app, "expert", "expert@example.org"), clock)[0]
    site = password_only(app)
    fill_in(site, code=theirs)
    assert site.errors() == [WRONG]


def test_codes_cannot_be_guessed(app, organizer, clock):
    set_up(organizer, clock)
    for n in range(LIMITS["second-step", "account"].most):
        site = password_only(app)
        fill_in(site, code=f"{n:06}")
    fill_in(site, code=code(app, clock.now), status=429)
    assert site.errors() == ["Too many attempts. Please try again in 15 minutes."]
    clock(minutes=15)
    site = password_only(app)
    fill_in(site, code=code(app, clock.now))
    assert site.address == "/en/applications"


def test_right_code_frees_the_tries(app, organizer, clock):
    set_up(organizer, clock)
    for _ in range(2):
        for n in range(4):
            site = password_only(app)
            fill_in(site, code=f"{n:06}")
        fill_in(site, code=code(app, clock.now))
        clock(seconds=30)
        assert site.address == "/en/applications"


@pytest.mark.parametrize(("seconds", "lands"), [(599, "/en/applications"), (600, "/en/account/sign-in")])
def test_password_waits_ten_minutes_for_the_code(app, organizer, clock, seconds, lands):
    set_up(organizer, clock)
    site = password_only(app)
    clock(seconds=seconds)
    fill_in(site, code=code(app, clock.now))
    assert site.address == lands


def test_cookie_of_the_second_step_serves_once(app, organizer, clock):
    set_up(organizer, clock)
    site = password_only(app)
    cookie = site.client.get_cookie("session").value
    fill_in(site, code=code(app, clock.now))
    clock(seconds=30)
    thief = Site(app)
    thief.client.set_cookie("session", cookie)
    thief.open("/en/account/second-step")
    assert thief.address == "/en/account/sign-in"


@pytest.mark.parametrize("how", ["sign out everywhere", "new password", "new role", "reset"])
def test_second_step_ends_with_the_sign_ins(app, organizer, clock, how):
    set_up(organizer, clock)
    site = password_only(app)
    with app.app_context():
        user, now = accounts.find(NAME), clock.now
        this = db.session.query(SignIn).one()
        {
            "sign out everywhere": lambda: sign_ins.sign_out_everywhere(user=user, now=now),
            "new password": lambda: accounts.change_password(sign_in=this, current=PASSWORD, new=OTHER_PASSWORD, now=now),
            "new role": lambda: staff.make_organizer(email=NAME, now=now),
            "reset": lambda: second_factor.reset(user=user, now=now),
        }[how]()
    site.open("/en/account/second-step")
    assert site.address == "/en/account/sign-in"


def test_mailed_link_for_a_new_password_does_not_go_round_it(app, organizer, clock):
    set_up(organizer, clock)
    site = Site(app)
    site.open("/en/account/forgot")
    site.submit(form=site._form_with("email"), email=NAME)
    site.open(path(app, "A new password"))
    fill_in(site, password=OTHER_PASSWORD)
    assert site.address == "/en/account/second-step"
    assert site.client.get("/en/account/settings").status_code == 302
    fill_in(site, code=code(app, clock.now))
    assert site.address == "/en/applications"


def test_registering_again_does_not_go_round_it(app, organizer, clock):
    set_up(organizer, clock)
    assert Site(app).register(NAME).address == "/en/account/second-step"


def test_second_step_without_a_password_leads_to_signing_in(site):
    site.open("/zh/account/second-step")
    assert site.address == "/zh/account/sign-in"


# Changing and losing it


def test_new_recovery_codes_replace_the_old(app, organizer, clock):
    old = set_up(organizer, clock)
    organizer.open("/en/account/second-factor")
    fill_in(organizer, "codes", code=code(app, clock.now))
    new = organizer.page.xpath("//main//li/code/text()")
    assert len(set(old) | set(new)) == 20
    site = password_only(app)
    fill_in(site, code=old[0])
    assert site.errors() == [WRONG]


def test_turning_off_takes_a_code_and_tells_the_owner(app, organizer, clock):
    set_up(organizer, clock)
    organizer.open("/en/account/second-factor")
    fill_in(organizer, "off", code="000000")
    assert organizer.errors() == [WRONG]
    fill_in(organizer, "off", code=code(app, clock.now))
    assert organizer.address == "/en/account/settings"
    assert Site(app).sign_in(NAME).address == "/en/applications"
    with app.app_context():
        assert [mail.recipient for mail in mails("Two-factor sign-in was turned off")] == [NAME]
        assert db.session.query(RecoveryCode).count() == 0


def test_guessing_in_the_settings_is_limited_too(app, organizer, clock):
    set_up(organizer, clock)
    with app.app_context():
        user = accounts.find(NAME)
        for _ in range(5):
            with pytest.raises(second_factor.Wrong):
                second_factor.turn_off(user=user, code="000000", now=clock.now)
        with pytest.raises(TooMany):
            second_factor.renew_recovery_codes(user=user, code="000000", now=clock.now)


def test_organizers_command_lets_in_whoever_lost_everything(app, organizer, clock):
    set_up(organizer, clock)
    runner = app.test_cli_runner()
    assert runner.invoke(args=["organizer", "reset-second-factor", "nobody@example.org"]).exit_code == 1
    assert runner.invoke(args=["organizer", "reset-second-factor", "Desk@Example.org"]).exit_code == 0
    organizer.open("/en/account/settings")
    assert organizer.address.startswith("/en/account/sign-in")
    assert Site(app).sign_in(NAME).address == "/en/applications"
    with app.app_context():
        assert "second factor reset" in db.session.scalars(db.select(Event.what)).all()


def test_deleting_the_account_erases_it(app, organizer, clock):
    with_role(app, "organizer", "another@example.org")
    set_up(organizer, clock)
    organizer.open("/en/account/delete")
    organizer.submit(form="account", password=PASSWORD)
    with app.app_context():
        assert db.session.query(User).filter_by(email=None).one().totp_secret is None
        assert db.session.query(RecoveryCode).count() == 0


# A site that asks for it


@pytest.fixture
def strict(instance, monkeypatch):
    monkeypatch.setenv("LAUREL_REQUIRE_SECOND_FACTOR", "true")
    app = create_app(instance, TESTING=True)
    yield app
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


@pytest.mark.parametrize("role", second_factor.ROLES)
def test_site_that_requires_it_shows_nothing_else_before(strict, clock, role):
    site = with_role(strict, role)
    for address in ("/en/", "/en/applications", "/en/account/settings", "/en/account/data.json"):
        site.open(address)
        assert site.address == f"/en/account/second-factor?next={address}"
    site.post("/en/account/delete", {"password": PASSWORD})
    assert site.address == "/en/account/second-factor"
    site.open("/en/account/settings")
    fill_in(site, password=PASSWORD, code=pyotp.TOTP(key(site)).at(clock.now))
    assert site.page.xpath("string(//a[@class='button']/@href)") == "/en/account/settings"
    site.open("/en/account/settings")
    assert site.address == "/en/account/settings"


def test_site_that_requires_it_leaves_applicants_and_signing_out_alone(strict):
    applicant = Site(strict).register("applicant@example.org")
    assert applicant.address == "/en/applications"
    organizer = with_role(strict, "organizer")
    organizer.open("/en/")
    organizer.post("/en/account/sign-out", {})
    assert organizer.address == "/en/"
    assert organizer.client.get("/healthz").status_code == 200


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_page_speaks_one_language(app, organizer, clock, language):
    organizer.open(f"/{language}/account/second-factor")
    fill_in(organizer, password="", code="")
    assert len(organizer.errors()) == 2
    fill_in(organizer, password=PASSWORD, code=pyotp.TOTP(key(organizer)).at(clock.now))
    organizer.open(f"/{language}/account/second-factor")
    fill_in(organizer, code="")
    assert len(organizer.errors()) == 1
    organizer.open(f"/{language}/account/settings")
    site = password_only(app)
    site.open(f"/{language}/account/second-step")
    fill_in(site, "language", code="12")
    assert site.value("code") == "12"
