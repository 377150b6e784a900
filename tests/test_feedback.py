"""What its owner sees of an application that was returned, checked or given more time."""

from datetime import UTC

import pytest

from app import rules, times
from app.desk import formal_check
from app.extensions import writing
from app.people import personal_data
from tests import returning
from tests.returning import DAY, browser, inputs, said
from tests.test_saving import Typing

case, returned = returning.case, returning.returned


def test_task_list_says_what_is_asked_for_where_and_until_when(returned):
    site = returned.site()
    until = f"June 29, {returned.call.edition}, 24:00 Beijing time (= June 30, 00:00)"
    when = times.say(returned.application.snapshot.submitted_at, returned.call, "en")
    lines = said(site, "//div[@class='banner warn'][.//ul]//p")
    assert lines == [
        f"The organizer, World Internet Conference, asks you to improve 3 points and to hand in again by {until}.",
        "The deadline has passed: only what the organizer named can still be changed. The rest stays as you handed it in.",
        f"What you handed in on {when} stands until you submit again.",
    ]
    assert said(site, "//div[@class='banner warn']//li") == [
        "Basic information · Achievement name Please give the full name.",
        "Contributors · Contributor 2 (Chen Zhiyuan) Please check the name.",
        "Supporting files · Paper The scan is hard to read.",
    ]
    links = [link.removeprefix(returned.address) for link in site.page.xpath("//div[@class='banner warn']//li/a/@href")]
    assert links == ["/basics#title-zh", "/contributors#contributors-2", f"/files#title-{returned.paper}-zh"]
    asked = "1 point to improve"
    assert said(site, "//ul[@class='tasks']//strong") == ["Locked", asked, asked, "Locked", asked]
    for link in links:
        page, _hash, anchor = link.partition("#")
        site.open(returned.address + page)
        assert site.page.get_element_by_id(anchor) is not None


def test_before_closing_the_task_list_names_both_dates(returned):
    returned.go_to(returned.closes - DAY)
    year = returned.call.edition
    words = f"Until June 15, {year}, 24:00 Beijing time (= June 16, 00:00) you can change everything; after that, only what is named here."
    assert words in returned.site().text()


def test_every_page_of_theirs_tells_of_a_return(returned):
    site = returned.site()
    site.open("/en/applications")
    year = returned.call.edition
    assert said(site, "//div[@class='banner warn']//p") == [
        "The organizer asks you to improve 3 points of “Quantum key distribution for metropolitan networks” and to hand it in again by "
        f"June 29, {year}, 24:00 Beijing time (= June 30, 00:00)."
    ]
    returned.go_to(returned.until)
    site = browser(returned.app)
    site.open("/en/applications")
    assert said(site, "//div[@class='banner warn']//p") == []


@pytest.mark.parametrize(
    ("page", "field", "asks"),
    [
        ("/basics", "//input[@name='title-zh']", "title-asked"),
        ("/basics", "//input[@name='title-en']", "title-asked"),
        ("/contributors", "//fieldset[@id='contributors-2']", "contributors-2-asked"),
    ],
)
def test_reason_stands_beside_what_it_is_about(returned, page, field, asks):
    site = returned.site(page)
    assert asks in site.page.xpath(f"string({field}/@aria-describedby)").split()
    assert site.page.get_element_by_id(asks).text_content().split()[:3] == ["The", "organizer", "asks:"]


def test_reason_stands_beside_its_file_and_after_its_removal_where_files_are_added(returned):
    site = returned.site("/files")
    asks = f"title-{returned.paper}-asked"
    assert site.page.xpath("//fieldset[@aria-describedby=$asks]", asks=asks) != []
    assert inputs(site) == ["kind", "files", f"title-{returned.paper}-zh", f"title-{returned.paper}-en", f"kind-{returned.paper}"]
    site.submit(f"remove-{returned.paper}")
    assert site.page.get_element_by_id("files-asked").text_content().strip() == "The organizer asks: Paper · The scan is hard to read."
    assert "files-asked" in site.page.xpath("string(//input[@name='files']/@aria-describedby)").split()


def test_reason_in_one_language_is_read_in_it_and_says_so(returned):
    reasons = returned.application.reasons
    with writing():
        reasons[0].en, reasons[1].zh = "", " "
    read = "//div[@class='banner warn']//li/span/@lang"
    assert returned.site().page.xpath(read) == ["zh", "en", "en"]
    assert returned.site(language="zh").page.xpath(read) == ["zh", "en", "zh"]


def test_locked_and_open_questions_stand_side_by_side(returned):
    site = returned.site("/basics")
    assert inputs(site) == ["title-zh", "title-en"]
    assert said(site, "//form//dl//dt") == [
        "Organization", "Country or region", "Achievement area", "Contact person", "Contact e-mail", "Contact phone",
        "Is this a joint application?",
    ]  # fmt: skip


