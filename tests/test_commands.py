"""What an organizer types into a console."""

import pytest

from app.call import loading
from app.extensions import db
from app.models import Mail, User


@pytest.fixture
def run(app):
    runner = app.test_cli_runner()
    return lambda *words: runner.invoke(args=list(words))


def test_call_check_of_the_shipped_file_finds_nothing(run):
    result = run("call", "check", str(loading.SHIPPED))
    assert (result.exit_code, result.output) == (0, f"{loading.SHIPPED}: everything is right. 没有问题。\n")


def test_call_check_names_file_and_line_in_both_languages(run, tmp_path):
    path = tmp_path / "wic-awards-2027.toml"
    path.write_text(loading.SHIPPED.read_text("utf-8").replace('kind = "country"', 'kind = "land"', 1), "utf-8")
    line = next(number for number, text in enumerate(path.read_text("utf-8").splitlines(), 1) if 'kind = "land"' in text)
    result = run("call", "check", str(path))
    assert result.exit_code == 1
    starts = [said.split(" ")[0] for said in result.output.splitlines()]
    assert starts == [f"wic-awards-2027.toml:{line}:"] * len(starts)
    assert len(starts) >= 2


def test_call_new_makes_the_next_edition(run, instance, call):
    old, new = call.id, call.id.replace(str(call.edition), str(call.edition + 1))
    assert run("call", "new", new, "--from", old).exit_code == 0
    made, problems = loading.read(instance / "calls" / f"{new}.toml")
    assert (problems, made.edition, made.number_prefix) == ([], call.edition + 1, f"WIC{call.edition + 1}")


def test_call_new_never_overwrites(run, instance, call):
    before = (instance / "calls" / f"{call.id}.toml").read_text("utf-8")
    assert run("call", "new", call.id, "--from", call.id).exit_code == 1
    assert (instance / "calls" / f"{call.id}.toml").read_text("utf-8") == before


def test_organizer_add_makes_the_first_organizer(app, run):
    result = run("organizer", "add", "first@example.org")
    assert result.exit_code == 0
    assert "\nhttp://127.0.0.1:8000/zh/account/reset/" in result.output
    assert "--address https://" in result.output
    with app.app_context():
        assert db.session.scalars(db.select(User)).one().role == "organizer"


def test_organizer_add_leads_to_the_address_that_is_given_or_set(app, run):
    app.config["SETTINGS"]["address"] = "https://set.example.org"
    for given, address in ((), "https://set.example.org"), (("--address", "https://given.example.org/"), "https://given.example.org"):
        result = run("organizer", "add", "first@example.org", *given)
        assert f"\n{address}/zh/account/reset/" in result.output
        assert "--address" not in result.output
        with app.app_context():
            assert f"{address}/zh/account/reset/" in db.session.scalars(db.select(Mail).order_by(Mail.id.desc())).first().text


def test_first_start_leaves_nothing_for_others_to_read(tmp_path):
    from app import create_app

    made = create_app(tmp_path / "instance")
    with made.app_context():
        made.calls.all()
        db.engine.dispose()
    private = {path.name: path.stat().st_mode & 0o077 for path in (tmp_path / "instance").iterdir() if path.name != "calls"}
    assert private == dict.fromkeys(private, 0)
    assert {"laurel.db", "settings.toml", "uploads", "mail"} <= set(private)


def test_demo_fills_an_instance_of_its_own_with_every_status(run, tmp_path):
    from app import create_app, rules
    from app.applying import drafts
    from app.models import Application
    from app.pages.access import call_of

    result = run("demo", "--folder", str(tmp_path / "demo"))
    assert result.exit_code == 0
    made = create_app(tmp_path / "demo")
    with made.app_context():
        applications = db.session.scalars(db.select(Application)).all()
        assert {rules.status(one, call_of(one), rules.now()) for one in applications} == set(rules.STATUSES)
        assert all(drafts.title_of(one, call_of(one))["zh"] for one in applications)
        db.engine.dispose()
