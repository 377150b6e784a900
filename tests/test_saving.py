"""Nothing is lost: two tabs, an ended sign-in, a deadline that passed, pages that save by themselves."""

from datetime import timedelta

import pytest

from app import rules
from app.extensions import db
from app.models import Answers, KeptText
from tests.site import Site
from tests.test_apply import begin


@pytest.fixture
def address(applicant, call):
    return begin(applicant, call)


@pytest.fixture
def second(app, applicant, address):
    """The same person in another browser."""
    return Site(app).sign_in("applicant@example.org")


def stored(app, name):
    with app.app_context():
        return db.session.scalars(db.select(Answers)).one().raw.get(name)


def waiting(app):
    with app.app_context():
        return [(kept.reason, kept.raw) for kept in db.session.scalars(db.select(KeptText))]


def test_two_tabs_that_change_different_fields_are_merged(app, applicant, second, address):
    for site in (applicant, second):
        site.open(f"{address}/basics")
    applicant.submit("save", title__zh="甲")
    second.submit("save", title__en="Second")
    assert (stored(app, "title-zh"), stored(app, "title-en")) == (["甲"], ["Second"])
    assert waiting(app) == []


def test_promise_03_field_changed_in_both_tabs_is_asked_about_and_not_overwritten(app, applicant, second, address):
    for site in (applicant, second):
        site.open(f"{address}/basics")
    applicant.submit("save", title__en="First")
    second.submit("save", title__en="Second", title__zh="乙")
    assert (stored(app, "title-en"), stored(app, "title-zh")) == (["First"], ["乙"])
    assert "The same answers were changed in two places." in second.text()
    assert [element.text for element in second.page.find_class("typed")] == ["Second", "First"]


@pytest.mark.parametrize(("choice", "text"), [("mine", "Second"), ("saved", "First")])
def test_choice_between_two_tabs_is_kept(app, applicant, second, address, choice, text):
    for site in (applicant, second):
        site.open(f"{address}/basics")
    applicant.submit("save", title__en="First")
    second.submit("save", title__en="Second")
    form = next(n for n, form in enumerate(second.page.forms) if "keep-title-en" in form.fields)
    second.submit(form=form, answers={"keep-title-en": choice})
    assert stored(app, "title-en") == [text]
    assert waiting(app) == []
    second.open(f"{address}/basics")
    assert second.value("title-en") == text


def test_identical_repost_is_no_conflict(app, applicant, second, address):
    for site in (applicant, second):
        site.open(f"{address}/basics")
        site.submit("save", title__en="Same")
    assert waiting(app) == []


def test_promise_04_text_typed_after_the_sign_in_ended_comes_back_after_signing_in(app, applicant, address):
    applicant.open(f"{address}/basics")
    applicant.client.delete_cookie("session")
    applicant.submit("save", title__en="Typed while signed out")
    assert applicant.address.startswith("/en/account/sign-in")
    applicant.submit(form=applicant._form_with("password"), email="applicant@example.org", password="seven quiet herons 42")
    assert applicant.address == f"{address}/basics"
    assert applicant.value("title-en") == "Typed while signed out"
    applicant.submit("save")
    assert (stored(app, "title-en"), waiting(app)) == (["Typed while signed out"], [])


def test_promise_04_text_of_an_ended_sign_in_never_reaches_another_account(app, applicant, address):
    Site(app).register("other@example.org")
    applicant.open(f"{address}/basics")
    applicant.client.delete_cookie("session")
    applicant.submit("save", title__en="Private words")
    applicant.client.post("/en/account/sign-in")
    other = Site(app).sign_in("other@example.org")
    other.open(f"{address}/basics", status=404)
    assert "Private words" not in other.response.text


def test_promise_05_late_text_changes_nothing_is_kept_apart_and_shown_back(app, applicant, call, address, monkeypatch):
    applicant.open(f"{address}/basics")
    applicant.submit("save", title__en="In time")
    monkeypatch.setattr(rules.statuses, "closing", lambda call, extended_until=None: rules.now() - timedelta(seconds=1))
    applicant.submit("save", title__en="Too late", status=409)
    assert applicant.value("title-en") == "Too late"
    assert stored(app, "title-en") == ["In time"]
    assert waiting(app) == [("late", {"title-en": ["Too late"]})]
    applicant.open(f"{address}/basics")
    assert [element.text for element in applicant.page.find_class("typed")] == ["Too late"]
    assert applicant.page.xpath("//dl[@class='summary']//dd[.='In time']/@lang") == ["en"]
    assert applicant.page.xpath("//form[@id='step']") == []


