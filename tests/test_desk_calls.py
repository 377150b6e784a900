"""The pages of the call files at the desk: what an organizer types is kept, shown as it would look, and written when it is accepted."""

import re
from datetime import timedelta

import pytest

from app import rules, versions
from app.call.loading import LARGEST, source_for_edition
from app.desk import call_files
from app.extensions import db, writing
from app.models import Application, Event, Mailing
from app.people import accounts
from tests.handing_in import draft, handed_in
from tests.site import Site

CHANGE = ('name.en = "Ms. Zhao"', 'name.en = "Ms. Qian"')

STALE = "This page was open for too long, or you signed in or out meanwhile. Please send it once more."
WRITTEN = "Write the date like 2027-06-30 and the time like 18:00; 24:00 is the end of the day."


@pytest.fixture
def organizer(app):
    site = Site(app).register("organizer@example.org", name="Li Ming")
    with app.app_context(), writing():
        accounts.find("organizer@example.org").role = "organizer"
    return site


@pytest.fixture
def path(app, call):
    with app.app_context():
        return call_files.path_of(call.id)


@pytest.fixture
def text(path):
    return path.read_text("utf-8")


@pytest.fixture
def address(call):
    return f"/en/desk/calls/{call.id}"


def press(site, action, text=None, status=200, **given):
    """Presses a button of the form of a call file."""
    given |= {} if text is None else {"text": text}
    site.submit(action, form="desk-call", status=status, answers=given)


def mistakes(site):
    return [" ".join(link.text_content().split()) for link in site.page.xpath("//*[@role='alert']//a")]


def looked_at(site):
    """What the preview shows."""
    (frame,) = site.page.xpath("//*[@class='preview']/div")
    return frame


def only_ref(app):
    with app.app_context():
        return db.session.scalar(db.select(Application.ref))


# -- which there are


def test_every_file_is_listed_with_its_state(app, organizer, call, path, text):
    year = call.edition
    broken = source_for_edition(text, year, year + 1).replace("edition = ", "edition ")
    path.with_name(f"wic-awards-{year + 1}.toml").write_text(broken, "utf-8")
    path.with_name("Wrong Name.toml").write_text(text, "utf-8")
    draft(app, call)
    app.calls.look_now()
    organizer.open("/en/desk/calls")
    cards = {card.xpath("string(.//code)"): " ".join(card.text_content().split()) for card in organizer.page.xpath("//article")}
    assert {name: re.search(r"Serving as it last was|Not serving|Serving", words)[0] for name, words in cards.items()} == {
        f"wic-awards-{year}.toml": "Serving", f"wic-awards-{year + 1}.toml": "Not serving", "Wrong Name.toml": "Not serving",
    }  # fmt: skip
    assert "1 application" in cards[f"wic-awards-{year}.toml"]
    assert "The file has 1 mistake." in cards[f"wic-awards-{year + 1}.toml"]
    assert "Rename the file" in cards["Wrong Name.toml"]
    path.write_text(text.replace("edition = ", "edition "), "utf-8")
    app.calls.look_now()
    organizer.open("/en/desk/calls")
    assert "Serving as it last was" in organizer.text()


def test_a_call_whose_file_is_gone_is_listed_and_its_text_is_offered(app, organizer, call, path, text, address):
    path.unlink()
    app.calls.look_now()
    organizer.open("/en/desk/calls")
    assert "No file" in organizer.text()
    organizer.open(address)
    assert organizer.value("text") == text
    press(organizer, "accept")
    assert path.read_text("utf-8") == text


@pytest.mark.parametrize("name", ["nothing-2027", "Wrong%20Name", "..", "..%2Fsettings", "a" * 41, "%00"])
def test_what_is_no_call_is_not_found(organizer, name):
    organizer.open(f"/en/desk/calls/{name}", status=404)


# -- the text


def test_mistakes_are_told_like_the_loader_does_with_lines_and_everything_typed_is_kept(organizer, address, text, path):
    wrong = text.replace('phone = "+86', 'phnoe = "+86')
    line = wrong.split("\n").index('phnoe = "+86-15011376251"') + 1
    organizer.open(address)
    press(organizer, "check", wrong, reason="A <new> number")
    assert mistakes(organizer) == [
        f'Line {line - 3}: “phone” is missing; it should be a text in quotation marks "".',
        f"Line {line}: There is no “phnoe” here; did you mean “phone”?",
    ]
    shown = organizer.page.xpath("//*[@role='alert']//li")
    assert [code.text_content() for code in shown[1].xpath(".//code")] == ['phnoe = "+86-15011376251"', "contact.phnoe"]
    assert (organizer.value("text").replace("\r\n", "\n"), organizer.value("reason")) == (wrong, "A <new> number")
    press(organizer, "accept")
    assert mistakes(organizer)
    assert path.read_text("utf-8") == text


