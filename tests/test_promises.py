"""Promises that concern several rooms at once; and that each of the 17 has a test named after it, here or beside its room."""

import errno
import io
import os
import re
import socket
import sqlite3
import threading
import zipfile
from pathlib import Path

import pytest
import waitress
from sqlalchemy import event
from sqlalchemy.exc import OperationalError
from werkzeug.http import parse_options_header

from app import demo
from app.extensions import db
from app.files import file_names
from app.keeping import auditing
from app.models import Application, Event, Mail, Snapshot, StoredFile
from tests.measure import load
from tests.site import Site
from tests.test_apply import begin, fill
from tests.test_file_names import NASTY, TITLES
from tests.test_uploads import padded

HERE = Path(__file__).parent
LIMIT = 5 * 1024 * 1024

NAMED = re.compile(r"^def test_promise_(\d\d)_", re.M)
ROW = re.compile(r"^\| (\d+) \|.*\|(.*)\|$", re.M)


def test_each_of_the_17_promises_has_a_test_named_after_it_where_the_readme_says():
    found = {}
    for path in sorted(HERE.rglob("test_*.py")):
        for number in NAMED.findall(path.read_text("utf-8")):
            found.setdefault(int(number), set()).add(path.relative_to(HERE.parent).as_posix())
    readme = (HERE.parent / "README.md").read_text("utf-8")
    promises = readme[readme.index("## What it promises") : readme.index("## How it is built")]
    said = {int(number): set(re.findall(r"`(tests/[\w/]+\.py)`", shown)) for number, shown in ROW.findall(promises)}
    assert sorted(found) == list(range(1, 18))
    assert said == found


@pytest.fixture
def failing(app, monkeypatch):
    """`failing(n)`: the n-th moment from now at which something reaches the disk fails: a statement that writes, a commit, an fsync."""
    left = []

    def count(error):
        left[:] = [moments - 1 for moments in left]
        if left == [0]:
            raise error

    def locked(*args):
        if len(args) < 3 or not args[2].startswith(("SELECT", "PRAGMA", "BEGIN")):
            count(OperationalError("planted", None, sqlite3.OperationalError("disk I/O error")))

    def fsync(descriptor, real=os.fsync):
        count(OSError(errno.ENOSPC, "planted"))
        real(descriptor)

    with app.app_context():
        event.listen(db.engine, "before_cursor_execute", locked)
        event.listen(db.engine, "commit", locked)
    monkeypatch.setattr(os, "fsync", fsync)
    return lambda moment: left.__setitem__(slice(None), [moment])


@pytest.mark.parametrize(("page", "what"), [("files", "file uploaded"), ("check", "submitted")])
def test_promise_02_never_half_a_submission_nor_an_orphaned_file(app, ready, failing, page, what):
    address = ready.address.replace("/check", f"/{page}")
    ready.open(address)
    data = {"csrf_token": ready.page.xpath("string(//input[@name='csrf_token']/@value)"), "kind": "papers", "declaration": "yes"}

    def press(moment):
        failing(moment)
        files = {"action": "upload", "files": (io.BytesIO(demo.sample_pdf("Paper")), "论文_Paper.pdf")} if page == "files" else {}
        status = ready.client.post(address, data=data | files).status_code
        failing(0)
        with app.app_context():
            rows = {Event: Event.what == what, Mail: Mail.subject.startswith("Received"), Snapshot: True, StoredFile: True}
            counts = [db.session.scalar(db.select(db.func.count(model.id)).where(where)) for model, where in rows.items()]
            return status == 302, counts, db.session.scalars(db.select(Application.number)).one(), auditing.audit(settle=0).findings

    done = [True, [1, 0, 0, 1], None, []] if page == "files" else [True, [1, 1, 1, 0], "WIC2027-0001", []]
    moments = 0
    while (seen := list(press(moments + 1))) == [False, [0, 0, 0, 0], None, []]:
        moments += 1
    assert seen == done
    # Every step down to the disk was there to fail.
    assert moments >= 5


@pytest.fixture
def ready(applicant, call):
    """A browser at the check page of an application that is complete."""
    address = begin(applicant, call)
    fill(applicant, address, call)
    applicant.open(f"{address}/check")
    return applicant


