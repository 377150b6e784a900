"""Notices which applications a write touches, by whatever verb, and has their rows of the list follow before the commit."""

from sqlalchemy import event
from sqlalchemy.orm import object_session
from sqlalchemy.orm.util import identity_key

from app.desk.listed_rows import BATCH, refresh, with_course
from app.extensions import db
from app.models import (
    Application,
    Certificate,
    Conflict,
    EarlierAnswers,
    Event,
    KeptText,
    Listed,
    ListedArea,
    ListedText,
    NameConfirmation,
    Note,
    Proposal,
    Snapshot,
)

_UNLISTED = (Certificate, Conflict, EarlierAnswers, Event, KeptText, Listed, ListedArea, ListedText, NameConfirmation, Note, Proposal)
"""Rows of an application of which the list says nothing."""
_HELD = {relation.mapper.class_: relation.key for relation in Application.__mapper__.relationships}
"""What of an Application holds the rows of a table."""
_TABLES = {mapper.local_table.name: mapper.class_ for mapper in db.Model.registry.mappers}


@event.listens_for(db.Model, "after_insert", propagate=True)
@event.listens_for(db.Model, "after_delete", propagate=True)
def _notice(mapper, connection, row, come_or_gone=True):
    if isinstance(row, Application):
        _touched(object_session(row), row.id, Application)
    elif not isinstance(row, _UNLISTED) and getattr(row, "application_id", None) is not None:
        _touched(object_session(row), row.application_id, type(row), come_or_gone)


@event.listens_for(db.Model, "after_update", propagate=True)
def _notice_change(mapper, connection, row):
    _notice(mapper, connection, row, come_or_gone=False)


@event.listens_for(db.session, "do_orm_execute")
def _notice_many(state):
    """Before an UPDATE or DELETE that loads no rows: whose rows they are."""
    if not (state.is_update or state.is_delete):
        return
    table = _TABLES.get(state.statement.table.name)
    column = Application.id if table is Application else getattr(table, "application_id", None)
    if column is None or table in _UNLISTED:
        return
    query = db.select(column).distinct()
    if state.statement.whereclause is not None:
        query = query.where(state.statement.whereclause)
    for application_id in state.session.scalars(query):
        _touched(state.session, application_id, table, come_or_gone=True)


def _touched(session, application_id, table, come_or_gone=False):
    tables = session.info.setdefault("touched", {}).setdefault(application_id, {})
    tables[table] = tables.get(table, False) or come_or_gone


@event.listens_for(db.session, "after_soft_rollback")
def _forget(session, transaction):
    session.info.pop("touched", None)


@event.listens_for(db.session, "before_commit")
def _follow(session):
    session.flush()
    touched = session.info.pop("touched", {})
    # An application that was deleted took its row along.
    for application in _as_it_is_now(session, touched):
        refresh(application, anew=Snapshot in touched[application.id])


def _as_it_is_now(session, touched):
    """The applications, also where a row was written without being put among those that an application holds."""
    for application_id, tables in touched.items():
        application = session.identity_map.get(identity_key(Application, application_id))
        held = [_HELD[table] for table, come_or_gone in tables.items() if come_or_gone and table in _HELD]
        if application is not None and (held or tables.get(Application)):
            session.expire(application, None if tables.get(Application) else held)
    if len(touched) == 1:
        return filter(None, [session.get(Application, *touched)])
    ids = list(touched)
    batches = (ids[start : start + BATCH] for start in range(0, len(ids), BATCH))
    return [application for batch in batches for application in session.scalars(with_course().where(Application.id.in_(batch)))]
