"""What the desk takes away: the list as a table, applications with their files as ZIP, dossiers."""

from urllib.parse import urlencode

from flask import abort, current_app, flash, redirect, request, url_for
from flask_babel import gettext as _
from flask_login import current_user

from app import dossiers, exporting, rules
from app.desk import listing
from app.extensions import db, writing
from app.models import Application, Listed, record
from app.pages.access import organizer
from app.pages.answering import XLSX, made_for_long
from app.pages.desk.blueprint import blueprint
from app.printing.attachments import Merger


@blueprint.get("/export.xlsx")
@organizer
def export_xlsx():
    now = rules.now()
    selection, ids = _selected(now)
    _record("XLSX", selection, len(ids), now)

    def make(folder):
        path = folder / "table.xlsx"
        told = exporting.about(selection, current_user.user, current_app.calls, now)
        with path.open("wb") as target:
            exporting.write_xlsx(target, exporting.Table(ids, current_app.calls, now), _("Applications"), told)
        size = path.stat().st_size
        return exporting.read(path, size), size

    return made_for_long(make, f"applications-{now:%Y-%m-%d}.xlsx", XLSX)


@blueprint.get("/export.csv")
@organizer
def export_csv():
    now = rules.now()
    selection, ids = _selected(now)
    _record("CSV", selection, len(ids), now)
    table = exporting.Table(ids, current_app.calls, now)
    return made_for_long(lambda _folder: (exporting.csv_lines(table), None), f"applications-{now:%Y-%m-%d}.csv", "text/csv")


@blueprint.get("/export.zip")
@organizer
def export_zip():
    return _of_many("ZIP", "applications", exporting.zip_applications)


@blueprint.get("/dossiers.zip", endpoint="dossiers")
@organizer
def many_dossiers():
    for_experts = _for_experts()
    return _of_many("PDF", "dossiers", lambda ids, folder: (dossiers.zip_as_made(ids, folder, for_experts=for_experts), None))


def _of_many(format, name, make):
    """A ZIP of what was handed in of the applications of the address."""
    now = rules.now()
    selection, ids = _selected(now)
    handed_in = set(db.session.scalars(db.select(Listed.application_id).where(Listed.number.is_not(None))))
    ids = [application_id for application_id in ids if application_id in handed_in]
    if not ids:
        flash(_("None of these applications has been handed in, so there is nothing to put together."), "error")
        return redirect(url_for("desk.applications", **selection.args()))
    _record(format, selection, len(ids), now)
    return made_for_long(lambda folder: make(ids, folder), f"{name}-{now:%Y-%m-%d}.zip", "application/zip")


@blueprint.get("/applications/<ref>/application.zip")
@organizer
def application_zip(ref):
    standing = _standing(ref, "ZIP")
    ids = [standing.application_id]
    return made_for_long(lambda folder: exporting.zip_applications(ids, folder), f"{standing.number}.zip", "application/zip")


@blueprint.get("/applications/<ref>/dossier.pdf")
@organizer
def dossier(ref):
    standing, for_experts = _standing(ref, "PDF"), _for_experts()

    def make(folder):
        with Merger() as merger:
            path = dossiers.make(standing, folder, merger, for_experts=for_experts)
        size = path.stat().st_size
        return exporting.read(path, size), size

    return made_for_long(make, f"{standing.number}.pdf", "application/pdf")


def _selected(now):
    selection = listing.Selection.from_args(request.args)
    return selection, listing.ids(selection, current_app.calls, now)


def _standing(ref, format):
    """What stands of the application, its export recorded; or 404."""
    application = db.session.scalars(db.select(Application).filter_by(ref=ref, erased_at=None)).first() or abort(404)
    standing = exporting.handed_in(application.id) or abort(404)
    with writing():
        record("exported", at=rules.now(), user=current_user.user, application=application, format=format)
    return standing


def _record(format, selection, count, now):
    query = urlencode({name: value for name, value in selection.args().items() if name != "pick"})
    with writing():
        record("exported", at=now, user=current_user.user, format=format, count=count, selection=query or None)


def _for_experts():
    """Whether what experts may not see is left out: `?for=experts`."""
    return request.args.get("for") == "experts"
