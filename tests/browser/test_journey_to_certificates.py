"""Twelve applications and five experts: invited, matched, reviewed, ranked, decided, announced, and a certificate that verifies."""

import re
import subprocess
from collections import Counter
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
import time_machine

from app import demo, rules
from app.desk import formal_check
from app.extensions import db, writing
from app.honors import deciding
from app.models import Application, Assignment, Certificate, Expert, Mail
from app.people import accounts
from app.review import conflicts
from tests import panel
from tests.browser.driving import PASSWORD, expect
from tests.handing_in import handed_in

APPLICATIONS, REVIEWERS = 12, 2
EXPERTS = {
    "shen": ("沈若水", "Shen Ruoshui", "示例科学院", "Example Academy", ["quantum", "chips", "ai"]),
    "hassan": ("哈桑", "Leila Hassan", "示例技术大学", "Example Technical University", ["satellite", "security", "mobile"]),
    "yoshida": ("吉田真一", "Yoshida Shinichi", "示例机器人协会", "Example Robotics Association", ["industrial", "iot", "ai"]),
    "andersson": ("安德森", "Erik Andersson", "示例医学院", "Example School of Medicine", ["health", "big-data"]),
    # Who works where the eighth application comes from.
    "santos": ("桑托斯", "Marina Santos", "示例港口科技公司", "Example Port Technology", ["digital-twins", "blockchain", "open-source"]),
}
CONFLICTED = "WIC2099-0008"


@pytest.fixture
def call(server):
    """The call; twelve applications to it have passed the formal check, and there is an organizer."""
    call = server.calls.get("wic-awards-2099")
    with server.app_context():
        organizer = accounts.register(email="organizer@example.org", name="Olga 王", password=PASSWORD, language="zh", now=rules.now()).user
        with writing():
            organizer.role, organizer.confirmed_at = "organizer", rules.now()
    for achievement in demo.ACHIEVEMENTS[:APPLICATIONS]:
        contributors = {"contributors-1-email": ["lin@example.org"]}
        application_id = handed_in(server, call, email="owner@example.org", achievement=achievement, contributors=contributors)
        with server.app_context():
            formal_check.check(
                application=db.session.get(Application, application_id), call=call, organizer=accounts.find("organizer@example.org"),
                outcome="passed", snapshot_n=1, last_check_id=None, now=rules.now(),
            )  # fmt: skip
    return call


def sign_in(visitor, name):
    visitor.open("/account/sign-in")
    visitor.fill({"email": f"{name}@example.org", "password": PASSWORD})
    with visitor.page.expect_navigation():
        visitor.page.keyboard.press("Enter")


def link_in_mail(app, recipient, path):
    """The path, without its language, of the last link mailed to somebody that begins with `path`."""
    with app.app_context():
        texts = db.session.scalars(db.select(Mail.text).filter_by(recipient=f"{recipient}@example.org").order_by(Mail.id.desc())).all()
    links = [urlsplit(link).path[3:] for text in texts for link in re.findall(r"https?://\S+", text)]
    return next(link for link in links if link.startswith(path))


def press(visitor, selector):
    with visitor.page.expect_navigation():
        visitor.page.locator(selector).first.click()


def list_and_invite(organizer, call):
    """Imports a table as a spreadsheet program writes it, and invites all."""
    heads = "邮箱,中文姓名,英文姓名,中文单位,英文单位,领域,语言,评审数量"
    rows = [",".join([f"{name}@example.org", *said, "；".join(areas), "zh；en", "6"]) for name, (*said, areas) in EXPERTS.items()]
    table = "\r\n".join([heads, *rows]).encode("gb18030")
    organizer.open(f"/desk/experts/import?call={call.id}")
    organizer.page.locator("[name=table]").set_input_files([{"name": "专家.csv", "mimeType": "text/csv", "buffer": table}])
    press(organizer, "form#account .buttons button")
    press(organizer, "form#account .buttons button")
    expect(organizer.page.locator("main tbody tr")).to_have_count(5)
    press(organizer, "form[action*='invite'] button")


def accept(server, visit, name):
    """Opens the link in the mail, chooses a password, and accepts; answers who did."""
    visitor = visit(server, "en")
    visitor.open(link_in_mail(server, name, "/account/reset/"))
    visitor.fill({"password": PASSWORD})
    press(visitor, "main form button:not(.first)")
    visitor.open("/panel/")
    press(visitor, "main .card a.button, main a.button")
    press(visitor, "[value=accept]")
    return visitor


def match(organizer, call):
    organizer.open(f"/desk/matching?call={call.id}")
    press(organizer, "main a[href*='matching/settings']")
    organizer.fill({"reviewers": str(REVIEWERS)})
    press(organizer, "form#step .buttons button")
    press(organizer, "form[action*='/run'] button")
    expect(organizer.page.locator("[value=confirm]")).to_be_visible()
    press(organizer, "[value=confirm]")
    press(organizer, "main form .buttons button")
    expect(organizer.page.locator("main table")).to_be_visible()


def review(visitor, number):
    """Scores the application that is open with this number for each criterion, by keyboard and pointer, and hands in."""
    for group in visitor.page.locator("#scores fieldset").all():
        group.locator(f"input[value='{number}']").check()
    visitor.fill({"comment": "方法扎实。 Solid work."})
    press(visitor, "[value=submit]")
    assert visitor.errors() == []


