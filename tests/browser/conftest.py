"""Fixtures of the browser: servers, and visitors who complain at the end about what must never happen."""

import os
import shutil

import pytest

from app.call import loading
from app.first_run import SHIPPED_YEAR

# Importing `driving` skips whoever does where there is no browser; a conftest must not be skipped, its fixtures may.

OPEN, CLOSED = 2099, 2025
"""The editions served here: their numbers and dates stand in the tests, whenever these run."""


@pytest.fixture(scope="session")
def base_url():
    """Every server has an address of its own. (The plugin's fixture of this name makes pytest complain.)"""


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args):
    from tests.browser.driving import CHROMIUM

    quiet = ["--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run"]
    root = ["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
    return browser_type_launch_args | {"executable_path": CHROMIUM, "args": quiet + root}


def _copy(fresh_instance, folder, *years):
    """A copy of the instance at `folder` in which the editions of these years are the calls."""
    shutil.copytree(fresh_instance, folder)
    shutil.rmtree(folder / "calls")
    (folder / "calls").mkdir()
    for year in years:
        source = loading.source_for_edition(loading.SHIPPED.read_text("utf-8"), SHIPPED_YEAR, year)
        (folder / "calls" / f"wic-awards-{year}.toml").write_text(source, "utf-8")
    return folder


@pytest.fixture
def server(fresh_instance, tmp_path):
    """The app of a fresh instance, being served."""
    from tests.browser.driving import serving

    with serving(_copy(fresh_instance, tmp_path / "served", OPEN)) as app:
        yield app


@pytest.fixture(scope="module")
def shared_server(fresh_instance, tmp_path_factory):
    """One for all tests of a module that only read."""
    from tests.browser.driving import serving

    with serving(_copy(fresh_instance, tmp_path_factory.mktemp("shared") / "served", OPEN, CLOSED)) as app:
        yield app


@pytest.fixture
def visit(new_context):
    """`visit(app, "zh", width=1280, …)` answers a Visitor in a browser of their own; more options go to Playwright."""
    from tests.browser.driving import Visitor

    visitors = []

    def begin(app, language, width=1280, **options):
        context = new_context(
            viewport={"width": width, "height": 800},
            **{"locale": {"zh": "zh-CN", "en": "en-GB"}[language], "timezone_id": "Asia/Shanghai"} | options,
        )
        visitors.append(Visitor(context.new_page(), app.config["BOUND_ADDRESS"], language))
        return visitors[-1]

    yield begin
    assert [complaint for visitor in visitors for complaint in visitor.noticed] == []
