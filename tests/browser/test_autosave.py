"""What is typed is saved without a button; what could not be saved is kept, for the person who typed it alone."""

import re

import pytest

from app import rules
from app.applying import drafts
from app.extensions import db
from app.models import Answers
from app.people import accounts
from tests.browser.driving import PASSWORD, expect

SAVED = "Saved at"
FAILED = "Could not save: your text is still here."
COPIES = "Object.keys(sessionStorage).filter(key => key.startsWith('typed ')).length"


@pytest.fixture
def path(server):
    """The step with the achievement's name, of an application that Anna has begun."""
    with server.app_context():
        now, call = rules.now(), server.calls.get("wic-awards-2099")
        return begun("anna", call, now)


def away(visitor):
    """From now on nothing that this page sends by itself arrives, not even when it is left."""
    visitor.page.evaluate("() => { window.fetch = () => Promise.reject(new TypeError()); }")


def begun(name, call, now):
    user = accounts.register(email=f"{name}@example.org", name=name.title(), password=PASSWORD, language="en", now=now).user
    return f"/applications/{drafts.create(user=user, call=call, now=now).ref}/basics"


@pytest.fixture
def visitor(server, visit, path):
    """Anna at that step."""
    visitor = signed_in(visit(server, "en"))
    visitor.open(path)
    return visitor


def signed_in(visitor, email="anna@example.org"):
    visitor.open("/account/sign-in")
    visitor.fill({"email": email, "password": PASSWORD})
    visitor.press("Sign in")
    return visitor


def typed(visitor, name, text):
    """Types as fingers do, key by key, and stays in the field."""
    visitor.page.locator(f"[name='{name}']").focus()
    visitor.page.keyboard.press("End")
    visitor.page.keyboard.type(text)


def expect_state(visitor, words):
    # After a failure the next attempt is five seconds away.
    expect(visitor.page.locator(".state")).to_contain_text(words, timeout=15_000)


def copies(visitor):
    return visitor.page.evaluate(COPIES)


def expect_copies(visitor, count):
    visitor.page.wait_for_function(f"count => ({COPIES}) === count", arg=count)


def stored(server, name):
    """What the server holds of this input, of the only step that was ever saved."""
    with server.app_context():
        return db.session.scalars(db.select(Answers)).one().raw[name][0]


def expect_back(visitor, name, text):
    """Waits until the page holds the text: from the server, or offered and put back."""
    field, put_back = visitor.page.locator(f"[name='{name}']"), visitor.page.get_by_role("button", name="Put it back")
    expect(put_back.or_(field.and_(visitor.page.locator(f"[value='{text}']")))).to_be_visible()
    if put_back.is_visible():
        put_back.click()
        expect_state(visitor, SAVED)
    expect(field).to_have_value(text)


def posts(visitor):
    """The list of bodies that pages post from now on, as it grows."""
    bodies = []
    visitor.page.on("request", lambda request: request.method == "POST" and bodies.append(request.post_data))
    return bodies


def test_typed_text_is_on_the_server_after_a_pause(server, visit, visitor, path):
    sent = posts(visitor)
    typed(visitor, "title-en", "Quantum keys")
    expect(visitor.page.locator(".state")).to_have_text(re.compile(r"Saved at \d\d:\d\d"))
    assert len(sent) == 1
    assert copies(visitor) == 0
    elsewhere = signed_in(visit(server, "en"))
    elsewhere.open(path)
    assert elsewhere.value("title-en") == "Quantum keys"


def test_saving_never_judges(visitor):
    typed(visitor, "contact_email", "nobody")
    expect_state(visitor, SAVED)
    assert visitor.page.locator(".error, [aria-invalid]").count() == 0


def test_text_is_saved_again_as_it_grows_and_not_when_it_stays(server, visitor):
    sent = posts(visitor)
    for text in ("Quantum", " keys"):
        typed(visitor, "title-en", text)
        with visitor.page.expect_response(lambda response: response.request.method == "POST"):
            visitor.page.keyboard.press("Tab")
        expect_copies(visitor, 0)
        visitor.page.keyboard.press("Shift+Tab")
        visitor.page.keyboard.press("End")
    visitor.page.keyboard.press("Tab")
    visitor.page.wait_for_timeout(3500)
    assert len(sent) == 2
    assert stored(server, "title-en") == "Quantum keys"


def test_page_that_is_hidden_saves(server, visitor):
    typed(visitor, "title-en", "Hidden")
    # Chromium without a screen never hides a page by itself.
    with visitor.page.expect_response(lambda response: response.request.method == "POST"):
        visitor.page.evaluate(
            "() => { Object.defineProperty(document, 'hidden', {value: true}); document.dispatchEvent(new Event('visibilitychange')); }"
        )
    assert stored(server, "title-en") == "Hidden"


