"""Looks at a page as a strict reader: one title, one language, unique ids, labelled fields, nothing from elsewhere."""

import re

import lxml.html

from app.pages import HEADERS

LATIN_RUN = re.compile(r"[A-Za-z]{2,}(?:[ \u00a0]+[A-Za-z]{2,})+")
HAN = re.compile(r"[\u3400-\u9fff\U00020000-\U0003ffff]")
NOT_LATIN_ENOUGH = ("Open XML",)
"""Latin words that may stand in a row on a Chinese page."""
FIELDS = "//input[not(@type='hidden')] | //select | //textarea"


def inspect(response):
    """The parsed page; AssertionError with the reason where it is not as every page of ours has to be."""
    page = lxml.html.document_fromstring(response.get_data(as_text=True))
    for area in page.iter("textarea"):
        # As browsers do: the line break right after the tag is not part of the text.
        area.text = (area.text or "").removeprefix("\n")
    html = page.xpath("/html")[0]
    language = html.get("lang")
    assert language in ("zh-Hans", "en")
    assert len(page.xpath("//title")) == 1
    assert page.xpath("string(//title)").strip()
    assert len(page.xpath("//h1")) == 1, "one h1"
    ids = page.xpath("//@id")
    assert sorted(set(ids)) == sorted(ids), "ids are unique"
    _labelled(page, set(ids))
    _ours_alone(page)
    pieces = mixed(page, language)
    assert pieces == []
    for name, value in HEADERS.items():
        assert response.headers[name] == value
    return page


def _labelled(page, ids):
    named = set(page.xpath("//label/@for"))
    for field in page.xpath(FIELDS):
        assert field.get("id") in named or field.xpath("ancestor::label") or field.get("aria-label"), f"a label for {field.get('name')}"
    for reference in page.xpath("//label/@for") + page.xpath("//*[@role='alert']//a/@href"):
        assert reference.lstrip("#") in ids, f"{reference} leads nowhere"
    for form in page.xpath("//form[translate(@method, 'POST', 'post')='post']"):
        assert form.xpath(".//input[@name='csrf_token']"), "a token in every form"
    for button in page.xpath("//button"):
        assert button.text_content().strip() or button.get("aria-label") or button.get("aria-hidden"), "every button has a name"


def _ours_alone(page):
    for address in page.xpath("//script/@src | //link/@href | //img/@src | //form/@action"):
        assert re.match("/(?!/)", address), address
    assert page.xpath("//style | //script[not(@src)] | //@style | //@*[starts-with(name(), 'on')]") == []


def mixed(page, language):
    """The pieces of a page that stand in the other language without saying so."""
    # Names on certificates are shown in every regional form of the characters.
    foreign = ("zh", "ja", "ko") if language == "en" else "en"
    pieces, waiting = [], [(page, "")]
    # In the order of the page, and without XPath: this looks at every element of every page of the suite.
    while waiting:
        element, spoken = waiting.pop()
        if not isinstance(element.tag, str):
            continue
        spoken = element.get("lang") or spoken
        waiting += [(child, spoken) for child in reversed(element)]
        if element.tag in ("script", "style", "option", "textarea") or spoken.startswith(foreign):
            continue
        texts = [element.get("aria-label"), element.get("alt"), element.get("title"), element.text, *(child.tail for child in element)]
        for text in filter(None, texts):
            found = HAN.search(text) if language == "en" else LATIN_RUN.search(text)
            if found and not any(allowed in text for allowed in NOT_LATIN_ENOUGH):
                pieces.append(text.strip())
    return pieces
