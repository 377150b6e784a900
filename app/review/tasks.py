"""Work that takes longer than anybody waits for a page: one task at a time, in a thread of its own.

How it goes is known to this process alone: whatever a restart breaks off must be such that it can be started again.
"""

import threading
from dataclasses import dataclass, field
from datetime import datetime

from flask import current_app
from flask_babel import lazy_gettext as _l

from app.applying.drafts import Refused

FAILED = _l("This could not be finished. Please try again; the log of the server says more.")
BUSY = _l("The matching is being worked on just now. Please wait until that is done.")
_lock = threading.Lock()


@dataclass
class Task:
    """What is being done for a call, or how it ended: `failed` is the sentence that says why, None where all is well."""

    what: str
    call_id: str
    began_at: datetime
    done: int = 0
    total: int = 0
    failed: object = None
    finished: threading.Event = field(default_factory=threading.Event)


def start(what, call_id, now, work):
    """Begins `work(task)` inside the app's context, and answers the Task; raises Refused while there is another one."""
    app, task = current_app._get_current_object(), Task(what, call_id, now)
    with _lock:
        refuse_while_busy()
        app.extensions["task"] = task
    threading.Thread(target=_run, args=(app, task, work), name=what, daemon=True).start()
    return task


def newest():
    """The Task that was started last, or None."""
    return current_app.extensions.get("task")


def is_busy():
    task = newest()
    return task is not None and not task.finished.is_set()


def refuse_while_busy():
    """Raises Refused while a task is at work."""
    if is_busy():
        raise Refused(BUSY)


def _run(app, task, work):
    try:
        with app.app_context():
            work(task)
    except Refused as refused:
        task.failed = refused.args[0]
    # Whatever goes wrong, whoever waits for it has to be told.
    except Exception:
        app.logger.exception("A task failed: %s", task.what)
        task.failed = FAILED
    finally:
        task.finished.set()
