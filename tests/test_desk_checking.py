"""The pages of one application at the desk: read it, check it, compare versions, take notes, extend its deadline."""

import json
from datetime import timedelta

import pytest

from app import demo, rules
from app.applying import drafts, saving
from app.desk import formal_check
from app.extensions import db, writing
from app.files import uploads
from app.models import Application, Mail
from app.people import accounts
from tests.handing_in import draft, handed_in, submit
from tests.site import Site
from tests.test_formal_check import reason

CLAIM = {"influence-zh": ["达到国际领先水平。"], "influence-en": ["A world-leading result."]}
PAPER = ("论文_Paper.pdf", "papers", demo.sample_pdf("Paper"))


@pytest.fixture
def organizer(app):
    return sign_in_as_organizer(app, "anna@example.org", "Anna")


def sign_in_as_organizer(app, email, name):
    site = Site(app).register(email, name=name)
    with app.app_context(), writing():
        accounts.find(email).role = "organizer"
    return site


@pytest.fixture
def address(app, call):
    """Of an application with a claim that has no evidence and one file, handed in."""
    return address_of(app, handed_in(app, call, files=[PAPER], materials=CLAIM))


def address_of(app, application_id):
    with app.app_context():
        return f"/en/desk/applications/{db.session.get(Application, application_id).ref}"


def only(app):
    """The one application, in the context of the app that is open."""
    return db.session.scalars(db.select(Application)).one()


def hand_in_again(app, call, **changed):
    with app.app_context():
        application = only(app)
        for step, posted in changed.items():
            raw = drafts.raw_of(application)[step] | posted
            if application.reopened_at is None and rules.may_reopen(application, call, rules.now()) is None:
                drafts.reopen(application=application, call=call, now=rules.now())
            saving.save(application=application, call=call, step=call.step(step), posted=raw, version=None, now=rules.now())
        application_id = application.id
    submit(app, call, application_id)


def returned(app, call, *reasons, name="Boris"):
    """Somebody else returns the application."""
    with app.app_context():
        email = f"{name.lower()}@example.org"
        user = accounts.find(email) or accounts.register(
            email=email, name=name, password="seven quiet herons 42", language="en", now=rules.now()
        ).user
        newest = formal_check.newest_check(only(app))
        formal_check.check(
            application=only(app), call=call, organizer=user, outcome="returned", snapshot_n=only(app).snapshot.n,
            last_check_id=newest.id if newest else None, reasons=reasons or [reason()], until=call.closes_at, now=rules.now(),
        )  # fmt: skip


def status(app, call):
    with app.app_context():
        return rules.status(only(app), call, rules.now())


def texts(page, path):
    return [" ".join(element.text_content().split()) for element in page.xpath(path)]


def test_application_is_read_in_both_languages_with_its_claims(organizer, address):
    page = organizer.open(address)
    assert texts(page, "//h1") == ["Quantum key distribution for metropolitan networks"]
    title = page.xpath("//dt[normalize-space()='Achievement name']/following-sibling::dd")
    assert [(side.get("lang"), side.text_content()) for side in title] == [
        ("zh", "面向城域网的量子密钥分发"), ("en", "Quantum key distribution for metropolitan networks"),
    ]  # fmt: skip
    assert texts(page, "//mark") == ["国际领先", "world-leading"]
    assert texts(page, "//dd[contains(@class, 'claimed')]") == ["No evidence for what is marked"]
    assert texts(page, "//dt[.//*[.='private']]") == ["Contact person private", "Contact e-mail private", "Contact phone private"]
    assert texts(page, "//*[@id='files']//li") == ["论文 Paper PDF · 1 KB"]
    assert texts(page, "//tbody/tr[2]/td[1]") == ["陈志远Chen Zhiyuan"]
    assert "a@example.org address not confirmed: a mail may not arrive" in organizer.text()


def test_evidence_that_was_chosen_for_a_claim(app, call, organizer, address):
    with app.app_context():
        ref = only(app).files[0].ref
    hand_in_again(app, call, materials={"influence-evidence": [ref]})
    page = organizer.open(address)
    assert texts(page, "//dd[contains(@class, 'claimed')]") == ["Evidence for what is marked: 论文 Paper"]
    organizer.open(page.xpath("//dd[contains(@class, 'claimed')]//a/@href")[0])
    assert organizer.response.data == PAPER[2]


