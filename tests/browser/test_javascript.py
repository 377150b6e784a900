"""What JavaScript adds: counters, focus, one's own time, uploads with progress. Without it every journey works as well."""

import json
from pathlib import Path

import pytest

from tests import corpus
from tests.browser.driving import expect

LENGTHS = json.loads((Path(__file__).parent.parent / "lengths.json").read_text("utf-8"))


@pytest.fixture
def visitor(server, visit):
    """Somebody who has begun an application, at its task list."""
    visitor = visit(server, "en")
    visitor.begin_application("anna@example.org")
    return visitor


def test_counter_counts_as_the_server_does(server, visit):
    visitor = visit(server, "en")
    visitor.open("/")
    texts = [text for text, _count, _why in LENGTHS]
    assert visitor.page.evaluate("texts => texts.map(countLength)", texts) == [count for _text, count, _why in LENGTHS]


def test_counter_follows_what_is_typed(visitor):
    visitor.follow("Basic information")
    count, title = visitor.page.locator("#title-zh-count"), visitor.page.locator("[name='title-zh']")
    title.press_sequentially("面向6G的AI芯片")
    expect(count).to_have_text("7 of 50 characters")
    title.fill("量" * 53)
    expect(count).to_have_text("53 of 50 characters, 3 too many")
    visitor.press("Save draft")
    expect(count).to_have_text("53 of 50 characters, 3 too many")
    assert visitor.value("title-zh") == "量" * 53


def test_counter_stands_still_while_an_input_method_composes(visitor):
    visitor.follow("Basic information")
    count, title = visitor.page.locator("#title-zh-count"), visitor.page.locator("[name='title-zh']")
    title.fill("新")
    method = visitor.page.context.new_cdp_session(visitor.page)
    for text in ("l", "li", "lia", "liang zi"):
        method.send("Input.imeSetComposition", {"text": text, "selectionStart": len(text), "selectionEnd": len(text)})
        expect(title).to_have_value(f"新{text}")
        expect(count).to_have_text("1 of 50 characters")
    method.send("Input.insertText", {"text": "量子"})
    expect(title).to_have_value("新量子")
    expect(count).to_have_text("3 of 50 characters")


def test_focus_moves_to_the_error_summary_and_on_to_the_field(visitor):
    page = visitor.page
    visitor.follow("Contributors")
    visitor.press("Save and continue")
    expect(page.get_by_role("alert")).to_be_focused()
    assert page.title().startswith("Error: ")
    page.get_by_role("alert").get_by_role("link").nth(3).click()
    expect(page.locator(f"[name='contributors-{visitor.rows()[0]}-organization-en']")).to_be_focused()


def test_change_link_of_the_check_page_focuses_its_question(visitor):
    visitor.follow("Check your answers and submit")
    visitor.follow(visitor.missing()[5])
    expect(visitor.page.locator("[name='country']")).to_be_focused()
    visitor.open(visitor.path.replace("/basics", "/check"))
    visitor.follow(visitor.missing()[15])
    expect(visitor.page.locator(f"[name='contributors-{visitor.rows()[0]}-organization-en']")).to_be_focused()


@pytest.mark.parametrize(
    ("language", "zone", "words"),
    [
        ("en", "Europe/Berlin", "June 15, 2099, 24:00 Beijing time (= June 16, 00:00) · Your time: June 15, 2099 at 18:00, in "),
        ("zh", "Europe/Berlin", "2099年6月15日24:00（北京时间） · 您所在时区：2099年6月15日 18:00，"),
        ("en", "Asia/Shanghai", "June 15, 2099, 24:00 Beijing time (= June 16, 00:00) · in "),
        ("zh", "Asia/Shanghai", "2099年6月15日24:00（北京时间） · "),
    ],
)
def test_deadline_is_said_in_the_visitors_own_time(server, visit, language, zone, words):
    visitor = visit(server, language, timezone_id=zone)
    visitor.open("/")
    line = visitor.page.locator("time[data-own]").locator("..")
    expect(line).to_contain_text(words)
    expect(line).to_contain_text({"en": " days", "zh": "天后"}[language])


