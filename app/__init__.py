"""Laurel: a site on which people apply for an award in Chinese and English at once."""

import os
from pathlib import Path

from flask import Flask

from app import commands, extensions, first_run, languages, pages, rules, settings, versions
from app.call.loading import Calls
from app.desk import listed_rows, touched  # noqa: F401 - `touched` listens to every write
from app.extensions import babel, csrf, db, mail, migrate
from app.people import sign_ins


def create_app(instance=None, **overrides):
    """The site over the folder `instance` (default: $LAUREL_INSTANCE, else `instance/` beside `app/`), ready to serve.

    Makes what is missing there: settings with a secret key, the database by migration, the shipped call. Raises
    SettingsError when `settings.toml` is unusable. `overrides` are Flask settings, for tests.
    """
    instance = Path(instance or os.environ.get("LAUREL_INSTANCE") or Path(__file__).parent.parent / "instance").resolve()
    instance.mkdir(parents=True, exist_ok=True)
    app = Flask(__name__, instance_path=str(instance), static_folder=None)
    settings.configure(app, **overrides)
    db.init_app(app)
    migrate.init_app(app, db, directory=str(first_run.MIGRATIONS))
    with app.app_context():
        extensions.watch_engine(db.engine)
        first_run.prepare(app)
        app.calls = Calls(instance / "calls", last_good=_kept_source(app))
        versions.keep_all(app.calls.all(), rules.now())
        listed_rows.catch_up()
    csrf.init_app(app)
    mail.init_app(app)
    languages.init_app(app, babel)
    sign_ins.init_app(app)
    pages.init_app(app)
    commands.init_app(app)
    return app


def _kept_source(app):
    def source(call_id):
        with app.app_context():
            version = versions.newest(call_id)
            return version.source if version else None

    return source
