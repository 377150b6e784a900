"""A cookie that was copied is worth nothing once its owner has signed out, changed the password or the role."""

import pytest

from app import rules
from app.extensions import db, writing
from app.models import SignIn
from app.people import accounts, sign_ins, staff
from tests.mailbox import OTHER_PASSWORD, path
from tests.site import PASSWORD, Site

EMAIL = "a@example.org"


@pytest.fixture
def victim(app):
    return Site(app).register(EMAIL)


def stolen(app, site):
    """A browser with a copy of the cookies of `site`."""
    thief = Site(app)
    thief.client.set_cookie("session", site.client.get_cookie("session").value)
    thief.open("/en/account/settings")
    assert EMAIL in thief.text()
    return thief


def is_in(site):
    return site.client.get("/en/account/settings").status_code == 200


def sign_out(app, site):
    site.open("/en/account/settings")
    site.post("/en/account/sign-out", {})


def sign_out_everywhere(app, site):
    site.open("/en/account/settings")
    site.post("/en/account/sign-out-everywhere", {})


def reset_password(app, site):
    other = Site(app)
    other.open("/en/account/forgot")
    other.submit(form="account", email=EMAIL)
    other.open(path(app, "A new password"))
    other.submit(form="account", password=OTHER_PASSWORD)


def become_organizer(app, site):
    with app.app_context():
        staff.make_organizer(email=EMAIL, now=rules.now())


def delete_account(app, site):
    site.open("/en/account/delete")
    site.submit(form="account", password=PASSWORD)


@pytest.mark.parametrize("how", [sign_out, sign_out_everywhere, reset_password, become_organizer, delete_account])
def test_promise_15_replayed_cookie_is_refused_after(app, victim, how):
    thief = stolen(app, victim)
    how(app, victim)
    assert (is_in(thief), is_in(victim)) == (False, False)


def test_replayed_cookie_of_another_device_is_refused_after_a_new_password(app, victim):
    thief = stolen(app, Site(app).sign_in(EMAIL))
    victim.open("/en/account/password")
    victim.submit(form="account", current=PASSWORD, password=OTHER_PASSWORD)
    assert (is_in(thief), is_in(victim)) == (False, True)


def test_cookie_planted_before_signing_in_is_not_the_one_signed_in(app, victim):
    attacker = Site(app)
    attacker.open("/en/account/sign-in")
    planted = attacker.client.get_cookie("session").value
    somebody = Site(app)
    somebody.client.set_cookie("session", planted)
    somebody.sign_in(EMAIL)
    assert somebody.client.get_cookie("session").value != planted
    assert (is_in(somebody), is_in(attacker)) == (True, False)


def test_each_sign_in_has_a_key_of_its_own(app, victim):
    keys = set()
    for _ in range(3):
        site = Site(app).sign_in(EMAIL)
        with site.client.session_transaction() as session:
            keys.add(session["_user_id"])
    assert len(keys) == 3


def test_database_holds_no_key_that_signs_in(app, victim):
    with victim.client.session_transaction() as session:
        key = session["_user_id"]
    with app.app_context():
        row = db.session.query(SignIn).one()
        assert key not in (row.key_hash, str(row.id))
        assert sign_ins.by_key(row.key_hash) is None
        assert sign_ins.by_key(key).user.email == EMAIL


@pytest.mark.parametrize("tampered", ["", "x", "e30.aaaa.bbbb"])
def test_made_up_cookie_is_nobody(app, tampered):
    site = Site(app)
    site.client.set_cookie("session", tampered)
    assert not is_in(site)


def test_ending_keeps_the_sign_ins_of_others(app, victim):
    other = Site(app).register("b@example.org")
    with app.app_context(), writing():
        sign_ins.end(accounts.find(EMAIL))
    assert (is_in(victim), is_in(other)) == (False, True)
