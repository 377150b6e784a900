"""The expert's pages of reviewing, and the desk's of how far the reviews are; what an expert may know and what not."""

import shutil
from types import SimpleNamespace

import pytest

from app import rules
from app.extensions import db, writing
from app.models import Application, Assignment, Event, Expert, Mail, Review
from app.people import accounts
from app.review import reviewing
from tests import panel
from tests.site import Site

NUMBERS = ("8", "7", "6", "5", "4")
SAID = {"basics": {"contact_email": ["secret@example.org"]}, "materials": {"influence-en": ["Lin  Xiaowen’s World-leading work"]}}


@pytest.fixture(scope="module")
def furnished(fresh_instance, tmp_path_factory):
    """(folder of an instance, what `panel.furnish` answers), made once."""
    folder = tmp_path_factory.mktemp("panel") / "instance"
    shutil.copytree(fresh_instance, folder)
    return folder, panel.furnish(folder, **SAID)


@pytest.fixture
def instance(furnished, tmp_path):
    return shutil.copytree(furnished[0], tmp_path / "instance")


@pytest.fixture
def given(app, call, furnished):
    """Two applications before the expert d@example.org, of which e@example.org has handed in a review of the first."""
    ids, _users, assigned = furnished[1]
    with app.app_context():
        panel.review(call, assigned[1], 9, 9, 9, 9, 9, comment="Excellent")
        applications = [db.session.get(Application, application_id) for application_id in ids]
        refs, files = [one.ref for one in applications], [one.files[0].ref for one in applications]
    pages = [f"/en/panel/applications/{ref}" for ref in refs]
    return SimpleNamespace(call=call, ids=ids, assigned=assigned, refs=refs, files=files, pages=pages)


@pytest.fixture
def expert(app, given):
    return Site(app).sign_in("d@example.org")


@pytest.fixture
def organizer(app):
    site = Site(app).register("organizer@example.org")
    with app.app_context(), writing():
        accounts.find("organizer@example.org").role = "organizer"
    return site


def names(site):
    return [fieldset.xpath("string(.//input/@name)") for fieldset in site.page.xpath("//fieldset[@data-weight]")]


def press(site, verb, action=None, **given):
    """Presses the button of the form that is sent to `…/<verb>`."""
    place = next(place for place, form in enumerate(site.page.forms) if f"/{verb}" in form.get("action", ""))
    site.submit(action, form=place, **given)


def stored(app, assignment_id):
    with app.app_context():
        return db.session.scalars(db.select(Review).filter_by(assignment_id=assignment_id)).one()


def of_others(site):
    return [" ".join(article.text_content().split()) for article in site.page.xpath("//section[@id='others']//article")]


def test_review_is_drafted_handed_in_recalled_and_changed(app, given, expert):
    expert.open("/en/panel/applications")
    assert "0 of 2 handed in" in expert.text()
    expert.open(expert.page.xpath("string(//a[@class='button']/@href)"))
    expert.submit("save", answers={names(expert)[0]: "8"}, comment="方法扎实")
    assert "1 of 5 criteria scored" in expert.text()
    expert.submit("submit")
    assert [error.partition(":")[0] for error in expert.errors()] == [
        "Scientific significance", "Rigor and evidence", "International influence", "Cooperation and prospects",
    ]  # fmt: skip
    expert.submit("submit", answers=dict(zip(names(expert), NUMBERS, strict=True)))
    assert "Weighted total: 6.50 of 10" in expert.text()
    assert expert.page.xpath("//form[@id='step']") == []
    press(expert, "recall")
    expert.submit("submit", answers={names(expert)[4]: "5"})
    assert "Weighted total: 6.60 of 10" in expert.text()
    assert stored(app, given.assigned[0]).raw["comment"] == ["方法扎实"]
    expert.open("/zh/panel/applications")
    assert "已提交1项，共2项" in expert.text()


def test_application_of_others_answers_as_one_that_does_not_exist(app, given, expert):
    other = Site(app).sign_in("e@example.org")
    for rest in ("", "/dossier.pdf", f"/files/{given.files[1]}"):
        other.open(given.pages[1] + rest, status=404)
    expert.open(f"{given.pages[0]}/files/{given.files[1]}", status=404)
    with app.app_context(), writing() as session:
        session.get(Application, given.ids[1]).withdrawn_at = rules.now()
        session.get(Assignment, given.assigned[0]).ended_at = rules.now()
    for page in given.pages:
        expert.open(page, status=404)
    expert.open("/en/panel/applications")
    assert "No applications have been given to you" in expert.text()