def test_promise_06_parallel_submits_make_one_submission_one_number_one_mail(app, ready):
    cookie = ready.client.get_cookie("session").value
    token = ready.page.xpath("string(//input[@name='csrf_token']/@value)")
    data = {"csrf_token": token, "expected": "0", "declaration": "yes", "action": "submit"}
    start, answers = threading.Barrier(8), []

    def press():
        client = app.test_client()
        client.set_cookie("session", cookie)
        start.wait()
        answers.append(client.post(ready.address, data=data).headers.get("Location"))

    threads = [threading.Thread(target=press) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == [ready.address.replace("/check", "/receipt/1")] * 8
    with app.app_context():
        assert db.session.scalars(db.select(Snapshot.n)).all() == [1]
        assert db.session.scalars(db.select(Application.sequence)).all() == [1]
        number = db.session.scalars(db.select(Application.number)).one()
        assert [mail.subject for mail in db.session.scalars(db.select(Mail)) if number in mail.subject] == [f"Received: {number}"]


def test_promise_06_parallel_first_submissions_get_different_numbers(app, call):
    addresses, sites = [], []
    for n in range(4):
        site = Site(app).register(f"applicant{n}@example.org")
        address = begin(site, call)
        fill(site, address, call)
        site.open(f"{address}/check")
        sites.append(site)
        addresses.append(address)
    start = threading.Barrier(4)

    def press(site):
        start.wait()
        site.submit("submit", form="submit", declaration="yes")

    threads = [threading.Thread(target=press, args=(site,)) for site in sites]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with app.app_context():
        assert sorted(db.session.scalars(db.select(Application.number))) == [f"{call.number_prefix}-{n:04d}" for n in (1, 2, 3, 4)]


def test_promise_07_everybody_at_once_without_an_error_or_a_loss():
    """The load run in small; 200 applicants by hand: `python -m tests.measure.load`."""
    assert load.run(20) == 0


@pytest.fixture
def port(app):
    """The port of a real server over the application."""
    server = waitress.create_server(app, host="127.0.0.1", port=0, threads=4)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    yield server.effective_port
    server.close()
    thread.join(5)


def talk(port, head, pieces):
    """Sends a raw request and answers its status line and body."""
    with socket.create_connection(("127.0.0.1", port), timeout=30) as connection:
        connection.sendall(head.encode())
        for piece in pieces:
            connection.sendall(piece)
        answer = b""
        while chunk := connection.recv(65536):
            answer += chunk
    return answer


def upload_request(applicant, content):
    token = applicant.page.xpath("string(//input[@name='csrf_token']/@value)")
    fields = {"csrf_token": token, "kind": "papers", "action": "upload"}
    body = "".join(f'--x\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n' for name, value in fields.items()).encode()
    body += b'--x\r\nContent-Disposition: form-data; name="files"; filename="a.pdf"\r\nContent-Type: application/pdf\r\n\r\n'
    body += content + b"\r\n--x--\r\n"
    path = applicant.address
    cookie = f"session={applicant.client.get_cookie('session').value}"
    head = (
        f"POST {path} HTTP/1.1\r\nHost: localhost\r\nCookie: {cookie}\r\nAccept: application/json\r\nConnection: close\r\n"
        "Content-Type: multipart/form-data; boundary=x\r\n"
    )
    return head, body


def chunked(body, size=100_000):
    for start in range(0, len(body), size):
        piece = body[start : start + size]
        yield f"{len(piece):x}\r\n".encode() + piece + b"\r\n"
    yield b"0\r\n\r\n"


@pytest.fixture
def at_files(applicant, call):
    applicant.open(f"{begin(applicant, call)}/files")
    return applicant


def sizes(app):
    with app.app_context():
        return db.session.scalars(db.select(StoredFile.size)).all()


@pytest.mark.parametrize(("extra", "kept"), [(0, [LIMIT]), (1, [])])
def test_promise_08_chunked_upload_of_one_byte_too_many_is_refused(app, at_files, port, extra, kept):
    head, body = upload_request(at_files, padded(LIMIT + extra))
    answer = talk(port, head + "Transfer-Encoding: chunked\r\n\r\n", chunked(body))
    assert answer.startswith(b"HTTP/1.1 200")
    assert (b'"ok":true' in answer.replace(b" ", b"")) is (extra == 0)
    assert sizes(app) == kept


@pytest.mark.parametrize("lie", [-1000, 1000])
def test_promise_08_upload_with_a_lying_length_stores_nothing(app, at_files, port, lie):
    head, body = upload_request(at_files, demo.sample_pdf("Paper"))
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        connection.sendall(head.encode() + f"Content-Length: {len(body) + lie}\r\n\r\n".encode() + body)
        connection.shutdown(socket.SHUT_WR)
        while connection.recv(65536):
            pass
    assert sizes(app) == []
    at_files.open(at_files.address)


def test_promise_09_any_file_name_is_shown_right_and_harmless_everywhere(app, at_files, instance, tmp_path):
    # A browser sends neither half a character nor a line end; and what is sent with a backslash is read as a path.
    known = [name for name in [*NASTY, *(name for name, *_ in TITLES)] if not set(name) & set("\ud800\r\n\\")]
    names = [name for name in known if file_names.extension(name) == "pdf"]
    content = demo.sample_pdf("Paper")
    at_files.submit("upload", kind="papers", files=[(io.BytesIO(content), name) for name in names])
    assert at_files.errors() == []
    with app.app_context():
        rows = db.session.execute(db.select(StoredFile.ref, StoredFile.original_name, StoredFile.path).order_by(StoredFile.id)).all()
    assert [name for _ref, name, _path in rows] == [file_names.display_name(name) for name in names]
    shown = [" ".join(legend.text_content().split()) for legend in at_files.page.xpath("//legend")]
    assert [name for _ref, name, _path in rows if not any(name in words for words in shown)] == []
    assert [path for *_, path in rows if not re.fullmatch(r"[0-9a-f]{2}/[0-9a-f]{32}\.pdf", path)] == []
    heads = [at_files.client.get(f"{at_files.address}/{ref}").headers["Content-Disposition"] for ref, *_ in rows]
    handed_out = [parse_options_header(head)[1]["filename"] for head in heads]
    assert [name for name in handed_out if re.search(r'[<>:"/\\|?*\x00-\x1f]|^[. ]|[. ]$', name) or len(name.encode()) > 255] == []
    with zipfile.ZipFile(io.BytesIO(at_files.client.get(f"{at_files.address}.zip").data)) as archive:
        assert archive.namelist() == [*handed_out, "index.xlsx"]
        archive.extractall(tmp_path / "unpacked")
    unpacked = {path.name: path.read_bytes() for path in (tmp_path / "unpacked").rglob("*")}
    assert {name: unpacked[name] for name in handed_out} == dict.fromkeys(handed_out, content)
    assert len(set(map(str.casefold, handed_out))) == len(names) > 70