def test_every_submission_can_be_read(app, call, organizer, address):
    hand_in_again(app, call, basics={"title-en": ["A new name"]})
    organizer.open(address)
    assert "Submission 2 of 2" in organizer.text()
    page = organizer.open(f"{address}?n=1")
    assert texts(page, "//h1") == ["Quantum key distribution for metropolitan networks"]
    assert "This is an earlier submission." in organizer.text()
    assert json.loads(organizer.client.get(f"{address}/receipt/1.json").data)["submission"] == 1
    assert organizer.client.get(f"{address}/receipt/2.pdf").data.startswith(b"%PDF")
    for missing in ("?n=3", "?n=0", "/receipt/3.pdf", "/receipt/3.json"):
        assert organizer.client.get(f"{address}{missing}").status_code == 404


def test_file_of_an_earlier_submission_can_be_opened_and_no_other(app, call, organizer, address):
    with app.app_context():
        file = only(app).files[0]
        ref = file.ref
    organizer.open(f"{address}/files/{ref}")
    assert organizer.response.headers["Content-Disposition"].startswith("attachment")
    assert organizer.client.get(f"{address}/files/no-such-file").status_code == 404


def test_file_that_was_lost_is_answered_in_words(app, organizer, address):
    with app.app_context():
        (file,) = only(app).files
        uploads.location(file).unlink()
    organizer.open(f"{address}/files/{file.ref}", status=503)
    assert "“01_论文_Paper.pdf” was stored, but the server does not find it any more." in organizer.text()


def test_changes_that_were_not_handed_in_stay_private(app, call, organizer, address):
    with app.app_context():
        drafts.reopen(application=only(app), call=call, now=rules.now())
        raw = drafts.raw_of(only(app))["basics"] | {"title-en": ["Not handed in yet"]}
        saving.save(application=only(app), call=call, step=call.step("basics"), posted=raw, version=None, now=rules.now())
    for page in ("", "/check"):
        organizer.open(address + page)
        assert "Not handed in yet" not in organizer.response.text
        assert "being changed" in organizer.text()
    organizer.submit("preview", outcome="returned", reason__0__en="Improve it.")
    assert "Not handed in yet" not in organizer.response.text


def test_of_a_draft_only_name_and_progress_can_be_seen(app, call, organizer):
    address = address_of(app, draft(app, call, files=[PAPER]))
    page = organizer.open(address)
    assert texts(page, "//h1") == ["Quantum key distribution for metropolitan networks"]
    assert "5 of 5 steps are complete." in organizer.text()
    for private in ("wang.fang@example.org", "Lin Xiaowen", "proposes a new method", "Paper"):
        assert private not in organizer.response.text
    with app.app_context():
        ref = only(app).files[0].ref
    for page in ("/check", "/changes", f"/files/{ref}", "/application.zip", "/receipt/1.pdf"):
        assert organizer.client.get(address + page).status_code == 404


def test_notes(app, organizer, address):
    organizer.open(address)
    organizer.submit(form=notes_form(organizer), text="  ")
    assert organizer.errors() == ["Write something in the note first."]
    organizer.submit(form=notes_form(organizer), text="打电话 first")
    assert texts(organizer.page, "//li[@class='note']/div") == ["打电话 first"]
    other = sign_in_as_organizer(app, "carl@example.org", "Carl")
    other.open(address)
    assert "Anna" in texts(other.page, "//li[@class='note']")[0]
    assert other.page.xpath("//button[@name='remove']") == []
    number = organizer.page.xpath("//button[@name='remove']/@value")[0]
    other.post(f"{address}/notes", {"remove": number})
    assert len(other.open(address).xpath("//li[@class='note']")) == 1
    organizer.post(f"{address}/notes", {"remove": number, "text": "half a thought"})
    assert organizer.page.xpath("//li[@class='note']") == []
    assert organizer.value("text") == "half a thought"


def notes_form(site):
    return next(n for n, form in enumerate(site.page.forms) if "text" in form.fields)