def test_from_experts_to_results_and_a_certificate(server, visit, call, tmp_path):
    organizer = visit(server, "zh")
    sign_in(organizer, "organizer")
    list_and_invite(organizer, call)
    reviewer = accept(server, visit, "shen")
    with server.app_context():
        for expert in db.session.scalars(db.select(Expert).filter_by(state="invited")).all():
            with writing():
                expert.state, expert.answered_at = "accepted", rules.now()

    # Everybody reviews within their capacity, and nobody what comes from their own house.
    match(organizer, call)
    with server.app_context():
        assert {number for (number,) in conflicted(call)} == {CONFLICTED}
        given = db.session.execute(db.select(Application.number, Assignment.expert_id).join(Assignment)).all()
        assert Counter(number for number, _expert in given) == {f"WIC2099-{n:04d}": REVIEWERS for n in range(1, APPLICATIONS + 1)}
        assert max(Counter(expert for _number, expert in given).values()) == 5
        assert (CONFLICTED, accounts.find("santos@example.org").id) not in given

    # One expert reviews in the browser, the others less patiently.
    reviewer.open("/panel/applications")
    press(reviewer, "main li a, main article a")
    first = reviewer.page.locator(".standing strong").first.inner_text()
    review(reviewer, 9)
    with server.app_context():
        for n, assignment in enumerate(db.session.scalars(db.select(Assignment).order_by(Assignment.id)).all()):
            if assignment.review is None:
                application = db.session.get(Application, assignment.application_id)
                numbers = [9 if application.number == first else 4 + n % 4] * 6
                panel.review(call, assignment.id, *numbers)

    # The best one is awarded, the rest is not selected; feedback goes with it.
    with server.app_context():
        best = db.session.scalars(db.select(Application).filter_by(number=first)).one()
        ref, category = best.ref, panel.category(call, best.id).id
    organizer.open(f"/desk/ranking?call={call.id}&category={category}")
    expect(organizer.page.locator("tbody tr").first).to_contain_text(first)
    expect(organizer.page.locator("tbody tr").first).to_contain_text("9.00")
    organizer.open(f"/desk/decisions?call={call.id}&category={category}")
    organizer.page.locator(f"[name=outcome-{ref}]").select_option("awarded")
    press(organizer, "[value=save]:not(.first)")
    for one in call.categories:
        organizer.open(f"/desk/decisions?call={call.id}&category={one.id}")
        organizer.page.locator("[name=outcome]").select_option("not-selected")
        press(organizer, "[value=fill]")
    owner, anybody = visit(server, "en"), visit(server, "en", width=375)
    sign_in(owner, "owner")
    owner.open(f"/applications/{ref}")
    expect(owner.page.locator("main")).to_contain_text("Under review")
    organizer.open(f"/desk/decisions?call={call.id}")
    organizer.follow("公布决定")
    organizer.fill({"when": ["now"]})
    press(organizer, "[value=release]")

    # Half a minute later all of them are known; then the results are published.
    with time_machine.travel(rules.now() + timedelta(seconds=30), tick=True):
        with server.app_context():
            deciding.go_on(rules.now())
        owner.open(f"/applications/{ref}")
        expect(owner.page.locator("main")).to_contain_text("Awarded")
        anybody.open(f"/calls/{call.id}/results")
        expect(anybody.page.locator("h1")).to_have_text("Page not found")
        organizer.open(f"/desk/decisions?call={call.id}")
        press(organizer, "form[action*='publish'] button")
        anybody.open(f"/calls/{call.id}/results")
        expect(anybody.page.locator("main article")).to_have_count(1)
        assert anybody.page.locator(":root").evaluate("root => root.scrollWidth") == 375

        # A contributor puts the name right; the certificate says it so, and its code verifies.
        organizer.open(f"/desk/certificates?call={call.id}")
        press(organizer, "[value=ask]")
        anybody.open(link_in_mail(server, "lin", "/names/"))
        anybody.fill({"zh": "林曉雯", "en": "LIN Hsiao-wen", "form": ["TC"]})
        press(anybody, "form#name .buttons button")
        organizer.open(f"/desk/certificates?call={call.id}")
        press(organizer, "[value=issue]")
        with server.app_context():
            (certificate,) = db.session.scalars(db.select(Certificate)).all()
            assert (certificate.zh, certificate.en, certificate.form) == ("林曉雯", "LIN Hsiao-wen", "TC")
        anybody.page.goto(f"{anybody.address}/certificates/{certificate.code}")
        expect(anybody.page.locator("main .banner")).to_contain_text("genuine")
        expect(anybody.page.locator(".bearer")).to_contain_text("林曉雯")
        owner.open(f"/applications/{ref}")
        with owner.page.expect_download() as coming:
            owner.page.locator(f"a[href$='{certificate.number}.pdf']").first.click()
        printed = tmp_path / "certificate.pdf"
        coming.value.save_as(printed)
        text = subprocess.run(["pdftotext", printed, "-"], capture_output=True, text=True, check=True).stdout
        assert all(said in text for said in ("林曉雯", "LIN Hsiao-wen", certificate.number, certificate.code))


def conflicted(call):
    standing = {application_id for application_id, _expert in conflicts.standing(call)}
    return db.session.execute(db.select(Application.number).where(Application.id.in_(standing))).all()
