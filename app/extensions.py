"""The Flask extensions, and the one way to write to the database."""

import json
import sqlite3
import threading
import time
from contextlib import contextmanager

from flask_babel import Babel
from flask_login import LoginManager
from flask_mailman import Mail
from flask_migrate import Migrate
from flask_sqlalchemy import SQLAlchemy
from flask_wtf import CSRFProtect
from sqlalchemy import MetaData, event
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import DeclarativeBase

PATIENCE_SECONDS = 10
"""How long a write waits for the writes before it. Whoever waits holds one of the few threads that answer pages."""


class Base(DeclarativeBase):
    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(column_0_label)s",
            "uq": "uq_%(table_name)s_%(column_0_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


def _to_json(value):
    return json.dumps(value, ensure_ascii=False)


db = SQLAlchemy(
    model_class=Base,
    engine_options={"json_serializer": _to_json, "connect_args": {"timeout": PATIENCE_SECONDS}},
    session_options={"expire_on_commit": False, "autoflush": False},
)
migrate = Migrate(render_as_batch=True)
login = LoginManager()
csrf = CSRFProtect()
babel = Babel()
mail = Mail()

_writer = threading.Lock()


def watch_engine(engine):
    """Makes every connection of a SQLite engine durable, and every transaction begin where we say."""

    @event.listens_for(engine, "connect")
    def _connect(connection, record):
        if not isinstance(connection, sqlite3.Connection):
            return
        # sqlite3 would begin a transaction at the first write, too late for BEGIN IMMEDIATE.
        connection.isolation_level = None
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute("PRAGMA foreign_keys=ON")
        # What is erased is overwritten, not just forgotten; where SQLite does so anyway, this changes nothing.
        connection.execute("PRAGMA secure_delete=ON")

    @event.listens_for(engine, "begin")
    def _begin(connection):
        options = connection.get_execution_options()
        if "patience" not in options:
            # Straight to the driver, for it waits for nothing and every page begins with it.
            connection.connection.driver_connection.execute("BEGIN")
            return
        connection.exec_driver_sql(f"PRAGMA busy_timeout={options['patience'] * 1000:.0f}")
        connection.exec_driver_sql("BEGIN IMMEDIATE")


@contextmanager
def writing(patience=PATIENCE_SECONDS):
    """One write transaction: `with writing(): …` commits at its end, or rolls back on any exception.

    Ends the request's read first, so that rows loaded before are loaded again inside; never nest two, and do nothing
    slow inside (hashing, network, copying): everybody else's write waits for it. Raises OperationalError, with nothing
    written, when others still write after `patience` seconds, or when the disk is full.
    """
    until = time.monotonic() + patience
    # A lock of our own: threads that poll SQLite's lock lose a third of the write rate.
    if not _writer.acquire(timeout=patience):
        raise OperationalError("BEGIN IMMEDIATE", None, sqlite3.OperationalError("database is locked"))
    try:
        db.session.rollback()
        # After an earlier write of this request there is nothing to roll back, and what it loaded would count as still true.
        db.session.expire_all()
        db.session.connection(execution_options={"patience": max(0, until - time.monotonic())})
        yield db.session
        db.session.commit()
    except BaseException:
        db.session.rollback()
        raise
    finally:
        _writer.release()