def test_check_passes_an_application(app, call, organizer, address):
    organizer.open(address)
    organizer.open(f"{address}/check")
    assert organizer.text().count("Usual reasons") == 14
    organizer.submit("decide", held=["languages", "names", "no-such-point"], outcome="passed")
    assert organizer.address == address
    assert "The application has passed the formal check." in organizer.text()
    assert status(app, call) == "passed"
    with app.app_context():
        (check,) = only(app).checks
        assert (check.held, check.user.name) == (["languages", "names"], "Anna")
    assert "Formal check passed (submission 1) · Anna" in organizer.text()


def test_program_says_what_it_sees_beside_the_points(organizer, address):
    page = organizer.open(f"{address}/check")
    assert texts(page, "//p[contains(@class, 'found')]") == [
        "All 17 pairs are filled in both languages.",
        "Basic Research",
        "Quantum information",
        "Every name stands in the script of its language.",
        "3 contributors.",
        "“国际领先” in “International influence” has no evidence.",
        "1 file, 1 of core material.",
        "Every file is named in both languages.",
    ]


def test_checklist_is_that_of_the_category(organizer, address):
    page = organizer.open(f"{address}/check")
    points = page.xpath("//input[@name='held']/@value")
    assert [point for point in points if point in ("theory", "indicators", "scale")] == ["theory"]


def test_usual_reasons_are_picked_and_changed(app, call, organizer, address):
    organizer.open(f"{address}/check")
    organizer.submit("use-title-0", held=["languages"], reason__0__en="My own words.")
    assert organizer.errors() == []
    assert organizer.value("reason-0-en") == "My own words."
    assert (organizer.value("reason-1-about"), organizer.value("reason-1-zh")) == ("basics/title", "请使用成果的规范全称，不含宣传性用语。")
    assert organizer.page.xpath("//input[@name='held'][@checked]/@value") == ["languages"]
    organizer.submit("use-files-0")
    assert organizer.value("reason-2-about") == "files"
    organizer.submit("use-ineligible-2")
    assert (organizer.value("reason-3-about"), organizer.value("reasons")) == ("", "4")
    organizer.submit("decide", outcome="ineligible", reason__1__en="Give the full name, please.")
    with app.app_context():
        assert [(one.step, one.field, one.en) for one in only(app).reasons] == [
            (None, None, "My own words."),
            ("basics", "title", "Give the full name, please."),
            ("files", None, "Please add core supporting files: papers, patents or awards."),
            (None, None, "Another application presents the same achievement; one application is accepted for each."),
        ]
    for nothing in ("use-", "use-title-9", "use-title", "use-nothing-0"):
        organizer.open(f"{address}/check")
        organizer.submit(nothing, status=404)


def test_what_a_reason_may_concern(organizer, address):
    page = organizer.open(f"{address}/check")
    options = {option.get("value"): option.text for option in page.xpath("//select[@name='reason-0-about']//option")}
    assert options[""] == "The application as a whole"
    assert options["contributors/contributors/2"] == "Contributor 2 (Chen Zhiyuan)"
    assert options["materials/theory"] == "Theoretical innovation"
    assert [options[key] for key in options if key.startswith("files")] == ["Further files are needed", "Paper"]
    assert "materials/scale" not in options


def test_everything_typed_is_kept_on_error(organizer, address):
    organizer.open(f"{address}/check")
    organizer.submit("add")
    typed = {"reason-0-about": "basics/title", "reason-3-zh": "请改正。", "reason-3-en": "x" * 2001, "until_day": "soon", "until_time": "9"}
    organizer.submit("decide", outcome="returned", held=["title"], answers=typed | {"reason-1-about": "nowhere"})
    assert organizer.errors() == [
        "Give a date such as 2027-06-15, and a time such as 24:00 or 17:30.",
        "Write the reason, in Chinese or in English.",
        "What this reason concerned is not there any more. Choose again.",
        "Use at most 2000 characters.",
    ]
    assert {name: organizer.value(name) for name in typed} == typed
    assert organizer.page.xpath("//input[@name='held'][@checked]/@value") == ["title"]
    assert organizer.page.xpath("//input[@name='outcome'][@checked]/@value") == ["returned"]
    organizer.submit("decide", answers={"until_day": "2099-01-01", "until_time": "24:00", "reason-3-en": "", "reason-0-about": ""})
    assert organizer.errors() == [
        "After the deadline only what the reasons name can be changed: choose the question or file of at least one reason."
    ]
    assert organizer.value("reason-3-zh") == "请改正。"


