"""Takes the README's pictures of real pages, over the made-up applications of the demo: `python -m tests.browser.pictures`."""

import os
import tempfile
import threading
from pathlib import Path

import waitress
from PIL import Image
from playwright.sync_api import sync_playwright

from app import create_app, demo
from tests.browser import chromium

FOLDER = Path(__file__).parent / "pictures"
# (name, address, width, colour scheme); {draft}, {submitted}: applications of the demo
PICTURES = [
    ("call-zh", "/zh/calls/{call}", 1100, "light"),
    ("call-en-phone", "/en/calls/{call}", 390, "dark"),
    ("tasks-en", "/en/applications/{draft}", 1100, "light"),
    ("basics-zh", "/zh/applications/{draft}/basics", 1100, "light"),
    ("basics-en-phone", "/en/applications/{draft}/basics", 390, "light"),
    ("files-en", "/en/applications/{draft}/files", 1100, "light"),
    ("check-zh", "/zh/applications/{draft}/check", 1100, "dark"),
    ("receipt-zh", "/zh/applications/{submitted}/receipt/1", 1100, "light"),
]
TALLEST = 1500


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
                if "/applications/" in path:
                    _sign_in(page, address)
                page.goto(address + path.format(**values))
                target = FOLDER / f"{name}.png"
                page.screenshot(path=target, full_page=True)
                _shrink(target)
                page.context.close()


def _confirmed_applications(app):
    """Confirms every account, and the refs of the first person's draft and submission."""
    from app import rules
    from app.extensions import db, writing
    from app.models import Application, User

    with app.app_context():
        with writing() as session:
            session.execute(db.update(User).values(confirmed_at=rules.now()))
        mine = db.session.scalars(db.select(Application).filter_by(user_id=1).order_by(Application.id)).all()
        return {
            "call": mine[0].call_id,
            "draft": next(application.ref for application in mine if application.number is None),
            "submitted": next(application.ref for application in mine if application.number),
        }


def _sign_in(page, address):
    page.goto(f"{address}/en/account/sign-in")
    page.fill("[name=email]", "applicant1@example.org")
    page.fill("[name=password]", demo.PASSWORD)
    page.press("[name=password]", "Enter")
    page.wait_for_url("**/applications")


def _shrink(path):
    """Cuts a very long page and keeps the file small: 128 colours are enough for pages without photographs."""
    picture = Image.open(path).convert("RGB")
    picture.crop((0, 0, picture.width, min(picture.height, TALLEST))).quantize(128).save(path, optimize=True)


if __name__ == "__main__":
    main()
