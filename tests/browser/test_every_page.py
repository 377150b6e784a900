"""What holds on every page of the site, in both languages, light and dark, on a desk and on a phone."""

import pytest
from axe_playwright_python.base import AXE_SCRIPT

from tests.browser.driving import PASSWORD
from tests.browser.every_page import BARE, DOWNLOADS, VISITORS, furnish

LANGUAGES = ("zh", "en")


@pytest.fixture(scope="module")
def pages(shared_server):
    return furnish(shared_server)


def test_every_page_is_looked_at(shared_server, pages):
    readable = {rule.endpoint for rule in shared_server.url_map.iter_rules() if "GET" in rule.methods}
    assert set(pages) - {None} == readable - DOWNLOADS - BARE
    assert all(pages.values())


def looked_at(app, visit, pages, language):
    """Opens every state of every page in turn, and yields (state, page, whether axe is to look at it).

    Axe takes longer than all else here: it looks at every page in both languages, at its single states in one or the other.
    """
    visitors = {who: visit(app, language) for who in VISITORS}
    for who in VISITORS[1:]:
        visitors[who].open("/account/sign-in")
        visitors[who].fill({"email": f"{who}@example.org", "password": PASSWORD})
        with visitors[who].page.expect_navigation():
            visitors[who].page.keyboard.press("Enter")
    for place, state, count in ((place, state, len(states)) for states in pages.values() for place, state in enumerate(states)):
        visitor = visitors[state.who]
        visitor.open(state.path)
        if state.press:
            with visitor.page.expect_navigation():
                visitor.page.locator(state.press).first.click()
            assert visitor.errors(), f"{state} shows no error"
        yield state, visitor.page, count == 1 or LANGUAGES[place % 2] == language


LOOKS = {"en": ("light", 1280), "zh": ("dark", 375)}
"""In which colours and at which width axe looks at the pages of a language: each look at every page once."""


def axe(page):
    """What axe finds: [(rule, the first elements)]."""
    options = {"resultTypes": ["violations"], "preload": False, "rules": {"target-size": {"enabled": True}}}
    violations = page.evaluate("options => axe.run(options).then(({violations}) => violations)", options)
    return [(rule["id"], [node["html"][:200] for node in rule["nodes"][:3]]) for rule in violations]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_page_is_accessible_and_fits_320_pixels(shared_server, visit, pages, language):
    """Also: no page has an error on its console or asks anybody else for anything; `visit` sees to it."""
    found, wide = {}, {}
    colours, width = LOOKS[language]
    for state, page, thoroughly in looked_at(shared_server, visit, pages, language):
        if thoroughly:
            page.emulate_media(color_scheme=colours)
            page.set_viewport_size({"width": width, "height": 800})
            page.evaluate(AXE_SCRIPT)
            found[str(state)] = axe(page)
        page.set_viewport_size({"width": 320, "height": 800})
        wide[str(state)] = page.locator(":root").evaluate("root => root.scrollWidth")
        page.set_viewport_size({"width": 1280, "height": 800})
    assert {where: what for where, what in found.items() if what} == {}
    assert {where: width for where, width in wide.items() if width > 320} == {}
