"""The one thread in the background: sends reminders and the mail that waits, keeps the versions of calls that served."""

import math
import threading
import time

from app import assigning, mail_to_many, mailing, reminders, rules, versions

PAUSE_SECONDS = 30
REMINDERS_SECONDS = 60
"""The least time between two looks at who is to be reminded; mail that waits wakes the thread far more often."""


def start(app):
    """Starts the thread; for the server only. It ends with the process."""
    threading.Thread(target=_run, args=(app,), name="worker", daemon=True).start()


def _run(app):
    reminded = -math.inf
    while True:
        mailing.waiting.clear()
        if time.monotonic() - reminded >= REMINDERS_SECONDS:
            reminded = time.monotonic()
            _attempt(app, reminders.send_due)
        _round(app)
        mailing.waiting.wait(PAUSE_SECONDS)


def _round(app):
    _attempt(app, lambda now: versions.keep_all(app.calls.all(), now))
    _attempt(app, mail_to_many.go_on)
    _attempt(app, assigning.go_on)
    _attempt(app, mailing.send_waiting)


def _attempt(app, task):
    try:
        with app.app_context():
            task(rules.now())
    # Nothing may end the thread: without it no mail would leave until somebody restarts the site.
    except Exception:
        app.logger.exception("The worker failed; it goes on")
