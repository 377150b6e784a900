"""Accounts: register, sign in and out, links by mail; and what a stranger cannot do."""

import re
import sqlite3
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import event

from app import rules
from app.extensions import db
from app.models import Event, Mail, SignIn, User
from app.people import accounts, sign_ins
from tests.mailbox import OTHER_PASSWORD, mails, path, register, secret_in
from tests.site import PASSWORD, Site

HOUR = timedelta(hours=1)


@pytest.fixture
def inside(app):
    with app.app_context():
        yield


# Registering


def test_register_signs_in_and_mails_a_link(site, app):
    site.register("Anna@example.org", name="张 伟")
    assert site.address == "/en/applications"
    with app.app_context():
        user = accounts.find("anna@EXAMPLE.org")
        assert (user.email, user.name, user.language, user.confirmed_at, user.role) == (
            "Anna@example.org", "张 伟", "en", None, "applicant",
        )  # fmt: skip
        (mail,) = db.session.scalars(db.select(Mail)).all()
        assert (mail.recipient, mail.subject, mail.language) == ("Anna@example.org", "Please confirm your e-mail address", "en")
        assert [event.what for event in db.session.scalars(db.select(Event))] == ["registered"]


def test_register_with_wrong_input_says_what_and_keeps_it(site):
    site.open("/en/account/register")
    site.submit(form=site._form_with("password"), email="anna at example", name="\x07", password="short")
    assert site.errors() == [
        "Enter an e-mail address such as name@example.org, without spaces.",
        "The name holds a character that cannot be shown. Type it again, please.",
        "Use at least 12 characters for the password.",
    ]
    assert site.value("email") == "anna at example"
    assert site.value("password") in (None, "")


def test_register_with_own_address_in_the_password_is_refused(site):
    site.open("/en/account/register")
    site.submit(form=site._form_with("password"), email="heinrich@example.org", name="H", password="heinrich-2024")
    assert [error.split(":")[0] for error in site.errors()] == ["This password is easy to guess"]


def test_register_twice_with_the_same_password_signs_in(app):
    Site(app).register("a@example.org")
    again = Site(app).register("A@example.org")
    assert again.address == "/en/applications"
    with app.app_context():
        assert db.session.query(User).count() == 1


def test_register_with_taken_address_warns_owner(app):
    Site(app).register("a@example.org")
    stranger = Site(app)
    stranger.open("/en/account/register")
    stranger.submit(form=stranger._form_with("password"), email="a@example.org", name="B", password=OTHER_PASSWORD)
    assert stranger.errors() == ["There may be an account with this address already. Sign in, or ask for a new password."]
    with app.app_context():
        assert len(mails("You already have an account")) == 1


def test_register_in_parallel_makes_one_account(inside):
    assert register() is not None
    assert register() is None
    assert db.session.query(User).count() == 1


# Signing in and out


def test_sign_in_with_wrong_password_or_unknown_address_reads_alike(app):
    Site(app).register("a@example.org")
    site, answers = Site(app), []
    for email in ("a@example.org", "nobody@example.org"):
        site.open("/en/account/sign-in")
        site.submit(form=site._form_with("password"), email=email, password=OTHER_PASSWORD)
        answers.append(site.errors())
    assert answers == [["The e-mail address and the password do not match."]] * 2


@pytest.mark.parametrize(
    ("target", "lands"),
    [
        ("/zh/account/settings", "/zh/account/settings"),
        ("/en/account/settings?a=1&b=%2F", "/en/account/settings?a=1&b=/"),
        ("//evil.example.org/", "/en/applications"),
        ("/\\evil.example.org", "/en/applications"),
        ("/\t/evil.example.org", "/en/applications"),
        ("https://evil.example.org/", "/en/applications"),
        ("javascript:alert(1)", "/en/applications"),
        ("evil", "/en/applications"),
        ("", "/en/applications"),
    ],
)
def test_sign_in_goes_on_only_to_own_pages(app, target, lands):
    Site(app).register("a@example.org")
    client = app.test_client()
    page = client.get("/en/account/sign-in", query_string={"next": target}).get_data(as_text=True)
    token = re.findall(r'name="csrf_token" type="hidden" value="([^"]+)"', page)[0]
    answer = client.post(
        "/en/account/sign-in",
        query_string={"next": target},
        data={"csrf_token": token, "email": "a@example.org", "password": PASSWORD},
    )
    assert (answer.status_code, answer.headers["Location"].replace("%2F", "/")) == (302, lands)


