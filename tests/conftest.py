"""Fixtures: an instance in a temporary folder, and a client that inspects every page it gets.

Hypothesis tries 100 examples a property; more by hand: `EXAMPLES=2000 pytest tests/test_step_forms.py`.
"""

import os
import shutil
from contextlib import suppress

import pytest
from argon2 import PasswordHasher
from werkzeug.routing import Rule

from app import create_app
from app.people import credentials
from tests.site import Site

# Not among the site's own requirements; what needs it is skipped without.
with suppress(ImportError):
    from hypothesis import settings

    settings.register_profile("laurel", max_examples=int(os.environ.get("EXAMPLES", "100")), deadline=None)
    settings.load_profile("laurel")


# Thousands of accounts are made here, and a hash takes as long as it should take a thief.
credentials._hasher = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)

_compile_builder, _builders = Rule._compile_builder, {}


def _compile_builder_once(rule, append_unknown=True):
    """Every test makes an app of its own, with the same addresses: to compile them anew took most of that time."""
    key = rule.rule, tuple(rule._trace), tuple(rule.defaults or ()), append_unknown
    if key not in _builders:
        _builders[key] = _compile_builder(rule, append_unknown)
    return _builders[key]


Rule._compile_builder = _compile_builder_once


@pytest.fixture(scope="session")
def fresh_instance(tmp_path_factory):
    """A prepared instance, made once; tests get copies, because migrating takes longer than most tests."""
    folder = tmp_path_factory.mktemp("fresh")
    app = create_app(folder)
    with app.app_context():
        from app.extensions import db

        db.engine.dispose()
    return folder


@pytest.fixture
def instance(fresh_instance, tmp_path):
    folder = tmp_path / "instance"
    shutil.copytree(fresh_instance, folder)
    return folder


@pytest.fixture
def app(instance):
    app = create_app(instance, TESTING=True)
    yield app
    with app.app_context():
        from app.extensions import db

        db.session.remove()
        db.engine.dispose()


@pytest.fixture
def call(app):
    """The shipped call, open."""
    (call,) = app.calls.all()
    return call


@pytest.fixture
def site(app):
    """A visitor's browser: follows redirects and inspects every page on the way."""
    return Site(app)


@pytest.fixture
def applicant(site):
    """A browser signed in to a new account."""
    return site.register("applicant@example.org")
