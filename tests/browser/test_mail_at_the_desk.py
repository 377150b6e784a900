"""An organizer writes to everybody who has not handed in: by template, looked at in both languages, sent."""

import pytest
from axe_playwright_python.base import AXE_SCRIPT

from app import rules
from app.applying import drafts
from app.extensions import db, writing
from app.models import Mail
from app.people import accounts
from tests.browser.driving import PASSWORD, expect
from tests.browser.test_every_page import axe

WORDS = {
    "zh": ("写邮件", "您的申报尚未提交：{title}", "您的申报尚未提交：未命名的申报", "发送2封邮件", "待发送：2"),
    "en": (
        "Write a mail", "Your application has not been handed in yet: {title}",
        "Your application has not been handed in yet: Untitled application", "Send 2 mails", "Waiting: 2",
    ),
}  # fmt: skip


@pytest.mark.parametrize("language", ["zh", "en"])
def test_organizer_writes_to_many(server, visit, language):
    title, template, subject, send, waiting = WORDS[language]
    with server.app_context():
        now = rules.now()
        for name in ("zh", "en", "organizer"):
            user = accounts.register(
                email=f"{name}@example.org", name=name, password=PASSWORD, language="zh" if name == "zh" else "en", now=now
            ).user
            if name != "organizer":
                drafts.create(user=user, call=server.calls.all()[0], now=now)
        with writing():
            accounts.find("organizer@example.org").role = "organizer"
    visitor = visit(server, language, width=390)
    visitor.open("/account/sign-in")
    visitor.fill({"email": "organizer@example.org", "password": PASSWORD})
    with visitor.page.expect_navigation():
        visitor.page.keyboard.press("Enter")
    visitor.open("/desk/mail/new?status=draft")
    expect(visitor.page.locator("h1")).to_have_text(title)
    visitor.page.locator("#template").select_option(template)
    visitor.page.locator("form.choice button").click()
    expect(visitor.page.locator(f"#subject-{language}")).to_have_value(template)
    visitor.page.locator("main [value=preview]").click()
    expect(visitor.page.locator(f"article[lang={language}] .title")).to_have_text(subject)
    visitor.page.evaluate(AXE_SCRIPT)
    assert axe(visitor.page) == []
    assert visitor.page.locator(":root").evaluate("root => root.scrollWidth") == 390
    visitor.page.get_by_role("button", name=send).click()
    expect(visitor.page.get_by_text(waiting)).to_be_visible()
    with server.app_context():
        rows = db.session.scalars(db.select(Mail).where(Mail.mailing_id.is_not(None)).order_by(Mail.id)).all()
        assert sorted((row.recipient, row.language) for row in rows) == [("en@example.org", "en"), ("zh@example.org", "zh")]
