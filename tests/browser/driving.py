"""Drives the site in a real Chromium: a server of its own, and a visitor who reads, fills in and presses.

Importing this skips the module that does where Playwright or Chromium is missing; on CI it fails.
"""

import os
import re
import threading
from contextlib import contextmanager
from urllib.parse import urlsplit

import pytest
import waitress
from waitress import wasyncore

from app import create_app
from tests.browser import chromium

try:
    from playwright.sync_api import expect
except ImportError:
    expect = None

CHROMIUM = chromium.find()
PASSWORD = "seven quiet herons 42"
MISSING = "Playwright" if expect is None else "Chromium" if CHROMIUM is None else None
if MISSING:
    reason = f"{MISSING} is missing: `sh tests/run` installs it"
    if os.environ.get("CI"):
        pytest.fail(reason, pytrace=False)
    pytest.skip(reason, allow_module_level=True)
expect.set_options(timeout=20_000)


@contextmanager
def serving(instance):
    """Serves the folder `instance` on a free port, and yields the app; its address is `app.config["BOUND_ADDRESS"]`."""
    app = create_app(instance)
    server = waitress.create_server(app, host="127.0.0.1", port=0, threads=4)
    app.config["BOUND_ADDRESS"] = f"http://127.0.0.1:{server.effective_port}"
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    yield app
    # Only the thread that waits on the sockets may close them.
    server.trigger.pull_trigger(lambda: wasyncore.close_all(server._map))
    thread.join()
    server.task_dispatcher.shutdown()
    with app.app_context():
        from app.extensions import db

        db.engine.dispose()


class Visitor:
    """Somebody at a browser. `noticed` lists what must never happen: errors on the console, crashes, requests to others."""

    def __init__(self, page, address, language):
        self.page, self.address, self.language = page, address, language
        self.noticed = []
        page.on("console", lambda message: message.type in ("error", "warning") and self._notice(f"console: {message.text}"))
        page.on("pageerror", lambda error: self._notice(f"script: {error}"))
        page.on("request", lambda request: request.url.startswith(address) or self._notice(f"elsewhere: {request.url}"))
        page.on("dialog", lambda dialog: (self._notice(f"dialog: {dialog.type}"), dialog.accept()))
        page.on("response", lambda response: response.status >= 500 and self._notice(f"{response.status}: {response.url}"))

    def _notice(self, what):
        # A refusal of ours is an error to Chromium's console, and is shown by the page.
        if "Failed to load resource: the server responded with a status of 4" not in what:
            self.noticed.append(f"{self.page.url} {what}")

    @property
    def path(self):
        """The path of the page that is open, without its language."""
        return re.sub(r"^/(zh|en)", "", urlsplit(self.page.url).path)

    @property
    def title(self):
        return self.page.locator("h1").inner_text()

    def open(self, path):
        """Opens a page by its path without the language."""
        self.page.goto(f"{self.address}/{self.language}{path}")

    def follow(self, words):
        """Follows the first link that is called `words`."""
        self._go(self.page.get_by_role("link", name=words, exact=True))

    def press(self, words):
        """Presses the first button that is called `words`."""
        self._go(self.page.get_by_role("button", name=words, exact=True))

    def _go(self, element):
        with self.page.expect_navigation():
            element.first.click()

    def begin_application(self, email):
        """Registers, and leads to the task list of a new application."""
        self.open(f"/account/register?next=/{self.language}/calls/wic-awards-2099/applications")
        self.fill({"email": email, "name": "Anna 安娜", "password": PASSWORD})
        self.press({"zh": "注册", "en": "Register"}[self.language])
        self.press({"zh": "开始", "en": "Begin"}[self.language])

    def fill(self, answers):
        """Fills inputs by name: a text is typed, a list of values is ticked."""
        for name, value in answers.items():
            if isinstance(value, list):
                for one in value:
                    self.page.locator(f"[name='{name}'][value='{one}']").check()
            else:
                self.page.locator(f"[name='{name}']").fill(value)

    def value(self, name):
        return self.page.locator(f"[name='{name}']").input_value()

    def errors(self):
        """The ids of the inputs that the error summary leads to."""
        return self.page.locator(".errors a").evaluate_all("links => links.map(link => link.hash.slice(1))")

    def warnings(self):
        """What the check page finds worth a look."""
        return self.page.locator(".cautions a").all_inner_texts()

    def missing(self):
        """What the check page says is still to do."""
        return self.page.locator(".missing a").all_inner_texts()

    def rows(self):
        """The ids of the rows of the step that is open, in their order."""
        return self.page.locator("input[name$='-row']").evaluate_all("inputs => inputs.map(input => input.value)")

    def download(self, words, hint):
        """Follows the link that has `hint` beside it, and answers (name, bytes) of the file that comes."""
        with self.page.expect_download() as coming:
            self.page.get_by_role("listitem").filter(has_text=hint).get_by_role("link", name=words, exact=True).click()
        return coming.value.suggested_filename, coming.value.path().read_bytes()

    def upload(self, files, kind):
        """Chooses the files, {name: bytes}, as one kind of material; with JavaScript they are sent at once."""
        self.page.locator("#kind").select_option(kind)
        self.page.locator("#files").set_input_files([{"name": name, "mimeType": "", "buffer": content} for name, content in files.items()])

    def expect_files(self, count):
        """Waits until the page lists so many files."""
        expect(self.page.locator("[name^='title-'][lang='zh']")).to_have_count(count)


COLUMNS = ("name-zh", "name-en", "organization-zh", "organization-en", "role-zh", "role-en", "email")


def contributor(row_id, person):
    """The inputs of one row of contributors; `person` is a tuple of COLUMNS, as they are pasted from a spreadsheet."""
    return {f"contributors-{row_id}-{column}": text for column, text in zip(COLUMNS, person, strict=True)}
