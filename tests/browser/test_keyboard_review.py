"""Scoring by keyboard alone, on a tablet: arrows choose a score, the total follows, what is typed is saved without a button."""

from tests import panel
from tests.browser.driving import expect
from tests.browser.test_keyboard import Typist
from tests.handing_in import handed_in
from tests.site import PASSWORD


def test_review_is_scored_and_handed_in_by_keyboard_alone(server, visit):
    (call,) = server.calls.all()
    application_id = handed_in(server, call)
    with server.app_context():
        panel.give(application_id, panel.expert(call, "kay@example.org"))
    visitor = visit(server, "en", width=820)
    typist, page = Typist(visitor), visitor.page
    visitor.open("/account/sign-in?next=/en/panel/applications")
    typist.type_into({"email": "kay@example.org", "password": PASSWORD})
    with page.expect_navigation():
        typist.keys.press("Enter")
    typist.enter("link", "Next to review: WIC2099-0001")

    criteria = page.locator("fieldset[data-weight]")
    for place, score in enumerate((8, 7, 6, 5, 4)):
        typist.tab_to(criteria.nth(place).locator("input"))
        typist.keys.press("Space")
        for _ in range(score):
            typist.keys.press("ArrowRight")
    expect(page.locator(".total")).to_have_text("Weighted total: 6.50 of 10")
    typist.type_into({"comment": "Sound method."})
    # Leaving the field saves it.
    typist.keys.press("Shift+Tab")
    expect(page.locator("[data-saving]")).to_contain_text("Saved at")
    expect(page.locator("form[data-dirty]")).to_have_count(0)
    page.reload()
    assert (visitor.value("comment"), page.locator(".total").inner_text()) == ("Sound method.", "Weighted total: 6.50 of 10")
    typist.enter("button", "Hand in the review")
    typist.enter("button", "Recall, to change it")
    typist.enter("button", "Hand in the review")
    assert page.locator(".scores td").all_inner_texts() == ["8", "7", "6", "5", "4"]
    assert typist.unseen == []
