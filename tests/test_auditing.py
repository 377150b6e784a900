"""The audit: a sound site passes, and each kind of damage is named in both languages, with what to do."""

import io
import json
import re

import pytest

from app import demo, rules
from app.applying import drafts, saving, submitting
from app.extensions import db, writing
from app.files import uploads
from app.keeping import auditing
from app.models import Application, CallVersion, Event, Snapshot, StoredFile
from tests.mailbox import register

CJK = re.compile(r"[\u4e00-\u9fff]")


@pytest.fixture
def handed_in(app, call):
    """One application with two files, handed in; inside the app's context."""
    with app.app_context():
        now = rules.now()
        application = drafts.create(user=register().user, call=call, now=now)
        for step, posted in demo.sample_answers(call, demo.ACHIEVEMENTS[0]).items():
            saving.save(application=application, call=call, step=call.step(step), posted=posted, version=None, now=now)
        for name in ("论文_Paper.pdf", "专利_Patent.pdf"):
            stream = io.BytesIO(demo.sample_pdf("Evidence"))
            uploads.store(application=application, call=call, kind="papers", name=name, stream=stream, now=now)
        submitting.submit(application=application, call=call, expected=0, now=now)
        yield application


def wrong(settle=0):
    """The English sentences of what is wrong; each stands in Chinese, too."""
    findings = auditing.audit(settle=settle).findings
    for finding in findings:
        for text in (finding.wrong, finding.remedy):
            assert CJK.search(text.zh)
            assert text.zh.endswith("。")
            assert text.en.endswith(".")
    return [finding.wrong.en for finding in findings]


def change(model, **values):
    with writing() as session:
        session.execute(db.update(model).values(**values))


def test_sound_site_has_no_findings_and_is_counted(handed_in):
    report = auditing.audit(settle=0)
    assert report.findings == []
    sizes = [file.size for file in handed_in.files]
    assert report.checked == {"applications": 1, "submissions": 1, "files": 2, "bytes": sum(sizes)}


def test_demo_of_every_status_passes(tmp_path):
    from app import create_app

    list(demo.fill(tmp_path / "demo"))
    with create_app(tmp_path / "demo").app_context():
        assert wrong() == []
        db.engine.dispose()


def test_missing_file_is_named(handed_in):
    path = handed_in.files[0].path
    (uploads.folder() / path).unlink()
    assert wrong() == [f"The file “论文_Paper.pdf” of application {handed_in.number} is not on the disk (uploads/{path})."]


def test_file_of_another_size_and_file_of_the_same_size_are_named(handed_in):
    shorter, changed = (uploads.folder() / file.path for file in handed_in.files)
    content = shorter.read_bytes()
    shorter.write_bytes(content[:-1])
    changed.write_bytes(changed.read_bytes()[:-1] + b" ")
    number, (one, two), sizes = handed_in.number, handed_in.files, f"{len(content) - 1:,} bytes instead of {len(content):,}"
    assert wrong() == [
        f"The file “论文_Paper.pdf” of application {number} has {sizes} (uploads/{one.path}).",
        f"The file “专利_Patent.pdf” of application {number} was changed (uploads/{two.path}).",
    ]


def test_file_nobody_refers_to_is_named(handed_in):
    (uploads.folder() / "ab").mkdir(exist_ok=True)
    (uploads.folder() / "ab" / "stray.pdf").write_bytes(b"x")
    assert wrong() == ["No application refers to the file uploads/ab/stray.pdf on the disk."]


def test_file_that_is_removed_meanwhile_is_no_finding(handed_in, call, monkeypatch):
    drafts.reopen(application=handed_in, call=call, now=rules.now())

    def store(name):
        stream = io.BytesIO(demo.sample_pdf(name))
        return uploads.store(application=handed_in, call=call, kind="papers", name=f"{name}.pdf", stream=stream, now=rules.now())

    late, measure = store("Late"), auditing._measure
    path, ref, late_id = late.path, late.ref, late.id

    def measured(file):
        if file == uploads.folder() / path:
            uploads.remove(application=handed_in, call=call, ref=ref, now=rules.now())
            # The row of another file takes its id.
            assert store("Later").id == late_id
        return measure(file)

    monkeypatch.setattr(auditing, "_measure", measured)
    assert wrong() == []


def test_start_over_another_database_sweeps_no_files_away(app):
    with app.app_context():
        (uploads.folder() / "ab").mkdir()
        for n in range(uploads.STRAYS + 1):
            (uploads.folder() / "ab" / f"{n}.pdf").write_bytes(b"x")
        uploads.sweep()
        assert len(uploads.on_disk()) == uploads.STRAYS + 1
        (uploads.folder() / "ab" / "0.pdf").unlink()
        uploads.sweep()
        assert uploads.on_disk() == set()