def test_two_windows_that_changed_the_same_are_shown_to_choose_from(app, given, expert):
    another = Site(app).sign_in("d@example.org")
    for site in (expert, another):
        site.open(given.pages[0])
    another.submit("save", comment="Theirs")
    expert.submit("submit", answers=dict(zip(names(expert), NUMBERS, strict=True)), comment="Mine")
    assert stored(app, given.assigned[0]).submitted_at is None
    assert [text.text for text in expert.page.xpath("//span[@class='typed']")] == ["Mine", "Theirs"]
    press(expert, "kept")
    assert (expert.value("comment"), stored(app, given.assigned[0]).raw["comment"]) == ("Mine", ["Mine"])


def test_promise_04_text_typed_after_the_sign_in_had_ended_comes_back_to_its_expert_alone(app, given, expert):
    expert.open(given.pages[0])
    expert.client.delete_cookie("session")
    expert.submit("save", comment="A long comment of d")
    assert "A long comment" not in expert.text()
    expert.sign_in("e@example.org")
    expert.open(given.pages[0])
    assert "A long comment" not in expert.response.get_data(as_text=True)
    expert.client.delete_cookie("session")
    expert.sign_in("d@example.org")
    expert.open(given.pages[0])
    assert expert.value("comment") == "A long comment of d"
    assert "not saved yet" in expert.text()
    expert.submit("save")
    assert stored(app, given.assigned[0]).raw["comment"] == ["A long comment of d"]


def test_promise_04_text_in_the_page_of_one_expert_is_never_taken_for_another_who_signed_in_since(app, given, expert):
    expert.open(given.pages[0])
    left_open = expert.page
    expert.client.delete_cookie("session")
    expert.sign_in("e@example.org")
    expert.page, expert.address = left_open, given.pages[0]
    expert.submit("save", comment="A long comment of d")
    assert "A long comment" not in expert.response.get_data(as_text=True)
    with app.app_context():
        assert reviewing.waiting(stored(app, given.assigned[0])) == {"comment": ["A long comment of d"]}
    assert stored(app, given.assigned[1]).raw["comment"] == ["Excellent"]


def test_expert_in_whom_a_conflict_comes_up_while_typing_sees_nothing_more(app, given, expert):
    expert.open(given.pages[0])
    left_open, token = expert.page, expert.value("csrf_token")
    with app.app_context():
        row = db.session.scalars(db.select(Expert).filter_by(user_id=accounts.find("d@example.org").id)).one()
        with writing():
            row.organization_zh = "示例大学"
    for sent in ("", token):
        expert.page, expert.address = left_open, given.pages[0]
        expert.submit("save", status=404, answers={"csrf_token": sent}, comment="Mine")
        assert "World-leading" not in expert.response.get_data(as_text=True)
    with app.app_context():
        assert reviewing.waiting(stored(app, given.assigned[0])) == {"comment": ["Mine"]}


def test_promise_05_late_text_is_shown_back_and_counts_for_nothing(app, given, expert):
    expert.open(given.pages[0])
    with app.app_context():
        panel.panel(given.call, closes_at=rules.now())
    expert.submit("save", status=409, comment="Too late")
    assert expert.value("comment") == "Too late"
    expert.open(given.pages[0])
    assert expert.page.xpath("//section[@id='scores']//dl//text()[normalize-space()]") == ["Comment to the committee", "Too late"]
    assert stored(app, given.assigned[0]).raw == {}


def test_button_pressed_twice_hands_in_once(app, given, expert):
    expert.open(given.pages[0])
    form = expert.page.get_element_by_id("step")
    data = dict(form.form_values()) | dict(zip(names(expert), NUMBERS, strict=True)) | {"comment": "Sound.", "action": "submit"}
    answers = [expert.client.post(given.pages[0], data=data) for _ in range(2)]
    assert [(answer.status_code, answer.headers["Location"].split("#")[0]) for answer in answers] == [(302, given.pages[0])] * 2
    assert stored(app, given.assigned[0]).submitted_at is not None


