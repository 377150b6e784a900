"""An application that was returned with reasons, and its owner's browser."""

import io
from contextvars import Context
from datetime import timedelta

import pytest

from app import demo, rules
from app.applying import drafts, saving, submitting
from app.applying.working_copy import WorkingCopy
from app.extensions import db
from app.files import uploads
from app.models import Answers
from tests.site import Site
from tests.test_formal_check import case, reason

__all__ = ["DAY", "browser", "case", "inputs", "reason", "returned", "said"]

DAY = timedelta(days=1)
TITLE = reason("basics/title", zh="请使用规范全称。", en="Please give the full name.")
SECOND = reason("contributors/contributors/2", zh="请核对姓名。", en="Please check the name.")


class Apart:
    """The client of a browser, whose requests know nothing of the context that a test itself is in."""

    def __init__(self, client):
        self.client, self.delete_cookie = client, client.delete_cookie

    def get(self, *args, **kwargs):
        return Context().run(self.client.get, *args, **kwargs)

    def post(self, *args, **kwargs):
        return Context().run(self.client.post, *args, **kwargs)


def browser(app, language="en"):
    """Where the owner is signed in."""
    site = Site(app)
    site.client = Apart(site.client)
    return site.sign_in("a@example.org", language)


class Returned:
    """An application with three reasons: a question, a row and a file; now is after closing, before the date of the return."""

    def __init__(self, app, case, monkeypatch):
        self.app, self.case, self.call = app, case, case.call
        self.monkeypatch = monkeypatch
        self.closes = rules.closing(self.call)
        self.until = self.closes + 14 * DAY
        self.now = case.now
        drafts.reopen(application=self.application, call=self.call, now=self.now)
        self.award = self.upload("获奖_Award.pdf", "awards").ref
        case.hand_in_again(app)
        self.paper = self.application.files[0].ref
        asked = [TITLE, SECOND, reason(f"files/{self.paper}", zh="扫描件不清晰。", en="The scan is hard to read.")]
        case.check("returned", reasons=asked, until=self.until)
        self.go_to(self.closes + DAY)

    def go_to(self, now):
        self.now = self.case.now = now
        self.monkeypatch.setattr(rules, "now", lambda: now)

    @property
    def application(self):
        return self.case.application

    @property
    def copy(self):
        return WorkingCopy(self.application, self.call, self.now)

    @property
    def address(self):
        return f"/en/applications/{self.application.ref}"

    def site(self, path="", language="en"):
        """The owner's browser at a page of the application."""
        site = browser(self.app, language)
        site.open(self.address.replace("/en/", f"/{language}/") + path)
        return site

    def save(self, step, **answers):
        """Saves a step as a page would that shows these inputs alone."""
        posted = {name.replace("__", "-"): [value] for name, value in answers.items()}
        copy = self.copy
        return saving.save(
            application=copy.application, call=self.call, step=copy.call.step(step), posted=posted, version=None, now=self.now
        )

    def hand_in(self):
        application = self.application
        return submitting.submit(application=application, call=self.call, expected=len(application.snapshots), now=self.now)

    def draft(self, step):
        db.session.rollback()
        return db.session.scalars(db.select(Answers).filter_by(application_id=self.case.id, step=step)).one().raw

    def upload(self, name="专利_Patent.pdf", kind="patents"):
        content = io.BytesIO(demo.sample_pdf("Patent"))
        return uploads.store(application=self.application, call=self.call, kind=kind, name=name, stream=content, now=self.now)


@pytest.fixture
def returned(app, case, monkeypatch):  # noqa: F811 - the fixture
    return Returned(app, case, monkeypatch)


def inputs(site):
    """The names of what can be typed on the step that is open."""
    typed = site.page.xpath("//form[@id='step']//*[self::input or self::textarea or self::select][not(@type='hidden')]")
    return [field.get("name") for field in typed]


def said(site, xpath):
    return [" ".join(element.text_content().split()) for element in site.page.xpath(xpath)]


