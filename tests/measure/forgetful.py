"""A server with a planted fault, for the crash test alone: it acknowledges first and commits a fifth of a second later."""

import runpy
import threading
from pathlib import Path

from sqlalchemy import event
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite as Dialect
from sqlalchemy.engine import Engine

LATE = 0.2
_late = {}


def commit_later(dialect, connection):
    driver = connection.driver_connection if hasattr(connection, "driver_connection") else connection
    if driver.in_transaction:
        _late[id(driver)] = timer = threading.Timer(LATE, driver.commit)
        timer.start()


def rollback(dialect, connection):
    driver = connection.driver_connection if hasattr(connection, "driver_connection") else connection
    if id(driver) not in _late:
        driver.rollback()


@event.listens_for(Engine, "begin", insert=True)
def wait(connection):
    """Nobody begins before what was acknowledged is committed: the fault shows in a crash alone."""
    for key in list(_late):
        _late[key].join()
        _late.pop(key, None)


Dialect.do_commit, Dialect.do_rollback = commit_later, rollback
runpy.run_path(str(Path(__file__).parent.parent.parent / "wsgi.py"), run_name="__main__")
