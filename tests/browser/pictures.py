"""Takes the README's pictures of real pages, over the made-up applications of the demo: `python -m tests.browser.pictures`."""

import os
import subprocess
import tempfile
import threading
from pathlib import Path

import waitress
from PIL import Image
from playwright.sync_api import sync_playwright

from app import create_app, demo, rules
from app.extensions import db, writing
from app.honors import certificates
from app.models import Application, Assignment, Certificate, FormalCheck, Review, User
from tests.browser import chromium

FOLDER = Path(__file__).parent / "pictures"
# (name, address, width, colour scheme); {draft}, {submitted}, {returned}: applications of the demo
PICTURES = [
    ("call-zh", "/zh/calls/{call}", 1100, "light"),
    ("call-en-phone", "/en/calls/{call}", 390, "dark"),
    ("tasks-en", "/en/applications/{draft}", 1100, "light"),
    ("basics-zh", "/zh/applications/{draft}/basics", 1100, "light"),
    ("basics-en-phone", "/en/applications/{draft}/basics", 390, "light"),
    ("files-en", "/en/applications/{draft}/files", 1100, "light"),
    ("check-zh", "/zh/applications/{draft}/check", 1100, "dark"),
    ("receipt-zh", "/zh/applications/{submitted}/receipt/1", 1100, "light"),
    ("overview-en", "/en/desk/", 1280, "light"),
    ("list-zh", "/zh/desk/applications", 1280, "light"),
    ("application-en", "/en/desk/applications/{returned}", 1280, "light"),
    ("checking-zh", "/zh/desk/applications/{returned}/check", 1280, "light"),
    ("matching-en", "/en/desk/matching?call={call}", 1280, "light"),
    ("ranking-zh", "/zh/desk/ranking?call={last}&category=engineering-rd", 1280, "light"),
    ("review-en", "/en/panel/applications/{review}", 1180, "light"),
]
TALLEST = 1500
WHO = {"applications": "applicant1@example.org", "desk": next(iter(demo.ORGANIZERS)), "panel": "expert1@example.org"}
"""Who looks at what, by the first part of an address after its language."""


def main():
    FOLDER.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        list(demo.fill(Path(folder) / "demo"))
        app = create_app(Path(folder) / "demo")
        server = waitress.create_server(app, host="127.0.0.1", port=0)
        threading.Thread(target=server.run, daemon=True).start()
        address = f"http://127.0.0.1:{server.effective_port}"
        with sync_playwright() as playwright:
            arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
            browser = playwright.chromium.launch(executable_path=chromium.find(), args=arguments)
            values = _confirmed_applications(app)
            for name, path, width, scheme in PICTURES:
                page = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme).new_page()
                if who := WHO.get(path.split("/")[2]):
                    _sign_in(page, address, who)
                page.goto(address + path.format(**values))
                target = FOLDER / f"{name}.png"
                _screenshot(page, target)
                _shrink(target)
                page.context.close()
        _certificate(app)


def _confirmed_applications(app):
    """Confirms every account, and answers what the addresses above leave open."""
    with app.app_context():
        with writing() as session:
            session.execute(db.update(User).values(confirmed_at=rules.now()))
        mine = db.session.scalars(db.select(Application).filter_by(user_id=1).order_by(Application.id)).all()
        current, last = sorted({application.call_id for application in mine}, reverse=True)
        given = db.select(Application.ref).join(Assignment).join(User, User.id == Assignment.expert_id).outerjoin(Assignment.review)
        begun = given.where(Application.call_id == current, User.email == "expert1@example.org", Review.submitted_at.is_(None))
        return {
            "call": current,
            "last": last,
            "review": db.session.scalars(begun.order_by(Review.id.desc())).first(),
            "draft": next(application.ref for application in mine if application.number is None),
            "submitted": next(application.ref for application in mine if application.number),
            "returned": db.session.scalars(db.select(Application.ref).join(FormalCheck).filter_by(outcome="returned")).first(),
        }


def _sign_in(page, address, email):
    page.goto(f"{address}/en/account/sign-in")
    page.fill("[name=email]", email)
    page.fill("[name=password]", demo.PASSWORD)
    page.press("[name=password]", "Enter")
    page.wait_for_url(lambda url: "sign-in" not in url)


def _screenshot(page, target):
    """All of the page, with what clings to the edge of a window in its place."""
    page.set_viewport_size(page.viewport_size | {"height": min(TALLEST, page.locator(":root").evaluate("root => root.scrollHeight"))})
    page.screenshot(path=target, full_page=True)


def _certificate(app):
    with app.app_context():
        content = certificates.pdf(db.session.scalars(db.select(Certificate)).first())
    target = FOLDER / "certificate"
    command = ["pdftoppm", "-png", "-singlefile", "-r", "96", "-", str(target)]
    subprocess.run(command, input=content, check=True)
    _shrink(target.with_suffix(".png"))


def _shrink(path):
    """Cuts a very long page and keeps the file small: 128 colours are enough for pages without photographs."""
    picture = Image.open(path).convert("RGB")
    picture.crop((0, 0, picture.width, min(picture.height, TALLEST))).quantize(128).save(path, optimize=True)


if __name__ == "__main__":
    main()