def test_page_that_is_left_at_once_saves_and_does_not_warn(visitor, path):
    typed(visitor, "title-en", "In a hurry")
    visitor.open("/applications")
    visitor.open(path)
    expect_back(visitor, "title-en", "In a hurry")


def test_button_right_after_typing_is_one_request(visitor):
    sent = posts(visitor)
    typed(visitor, "title-en", "Quick")
    visitor.press("Save draft")
    assert visitor.value("title-en") == "Quick"
    assert len(sent) == 1
    expect(visitor.page.locator("#unsaved")).to_be_hidden()
    assert copies(visitor) == 0


def test_button_waits_for_the_text_that_is_on_its_way(visitor):
    """Sent beside it, newer text of this very page would look like another window's."""
    held = []

    def hold(route):
        if route.request.headers["accept"] == "application/json" and not held:
            held.append(route)
        else:
            route.continue_()

    visitor.page.route("**/basics", hold)
    typed(visitor, "title-en", "Old")
    visitor.page.keyboard.press("Tab")
    visitor.page.wait_for_timeout(100)
    visitor.page.locator("[name='title-en']").fill("Newer")
    visitor.page.get_by_role("button", name="Save draft").click()
    with visitor.page.expect_navigation():
        held[0].continue_()
    assert (visitor.value("title-en"), visitor.value("version")) == ("Newer", "2")


def test_answer_lost_on_the_way_back_makes_no_conflict(server, visitor):
    lost = []

    def lose(route):
        if route.request.method == "POST" and not lost:
            lost.append(route.fetch())
            route.abort()
        else:
            route.continue_()

    visitor.page.route("**/basics", lose)
    typed(visitor, "title-en", "Once")
    visitor.page.keyboard.press("Tab")
    expect_state(visitor, FAILED)
    typed(visitor, "title-en", " more")
    expect_state(visitor, SAVED)
    expect_copies(visitor, 0)
    assert stored(server, "title-en") == "Once more"
    visitor.noticed.clear()


def test_text_is_kept_while_the_network_is_away_and_offered_after_a_reload(server, visitor):
    context = visitor.page.context
    context.set_offline(True)
    typed(visitor, "title-en", "Far away")
    visitor.page.keyboard.press("Tab")
    expect_state(visitor, FAILED)
    assert visitor.value("title-en") == "Far away"
    # Reloaded while the network is back, but before anything was sent.
    away(visitor)
    context.set_offline(False)
    visitor.page.reload()
    expect(visitor.page.locator("#unsaved")).to_contain_text("that was not saved.")
    assert visitor.value("title-en") == ""
    visitor.page.get_by_role("button", name="Put it back").click()
    expect_state(visitor, SAVED)
    assert visitor.value("title-en") == "Far away"
    expect(visitor.page.locator("#unsaved")).to_be_hidden()
    assert copies(visitor) == 0
    assert stored(server, "title-en") == "Far away"
    # The browser says on its console that it was offline, and asked whether to leave.
    visitor.noticed.clear()


def test_reload_shows_the_text_that_was_still_on_its_way(visitor):
    """The server may have made the new page before the text arrived, which the old page still learns, or does not."""
    typed(visitor, "title-en", "Arrived meanwhile")
    visitor.page.reload()
    expect_back(visitor, "title-en", "Arrived meanwhile")


def test_discarded_text_is_not_offered_again(visitor):
    away(visitor)
    typed(visitor, "title-en", "Never mind")
    expect_state(visitor, FAILED)
    visitor.page.reload()
    assert [notice.rpartition(" ")[2] for notice in visitor.noticed] == ["beforeunload"]
    visitor.page.get_by_role("button", name="Discard it").click()
    expect(visitor.page.locator("#unsaved")).to_be_hidden()
    assert (visitor.value("title-en"), copies(visitor)) == ("", 0)
    visitor.noticed.clear()


class Composer:
    """An input method, as the browser hears it."""

    def __init__(self, page):
        self.devtools = page.context.new_cdp_session(page)

    def compose(self, text):
        self.devtools.send("Input.imeSetComposition", {"text": text, "selectionStart": len(text), "selectionEnd": len(text)})

    def settle(self, text):
        self.devtools.send("Input.insertText", {"text": text})


