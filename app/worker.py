"""What goes on in the background: reminders and the mail that waits, the versions of calls that served, the release of decisions."""

import math
import threading
import time

from app import rules, versions
from app.honors import deciding
from app.mails import mail_to_many, mailing, reminders
from app.review import assigning

PAUSE_SECONDS = 30
RELEASE_SECONDS = 10
"""Much less than `rules.RELEASE_BEGINS`."""
REMINDERS_SECONDS = 60
"""The least time between two looks at who is to be reminded; mail that waits wakes the thread far more often."""


def start(app):
    """Starts the threads; for the server only. They end with the process."""
    threading.Thread(target=_run, args=(app,), name="worker", daemon=True).start()
    threading.Thread(target=_release, args=(app,), name="release", daemon=True).start()


def _run(app):
    reminded = -math.inf
    while True:
        mailing.waiting.clear()
        if time.monotonic() - reminded >= REMINDERS_SECONDS:
            reminded = time.monotonic()
            _attempt(app, reminders.send_due)
        _round(app)
        mailing.waiting.wait(PAUSE_SECONDS)


def _release(app):
    # A thread of its own: mail may take minutes to be sent, and decisions are released on the second.
    while True:
        _attempt(app, deciding.go_on)
        time.sleep(RELEASE_SECONDS)


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