def test_mistakes_are_told_in_the_language_of_the_page(organizer, address, text):
    organizer.open(address.replace("/en/", "/zh/"))
    press(organizer, "check", text.replace('phone = "+86', 'phnoe = "+86'))
    assert mistakes(organizer)[1].endswith("没有“phnoe”这一项，是不是“phone”？")


def test_a_broken_file_opens_with_its_mistakes(app, organizer, address, path, text):
    for data in (text.replace("edition = ", "edition ").encode(), text.encode("gb18030"), b"#" * (LARGEST + 9), b"[" * 2000):
        path.write_bytes(data)
        organizer.open(address)
        assert mistakes(organizer)[0].startswith("Line 1: ") or "edition" in organizer.text()
    assert "Serving as it last was" in organizer.text()


@pytest.mark.parametrize("text", ["", "\x00", "= ", "\ufeff", "[[", '"""', "a" * 100_000, "é" * (LARGEST // 2 + 1), "\r\r\n\r"])
def test_nonsense_is_answered_in_words_and_never_written(organizer, address, path, text):
    before = path.read_bytes()
    organizer.open(address)
    for action in ("check", "preview", "accept", "look", "language", "save", ""):
        press(organizer, action, text)
        organizer.open(address)
    assert path.read_bytes() == before


def test_a_text_as_large_as_a_file_may_be_arrives(organizer, address, text, path):
    large = text + "\n#" + "注" * ((LARGEST - len(text.encode()) - 2) // 3)
    organizer.open(address)
    press(organizer, "accept", large)
    assert path.read_text("utf-8") == large
    press(organizer, "accept", large + "注")
    assert mistakes(organizer) == ["Line 1: The file is larger than 1 MB; this cannot be a call for entries."]
    for size, status in ((LARGEST, 200), (2 * LARGEST, 413)):
        response = organizer.client.post(address, data={"text": "注" * size}, content_type="multipart/form-data")
        assert response.status_code == status


def test_switching_the_language_keeps_what_was_typed(organizer, address, text):
    organizer.open(address)
    press(organizer, "language", text.replace(*CHANGE), reason="Why")
    assert (organizer.value("text").replace("\r\n", "\n"), organizer.value("reason")) == (text.replace(*CHANGE), "Why")
    assert mistakes(organizer) == []


def test_a_stale_token_keeps_what_was_typed(organizer, address, text, path):
    organizer.open(address)
    press(organizer, "accept", text.replace(*CHANGE), csrf_token="stale")
    assert mistakes(organizer) == [STALE]
    assert organizer.value("text").replace("\r\n", "\n") == text.replace(*CHANGE)
    press(organizer, "accept")
    assert "Ms. Qian" in path.read_text("utf-8")


def test_samples_are_listed_with_their_lines(organizer, address, text):
    organizer.open(address)
    listed = organizer.page.xpath("//h2[.='Samples to be confirmed']/following-sibling::ul/li/a/@data-line")
    assert [int(line) for line in listed] == [number for number, row in enumerate(text.split("\n"), 1) if row == "sample = true"]


# -- accepting


def test_an_accepted_text_serves_with_the_next_request(app, organizer, call, address, text, path):
    organizer.open(address)
    press(organizer, "accept", text.replace(*CHANGE), reason="She moved on")
    assert "The file is written" in organizer.text()
    assert "Li Ming · She moved on" in organizer.text()
    organizer.open(f"/en/calls/{call.id}")
    assert "Ms. Qian" in organizer.text()
    assert path.read_text("utf-8") == text.replace(*CHANGE)
    organizer.open(address)
    press(organizer, "accept")
    assert "nothing was changed" in organizer.text()
    with app.app_context():
        assert db.session.scalar(db.select(db.func.count(Event.id)).filter_by(what="call changed")) == 1


def test_what_somebody_else_wrote_meanwhile_is_shown_and_not_written_over_unawares(organizer, address, text, path):
    organizer.open(address)
    theirs = text.replace(CHANGE[0], 'name.en = "Ms. Sun"')
    path.write_text(theirs, "utf-8")
    for action in ("check", "preview", "accept"):
        organizer.open(address)
        organizer.page.get_element_by_id("desk-call").fields["base"] = "0" * 64
        press(organizer, action, text.replace(*CHANGE))
        assert "The file was changed after you had opened it; nothing was written." in organizer.text()
    assert path.read_text("utf-8") == theirs
    assert [row.text_content() for row in organizer.page.xpath("//del | //ins")] == ['name.en = "Ms. Sun"', 'name.en = "Ms. Qian"']
    kept, now = (area.text for area in (organizer.page.get_element_by_id("text"), organizer.page.xpath("//textarea[@readonly]")[0]))
    assert (kept, now) == (text.replace(*CHANGE), theirs)
    press(organizer, "accept")
    assert path.read_text("utf-8") == text.replace(*CHANGE)


def test_pressing_accept_twice_is_no_conflict(organizer, address, text):
    organizer.open(address)
    form = organizer.page
    press(organizer, "accept", text.replace(*CHANGE))
    organizer.page = form
    press(organizer, "accept", text.replace(*CHANGE))
    assert "This is what stands in the file already; nothing was changed." in organizer.text()


def test_a_folder_that_cannot_be_written_is_said_and_the_text_is_kept(organizer, address, text, path):
    path.with_name(f".{path.name}.new").mkdir()
    organizer.open(address)
    press(organizer, "accept", text.replace(*CHANGE))
    assert mistakes(organizer)[0].startswith("The server could not write the file")
    assert organizer.value("text").replace("\r\n", "\n") == text.replace(*CHANGE)


def test_answers_that_would_be_lost_are_told_and_ticked(app, organizer, call, address, text, path):
    draft(app, call, materials={"website": ["https://example.org"]})
    organizer.open(address)
    changed = text.replace('id = "website"', 'id = "homepage"')
    press(organizer, "accept", changed)
    assert mistakes(organizer) == ["Confirm below that these answers will not be shown any more; nothing was written yet."]
    told = "“Web address of the achievement” is not asked on this page any more; 1 application has an answer. materials.website"
    assert told in organizer.text()
    assert path.read_text("utf-8") == text
    tick = organizer.page.xpath("string(//input[@name='confirm']/@value)")
    press(organizer, "accept", confirm=tick)
    assert path.read_text("utf-8") == changed


def test_a_category_in_use_and_an_earlier_deadline_are_refused_by_line(app, organizer, call, address, text, path):
    handed_in(app, call)
    organizer.open(address)
    press(organizer, "accept", text.replace('"basic-research"', '"theory"').replace("-06-15 24:00", "-06-14 24:00"))
    deadline = next(number for number, row in enumerate(text.split("\n"), 1) if row.startswith("deadline"))
    categories = text.split("\n").index("[[categories]]") + 1
    assert mistakes(organizer) == [
        f"Line {deadline}: Applications have been started, so the deadline can only be moved to a later time.",
        f"Line {categories}: The category “Basic Research” (basic-research) cannot be removed: 1 application is in it.",
    ]
    assert path.read_text("utf-8") == text


def test_a_moved_deadline_says_which_lines_still_hold_the_old_date(organizer, address, text):
    organizer.open(address)
    press(organizer, "check", text.replace("-06-15 24:00\"   ", "-06-30 24:00\"   "))
    found = [int(line) for line in organizer.page.xpath("//*[@class='banner warn']//a/@data-line")]
    rows = text.split("\n")
    assert found == [number for number, row in enumerate(rows, 1) if re.search(r"6月15日|June 15,", row)]


# -- the preview


def test_the_preview_shows_every_page_in_both_languages_and_nothing_on_it_acts(organizer, call, address, text, path):
    changed = text.replace(*CHANGE).replace('label.en = "Summary of the achievement"', 'label.en = "Summary in brief"')
    organizer.open(address)
    press(organizer, "preview", changed, reason="Why")
    assert "Nothing has been written yet." in organizer.text()
    assert looked_at(organizer).get("lang") == "en"
    assert "Ms. Qian" in looked_at(organizer).text_content()
    looks = organizer.page.xpath("//select[@name='look']//option/@value")
    steps = [f"{step.id}.{category.id}" if step.id == "materials" else step.id for step in call.steps for category in call.categories]
    keys = ["-call", "-privacy", *dict.fromkeys(steps)]
    assert looks == [f"{language}.{key}" for language in ("zh", "en") for key in keys]
    for look in looks:
        press(organizer, "look", look=look)
        frame = looked_at(organizer)
        assert frame.get("lang") == {"zh": "zh-Hans", "en": "en"}[look[:2]]
        assert frame.xpath(".//@href | .//@action | .//@name | .//@formaction | .//@src | .//form | .//script") == []
        assert len(frame.xpath(".//h1")) == 1
    press(organizer, "look", look="en.materials.key-technology")
    words = looked_at(organizer).text_content()
    assert ("Summary in brief" in words, "Bottleneck and breakthrough" in words, "Theoretical innovation" in words) == (True, True, False)
    assert path.read_text("utf-8") == text
    press(organizer, "accept")
    assert path.read_text("utf-8") == changed
    assert "Li Ming · Why" in organizer.text()


def test_the_preview_goes_on_in_the_other_language_and_back_to_the_text(organizer, address, text):
    organizer.open(address)
    press(organizer, "preview", text.replace(*CHANGE))
    for action in ("language", "save"):
        press(organizer, action)
        assert looked_at(organizer) is not None
    press(organizer, "edit")
    assert organizer.value("text").replace("\r\n", "\n") == text.replace(*CHANGE)


def test_a_wrong_text_has_no_preview(organizer, address, text):
    organizer.open(address)
    press(organizer, "preview", text.replace("edition = ", "edition "))
    assert organizer.page.xpath("//*[@class='preview']") == []
    assert len(mistakes(organizer)) == 1


def test_the_preview_of_what_markdown_and_labels_may_hold_is_harmless(organizer, address, text):
    hostile = text.replace('label.en = "Summary of the achievement"', 'label.en = "<script>alert(1)</script><form action=/x>"')
    hostile = hostile.replace("Entries are welcome", "[x](javascript:alert(1)) <img src=x onerror=alert(1)> [y](/en/account/delete)")
    organizer.open(address)
    for look in ("en.-call", "en.materials.key-technology"):
        press(organizer, "preview", hostile, look=look)
        frame = looked_at(organizer)
        assert frame.xpath(".//script | .//form | .//img | .//@href | .//@onerror") == []
        organizer.open(address)


# -- editions and history


def test_the_next_edition_opens_in_the_editor_and_is_public_only_once_accepted(app, organizer, call, path, text):
    year = call.edition
    organizer.open("/en/desk/calls")
    (link,) = organizer.page.xpath("//a[.='Make the next edition']/@href")
    organizer.open(link)
    assert organizer.value("text") == source_for_edition(text, year, year + 1)
    new = path.with_name(f"wic-awards-{year + 1}.toml")
    assert not new.exists()
    press(organizer, "check")
    assert "As soon as this is accepted, everybody sees the call and can start an application." in organizer.text()
    press(organizer, "accept")
    assert new.read_text("utf-8") == source_for_edition(text, year, year + 1)
    organizer.open(f"/en/calls/{new.stem}")
    organizer.open("/en/desk/calls")
    links = organizer.page.xpath("//a[.='Make the next edition']/@href")
    assert {link.partition("?")[0].rpartition("-")[2] for link in links} == {str(year + 2)}


@pytest.mark.parametrize("query", ["?from=nothing", "?from=wic-awards-2000", ""])
def test_an_edition_of_nothing_is_not_found(organizer, query):
    organizer.open(f"/en/desk/calls/wic-awards-2999{query}", status=404)


def test_an_older_version_is_restored_through_the_preview(app, organizer, call, address, text, path):
    organizer.open(address)
    press(organizer, "accept", text.replace(*CHANGE))
    links = organizer.page.xpath("//ol[@class='timeline']//a/@href")
    assert len(links) == 2
    organizer.open(links[0])
    assert [row.text_content() for row in organizer.page.xpath("//del | //ins")] == ['name.en = "Ms. Zhao"', 'name.en = "Ms. Qian"']
    organizer.open(links[1])
    organizer.submit("preview", form=len(organizer.page.forms) - 1)
    assert "Ms. Zhao" in looked_at(organizer).text_content()
    assert path.read_text("utf-8") == text.replace(*CHANGE)
    press(organizer, "accept")
    assert path.read_text("utf-8") == text
    with app.app_context():
        assert versions.newest(call.id).source == text
        assert [served.reason[:7] for served in versions.history(call.id)] == ["Back to", "", ""]
    for n, status in ((1, 200), (2, 200), (3, 200), (0, 404), (4, 404), (10**30, 404)):
        organizer.open(f"{address}/history/{n}", status=status)


def test_a_restore_is_refused_like_any_other_text(app, organizer, call, address, text):
    organizer.open(address)
    press(organizer, "accept", text.replace("-06-15 24:00", "-06-30 24:00"))
    draft(app, call)
    organizer.open(f"{address}/history/1")
    organizer.submit("preview", form=len(organizer.page.forms) - 1)
    assert len(mistakes(organizer)) == 1
    assert mistakes(organizer)[0].endswith("the deadline can only be moved to a later time.")


# -- the deadline


def move(site, **given):
    given = {"clock": "24:00", "reason_zh": "应多方要求。", "reason_en": "Many have asked."} | given
    site.submit(form="desk-deadline", answers={name: value for name, value in given.items() if value is not None})


def test_the_deadline_is_moved_with_a_reason_and_mailed(app, organizer, call, address, text, path):
    year = call.edition
    draft(app, call)
    organizer.open(f"{address}/deadline")
    assert "Mail it to the owner of the 1 application" in organizer.text()
    move(organizer, day=f"{year}-06-30", clock="18:00", mail="y")
    assert f"The deadline is June 30, {year}, 18:00 Beijing time now" in organizer.text()
    assert "These lines still say the old date" in organizer.text()
    assert path.read_text("utf-8") == text.replace(f"{year}-06-15 24:00\"  ", f"{year}-06-30 18:00\"  ")
    with app.app_context():
        (event,) = db.session.scalars(db.select(Event).filter_by(what="deadline moved"))
        assert event.details["reason"] == {"zh": "应多方要求。", "en": "Many have asked."}
        assert [mailing.remaining for mailing in db.session.scalars(db.select(Mailing))] == [[db.session.scalar(db.select(Application.id))]]
    organizer.open(f"/en/calls/{call.id}")
    assert f"June 30, {year}, 18:00" in organizer.text()
    owner = Site(app).sign_in("a@example.org")
    owner.open(f"/zh/applications/{only_ref(app)}")
    assert f"截止时间调整：{year}年6月30日18:00（北京时间） · 应多方要求。" in owner.text()
    assert "Li Ming" not in owner.text()


@pytest.mark.parametrize(("given", "sentence"), [
    ({"day": "{year}-06-14"}, "Applications have been started, so the deadline can only be moved to a later time."),
    ({"day": "{year}-06-15"}, "This is the deadline already."),
    ({"day": "tomorrow"}, WRITTEN),
    ({"day": "{year}-06-31"}, WRITTEN),
    ({"day": "{year}-06-30", "clock": "25:00"}, WRITTEN),
    ({"day": ""}, "Enter the date."),
    ({"day": "{year}-06-30", "clock": " "}, "Enter the time."),
    ({"day": "{year}-06-30", "reason_zh": ""}, "Give the reason in Chinese."),
    ({"day": "{year}-06-30", "reason_en": "\n"}, "Give the reason in English."),
    ({"day": "{year}-06-30", "reason_en": "x" * 501}, "This has more than 500 characters. Shorten it, please."),
    ({"day": "{year}-06-30", "reason_en": "a\x00b"}, "There is a character that cannot be shown. Type it again, please."),
    ({"day": "{year}-06-30", "csrf_token": "stale"}, STALE),
    ({"day": "{year}-06-30", "before": "2000-01-01 24:00"},
     "The deadline was moved meanwhile; now it is June 15, {year}, 24:00 Beijing time (= June 16, 00:00)."),
])  # fmt: skip
def test_a_move_is_refused_in_words_and_what_was_typed_is_kept(app, organizer, call, address, path, text, given, sentence):
    draft(app, call)
    given = {name: value.format(year=call.edition) for name, value in given.items()}
    organizer.open(f"{address}/deadline")
    move(organizer, **given)
    assert organizer.errors() == [sentence.format(year=call.edition)]
    assert organizer.value("day") == given["day"]
    assert path.read_text("utf-8") == text


def test_the_deadline_of_a_broken_file_is_left_to_the_text(organizer, call, address, path, text):
    organizer.open(f"{address}/deadline")
    path.write_text(text.replace("edition = ", "edition "), "utf-8")
    move(organizer, day=f"{call.edition}-06-30")
    assert organizer.errors()[0].startswith("The deadline cannot be changed here")


def test_a_move_after_the_deadline_opens_the_call_again(app, organizer, call, address, path, text):
    year = rules.now().year - 1
    past = source_for_edition(text, call.edition, year)
    path.with_name(f"wic-awards-{year}.toml").write_text(past, "utf-8")
    app.calls.look_now()
    address = address.replace(str(call.edition), str(year))
    tomorrow = (rules.now() + timedelta(days=2)).date().isoformat()
    organizer.open(f"{address}/deadline")
    move(organizer, day=tomorrow)
    organizer.open(f"/en/calls/wic-awards-{year}")
    assert organizer.page.xpath("//button[.='New application']")
