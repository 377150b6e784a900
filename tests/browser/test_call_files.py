"""A call file in a browser: its preview, a link to a line, and what happens to a text that is left behind."""

import pytest
from axe_playwright_python.base import AXE_SCRIPT

from app import rules
from app.extensions import writing
from app.people import accounts
from tests.browser.driving import PASSWORD, expect
from tests.browser.test_every_page import axe

ADDRESS = "/desk/calls/wic-awards-2099"


@pytest.fixture
def organizer(server, visit):
    """Opens the desk in a language."""
    with server.app_context():
        accounts.register(email="desk@example.org", name="Anna", password=PASSWORD, language="en", now=rules.now())
        with writing():
            accounts.find("desk@example.org").role = "organizer"

    def begin(language, **options):
        visitor = visit(server, language, **options)
        visitor.open("/account/sign-in")
        visitor.fill({"email": "desk@example.org", "password": PASSWORD})
        with visitor.page.expect_navigation():
            visitor.page.keyboard.press("Enter")
        visitor.open(ADDRESS)
        return visitor

    return begin


def press(visitor, action):
    with visitor.page.expect_navigation():
        visitor.page.locator(f"main button[value={action}]:not(.first)").click()


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_preview_is_accessible_fits_a_phone_and_leads_nowhere(organizer, language):
    visitor = organizer(language)
    press(visitor, "preview")
    for look in ("zh.-call", "en.-privacy", "zh.contributors", "en.materials.key-technology", "zh.files"):
        visitor.page.locator("#desk-look").select_option(look)
        press(visitor, "look")
        visitor.page.evaluate(AXE_SCRIPT)
        assert axe(visitor.page) == []
        visitor.page.set_viewport_size({"width": 320, "height": 800})
        assert visitor.page.locator(":root").evaluate("root => root.scrollWidth") == 320
        visitor.page.set_viewport_size({"width": 1280, "height": 800})
        for button in visitor.page.locator(".preview button:not(.first):visible").all():
            button.click()
        expect(visitor.page.locator("#desk-look")).to_have_value(look)
        assert visitor.page.locator(".preview a[href]").count() == 0
    assert visitor.path == ADDRESS


def test_a_link_to_a_line_selects_it_in_the_text(organizer):
    visitor = organizer("en", width=390)
    text = visitor.value("text").replace('email = "SciTec', 'emial = "SciTec').replace("sample = true\n", "sample = 1\n")
    visitor.fill({"text": text})
    press(visitor, "check")
    lines = visitor.page.locator("[role=alert] a[data-line]")
    assert lines.count() > 20
    area = visitor.page.locator("#text")
    for place in (0, 5, lines.count() - 1):
        link = lines.nth(place)
        link.click()
        selected = area.evaluate("area => area.value.slice(area.selectionStart, area.selectionEnd)")
        assert selected == text.split("\n")[int(link.get_attribute("data-line")) - 1]
        expect(area).to_be_focused()
        # It is in sight, long lines above it being wrapped: typing does not scroll the text any more.
        seen = area.evaluate("area => area.scrollTop")
        visitor.page.keyboard.press("ArrowLeft")
        assert abs(area.evaluate("area => area.scrollTop") - seen) < 2


def test_what_was_accepted_is_on_the_public_page_at_once(organizer):
    visitor = organizer("zh")
    visitor.fill({"text": visitor.value("text").replace('name.zh = "赵女士"', 'name.zh = "钱女士"'), "reason": "换了联系人"})
    visitor.press("预览")
    assert "钱女士" in visitor.page.locator(".preview address").inner_text()
    visitor.press("采用")
    assert "换了联系人" in visitor.page.locator(".timeline").inner_text()
    visitor.open("/calls/wic-awards-2099")
    assert "钱女士" in visitor.page.locator("address").inner_text()
