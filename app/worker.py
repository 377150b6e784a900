"""The one thread in the background: sends the mail that waits, keeps the versions of calls that served."""

import threading

from app import mailing, rules, versions

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
            now = rules.now()
            versions.keep_all(app.calls.all(), now)
            mailing.send_waiting(now)
    # Nothing may end the thread: without it no mail would leave until somebody restarts the site.
    except Exception:
        app.logger.exception("The worker failed; it goes on")
