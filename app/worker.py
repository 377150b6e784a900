"""The one thread in the background: sends the mail that waits."""

import threading

from app import mailing, rules

PAUSE_SECONDS = 30


def start(app):
    """Starts the thread; for the server only. It ends with the process."""
    threading.Thread(target=_run, args=(app,), name="worker", daemon=True).start()


def _run(app):
    while True:
        mailing.waiting.clear()
        _round(app)
        mailing.waiting.wait(PAUSE_SECONDS)


def _round(app):
    try:
        with app.app_context():
            mailing.send_waiting(rules.now())
    # Nothing may end the thread: without it no mail would leave until somebody restarts the site.
    except Exception:
        app.logger.exception("The worker failed; it goes on")