def test_script_is_answered_in_words(app, given, expert):
    expert.open(given.pages[0])
    form = expert.page.get_element_by_id("step")
    hidden = {name: form.fields[name] for name in ("csrf_token", "version", "whose")}

    def send(**typed):
        response = expert.client.post(given.pages[0], data=hidden | typed, headers={"Accept": "application/json"})
        return response.status_code, {name: response.json[name] for name in ("ok", "version", "reason") if name in response.json}

    assert send(comment="a") == (200, {"ok": True, "version": 1})
    assert send(comment="b") == (409, {"ok": False, "reason": "elsewhere"})
    assert send(comment="b", csrf_token="wrong") == (400, {"ok": False, "reason": "token"})
    expert.client.delete_cookie("session")
    assert send(comment="b") == (401, {"ok": False, "reason": "signed-out"})


def test_one_language_is_remembered(given, expert):
    def tongues(page):
        return set(page.xpath("//dl[@class='read']//dd/@lang"))

    assert tongues(expert.open(given.pages[0])) == {"zh", "en"}
    assert "展开研究" not in " ".join(expert.open(f"{given.pages[0]}?show=en").xpath("//dl[@class='read']//dd//text()"))
    assert "展开研究" not in " ".join(expert.open(given.pages[1]).xpath("//dl[@class='read']//dd//text()"))


def test_private_answers_are_nowhere(given, expert):
    expert.open(given.pages[0])
    assert "secret@example.org" not in expert.response.get_data(as_text=True)
    assert "World-leading" in expert.text()
    expert.open(f"{given.pages[0]}/files/{given.files[0]}")
    assert "Paper%20of%20Lin%20Xiaowen" in expert.response.headers["Content-Disposition"]


def test_blind_review_hides_who_is_behind_it(app, given, expert):
    with app.app_context():
        panel.panel(given.call, blind=True)
    for address in ("/en/panel/applications", given.pages[0], given.pages[0].replace("/en/", "/zh/")):
        said = expert.open(address) is not None and expert.response.get_data(as_text=True)
        assert [name for name in ("Xiaowen", "林晓雯", "Example University", "示例大学量子网络实验室") if name in said] == []
    expert.open(given.pages[0])
    assert "[hidden]’s World-leading work" in expert.text()
    assert "Paper of [hidden] PDF" in expert.text()
    expert.open(f"{given.pages[0]}/files/{given.files[0]}")
    assert expert.response.headers["Content-Disposition"] == "attachment; filename=WIC2027-0001-01.pdf"
    expert.open(f"{given.pages[0]}/dossier.pdf", status=404)


def test_discussion_shows_others_by_name_or_by_number_when_blind(app, given, expert, organizer):
    with app.app_context():
        panel.review(given.call, given.assigned[0], *NUMBERS)
    expert.open(given.pages[0])
    assert of_others(expert) == []
    organizer.open("/en/desk/reviews")
    press(organizer, "discussion", "open")
    assert "Open since" in organizer.text()
    expert.open(given.pages[0])
    assert [said.partition(" Originality")[0] for said in of_others(expert)] == ["Reviewer e"]
    assert "Excellent" in of_others(expert)[0]
    with app.app_context():
        panel.panel(given.call, blind=True)
    expert.open(given.pages[0])
    assert [said.partition(" Originality")[0] for said in of_others(expert)] == ["Expert 2"]
    assert "Reviewer e" not in expert.response.get_data(as_text=True)


def test_organizer_reads_reviews_and_reminds_those_who_are_late(app, given, organizer):
    organizer.open("/en/desk/reviews")
    assert "1 of 3 reviews handed in" in organizer.text()
    press(organizer, "remind")
    assert "1 mail is on its way" in organizer.text()
    press(organizer, "remind")
    assert "less than a day ago" in organizer.text()
    with app.app_context():
        mails = db.session.scalars(db.select(Mail).filter_by(recipient="d@example.org").order_by(Mail.id)).all()
        assert (mails[-1].subject, [mail.subject for mail in mails].count(mails[-1].subject)) == ("2 reviews to hand in", 1)
        assert [event.details["whom"] for event in db.session.scalars(db.select(Event).filter_by(what="reviewer reminded"))] == [
            accounts.find("d@example.org").id
        ]
    organizer.open(f"/en/desk/applications/{given.refs[0]}")
    said = " ".join(organizer.page.xpath("string(//section[@id='reviews'])").split())
    assert "Reviewer d Not begun" in said
    assert "Weighted total: 9.00 of 10 Excellent" in said
