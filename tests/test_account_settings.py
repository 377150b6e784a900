"""What a person changes in an account, and how it ends."""

import json

import pytest

from app import rules
from app.extensions import db, writing
from app.models import Application, Assignment, Mail, Review, SignIn, StoredFile, Token
from app.people import accounts
from app.people.personal_data import data_of
from tests.mailbox import OTHER_PASSWORD, mails, path, register, secret_in
from tests.site import PASSWORD, Site


@pytest.fixture
def inside(app):
    with app.app_context():
        yield


# Settings


def test_change_of_profile(applicant, app):
    applicant.open("/en/account/profile")
    applicant.submit(form=applicant._form_with("name"), name=" 李雷 ", language="zh")
    assert applicant.address == "/en/account/settings"
    assert "李雷" in applicant.text()
    with app.app_context():
        user = accounts.find("applicant@example.org")
        assert (user.name, user.language) == ("李雷", "zh")


def test_change_of_profile_with_unknown_language_is_refused(applicant):
    applicant.open("/en/account/profile")
    applicant.post("/en/account/profile", {"name": "A", "language": "fr"})
    assert applicant.errors() == ["Choose one of the two languages."]


def test_change_of_password_keeps_this_sign_in_and_ends_others(app):
    this, other = Site(app).register("a@example.org"), Site(app).sign_in("a@example.org")
    this.open("/en/account/password")
    this.submit(form=this._form_with("password"), current="wrong wrong wrong", password=OTHER_PASSWORD)
    assert this.errors() == ["This password is not right."]
    this.submit(form=this._form_with("password"), current=PASSWORD, password=OTHER_PASSWORD)
    assert this.address == "/en/account/settings"
    other.open("/en/account/settings")
    assert other.address.startswith("/en/account/sign-in")


def test_change_of_address_counts_once_confirmed(app):
    site = Site(app).register("a@example.org")
    site.open("/en/account/email")
    site.submit(form=site._form_with("password"), email="b@example.org", password=PASSWORD)
    assert "A link is on its way to b@example.org" in site.text()
    with app.app_context():
        assert accounts.find("b@example.org") is None
        (mail,) = mails("new e-mail address")
        assert mail.recipient == "b@example.org"
    address = path(app, "new e-mail address")
    site.open(address)
    site.post(address, {})
    with app.app_context():
        assert accounts.find("a@example.org") is None
        assert accounts.find("b@example.org").confirmed_at is not None
        assert [mail.recipient for mail in mails("has been changed")] == ["a@example.org"]


def test_change_to_a_taken_address_tells_its_owner_alone(inside):
    now = rules.now()
    register("taken@example.org")
    user = register("a@example.org").user
    assert accounts.request_email(user=user, email="Taken@example.org", password=PASSWORD, now=now) is True
    assert [mail.recipient for mail in mails("You already have")] == ["taken@example.org"]
    assert mails("new e-mail address") == []


def test_change_to_an_address_taken_meanwhile_fails(inside):
    now = rules.now()
    user = register("a@example.org").user
    accounts.request_email(user=user, email="b@example.org", password=PASSWORD, now=now)
    secret = secret_in(mails("new e-mail address")[0])
    register("b@example.org")
    assert accounts.confirm(secret=secret, now=now) is None


# Leaving


def draft_with_file(user, path, number=None, **given):
    now = rules.now()
    application = Application(user_id=user.id, call_id="c", created_at=now, changed_at=now, number=number, **given)
    application.files.append(
        StoredFile(
            kind="paper", title_zh="论文", title_en="Paper", original_name="p.pdf", extension="pdf", size=1, sha256="0",
            path=path, position=1, uploaded_at=now,
        )
    )  # fmt: skip
    db.session.add(application)
    db.session.commit()
    return application


def test_delete_account_erases_the_person_and_keeps_what_was_handed_in(inside):
    now = rules.now()
    user = register().user
    draft_with_file(user, "draft.pdf")
    draft_with_file(user, "standing.pdf", number="C-0001")
    draft_with_file(user, "withdrawn.pdf", number="C-0002", withdrawn_at=now)
    assert accounts.delete_account(user=user, password=OTHER_PASSWORD, now=now) is None
    assert sorted(accounts.delete_account(user=user, password=PASSWORD, now=now)) == ["draft.pdf", "withdrawn.pdf"]
    assert (user.email, user.email_key, user.name, user.password_hash, user.deleted_at) == (None, None, "", None, now)
    left = {application.number: [file.path for file in application.files] for application in db.session.query(Application)}
    assert left == {"C-0001": ["standing.pdf"], "C-0002": []}
    assert [db.session.query(table).count() for table in (SignIn, Token, Mail)] == [0, 0, 0]


def test_delete_account_of_an_expert_ends_what_is_not_reviewed_alone(inside):
    now, user = rules.now(), register().user
    application = draft_with_file(register("b@example.org").user, "standing.pdf", number="C-0001")
    with writing() as session:
        given = {"application_id": application.id, "expert_id": user.id, "assigned_at": now}
        reviews = Review(saved_at=now), Review(saved_at=now, submitted_at=now)
        session.add_all(Assignment(**given, review=review) for review in reviews)
    accounts.delete_account(user=user, password=PASSWORD, now=now)
    assert [row.ended_at for row in db.session.query(Assignment).order_by(Assignment.id)] == [now, None]


def test_delete_page_says_what_stays_and_frees_the_address(applicant, app):
    with app.app_context():
        draft_with_file(accounts.find("applicant@example.org"), "standing.pdf", number="C-0001")
    applicant.open("/en/account/delete")
    assert "goes on taking part: C-0001" in applicant.text()
    applicant.submit(form=applicant._form_with("password"), password=OTHER_PASSWORD)
    assert applicant.errors() == ["This password is not right."]
    applicant.submit(form=applicant._form_with("password"), password=PASSWORD)
    assert applicant.address == "/en/"
    assert Site(app).register("applicant@example.org", name="Somebody Else").address == "/en/applications"


def test_download_of_my_data(applicant, app):
    with app.app_context():
        draft_with_file(accounts.find("applicant@example.org"), "draft.pdf")
    applicant.open("/en/account/data.json")
    assert applicant.response.headers["Content-Disposition"] == "attachment; filename=my-data.json"
    data = json.loads(applicant.response.text)
    assert sorted(data) == ["account", "applications", "history", "links", "mails", "panels", "reviews", "sign_ins"]
    assert data["account"]["email"] == "applicant@example.org"
    assert [event["what"] for event in data["history"]] == ["registered"]
    assert [file["title_zh"] for file in data["applications"][0]["files"]] == ["论文"]
    with app.app_context():
        user, secret = accounts.find("applicant@example.org"), secret_in(mails("Please confirm")[0])
        everything = json.dumps(data_of(user))
        assert user.password_hash not in everything
        assert secret not in everything


# Every page


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("name", ["register", "sign-in", "forgot", "profile", "email", "password", "delete"])
def test_page_empty_and_in_error(app, language, name):
    site = Site(app)
    if name in ("profile", "email", "password", "delete"):
        site.register("a@example.org", language=language)
    site.open(f"/{language}/account/{name}")
    inputs = [name for form in site.page.forms for name in form.fields if name in ("email", "name", "password", "current")]
    site.post(f"/{language}/account/{name}", dict.fromkeys(inputs, ""))
    assert len(site.errors()) == len(inputs)
