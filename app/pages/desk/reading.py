"""What the pages about one application share: which one it is, and what was handed in."""

from flask import abort

from app.desk.reading import Version
from app.extensions import db
from app.models import Application
from app.pages.access import call_of


def find(ref):
    """The Application with this ref and its Call, or 404."""
    application = db.session.scalars(db.select(Application).filter_by(ref=ref.replace("\0", ""), erased_at=None)).first() or abort(404)
    return application, call_of(application)


def version_of(application, n=None):
    """The Version handed in as the `n`-th, or last, or 404."""
    found = [snapshot for snapshot in application.submissions if n in (None, snapshot.n)]
    return Version(application, found[-1] if found else abort(404))


def handed_in(ref):
    """The Application, its Call, and the Version handed in last; 404 also for a draft, which stays private."""
    application, call = find(ref)
    return application, call, version_of(application)