def test_late_text_can_be_taken_over_after_an_extension(app, applicant, call, address, monkeypatch):
    applicant.open(f"{address}/basics")
    with monkeypatch.context() as late:
        late.setattr(rules.statuses, "closing", lambda call, extended_until=None: rules.now() - timedelta(seconds=1))
        applicant.submit("save", title__en="Too late", status=409)
    applicant.open(f"{address}/basics")
    assert applicant.value("title-en") == "Too late"
    applicant.submit("save")
    assert (stored(app, "title-en"), waiting(app)) == (["Too late"], [])


def test_save_one_second_before_the_deadline_counts(app, applicant, call, address, monkeypatch):
    monkeypatch.setattr(rules.statuses, "closing", lambda call, extended_until=None: rules.now() + timedelta(seconds=1))
    applicant.open(f"{address}/basics")
    applicant.submit("save", title__en="Just in time")
    assert stored(app, "title-en") == ["Just in time"]


class Typing:
    """What autosave.js sends."""

    def __init__(self, site):
        self.site = site
        self.fields = dict(site.page.get_element_by_id("step").form_values())

    def save(self, **changed):
        self.fields |= {name.replace("__", "-"): value for name, value in changed.items()}
        response = self.site.client.post(self.site.address, data=self.fields | {"action": "save"}, headers={"Accept": "application/json"})
        self.fields["version"] = response.json.get("version", self.fields["version"])
        return response


def test_page_that_saves_by_itself_is_told_its_version(app, applicant, address):
    applicant.open(f"{address}/basics")
    page = Typing(applicant)
    assert page.save(title__en="A").json["version"] == 1
    assert page.save(title__en="AB").json["version"] == 2
    assert page.save(title__en="AB").json["version"] == 2
    assert stored(app, "title-en") == ["AB"]


def test_text_sent_again_because_its_answer_was_lost_is_no_conflict(app, applicant, address):
    applicant.open(f"{address}/basics")
    page = Typing(applicant)
    page.save(title__en="A")
    answer = page.save(version="0")
    assert (answer.status_code, answer.json["version"]) == (200, 1)
    assert waiting(app) == []


def test_page_that_saves_by_itself_never_judges(applicant, address):
    applicant.open(f"{address}/basics")
    assert Typing(applicant).save(contact_email="half an addr").json["ok"] is True


def test_page_behind_another_is_kept_apart_until_its_button_is_pressed(app, applicant, second, address):
    for site in (applicant, second):
        site.open(f"{address}/basics")
    page = Typing(second)
    applicant.submit("save", title__en="First")
    response = page.save(title__zh="乙")
    assert (response.status_code, response.json["reason"]) == (409, "elsewhere")
    assert stored(app, "title-zh") in (None, [""])
    assert waiting(app) == [("conflict", {"title-zh": ["乙"]})]
    second.submit("save", title__zh="乙")
    assert (stored(app, "title-en"), stored(app, "title-zh")) == (["First"], ["乙"])
    assert waiting(app) == []


def test_page_that_saves_by_itself_hears_that_it_was_signed_out(app, applicant, address):
    applicant.open(f"{address}/basics")
    page = Typing(applicant)
    applicant.client.delete_cookie("session")
    response = page.save(title__en="Typed while signed out")
    assert (response.status_code, response.json["reason"]) == (401, "signed-out")
    assert waiting(app) == [("signed-out", {"title-en": ["Typed while signed out"]})]


@pytest.mark.parametrize("step", ["basics", "files", "no-such-step"])
def test_promise_14_whoever_is_signed_out_does_not_learn_whether_an_application_exists(app, address, step):
    stranger = app.test_client()
    for given in ({}, {"title-en": "Typed by a stranger"}):
        answers = {stranger.post(f"{where}/{step}", data=given).status_code for where in (address, "/en/applications/no-such-thing")}
        assert len(answers) == 1


def test_page_that_saves_by_itself_hears_of_a_stale_token(applicant, address):
    applicant.open(f"{address}/basics")
    page = Typing(applicant)
    assert page.save(csrf_token="stale").json["reason"] == "token"