def test_owner_mends_and_hands_in_again(returned):
    site = returned.site("/basics")
    site.submit("continue", title__en="The full name")
    assert site.address.endswith("/contributors")
    site.submit("continue", answers={"contributors-2-name-en": "Chen Zhi-yuan"})
    assert site.address.endswith("/files")
    site.submit("continue")
    assert site.address.endswith("/check")
    assert said(site, "//dd[@class='change']/a") == ["Change Achievement name", "Change Contributors"]
    site.submit("submit", form="submit", declaration="yes")
    assert site.address.endswith("/receipt/3")
    assert "you can reopen it" not in site.text()
    site.open(returned.address)
    assert said(site, "//div[@class='banner good']//p") == ["3 points answered; the organizer looks at it again."]
    assert said(site, "//ul[@class='tasks']//strong") == ["Complete"] * 5


def test_changes_that_wait_are_said(returned):
    returned.save("basics", title__en="The full name")
    assert "You have changes that are not handed in." in returned.site().text()


def test_page_from_before_closing_that_saves_by_itself_hears_what_is_late(returned):
    returned.go_to(returned.closes - DAY)
    site = returned.site("/basics")
    page = Typing(site)
    returned.go_to(returned.closes + DAY)
    answer = page.save(title__en="The full name", organization__en="Late")
    assert (answer.status_code, answer.json["reason"]) == (409, "late")
    assert returned.draft("basics")["title-en"] == ["The full name"]
    site.open(site.address)
    assert said(site, "//dd[@class='typed']") == ["Late"]
    assert inputs(site) == ["title-zh", "title-en"]


def test_text_kept_while_signed_out_comes_back_where_it_is_open(returned):
    site = returned.site("/basics")
    site.client.delete_cookie("session")
    site.submit("save", title__en="Typed while signed out")
    site.sign_in("a@example.org")
    site.open(f"{returned.address}/basics")
    assert site.value("title-en") == "Typed while signed out"
    assert site.page.find_class("typed") == []
    site.submit("save")
    assert returned.draft("basics")["title-en"] == ["Typed while signed out"]


def test_late_text_is_taken_over_where_an_extension_opens_it(returned):
    returned.save("basics", title__en="The full name", organization__en="Late")
    until = returned.closes + 3 * DAY
    formal_check.extend(
        application=returned.application, call=returned.call, organizer=returned.case.anna, until=until, reason="Illness", now=returned.now
    )
    site = returned.site("/basics")
    assert site.value("organization-en") == "Late"


def test_history_tells_outcomes_and_never_who(returned):
    formal_check.close_reason(
        application=returned.application, call=returned.call, organizer=returned.case.anna,
        reason_id=returned.application.reasons[0].id, now=returned.now,
    )  # fmt: skip
    until = returned.until + DAY
    formal_check.extend(
        application=returned.application, call=returned.call, organizer=returned.case.boris, until=until, reason="Illness", now=returned.now
    )
    site = returned.site()
    entries = [entry.partition("Beijing time ")[2] for entry in said(site, "//ol[@class='timeline']//li")]
    year = returned.call.edition
    assert entries[:3] == [
        f"Deadline extended for this application: until June 30, {year}, 24:00 Beijing time (= July 1, 00:00) · Illness",
        "Reason settled: Please give the full name.",
        f"Returned for improvement: until June 29, {year}, 24:00 Beijing time (= June 30, 00:00)",
    ]
    assert not any(name in site.response.text for name in ("Anna", "Boris"))


def extended(case, until):
    formal_check.extend(application=case.application, call=case.call, organizer=case.anna, until=until, reason="Illness", now=case.now)


def test_extension_is_the_deadline_everywhere(app, case, monkeypatch):
    extended(case, case.call.closes_at + 3 * DAY)
    now = case.call.closes_at + DAY
    monkeypatch.setattr(rules, "now", lambda: now)
    address, year = f"/en/applications/{case.application.ref}", case.call.edition
    words = f"June 18, {year}, 24:00 Beijing time (= June 19, 00:00)"
    site = browser(app)
    for page in ("", "/receipt/1", "/withdraw"):
        site.open(address + page)
        assert words in site.text()
        assert "June 15" not in site.text()
    site.open(address)
    assert said(site, "//div[@class='banner good']//p") == [
        f"The organizer has extended the deadline for this application until {words}.", "Reason: Illness",
    ]  # fmt: skip
    site.post(f"{address}/reopen", {})
    site.open("/en/applications")
    assert f"Submit by {words}." in site.text()
    site.open(f"{address}/check")
    assert words in site.text()
    assert "June 15" not in site.text()


def test_data_to_take_along_holds_reasons_and_extensions_and_nobody_s_name(returned):
    extended(returned.case, returned.until + DAY)
    formal_check.add_note(application=returned.application, organizer=returned.case.anna, text="Between us", now=returned.now)
    data = personal_data.data_of(returned.application.user)
    (application,) = data["applications"]
    assert [(one["step"], one["field"], one["row"], one["en"]) for one in application["reasons"]] == [
        ("basics", "title", None, "Please give the full name."), ("contributors", "contributors", "2", "Please check the name."),
        ("files", None, None, "The scan is hard to read."),
    ]  # fmt: skip
    until = (returned.until + DAY).astimezone(UTC).isoformat()
    assert [(one["reason"], one["until"]) for one in application["extensions"]] == [("Illness", until)]
    assert not any(word in str(data) for word in ("Between us", "anna@", "Boris", "closed_by", "checked_by", "given_by"))
