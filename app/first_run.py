"""What a new `instance/` needs, made where it is missing: folders, database, the shipped call."""

from pathlib import Path

from flask_migrate import upgrade

from app import rules
from app.call.loading import SHIPPED, next_edition_year, source_for_edition

MIGRATIONS = Path(__file__).parent / "migrations"
SHIPPED_YEAR = 2027


def prepare(app):
    """Brings the database of `app` to the newest migration and lays the folders; call inside its context.

    An instance that has no folder of calls yet gets the shipped call, as the edition of the next deadline to come.
    """
    instance = Path(app.instance_path)
    # Who else has an account on this machine must read neither answers nor the links in mails.
    for folder in ("uploads", "mail"):
        (instance / folder).mkdir(mode=0o700, exist_ok=True)
    (instance / "laurel.db").touch(mode=0o600)
    upgrade(directory=str(MIGRATIONS))
    calls = instance / "calls"
    if not calls.exists():
        calls.mkdir()
        name, source = first_call()
        (calls / name).write_text(source, "utf-8")


def first_call():
    """(name, text) of the call file that a new instance gets."""
    year = next_edition_year(rules.now())
    return f"{SHIPPED.stem}-{year}.toml", source_for_edition(SHIPPED.read_text("utf-8"), SHIPPED_YEAR, year)