def test_upload_whose_row_comes_meanwhile_is_no_finding(handed_in, monkeypatch):
    stored = handed_in.files[1]
    values = {column.name: getattr(stored, column.name) for column in StoredFile.__table__.columns}
    handed_in.snapshots.clear()
    with writing() as session:
        session.execute(db.delete(StoredFile).where(StoredFile.id == stored.id))
        session.execute(db.delete(Snapshot))
        session.execute(db.update(Application).values(number=None, sequence=None))

    def row_is_written(seconds):
        with writing() as session:
            session.execute(db.insert(StoredFile).values(**values))

    monkeypatch.setattr(auditing.time, "sleep", row_is_written)
    assert wrong(settle=12) == []


@pytest.mark.parametrize(
    ("model", "values", "sentences"),
    [
        (Snapshot, {"receipt": "{}"}, ["the receipt was changed: it does not fit its SHA-256", "the receipt cannot be read"]),
        (Snapshot, {"sha256": "0" * 64}, ["the receipt was changed: it does not fit its SHA-256", "the history knows nothing of it"]),
        (Snapshot, {"files": []}, ["the receipt and the submission list different files"]),
        (
            StoredFile,
            {"sha256": "0" * 64},
            [f"its file “{name}” differs from what was handed in" for name in ("01_论文_Paper.pdf", "02_专利_Patent.pdf")],
        ),
        (Event, {"what": "other"}, ["the history knows nothing of it"]),
    ],
)
def test_damaged_submission_is_named(handed_in, model, values, sentences):
    change(model, **values)
    about = [sentence for sentence in wrong() if sentence.startswith("Submission")]
    assert about == [f"Submission {handed_in.number}/1: {sentence}." for sentence in sentences]


def test_receipt_of_another_submission_is_named(handed_in):
    other = json.loads(handed_in.snapshot.receipt) | {"submission": 2}
    change(Snapshot, receipt=json.dumps(other))
    assert f"Submission {handed_in.number}/1: the receipt is that of another submission." in wrong()


def test_file_of_a_submission_that_has_no_row_is_named(handed_in):
    with writing() as session:
        session.execute(db.delete(StoredFile).where(StoredFile.id == handed_in.files[0].id))
    sentences = wrong()
    assert len(sentences) == 2
    assert sentences[0].startswith(f"Submission {handed_in.number}/1: its file “")
    assert sentences[0].endswith("” is not known any more.")
    assert sentences[1].startswith("No application refers to the file uploads/")


def test_gap_in_the_numbers_of_submissions_is_named(handed_in):
    change(Snapshot, n=2)
    assert f"The submissions of application {handed_in.number} are numbered [2], with gaps." in wrong()


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"number": None}, "Application {ref} has number None and sequence 1, but 1 submissions."),
        ({"sequence": 7}, "The number of application {number} does not end in its sequence 7."),
    ],
)
def test_number_that_does_not_fit_is_named(handed_in, values, sentence):
    expected = sentence.format(ref=handed_in.ref, number=handed_in.number)
    change(Application, **values)
    assert wrong()[0] == expected


def test_number_without_a_submission_is_named(handed_in):
    with writing() as session:
        session.execute(db.delete(Snapshot))
    assert wrong() == [f"Application {handed_in.number} has number {handed_in.number} and sequence 1, but 0 submissions."]


def test_changed_and_missing_versions_of_a_call_are_named(handed_in, call):
    change(CallVersion, source="x")
    assert wrong() == [f"The kept version 1 of the call {call.id} does not fit its SHA-256."]
    change(CallVersion, call_id="other-2027")
    assert f"There are applications to the call {call.id}, but no version of it is kept." in wrong()


def test_row_that_refers_to_nothing_is_named(handed_in):
    with db.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA foreign_keys=OFF")
        connection.commit()
        raw = connection.connection.driver_connection
        raw.execute("PRAGMA foreign_keys=OFF")
        raw.execute("UPDATE stored_file SET application_id = 99 WHERE id = 1")
        raw.execute("PRAGMA foreign_keys=ON")
    assert "Row 1 of the table stored_file refers to a row of application that does not exist." in wrong()


def test_damaged_database_is_told_with_the_way_back(handed_in, instance):
    with writing() as session:
        session.execute(db.text("CREATE TABLE filler AS SELECT zeroblob(200000) AS x"))
    db.session.remove()
    db.engine.dispose()
    path = instance / "laurel.db"
    content = bytearray(path.read_bytes())
    half = len(content) // 2
    content[half : half + 8192] = b"\xff" * 8192
    path.write_bytes(content)
    findings = auditing.audit(settle=0).findings
    assert findings
    assert {finding.remedy for finding in findings} == {auditing.RESTORE}


def test_command_ends_with_1_and_speaks_both_languages(handed_in, app):
    runner = app.test_cli_runner()
    good = runner.invoke(args=["audit"])
    assert (good.exit_code, good.output.splitlines()[-1]) == (0, "没有问题。 Nothing is wrong.")
    path = handed_in.files[0].path
    (uploads.folder() / path).unlink()
    bad = runner.invoke(args=["audit"])
    assert bad.exit_code == 1
    assert f"申报 {handed_in.number} 的文件“论文_Paper.pdf”不在磁盘上" in bad.output
    assert f"Put uploads/{path} back from a backup" in bad.output
    assert bad.output.splitlines()[-1] == "发现 1 处问题。 Wrong: 1."
