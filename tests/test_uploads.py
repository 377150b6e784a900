"""Files: the bounds of size, the names, what is refused while the rest of an upload is kept."""

import hashlib
import io
from types import SimpleNamespace

import pytest

from app import demo
from app.extensions import db
from app.files import uploads
from app.models import StoredFile
from tests.test_apply import begin

PDF = demo.sample_pdf("Paper")


def padded(size):
    """A good PDF of exactly `size` bytes: a comment before the last `%%EOF` is filled up."""
    head, tail = PDF[: PDF.rindex(b"startxref")], PDF[PDF.rindex(b"startxref") :]
    return head + b"%" + b" " * (size - len(PDF) - 2) + b"\n" + tail


@pytest.fixture
def files(applicant, call):
    address = f"{begin(applicant, call)}/files"
    applicant.open(address)
    return applicant


def stored(app):
    with app.app_context():
        return [(file.original_name, file.title_zh, file.title_en, file.kind) for file in db.session.scalars(db.select(StoredFile))]


def upload(site, *pairs, kind="papers", **kwargs):
    site.submit("upload", kind=kind, files=[(io.BytesIO(content), name) for content, name in pairs], **kwargs)


def test_promise_08_file_of_exactly_the_limit_is_stored(app, files):
    content = padded(5 * 1024 * 1024)
    assert len(content) == 5 * 1024 * 1024
    upload(files, (content, "论文_Paper.pdf"))
    with app.app_context():
        (row,) = db.session.scalars(db.select(StoredFile))
        assert (row.size, row.sha256) == (len(content), hashlib.sha256(content).hexdigest())
        assert uploads.location(row).read_bytes() == content


def test_promise_08_file_one_byte_larger_is_refused_in_words(app, files, instance):
    upload(files, (padded(5 * 1024 * 1024 + 1), "论文_Paper.pdf"))
    assert files.errors() == [
        "“论文_Paper.pdf” was not stored. The file is larger than 5 MB (5,242,880 bytes). Please make it smaller, or split it."
    ]
    assert stored(app) == []
    assert [path for path in (instance / "uploads").rglob("*") if path.is_file()] == []


def test_files_that_would_hold_a_thread_for_minutes_are_refused_in_words(app, files, monkeypatch):
    moments = iter([0, 0, 1, 31])
    monkeypatch.setattr("app.pages.files.time", SimpleNamespace(monotonic=lambda: next(moments)))
    upload(files, (PDF, "甲_One.pdf"), (PDF, "乙_Two.pdf"), (PDF, "丙_Three.pdf"))
    assert [name for name, *_ in stored(app)] == ["甲_One.pdf", "乙_Two.pdf"]
    assert files.errors() == ["“丙_Three.pdf” was not stored. Looking at the others took too long. Please choose this one again."]


def test_good_files_of_an_upload_are_kept_beside_a_bad_one(app, files):
    upload(files, (PDF, "甲_One.pdf"), (b"not a PDF at all", "乙_Two.pdf"), (PDF, "丙_Three.pdf"))
    assert [name for name, *_ in stored(app)] == ["甲_One.pdf", "丙_Three.pdf"]
    assert len(files.errors()) == 1
    assert files.errors()[0].startswith("“乙_Two.pdf” was not stored.")


def test_titles_are_read_from_the_name_and_otherwise_asked_for(app, files):
    upload(files, (PDF, "专利证书_Patent certificate.pdf"), (PDF, "scan0001.pdf"), kind="patents")
    assert stored(app)[0] == ("专利证书_Patent certificate.pdf", "专利证书", "Patent certificate", "patents")
    files.submit("continue")
    assert "Give “scan0001.pdf” a Chinese name." in files.errors()


def test_untitled_file_is_offered_as_evidence_under_its_own_name(files):
    upload(files, (PDF, "scan0001.pdf"), (PDF, "论文_Paper.pdf"))
    address = files.address.replace("/files", "/category")
    files.open(address)
    files.submit("save", category="basic-research")
    files.open(address.replace("/category", "/materials"))
    files.submit("save", summary__en="A world-leading method")
    offered = files.page.xpath("//label[input[@name='summary-evidence']]")
    assert [" ".join(label.text_content().split()) for label in offered] == ["1. scan0001.pdf", "2. Paper"]