def test_composition_is_never_interrupted(server, visitor):
    sent = posts(visitor)
    visitor.page.locator("[name='title-zh']").focus()
    composer = Composer(visitor.page)
    for text in ("l", "li", "liang zi"):
        composer.compose(text)
    visitor.page.wait_for_timeout(4000)
    assert (sent, copies(visitor)) == ([], 0)
    composer.settle("量子")
    expect_state(visitor, SAVED)
    assert visitor.value("title-zh") == "量子"
    assert len(sent) == 1
    assert stored(server, "title-zh") == "量子"


def test_signing_out_clears_the_copies(visitor):
    away(visitor)
    typed(visitor, "title-en", "Private words")
    visitor.page.keyboard.press("Tab")
    expect_state(visitor, FAILED)
    assert copies(visitor) == 1
    visitor.press("Sign out")
    assert visitor.page.evaluate("() => sessionStorage.length") == 0
    visitor.noticed.clear()


def test_signing_out_saves_what_was_just_typed(visitor, path):
    typed(visitor, "title-en", "Last words")
    visitor.press("Sign out")
    signed_in(visitor).open(path)
    assert visitor.value("title-en") == "Last words"


def test_another_account_at_the_same_browser_never_sees_the_copy(server, visitor, path):
    away(visitor)
    typed(visitor, "title-en", "Private words")
    visitor.page.keyboard.press("Tab")
    expect_state(visitor, FAILED)
    with server.app_context():
        others = begun("otto", server.calls.get("wic-awards-2099"), rules.now())
    # The sign-in ends by itself: nobody signs out.
    visitor.page.context.clear_cookies()
    signed_in(visitor, "otto@example.org").open(others)
    assert copies(visitor) == 1
    expect(visitor.page.locator("#unsaved")).to_be_hidden()
    assert visitor.value("title-en") == ""
    visitor.page.context.clear_cookies()
    signed_in(visitor).open(path)
    expect_back(visitor, "title-en", "Private words")
    visitor.noticed.clear()


def test_step_changed_elsewhere_is_not_overwritten(server, visit, visitor, path):
    other = signed_in(visit(server, "en"))
    other.open(path)
    other.fill({"title-en": "Theirs"})
    other.press("Save draft")
    typed(visitor, "title-en", "Mine")
    expect_state(visitor, "This step was changed in another window, too.")
    sent = posts(visitor)
    typed(visitor, "title-zh", "我的")
    visitor.page.keyboard.press("Tab")
    visitor.page.wait_for_timeout(3500)
    assert sent == []
    visitor.press("Save draft")
    assert visitor.page.locator(".typed").all_inner_texts() == ["Mine", "Theirs"]


def test_text_from_before_a_change_elsewhere_is_put_back_beside_it(server, visit, visitor, path):
    away(visitor)
    typed(visitor, "title-en", "Mine")
    expect_state(visitor, FAILED)
    other = signed_in(visit(server, "en"))
    other.open(path)
    other.fill({"title-en": "Theirs", "organization-en": "Institute"})
    other.press("Save draft")
    visitor.page.reload()
    assert visitor.value("title-en") == "Theirs"
    with visitor.page.expect_navigation():
        visitor.page.get_by_role("button", name="Put it back").click()
    assert visitor.page.locator(".typed").all_inner_texts() == ["Mine", "Theirs"]
    assert stored(server, "organization-en") == "Institute"
    visitor.noticed.clear()


def test_ended_sign_in_keeps_the_text_for_its_owner(visitor, path):
    visitor.page.context.clear_cookies()
    typed(visitor, "title-en", "Typed too late")
    expect_state(visitor, "You have been signed out.")
    visitor.noticed.clear()
    visitor.press("Save draft")
    visitor.fill({"email": "anna@example.org", "password": PASSWORD})
    visitor.press("Sign in")
    assert visitor.path == path
    assert visitor.value("title-en") == "Typed too late"


def test_removed_row_is_not_offered_back(visitor):
    visitor.open(visitor.path.replace("basics", "contributors"))
    visitor.press("Add another")
    first, second = visitor.rows()
    typed(visitor, f"contributors-{second}-name-en", "Somebody")
    with visitor.page.expect_navigation():
        visitor.page.locator(f"[value='remove-{second}']").click()
    assert visitor.rows() == [first]
    expect(visitor.page.locator("#unsaved")).to_be_hidden()


def test_pasted_lines_wait_for_their_button(visitor):
    visitor.open(visitor.path.replace("basics", "contributors"))
    sent = posts(visitor)
    visitor.page.locator("summary").click()
    typed(visitor, "contributors-paste", "陈志远\tChen Zhiyuan")
    visitor.page.keyboard.press("Tab")
    visitor.page.wait_for_timeout(3500)
    assert sent == []
    visitor.press("Take over these lines")
    assert len(visitor.rows()) == 1
