"""The log: what organizers and experts have done, and what happened to an application."""

from urllib.parse import urlencode

from flask import current_app, render_template, request
from flask_babel import gettext as _
from flask_login import current_user

from app import exporting, rules, times, versions
from app.desk import events, history
from app.extensions import writing
from app.models import record
from app.pages.access import organizer
from app.pages.answering import XLSX, made_for_long
from app.pages.desk.blueprint import blueprint


@blueprint.get("/log")
@organizer
def log():
    chosen = history.Chosen.from_args(request.args)
    before = request.args.get("before", type=int)
    people = history.people()
    staff = [person.id for person in people]
    entries, older = history.page(chosen, current_app.calls, staff, before if before and 0 < before < 2**62 else None)
    return render_template(
        "desk/log.html",
        chosen=chosen,
        entries=entries,
        older=older,
        newest=before is None,
        people=people,
        calls=versions.every_call(current_app.calls),
        kinds=events.KINDS,
        groups=events.GROUPS,
        name_of=history.name_of,
    )


@blueprint.get("/log.csv")
@organizer
def log_csv():
    return _exported("CSV", "text/csv", lambda table, _folder: (exporting.csv_lines(table), None))


@blueprint.get("/log.xlsx")
@organizer
def log_xlsx():
    def make(table, folder):
        path = folder / "log.xlsx"
        with path.open("wb") as target:
            exporting.write_xlsx(target, table, _("Log"), _about())
        size = path.stat().st_size
        return exporting.read(path, size), size

    return _exported("XLSX", XLSX, make)


def _about():
    zone, zone_name = times.zone_of(current_app.calls.all())
    made_at, user = rules.now().astimezone(zone).replace(microsecond=0), current_user.user
    return [(_("Made at"), made_at), (_("Time zone"), str(zone_name)), (_("Made by"), f"{user.name} <{user.email}>")]


def _exported(format, mimetype, make):
    now, chosen = rules.now(), history.Chosen.from_args(request.args)
    query = urlencode(chosen.args())
    with writing():
        record("log exported", at=now, user=current_user.user, format=format, **({"selection": query} if query else {}))
    table = history.Log(chosen, current_app.calls)
    return made_for_long(lambda folder: make(table, folder), f"log-{now:%Y-%m-%d}.{format.lower()}", mimetype)