def test_files_stand_by_kind_with_core_first(app, files, call):
    upload(files, (PDF, "其他_Other.pdf"), kind=call.files.kinds[-1].id)
    upload(files, (PDF, "获奖_Award.pdf"), kind="awards")
    upload(files, (PDF, "论文一_Paper one.pdf"), (PDF, "论文二_Paper two.pdf"), kind="papers")
    assert [legend.text_content().split()[1] for legend in files.page.xpath("//legend") if legend.text_content()[0].isdigit()] == [
        "论文一_Paper", "论文二_Paper", "获奖_Award.pdf", "其他_Other.pdf",
    ]  # fmt: skip


def test_file_moves_up_among_its_kind(app, files, call):
    upload(files, (PDF, "论文一_Paper one.pdf"), (PDF, "论文二_Paper two.pdf"))
    with app.app_context():
        second = db.session.scalars(db.select(StoredFile).order_by(StoredFile.id.desc())).first().ref
    files.submit(f"up-{second}")
    with app.app_context():
        rows = uploads.in_order(call, db.session.scalars(db.select(StoredFile)).all())
        assert [row.title_en for row in rows] == ["Paper two", "Paper one"]


def test_titles_typed_are_kept_when_another_button_is_pressed(app, files):
    upload(files, (PDF, "scan.pdf"))
    with app.app_context():
        ref = db.session.scalars(db.select(StoredFile)).one().ref
    files.submit("upload", answers={f"title-{ref}-zh": "扫描件", f"title-{ref}-en": "Scan"})
    assert stored(app)[0][1:3] == ("扫描件", "Scan")


def test_enhanced_upload_is_answered_in_json(files):
    token = files.page.xpath("string(//input[@name='csrf_token']/@value)")
    data = {"csrf_token": token, "action": "upload", "kind": "papers", "files": (io.BytesIO(b"MZ"), "a.exe")}
    answer = files.client.post(files.address, data=data, headers={"Accept": "application/json"}).json
    assert answer["ok"] is False
    assert answer["message"].startswith("“a.exe” was not stored.")


def test_download_is_an_attachment_under_its_bilingual_name(app, files):
    upload(files, (PDF, "专利证书_Patent certificate.pdf"), kind="patents")
    with app.app_context():
        ref = db.session.scalars(db.select(StoredFile)).one().ref
    response = files.client.get(f"{files.address}/{ref}")
    assert response.data == PDF
    name = "01_%E4%B8%93%E5%88%A9%E8%AF%81%E4%B9%A6_Patent%20certificate.pdf"
    assert response.headers["Content-Disposition"] == f"attachment; filename=\"01__Patent certificate.pdf\"; filename*=UTF-8''{name}"
    assert response.headers["X-Content-Type-Options"] == "nosniff"


def test_removed_file_of_a_snapshot_keeps_its_bytes(app, files, call, instance):
    from tests.test_apply import fill

    address = files.address.removesuffix("/files")
    upload(files, (PDF, "论文_Paper.pdf"))
    fill(files, address, call)
    files.open(f"{address}/check")
    files.submit("submit", form="submit", declaration="yes")
    files.post(f"{address}/reopen", {})
    files.open(f"{address}/files")
    with app.app_context():
        ref = db.session.scalars(db.select(StoredFile)).one().ref
    files.submit(f"remove-{ref}")
    assert "论文_Paper.pdf" not in files.text()
    assert len(list((instance / "uploads").rglob("*.pdf"))) == 1


def test_sweep_unlinks_only_what_no_row_refers_to(app, files, instance):
    upload(files, (PDF, "论文_Paper.pdf"))
    (instance / "uploads" / "stray.pdf").write_bytes(b"left by a crash")
    with app.app_context():
        uploads.sweep()
        (row,) = db.session.scalars(db.select(StoredFile))
        files = [path for path in (instance / "uploads").rglob("*") if path.is_file()]
        assert [path.relative_to(instance / "uploads").as_posix() for path in files] == [row.path]
