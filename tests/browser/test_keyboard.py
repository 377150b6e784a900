"""The whole journey by keyboard alone: Tab, Space, arrows, Enter and typing; what has the focus shows it."""

import json

from tests import corpus
from tests.browser.driving import PASSWORD, expect
from tests.browser.receipts import FRAME, OTHERS, filed, frame, said


class Typist:
    """Somebody without a mouse. `unseen` lists what had the focus without showing it."""

    def __init__(self, visitor):
        self.visitor, self.page, self.keys = visitor, visitor.page, visitor.page.keyboard
        self.unseen = []

    def tab_to(self, element):
        """Presses Tab until `element`, a locator, has the focus."""
        for _ in range(150):
            self.keys.press("Tab")
            if element.first.evaluate("element => element === document.activeElement"):
                self._look()
                return
        raise AssertionError(f"Tab never reaches {element}")

    def _look(self):
        seen = self.page.evaluate(
            """() => {
                // A chooser that is drawn as a button beside it shows the focus there.
                const focused = document.activeElement;
                const drawn = focused.type === "file" ? focused.nextElementSibling : focused;
                const {outlineStyle, outlineWidth} = getComputedStyle(drawn);
                const {top, bottom} = drawn.getBoundingClientRect();
                return outlineStyle !== "none" && parseFloat(outlineWidth) >= 2 && bottom > 0 && top < innerHeight;
            }"""
        )
        if not seen:
            self.unseen.append(self.page.evaluate("() => document.activeElement.outerHTML"))

    def type_into(self, answers):
        """Types texts into inputs by name, in the order of the page."""
        for name, text in answers.items():
            self.tab_to(self.page.locator(f"[name='{name}']"))
            self.keys.insert_text(text)

    def tick(self, name, value):
        self.tab_to(self.page.locator(f"[name='{name}'][value='{value}']"))
        self.keys.press("Space")

    def enter(self, role, words):
        """Presses Enter on a link or button."""
        self.tab_to(self.page.get_by_role(role, name=words, exact=True))
        with self.page.expect_navigation():
            self.keys.press("Enter")


def test_whole_journey_by_keyboard_alone(server, visit):
    visitor = visit(server, "en")
    typist, page = Typist(visitor), visitor.page
    # Asked for only when it is wanted, Chromium might learn of it after the key.
    page.on("filechooser", lambda chooser: None)
    visitor.open("/")
    typist.enter("link", "Read the call and apply")
    typist.enter("button", "New application")
    typist.enter("link", "Register")
    typist.type_into({"email": "kay@example.org", "name": "Kay", "password": PASSWORD})
    with page.expect_navigation():
        typist.keys.press("Enter")
    typist.enter("button", "Begin")
    typist.enter("link", "Achievement category")

    typist.tab_to(page.locator("[name='category']"))
    typist.keys.press("ArrowDown")
    typist.keys.press("ArrowDown")
    typist.enter("button", "Save and continue")

    typist.type_into({"title-zh": "机器人", "title-en": "Robots", "organization-zh": "示例", "organization-en": "Example"})
    typist.type_into({"country": "Kenya"})
    typist.tick("areas", "robotics")
    typist.type_into({"contact_person-zh": "凯", "contact_person-en": "Kay", "contact_email": "kay@example.org"})
    typist.type_into({"contact_phone": "+254 20 123 4567"})
    # In a text, Enter saves the draft and stays.
    with page.expect_navigation():
        typist.keys.press("Enter")
    assert visitor.value("title-en") == "Robots"
    typist.tab_to(page.locator("[name='joint']"))
    typist.keys.press("ArrowRight")
    typist.enter("button", "Save and continue")

    (row,) = visitor.rows()
    cells = ("name-zh", "name-en", "organization-zh", "organization-en", "role-zh", "role-en")
    texts = ("凯", "Kay", "示例", "Example", "设计", "Design")
    typist.type_into({f"contributors-{row}-{cell}": text for cell, text in zip(cells, texts, strict=True)})
    typist.enter("button", "Save and continue")

    questions = ("summary", "engineering", "scale", "influence", "evidence")
    typist.type_into({f"{name}-{side}": {"zh": "中文", "en": "English"}[side] for name in questions for side in ("zh", "en")})
    typist.enter("button", "Save and continue")

    typist.tab_to(page.locator("#kind"))
    typist.keys.press("End")
    typist.tab_to(page.locator("#files"))
    with page.expect_file_chooser() as chooser:
        typist.keys.press("Enter")
    proof = corpus.pdf()
    chooser.value.set_files([{"name": "证明_Proof of use.pdf", "mimeType": "", "buffer": proof}])
    visitor.expect_files(1)
    typist.enter("button", "Save and continue")

    typist.enter("button", "Submit")
    expect(page.get_by_role("alert")).to_be_focused()
    typist.tab_to(page.get_by_role("alert").get_by_role("link"))
    typist.keys.press("Enter")
    expect(page.locator("#declaration")).to_be_focused()
    typist.keys.press("Space")
    typist.enter("button", "Submit")
    assert typist.unseen == []

    typist.tab_to(page.get_by_role("listitem").filter(has_text="JSON").get_by_role("link"))
    with page.expect_download() as coming:
        typist.keys.press("Enter")
    receipt = json.loads(coming.value.path().read_bytes())
    assert frame(receipt) == FRAME | {
        "number": "WIC2099-0001", "submission": 1, "title": {"zh": "机器人", "en": "Robots"},
        "category": {"zh": "工程研发", "en": "Engineering R&D"},
    }  # fmt: skip
    assert said(receipt)["basics"]["joint"] == ("否", "No")
    assert said(receipt)["contributors"]["contributors"] == [
        {"name": ("凯", "Kay"), "organization": ("示例", "Example"), "role": ("设计", "Design"), "email": ("", "")}
    ]
    assert receipt["files"] == [filed(1, OTHERS, "证明", "Proof of use", "pdf", proof)]
