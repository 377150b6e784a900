"""An application is returned with three reasons, mended on a phone, handed in again, and passed."""

import pytest

from app import demo, rules
from app.extensions import db, writing
from app.models import Application, Mail
from app.people import accounts
from tests import corpus
from tests.browser.driving import PASSWORD, expect
from tests.handing_in import handed_in

WORDS = {
    "zh": {
        "check": "形式审查", "preview": "先看邮件", "returned": "退回修改", "decide": "作出决定", "settled": "已解决", "passed": "通过",
        "reason": "请使用成果的规范全称，不含宣传性用语。", "save": "保存并继续", "remove": "删除文件1", "submit": "提交",
        "mail": "请完善您的申报：WIC2099-0001", "done": "该申报已通过形式审查。", "good": "您的申报已通过形式审查",
    },
    "en": {
        "check": "Formal check", "preview": "Look at the mail first", "returned": "Returned for improvement", "decide": "Decide",
        "settled": "Settled", "passed": "Passed",
        "reason": "Please give the full and precise name of the achievement, without promotional words.",
        "save": "Save and continue", "remove": "Remove file 1", "submit": "Submit",
        "mail": "Please improve your application: WIC2099-0001", "done": "The application has passed the formal check.",
        "good": "Your application has passed the formal check.",
    },
}  # fmt: skip


@pytest.fixture
def application(server):
    """The ref of an application that was handed in; there is an organizer, too."""
    call = server.calls.get("wic-awards-2099")
    application_id = handed_in(server, call, email="owner@example.org", files=[("论文_Paper.pdf", "papers", demo.sample_pdf("Paper"))])
    with server.app_context():
        accounts.register(email="organizer@example.org", name="Olga 王", password=PASSWORD, language="en", now=rules.now())
        with writing():
            accounts.find("organizer@example.org").role = "organizer"
        return db.session.get(Application, application_id).ref


def sign_in(visitor, name):
    visitor.open("/account/sign-in")
    visitor.fill({"email": f"{name}@example.org", "password": PASSWORD})
    with visitor.page.expect_navigation():
        visitor.page.keyboard.press("Enter")


def use(page, reason):
    """Picks a usual reason beside its point of the checklist."""
    button = page.locator(f"[value={reason}]")
    details = button.locator("xpath=ancestor::details")
    if details.get_attribute("open") is None:
        details.locator("summary").click()
    with page.expect_navigation():
        button.click()


@pytest.mark.parametrize("language", ["zh", "en"])
def test_application_is_returned_mended_and_passed(server, visit, application, language):
    words = WORDS[language]
    with server.app_context(), writing():
        accounts.find("owner@example.org").language = language
    organizer, applicant = visit(server, language), visit(server, language, width=375)
    sign_in(organizer, "organizer")
    sign_in(applicant, "owner")

    # The organizer finds three things to improve: a name, a contributor, a file.
    organizer.open(f"/desk/applications/{application}")
    organizer.follow(words["check"])
    page = organizer.page
    page.locator("[name=held][value=languages]").check()
    use(page, "use-title-0")
    assert organizer.value("reason-0-about") == "basics/title"
    use(page, "use-names-1")
    page.locator("[name=reason-1-about]").select_option("contributors/contributors/2")
    page.locator("[name=reason-2-about]").select_option(label={"zh": "论文", "en": "Paper"}[language])
    organizer.fill({"reason-2-zh": "扫描件不清晰。", "reason-2-en": "The scan is illegible."})
    organizer.fill({"outcome": ["returned"]})
    organizer.press(words["preview"])
    expect(page.locator("#preview")).to_contain_text(words["mail"])
    organizer.press(words["decide"])
    expect(page.locator("main .tag").first).to_have_text(words["returned"])

    # The applicant reads each reason beside what it concerns, mends it, and hands in again.
    with server.app_context():
        (mail,) = db.session.scalars(db.select(Mail).where(Mail.subject == words["mail"]))
        assert mail.recipient == "owner@example.org"
        assert words["reason"] in mail.text
    page = applicant.page
    applicant.open(f"/applications/{application}")
    expect(page.locator("main")).to_contain_text(words["reason"])
    applicant.open(f"/applications/{application}/basics")
    expect(page.locator("form#step")).to_contain_text(words["reason"])
    applicant.fill({"title-zh": "城域量子密钥分发系统", "title-en": "A quantum key distribution system for metropolitan networks"})
    applicant.press(words["save"])
    applicant.fill({"contributors-2-name-en": "Chen Zhi-Yuan"})
    applicant.press(words["save"])
    applicant.open(f"/applications/{application}/files")
    expect(page.locator("main fieldset")).to_contain_text({"zh": "扫描件不清晰。", "en": "The scan is illegible."}[language])
    applicant.press(words["remove"])
    applicant.upload({"论文_Paper.pdf": corpus.pdf(text="legible")}, "papers")
    applicant.expect_files(1)
    applicant.open(f"/applications/{application}/check")
    page.locator("[name=declaration]").check()
    applicant.press(words["submit"])
    assert applicant.path == f"/applications/{application}/receipt/2"
    assert page.locator(":root").evaluate("root => root.scrollWidth") == 375

    # The organizer sees what changed, settles the reasons one by one and passes the application.
    page = organizer.page
    organizer.open(f"/desk/applications/{application}/check")
    changed = page.locator("#open fieldset")
    expect(changed).to_have_count(3)
    expect(changed.nth(0).locator("[lang=zh] ins").last).to_contain_text("系统")
    expect(changed.nth(1).locator("[lang=en] ins")).to_contain_text("Zhi-Yuan")
    expect(changed.nth(2)).to_contain_text({"zh": "文件已更换", "en": "file replaced"}[language])
    assert page.locator("[name=held][value=languages]").is_checked()
    for n in range(3):
        changed.nth(n).get_by_label(words["settled"], exact=True).check()
    organizer.fill({"outcome": ["passed"]})
    organizer.press(words["decide"])
    expect(page.locator("main .banner").first).to_contain_text(words["done"])
    applicant.open(f"/applications/{application}")
    expect(applicant.page.locator("main")).to_contain_text(words["good"])