def test_sign_in_makes_a_new_key_and_clears_the_session(app):
    site = Site(app).register("a@example.org")
    with site.client.session_transaction() as session:
        first = session["_user_id"]
        session["draft"] = "left behind"
    site.submit(form=site._form_with("csrf_token"))
    site.sign_in("a@example.org")
    with site.client.session_transaction() as session:
        assert session["_user_id"] != first
        assert "draft" not in session


def test_signing_out_ends_the_key_on_the_server(app):
    site = Site(app).register("a@example.org")
    cookie = site.client.get_cookie("session").value
    site.open("/en/account/settings")
    site.post("/en/account/sign-out", {})
    assert site.text() != ""
    thief = app.test_client()
    thief.set_cookie("session", cookie)
    assert thief.get("/en/account/settings").status_code == 302


def test_sign_out_everywhere_ends_other_browsers(app):
    one, other = Site(app).register("a@example.org"), Site(app)
    other.sign_in("a@example.org")
    one.open("/en/account/settings")
    assert "On 2 devices" in one.text()
    one.post("/en/account/sign-out-everywhere", {})
    other.open("/en/account/settings")
    assert other.address.startswith("/en/account/sign-in?next=")


def test_sign_out_by_get_is_refused(applicant):
    applicant.open("/en/account/sign-out", status=405)


def test_sign_in_ends_after_thirty_days_without_a_visit(inside):
    now = rules.now()
    old, fresh = register("old@example.org"), register("fresh@example.org")
    old.seen_at, fresh.seen_at = now - timedelta(days=30), now - timedelta(days=29)
    db.session.commit()
    assert sign_ins.by_key(old.key) is None
    assert sign_ins.by_key(fresh.key).user.email == "fresh@example.org"


def test_seen_at_is_refreshed_once_an_hour(app):
    site = Site(app).register("a@example.org")

    def visit(age):
        with app.app_context():
            db.session.query(SignIn).one().seen_at = before = rules.now() - age
            db.session.commit()
        site.open("/en/account/settings")
        with app.app_context():
            return db.session.query(SignIn).one().seen_at != before

    assert visit(timedelta(minutes=59)) is False
    assert visit(timedelta(minutes=61)) is True


def test_anonymous_visitor_costs_no_query(app):
    client = app.test_client()
    client.get("/en/account/sign-in")
    statements = []
    with app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", lambda *args: statements.append(args[2]))
    client.get("/en/account/sign-in")
    assert statements == []


def test_stale_token_brings_the_form_back_with_the_text(app):
    site = Site(app)
    site.open("/en/account/sign-in")
    with site.client.session_transaction() as session:
        session.clear()
    site.submit(form=site._form_with("password"), email="a@example.org", password=PASSWORD)
    assert [error.split(",")[0] for error in site.errors()] == ["This page was open for too long"]
    assert site.value("email") == "a@example.org"


def test_sign_in_that_ends_in_the_middle_of_a_request_leads_to_signing_in(app):
    site = Site(app).register("a@example.org")
    site.open("/en/account/password")

    def end_it(session):
        with sqlite3.connect(Path(app.instance_path) / "laurel.db") as elsewhere:
            elsewhere.execute("DELETE FROM sign_in")

    with app.app_context():
        event.listen(db.session, "after_rollback", end_it, once=True)
    site.submit(form=site._form_with("current"), current=PASSWORD, password=OTHER_PASSWORD)
    assert site.address == "/en/account/sign-in?next=/en/account/password"