@pytest.mark.parametrize(("given", "sentence"), [
    ({}, "Choose the outcome."),
    ({"outcome": "returned"}, "Give at least one reason."),
    ({"outcome": "ineligible"}, "Give at least one reason."),
    ({"outcome": "no-such-thing"}, "Choose the outcome."),
    ({"outcome": "returned", "reason__0__en": "Mend it.", "until_day": "2001-01-01"},
     "The date until which it may be improved must lie ahead."),
    ({"outcome": "passed", "reason__0__en": "Mend it."},
     "There are reasons that are still open. Settle each of them, or return the application."),
])
def test_check_is_refused_in_words(app, call, organizer, address, given, sentence):
    organizer.open(f"{address}/check")
    organizer.submit("decide", **given)
    assert organizer.errors() == [sentence]
    assert status(app, call) == "submitted"


@pytest.mark.parametrize("given", [
    {"reasons": "²"}, {"reasons": "9999999999999999999999"}, {"reasons": "-1"}, {"snapshot_n": "²"}, {"snapshot_n": ""},
    {"snapshot_n": "9" * 40}, {"last_check_id": "x"}, {"until_day": "9999-12-31"}, {"until_day": "２０２７-06-15"},
    {"until_day": "2999-12-31"}, {"until_time": "24:00:00"}, {"reason-0-about": "\0"}, {"settled-1": "yes"},
])  # fmt: skip
def test_nonsense_is_answered_in_words(organizer, address, given):
    organizer.open(f"{address}/check")
    for action in ("decide", "preview", "add", "language", "save"):
        token = organizer.page.xpath("string(//input[@name='csrf_token']/@value)")
        data = {"csrf_token": token, "action": action, "outcome": "returned", "reason-0-en": "Mend it.", "reasons": "1"} | given
        assert organizer.client.post(f"{address}/check", data=data).status_code in (200, 302)


def test_text_is_kept_when_the_token_is_stale(organizer, address):
    organizer.open(f"{address}/check")
    organizer.submit("decide", outcome="ineligible", csrf_token="stale", reason__2__zh="不符合。")
    assert organizer.errors() == ["This page was open for too long, or you signed in or out meanwhile. Please send it once more."]
    assert organizer.value("reason-2-zh") == "不符合。"


def test_text_comes_back_after_the_sign_in_had_ended(app, organizer, address):
    organizer.open(f"{address}/check")
    signed_in = organizer.client.get_cookie("session")
    organizer.client.delete_cookie("session")
    organizer.client.environ_base["HTTP_ORIGIN"] = "http://localhost"
    organizer.submit("decide", outcome="ineligible", status=401, reason__2__zh="同一成果已由另一单位申报。")
    assert "Nothing was changed" in organizer.text()
    organizer.client.set_cookie("session", signed_in.value)
    organizer.submit(form=organizer._form_with("reason-2-zh"))
    assert organizer.errors() == ["This page was open for too long, or you signed in or out meanwhile. Please send it once more."]
    assert organizer.value("reason-2-zh") == "同一成果已由另一单位申报。"


def test_language_is_switched_with_everything_typed(organizer, address):
    organizer.open(f"{address}/check")
    data = {"action": "language", "reasons": "3", "reason-1-zh": "请改正。", "held": ["title"], "outcome": "returned"}
    organizer.post(f"{address}/check".replace("/en/", "/zh/"), data)
    assert organizer.page.get("lang") == "zh-Hans"
    assert (organizer.errors(), organizer.value("reason-1-zh")) == ([], "请改正。")
    assert organizer.page.xpath("//input[@name='held'][@checked]/@value") == ["title"]


def test_a_check_leads_to_the_next_to_be_made(app, call, organizer, address):
    following = address_of(app, handed_in(app, call, email="b@example.org"))
    link = f"//a[@href='{following}']"
    organizer.open(address)
    assert organizer.page.xpath(link) == []
    organizer.open(f"{address}/check")
    organizer.submit("decide", outcome="passed")
    assert [one.text for one in organizer.page.xpath(link)] == [f"Next to be checked: {call.number_prefix}-0002"]


