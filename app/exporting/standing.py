"""What was handed in and stands, read at once and let go: whatever is exported comes from here, never from a draft."""

import json
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from sqlalchemy.orm import aliased

from app.call.loading import parse
from app.extensions import db
from app.models import Application, CallVersion, Snapshot, StoredFile

_other = aliased(Snapshot)
STANDING = Snapshot.n == db.select(db.func.max(_other.n)).where(_other.application_id == Snapshot.application_id).scalar_subquery()
"""The condition of a query that leaves of the Snapshots of each application the newest alone."""


@dataclass(frozen=True)
class Standing:
    """The standing snapshot of an application, apart from the database. `text` is receipt.json, `answers` what was typed,
    `files` are as `uploads.listed` made them, `paths` say by ref where their bytes are below the uploads folder.
    """

    application_id: int
    number: str
    n: int
    text: str
    sha256: str
    submitted_at: datetime
    answers: dict
    files: list
    paths: dict
    call_id: str
    source: str

    @cached_property
    def receipt(self):
        """What receipt.json says."""
        return json.loads(self.text)

    @property
    def call(self):
        """The Call as it stood then."""
        return parse(self.source, self.call_id)


def handed_in(application_id):
    """The Standing of an application, or None where nothing was handed in. Ends the read it begins."""
    columns = (Application.number, Snapshot.n, Snapshot.receipt, Snapshot.sha256, Snapshot.submitted_at, Snapshot.answers, Snapshot.files)
    query = db.select(Application.id, *columns, Application.call_id, CallVersion.source).select_from(Snapshot).join(CallVersion)
    query = query.join(Application, Application.id == Snapshot.application_id)
    try:
        row = db.session.execute(query.where(Application.id == application_id, STANDING)).first()
        if row is None:
            return None
        *before, call_id, source = row
        paths = dict(map(tuple, db.session.execute(db.select(StoredFile.ref, StoredFile.path).filter_by(application_id=application_id))))
        return Standing(*before, paths, call_id, source)
    finally:
        db.session.rollback()
