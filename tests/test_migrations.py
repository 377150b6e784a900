"""The migrations make exactly the tables of the models, and lose nothing of an older database."""

import sqlite3

import sqlalchemy
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from flask_migrate import upgrade

from app.extensions import db
from app.first_run import MIGRATIONS

THEN = "'2026-11-01 08:00:00'"
FIRST_ROWS = f"""
INSERT INTO user (id, name, language, created_at, role) VALUES (1, 'Anna', 'en', {THEN}, 'applicant');
INSERT INTO call_version (id, call_id, sha256, source, created_at) VALUES (1, 'x-2027', 'ab', '', {THEN});
INSERT INTO application (id, ref, user_id, call_id, number, sequence, created_at, changed_at)
    VALUES (1, 'r', 1, 'x-2027', 'X-0001', 1, {THEN}, {THEN});
INSERT INTO answers (id, application_id, step, raw, version, saved_at) VALUES (1, 1, 'basics', '{{}}', 1, {THEN});
INSERT INTO snapshot (id, application_id, n, call_version_id, answers, files, receipt, sha256, submitted_at)
    VALUES (1, 1, 1, 1, '{{}}', '[]', '', 'cd', {THEN});
INSERT INTO formal_check (id, application_id, snapshot_id, outcome, checked_at) VALUES (1, 1, 1, 'passed', {THEN});
INSERT INTO mail (id, recipient, subject, text, html, language, created_at, tries) VALUES (1, 'a@b.c', 's', 't', 'h', 'en', {THEN}, 0);
INSERT INTO event (id, at, what, application_id, details) VALUES (1, {THEN}, 'submitted', 1, '{{}}');
"""  # noqa: S608 - nothing of it comes from outside
TABLES = ("user", "call_version", "application", "answers", "snapshot", "formal_check", "mail", "event")


def test_migrated_database_is_as_the_models_say(app):
    with app.app_context(), db.engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), db.metadata) == []


def test_upgrade_of_a_filled_database_keeps_every_row(tmp_path):
    from app import create_app

    path = tmp_path / "laurel.db"
    _first_database(path)
    app = create_app(tmp_path)
    with app.app_context(), db.engine.connect() as connection:
        counts = {table: connection.execute(sqlalchemy.text(f'SELECT count(*) FROM "{table}"')).scalar() for table in TABLES}  # noqa: S608
        broken = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
    # The shipped call brings a version of its own.
    assert (counts, broken) == (dict.fromkeys(TABLES, 1) | {"call_version": 2}, [])


def _first_database(path):
    """A database as the first version of the site made and filled it."""
    from flask import Flask

    from app.extensions import migrate, watch_engine

    app = Flask("first", root_path=str(path.parent))
    app.config["SQLALCHEMY_DATABASE_URI"] = f"sqlite:///{path}"
    db.init_app(app)
    migrate.init_app(app, db, directory=str(MIGRATIONS))
    with app.app_context():
        watch_engine(db.engine)
        upgrade(directory=str(MIGRATIONS), revision="0001")
        db.engine.dispose()
    connection = sqlite3.connect(path)
    connection.executescript(FIRST_ROWS)
    connection.close()