def test_mail_is_shown_before_it_goes(app, organizer, address):
    organizer.open(f"{address}/check")
    organizer.submit("preview", outcome="returned", answers={"reason-0-about": "basics/title", "reason-0-en": "Give the full name."})
    assert "Please improve your application: WIC2027-0001" in organizer.text()
    assert "– Achievement name: Give the full name." in organizer.text()
    assert organizer.value("reason-0-en") == "Give the full name."
    with app.app_context():
        assert only(app).checks == []


def test_form_that_was_overtaken_tells_so_and_keeps_what_was_typed(app, call, organizer, address):
    organizer.open(f"{address}/check")
    returned(app, call)
    organizer.submit("decide", outcome="returned", reason__0__en="My reason.")
    assert organizer.errors() == [
        "Boris has checked this submission meanwhile (Returned for improvement), so nothing was decided a second time. What you typed is "
        "still here."
    ]
    assert "Checked last: Returned for improvement" in organizer.text()
    assert "Complete the English." in organizer.text()
    assert organizer.value("reason-0-en") == "My reason."
    hand_in_again(app, call, basics={"title-en": ["A new name"]})
    organizer.submit("decide")
    (sentence,) = organizer.errors()
    assert sentence.startswith("The applicant has handed in again meanwhile (submission 2), so nothing was decided.")
    assert organizer.value("reason-0-en") == "My reason."
    organizer.submit("decide")
    assert "The application has been returned for improvement." in organizer.text()
    with app.app_context():
        assert [(check.checked_by and check.user.name, check.snapshot_id) for check in only(app).checks] == [("Boris", 1), ("Anna", 2)]
        assert [one.en for one in formal_check.open_reasons(only(app))] == ["Complete the English.", "My reason."]


def test_open_reasons_are_shown_with_what_changed_and_settled(app, call, organizer, address):
    returned(app, call, reason("basics/title"), reason("contributors/contributors/2"), reason("materials/theory"))
    page = organizer.open(f"{address}/check")
    assert texts(page, "//*[@id='open']//legend") == ["Achievement name", "Contributor 2 (Chen Zhiyuan)", "Theoretical innovation"]
    assert organizer.text().count("Nothing has been handed in since.") == 3
    changed = {"contributors-2-name-en": ["Chen Zhi-yuan"]}
    hand_in_again(app, call, basics={"title-en": ["Quantum key distribution for cities"]}, contributors=changed)
    page = organizer.open(f"{address}/check")
    titles, person, theory = page.xpath("//*[@id='open']//fieldset")
    assert texts(titles, ".//del") == ["deleted: metropolitan networks"]
    assert texts(titles, ".//ins") == ["inserted: cities"]
    assert texts(person, ".//ins") == ["inserted: Zhi-yuan"]
    assert "Nothing has changed." in theory.text_content()
    settled = page.xpath("//*[@id='open']//input[@value='yes']/@name")
    organizer.submit("decide", outcome="passed", answers=dict.fromkeys(settled[:2], "yes"))
    assert organizer.errors() == ["There are reasons that are still open. Settle each of them, or return the application."]
    assert len(organizer.page.xpath("//*[@id='open']//input[@value='yes'][@checked]")) == 2
    organizer.submit("decide", answers={settled[2]: "yes"})
    assert status(app, call) == "passed"
    assert texts(organizer.page, "//section[@id='checks']//strong[.='settled']") == ["settled"] * 3


def test_single_reason_is_settled_from_the_page(app, call, organizer, address):
    returned(app, call)
    page = organizer.open(address)
    form = next(n for n, form in enumerate(page.forms) if "/reasons/" in (form.action or ""))
    organizer.submit("close", form=form)
    assert texts(organizer.page, "//section[@id='checks']//li//li/strong[2]") == ["settled"]
    organizer.submit("reopen", form=form)
    assert texts(organizer.page, "//section[@id='checks']//li//li/strong[2]") == ["still open"]
    with app.app_context(), writing():
        only(app).withdrawn_at = rules.now()
    organizer.submit("close", form=form)
    assert "This is not possible while the status is “Withdrawn”." in organizer.text()
    assert not any("/reasons/" in (form.action or "") for form in organizer.page.forms)