def test_large_and_broken_files_are_refused_beside_the_good_ones(visitor):
    visitor.follow("Supporting files")
    sent = []
    visitor.page.on("request", lambda request: request.method == "POST" and sent.append(request))
    visitor.upload({"大_Large.pdf": bytes(5 * 1024 * 1024 + 1), "好_Good.pdf": corpus.pdf(), "macro.docm": b"PK"}, "awards")
    visitor.expect_files(1)
    alert = visitor.page.get_by_role("alert")
    expect(alert).to_contain_text("“大_Large.pdf” is larger than 5 MB and was not sent.")
    expect(alert).to_contain_text("“macro.docm” was not stored.")
    assert len(sent) == 2


def test_files_dropped_on_the_page_are_stored_and_titles_typed_beside_them_kept(visitor):
    page = visitor.page
    visitor.follow("Supporting files")
    visitor.upload({"scan.pdf": corpus.pdf()}, "papers")
    visitor.expect_files(1)
    page.locator("[name^='title-'][lang='zh']").fill("扫描件")
    page.locator(".drop").evaluate(
        """(place, bytes) => {
            const files = new DataTransfer();
            files.items.add(new File([new Uint8Array(bytes)], "专利证书_Patent certificate.png"));
            place.dispatchEvent(new DragEvent("drop", {dataTransfer: files, bubbles: true, cancelable: true}));
        }""",
        list(corpus.picture("PNG")),
    )
    visitor.expect_files(2)
    titles = page.locator("[name^='title-'][lang='zh']")
    assert [titles.nth(0).input_value(), titles.nth(1).input_value()] == ["扫描件", "专利证书"]


def test_upload_says_so_when_the_connection_is_lost(visitor):
    visitor.follow("Supporting files")
    visitor.page.context.set_offline(True)
    visitor.upload({"好_Good.pdf": corpus.pdf()}, "awards")
    expect(visitor.page.get_by_role("alert")).to_contain_text("“好_Good.pdf” did not arrive. Check the connection and try again.")
    visitor.page.context.set_offline(False)
    visitor.upload({"好_Good.pdf": corpus.pdf()}, "awards")
    visitor.expect_files(1)
    # That the browser could not reach the server is what this test is about.
    visitor.noticed.clear()


def test_upload_says_so_when_the_sign_in_has_ended(visitor):
    visitor.follow("Supporting files")
    visitor.page.context.clear_cookies()
    visitor.upload({"好_Good.pdf": corpus.pdf()}, "awards")
    expect(visitor.page.get_by_role("alert")).to_contain_text("You have been signed out. Reload this page, sign in, and try again.")


def test_language_switch_of_the_files_step_keeps_typed_titles(visitor):
    visitor.follow("Supporting files")
    visitor.upload({"scan.pdf": corpus.pdf()}, "papers")
    visitor.expect_files(1)
    visitor.page.locator("[name^='title-'][lang='en']").fill("A scan")
    visitor.press("中文")
    assert visitor.title == "证明材料"
    expect(visitor.page.locator("[name^='title-'][lang='en']")).to_have_value("A scan")


def test_double_click_hands_in_once(visitor):
    visitor.follow("Basic information")
    sent = []
    visitor.page.on("request", lambda request: request.method == "POST" and sent.append(request.url))
    visitor.fill({"title-en": "Twice"})
    with visitor.page.expect_navigation():
        visitor.page.get_by_role("button", name="Save draft").dblclick(no_wait_after=True)
    assert visitor.value("title-en") == "Twice"
    assert len(sent) == 1


def test_upload_page_without_javascript_fits_320_pixels(server, visit):
    visitor = visit(server, "en", width=320, java_script_enabled=False)
    visitor.begin_application("anna@example.org")
    visitor.follow("Supporting files")
    visitor.upload({"专利证书_A very long name of a file without any space_in_it_" + "x" * 90 + ".pdf": corpus.pdf()}, "papers")
    visitor.press("Upload")
    visitor.expect_files(1)
    assert visitor.page.locator(":root").evaluate("root => root.scrollWidth") <= 320
