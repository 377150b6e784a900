"""Backup and restore: all of a site in one file, taken while people work; hostile and wrong archives change nothing."""

import io
import json
import re
import shutil
import sqlite3
import stat
import threading
import zipfile
from contextlib import closing

import pytest

from app import create_app, demo, rules
from app.applying import drafts, saving
from app.extensions import db
from app.files import uploads
from app.keeping import auditing, backups
from app.models import Answers, StoredFile, User
from tests.mailbox import register
from tests.test_auditing import handed_in  # noqa: F401 - a fixture


@pytest.fixture
def archive(handed_in, tmp_path):  # noqa: F811
    assert backups.backup(tmp_path / "site.zip") == []
    return tmp_path / "site.zip"


@pytest.fixture
def empty(fresh_instance, tmp_path):
    """The app of an instance in which nobody has been, with its context open."""
    folder = tmp_path / "empty"
    shutil.copytree(fresh_instance, folder)
    app = create_app(folder)
    with app.app_context():
        yield app
        db.session.remove()
        db.engine.dispose()


def state(folder):
    """All that an instance holds: {path: bytes}, the database as SQL."""
    with closing(sqlite3.connect(folder / "laurel.db")) as database:
        dump = "\n".join(database.iterdump())
    found = {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    return {"dump": dump} | {name: content for name, content in found.items() if not name.startswith("laurel.db")}


def test_backup_is_for_its_owner_only_and_leaves_nothing_beside(archive):
    assert stat.S_IMODE(archive.stat().st_mode) == 0o600
    assert [path.name for path in archive.parent.iterdir() if path.name.startswith((".", "site"))] == ["site.zip"]


def test_restore_into_an_empty_instance_brings_everything_and_passes_the_audit(archive, instance, empty):
    backups.restore(archive)
    restored, original = state(instance.parent / "empty"), state(instance)
    assert restored == original
    assert len([name for name in restored if name.startswith("uploads/")]) == 2
    assert auditing.audit(settle=0).findings == []


def test_restored_site_knows_the_same_cookies(archive, instance, empty):
    backups.restore(archive)
    key = "secret_key"
    again = create_app(instance.parent / "empty")
    assert again.config["SETTINGS"][key] == create_app(instance).config["SETTINGS"][key]


def test_attachments_of_calls_come_along(app, instance, tmp_path, empty):
    folder = instance / "calls" / "some-call"
    folder.mkdir()
    (folder / "申请表 form.docx").write_bytes(b"a form")
    with app.app_context():
        backups.backup(tmp_path / "site.zip")
    backups.restore(tmp_path / "site.zip")
    assert (instance.parent / "empty" / "calls" / "some-call" / "申请表 form.docx").read_bytes() == b"a form"


@pytest.mark.parametrize("what", ["account", "file", "call", "settings"])
def test_restore_over_anything_is_refused_and_changes_nothing(archive, instance, empty, what):
    folder = instance.parent / "empty"
    if what == "account":
        register("b@example.org")
        db.session.remove()
    elif what == "file":
        (folder / "uploads" / "ab").mkdir(parents=True)
        (folder / "uploads" / "ab" / "x.pdf").write_bytes(b"x")
    elif what == "call":
        (folder / "calls" / "other-2027.toml").write_text("x")
    else:
        with (folder / "settings.toml").open("a") as settings:
            settings.write('address = "https://awards.example.org"\n')
    before = state(folder)
    with pytest.raises(backups.Refused, match="not empty") as refused:
        backups.restore(archive)
    named = {"account": "accounts in the database", "file": "uploads/", "call": "calls/", "settings": "settings.toml"}
    assert [name for name in named.values() if name in str(refused.value).partition("changed: ")[2]] == [named[what]]
    assert state(folder) == before


def test_restore_while_the_site_runs_is_refused(archive, instance, empty):
    folder = instance.parent / "empty"
    before = state(folder)
    with closing(sqlite3.connect(folder / "laurel.db")) as site:
        site.execute("SELECT * FROM user").fetchall()
        with pytest.raises(backups.Refused, match="stop it first"):
            backups.restore(archive)
    assert state(folder) == before


def test_backup_onto_an_existing_file_is_refused(archive, handed_in):  # noqa: F811
    before = archive.read_bytes()
    with pytest.raises(backups.Refused, match="exists already"):
        backups.backup(archive)
    assert archive.read_bytes() == before


def test_backup_into_a_folder_that_is_not_there_is_refused(handed_in, tmp_path):  # noqa: F811
    with pytest.raises(backups.Refused, match="was not made"):
        backups.backup(tmp_path / "nowhere" / "site.zip")


def test_backup_names_what_is_missing_and_damaged_and_keeps_the_rest(handed_in, tmp_path):  # noqa: F811
    missing, damaged = (file.path for file in handed_in.files)
    (uploads.folder() / missing).unlink()
    (uploads.folder() / damaged).write_bytes(b"something else")
    assert backups.backup(tmp_path / "site.zip") == [missing, damaged]
    with zipfile.ZipFile(tmp_path / "site.zip") as made:
        assert {name for name in made.namelist() if name.startswith("uploads/")} == {f"uploads/{damaged}"}


def test_backup_while_people_upload_and_remove_is_whole(app, call, tmp_path, empty):
    """Somebody removes a file between the copy of the database and the copy of the files, again and again."""
    with app.app_context():
        application = drafts.create(user=register().user, call=call, now=rules.now())
        stop, failed = threading.Event(), []
        worker = threading.Thread(target=_upload_and_remove, args=(app, application.id, call, stop, failed))
        worker.start()
        made = [tmp_path / f"site{n}.zip" for n in range(8)]
        wrong = [backups.backup(target) for target in made]
        stop.set()
        worker.join()
        assert failed == []
        assert wrong == [[]] * len(made)
        db.session.remove()
    for target in made:
        with zipfile.ZipFile(target) as archive:
            archive.extract("laurel.db", tmp_path)
            with closing(sqlite3.connect(tmp_path / "laurel.db")) as database:
                known = {f"uploads/{path}" for (path,) in database.execute("SELECT path FROM stored_file")}
            assert {name for name in archive.namelist() if name.startswith("uploads/")} == known
    backups.restore(made[-1])
    assert auditing.audit(settle=0).findings == []


def _upload_and_remove(app, application_id, call, stop, failed):
    step = call.step("category")
    try:
        with app.app_context():
            from app.models import Application

            application = db.session.get(Application, application_id)
            for n in range(10_000):
                if stop.is_set():
                    break
                now = rules.now()
                content = demo.sample_pdf(f"Paper {n}")
                stored = uploads.store(application=application, call=call, kind="papers", name="a.pdf", stream=io.BytesIO(content), now=now)
                saving.save(application=application, call=call, step=step, posted={"category": [str(n)]}, version=None, now=now)
                if n % 3:
                    uploads.remove(application=application, call=call, ref=stored.ref, now=now)
    except Exception as error:
        failed.append(repr(error))


def test_file_removed_after_the_copy_of_the_database_is_removed_from_the_copy(handed_in, call, tmp_path, monkeypatch):  # noqa: F811
    drafts.reopen(application=handed_in, call=call, now=rules.now())
    late = uploads.store(
        application=handed_in, call=call, kind="papers", name="late.pdf", stream=io.BytesIO(demo.sample_pdf("Late")), now=rules.now()
    )
    ref, late_id, write = late.ref, late.id, backups._write_uploads

    def removed_meanwhile(archive, database):
        uploads.remove(application=handed_in, call=call, ref=ref, now=rules.now())
        # The row of another file takes its id.
        stream = io.BytesIO(demo.sample_pdf("Later"))
        again = uploads.store(application=handed_in, call=call, kind="papers", name="later.pdf", stream=stream, now=rules.now())
        assert again.id == late_id
        return write(archive, database)

    monkeypatch.setattr(backups, "_write_uploads", removed_meanwhile)
    assert backups.backup(tmp_path / "site.zip") == []
    with zipfile.ZipFile(tmp_path / "site.zip") as made:
        made.extract("laurel.db", tmp_path)
    with closing(sqlite3.connect(tmp_path / "laurel.db")) as database:
        assert database.execute("SELECT count(*) FROM stored_file").fetchone() == (2,)


# -- archives that are not ours


def tampered(archive, change):
    """A copy of the archive whose members, [(ZipInfo, bytes)], went through `change`."""
    target = archive.with_name("tampered.zip")
    with zipfile.ZipFile(archive) as old, zipfile.ZipFile(target, "w") as new:
        for entry, content in change([(entry, old.read(entry)) for entry in old.infolist()]):
            new.writestr(entry, content)
    return target


def with_member(name, content=b"x", mode=0o100644):
    def change(members):
        entry = zipfile.ZipInfo("placeholder")
        entry.filename, entry.external_attr, entry.create_system = name, mode << 16, 3
        return [*members, (entry, content)]

    return change


HOSTILE = [
    "../outside.txt", "calls/../../outside.txt", "/tmp/outside.txt", "uploads/../laurel.db", "uploads/ab/../../../x.pdf",  # noqa: S108
    "calls/a//b.toml", "calls/./b.toml", "calls\\..\\..\\x", "C:/x", "calls/C:x", "calls/", "uploads/ab/cd/", "mail/x.txt",
    "uploads/x.pdf", "wsgi.py",
]  # fmt: skip


def test_member_that_leads_elsewhere_is_refused(archive, instance, empty):
    for name in HOSTILE:
        refused_without_a_trace(tampered(archive, with_member(name)), instance, re.escape(repr(name)))


def test_member_that_is_no_plain_file_is_refused(archive, instance, empty):
    for mode in (0o120777, 0o040755, 0o010644, 0o020666):
        refused_without_a_trace(tampered(archive, with_member("calls/link.toml", b"/etc/passwd", mode)), instance, "calls/link.toml")


def test_member_that_comes_twice_is_refused(archive, instance, empty):
    with pytest.warns(UserWarning, match="Duplicate name"):
        twice = tampered(archive, lambda members: [*members, members[-1]])
    refused_without_a_trace(twice, instance, "no backup made by")


@pytest.mark.parametrize("name", ["laurel-backup.json", "laurel.db", "settings.toml"])
def test_archive_without_its_main_parts_is_refused(archive, instance, empty, name):
    without = tampered(archive, lambda members: [member for member in members if member[0].filename != name])
    refused_without_a_trace(without, instance, "no backup made by")


def test_archive_of_a_newer_version_is_refused(archive, instance, empty):
    for about in ({"format": 2}, {"migration": "9999"}, {"migration": ["x"]}):
        newer = _said(lambda old, about=about: json.dumps(json.loads(old) | about).encode())
        refused_without_a_trace(tampered(archive, newer), instance, "newer version")


def test_archive_that_does_not_say_its_version_is_refused(archive, instance, empty):
    for content in (b"", b"[]", b"no json", b"\xff\xfe"):
        refused_without_a_trace(tampered(archive, _said(lambda old, content=content: content)), instance, "newer version")


def _said(change):
    return lambda members: [(entry, change(content) if entry.filename == backups.MANIFEST else content) for entry, content in members]


def test_archive_with_a_damaged_database_is_refused(archive, instance, empty):
    def cut(members):
        return [(entry, content[:9000] if entry.filename == "laurel.db" else content) for entry, content in members]

    refused_without_a_trace(tampered(archive, cut), instance, "database is damaged|cannot be read or restored")


def test_damaged_archive_is_refused(archive, instance, empty):
    whole = archive.read_bytes()
    for damaged in (whole[: len(whole) // 2], b"", whole.replace(b"%PDF", b"%pdf")):
        archive.write_bytes(damaged)
        refused_without_a_trace(archive, instance, "cannot be read or restored")


def refused_without_a_trace(archive, instance, words):
    folder = instance.parent / "empty"
    before = state(folder)
    with pytest.raises(backups.Refused, match=words):
        backups.restore(archive)
    assert state(folder) == before
    assert db.session.query(User).count() == 0
    db.session.remove()


# -- the commands


def test_commands_back_up_and_restore(handed_in, app, empty, tmp_path):  # noqa: F811
    target = str(tmp_path / "site.zip")
    with app.app_context():
        made = app.test_cli_runner().invoke(args=["backup", target])
        assert (made.exit_code, "备份完成" in made.output) == (0, True)
        assert app.test_cli_runner().invoke(args=["backup", target]).exit_code == 1
    with empty.app_context():
        restored = empty.test_cli_runner().invoke(args=["restore", target])
        assert (restored.exit_code, restored.output.splitlines()[-1]) == (0, "没有问题。 Nothing is wrong.")
        assert (db.session.query(Answers).count(), db.session.query(StoredFile).count()) == (4, 2)
        db.session.remove()
        second = empty.test_cli_runner().invoke(args=["restore", target])
        assert (second.exit_code, "不是空的实例" in second.output) == (1, True)