def test_sign_in_asked_for_a_press_does_not_lead_back_to_it(app):
    site = Site(app)
    site.open("/en/account/sign-in")
    site.post("/en/account/sign-out-everywhere", {})
    assert site.address == "/en/account/sign-in"


# Links


def test_confirming_needs_a_press_and_works_once(app):
    site = Site(app).register("a@example.org")
    assert "Please confirm your e-mail address" in site.text()
    address = path(app, "Please confirm")
    other = Site(app)
    other.open(address)
    with app.app_context():
        assert accounts.find("a@example.org").confirmed_at is None
    other.submit(form=other._form_with("csrf_token"))
    assert "Your e-mail address has been confirmed." in other.text()
    other.open(address, status=410)
    site.open("/en/applications")
    assert "Please confirm your e-mail address" not in site.text()


def test_resend_mails_another_link_at_most_five_an_hour(inside):
    now = rules.now()
    user = register(now=now).user
    assert [accounts.request_confirmation(user=user, now=now) for _ in range(5)] == [True] * 4 + [False]
    assert accounts.request_confirmation(user=user, now=now + HOUR) is True


def test_resend_page_says_so(applicant):
    applicant.open("/en/account/settings")
    applicant.post("/en/account/resend?next=/en/account/profile", {})
    assert applicant.address == "/en/account/profile"
    assert "The mail is on its way to applicant@example.org." in applicant.text()


@pytest.mark.parametrize(("age", "works"), [(timedelta(hours=48), False), (timedelta(hours=48, seconds=-1), True)])
def test_confirmation_link_lives_two_days(inside, age, works):
    now = rules.now()
    register(now=now - age)
    secret = secret_in(mails("Please confirm")[0])
    assert (accounts.confirm(secret=secret, now=now) is not None) is works


@pytest.mark.parametrize(("age", "works"), [(HOUR, False), (HOUR - timedelta(seconds=1), True)])
def test_reset_link_lives_one_hour(inside, age, works):
    now = rules.now()
    register()
    accounts.request_reset(email="a@example.org", language="en", now=now - age)
    secret = secret_in(mails("A new password")[0])
    assert (accounts.reset_password(secret=secret, password=OTHER_PASSWORD, now=now) is not None) is works


def test_link_of_one_purpose_does_not_serve_another(inside):
    register()
    secret = secret_in(mails("Please confirm")[0])
    assert accounts.reset_password(secret=secret, password=OTHER_PASSWORD, now=rules.now()) is None


def test_forgotten_password_is_chosen_anew_and_ends_other_sign_ins(app):
    old = Site(app).register("a@example.org")
    site = Site(app)
    site.open("/en/account/forgot")
    site.submit(form=site._form_with("email"), email="A@EXAMPLE.org")
    known = site.text()
    site.open(path(app, "A new password"))
    site.submit(form=site._form_with("password"), password=OTHER_PASSWORD)
    assert site.address == "/en/applications"
    old.open("/en/account/settings")
    assert old.address.startswith("/en/account/sign-in")
    assert Site(app).sign_in("a@example.org", password=OTHER_PASSWORD).address == "/en/applications"
    with app.app_context():
        assert accounts.find("a@example.org").confirmed_at is not None
        assert len(mails("Your password has been changed")) == 1
    site = Site(app)
    site.open("/en/account/forgot")
    site.submit(form=site._form_with("email"), email="nobody@example.org")
    assert site.text().replace("nobody@", "A@").lower() == known.lower()


def test_reset_voids_a_change_of_address_that_a_stranger_began(inside):
    now = rules.now()
    user = register("victim@example.org").user
    accounts.request_email(user=user, email="thief@example.org", password=PASSWORD, now=now)
    theft = secret_in(mails("new e-mail address")[0])
    accounts.request_reset(email="victim@example.org", language="en", now=now)
    accounts.reset_password(secret=secret_in(mails("A new password")[0]), password=OTHER_PASSWORD, now=now)
    assert accounts.confirm(secret=theft, now=now) is None
    assert accounts.find("victim@example.org") is not None