def test_check_that_is_not_possible_leads_back_with_the_reason(app, organizer, address):
    with app.app_context(), writing():
        only(app).withdrawn_at = rules.now()
    organizer.open(f"{address}/check")
    assert organizer.address == address
    assert "This is not possible while the status is “Withdrawn”." in organizer.text()


def test_versions_are_compared(app, call, organizer, address):
    assert organizer.client.get(f"{address}/changes").status_code == 404
    hand_in_again(app, call, basics={"title-zh": ["面向城市的量子密钥分发"]})
    hand_in_again(app, call, basics={"title-en": ["Quantum key distribution for cities"]})
    page = organizer.open(f"{address}/changes")
    assert (texts(page, "//del"), texts(page, "//ins")) == (["deleted: metropolitan networks"], ["inserted: cities"])
    page = organizer.open(f"{address}/changes?from=1&to=3")
    assert texts(page, "//del") == ["deleted: 域网", "deleted: metropolitan networks"]
    assert texts(page, "//option[@selected]")[0].startswith("Submission 1,")
    page = organizer.open(f"{address}/changes?from=2&to=2")
    assert "Nothing has changed." in organizer.text()
    for query in ("from=9&to=9", "to=1", "from=x"):
        organizer.open(f"{address}/changes?{query}")


def test_deadline_of_one_application_is_extended(app, call, organizer, address):
    organizer.open(f"{address}/extension")
    organizer.submit("", until_day="2001-01-01", reason="")
    assert organizer.errors() == ["The new date must lie ahead, and be later than the one that holds."]
    later = call.closes_at + timedelta(days=3)
    organizer.submit("", until_day=f"{later:%Y-%m-%d}", until_time="17:30", reason="")
    assert organizer.errors() == ["Say why; the applicant reads it."]
    assert (organizer.value("until_day"), organizer.value("until_time")) == (f"{later:%Y-%m-%d}", "17:30")
    organizer.submit("", reason="The network was down.")
    assert "The deadline of this application has been extended" in organizer.text()
    with app.app_context():
        until = only(app).extended_until.astimezone(call.closes_at.tzinfo)
        assert f"{until:%Y-%m-%d %H:%M}" == f"{later:%Y-%m-%d} 17:30"
        assert db.session.scalars(db.select(Mail).order_by(Mail.id.desc())).first().subject.startswith("More time for your application")
    assert "Deadline extended for this application · Anna" in organizer.text()


def test_draft_can_be_given_more_time(app, call, organizer):
    address = address_of(app, draft(app, call))
    later = call.closes_at + timedelta(days=3)
    organizer.open(f"{address}/extension")
    organizer.submit("", until_day=f"{later:%Y-%m-%d}", reason="The network was down.")
    assert organizer.address == address


def test_extension_that_is_not_possible_leads_back_with_the_reason(app, call, organizer, address):
    with app.app_context():
        user = accounts.find("anna@example.org")
        formal_check.check(
            application=only(app), call=call, organizer=user, outcome="ineligible", snapshot_n=1, last_check_id=None, reasons=[reason()],
            now=rules.now(),
        )  # fmt: skip
    organizer.open(f"{address}/extension")
    assert "This is not possible while the status is “Ineligible”." in organizer.text()


@pytest.mark.parametrize("language", ["zh", "en"])
def test_pages_say_in_which_language_each_text_stands(app, call, organizer, address, language):
    """`Site` looks at every page for text that stands in the other language without saying so."""
    returned(app, call, reason("basics/title", "", "Only in English."), reason("files"), name="王芳 Fang Fang")
    changed = {"contributors-2-name-en": ["Chen Zhi Yuan"], "contributors-3-name-zh": ["安娜"]}
    hand_in_again(app, call, basics={"title-zh": ["量子密钥分发"], "country": ["DE"]}, contributors=changed)
    address = address.replace("/en/", f"/{language}/")
    for path in ("", "?n=1", "/check", "/changes", "/extension"):
        organizer.open(address + path)
    organizer.open(f"{address}/check")
    for picked in ("use-claims-0", "use-ineligible-0", "preview"):
        organizer.submit(picked, outcome="ineligible")
    assert organizer.page.xpath("//*[@id='preview']")
