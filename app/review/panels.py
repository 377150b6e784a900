"""How each call is reviewed and announced: one `Panel` a call, there from the first time that something is set."""

from app.extensions import db
from app.models import Panel


def of(call_id):
    """The Panel of a call; one with its defaults, not stored, where nothing has been set yet."""
    return db.session.get(Panel, call_id) or Panel(call_id=call_id, reviewers=3, blind=False)


def for_write(call_id):
    """The same, stored with the write that is open."""
    panel = of(call_id)
    db.session.add(panel)
    return panel
