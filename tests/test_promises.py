"""The promises that need a running server or many people at once, and where each of the others is kept honest."""

import ast
import io
import socket
import threading
from pathlib import Path

import pytest
import waitress

from app import demo
from app.extensions import db
from app.models import Application, Mail, Snapshot, StoredFile
from tests.measure import load
from tests.site import Site
from tests.test_apply import begin, fill
from tests.test_uploads import padded

HERE = Path(__file__).parent
LIMIT = 5 * 1024 * 1024

# What is promised, by number, and the test that fails when it is broken. 13 has none yet: there are no reviewers.
PROMISES = {
    1: ("test_promises_crash.py", "test_promises_1_and_2_what_was_acknowledged_survives_kills_and_the_audit_passes"),
    2: ("test_promises_crash.py", "test_promises_1_and_2_what_was_acknowledged_survives_kills_and_the_audit_passes"),
    3: ("test_saving.py", "test_field_changed_in_both_tabs_is_asked_about_and_not_overwritten"),
    4: ("test_saving.py", "test_text_typed_after_the_sign_in_ended_comes_back_after_signing_in"),
    5: ("test_rules.py", "test_deadline_is_exact_to_the_second_in_every_zone"),
    6: ("test_promises.py", "test_promise_6_parallel_submits_make_one_submission_one_number_one_mail"),
    7: ("test_promises.py", "test_promise_7_everybody_at_once_without_an_error_or_a_loss"),
    8: ("test_promises.py", "test_promise_8_chunked_upload_of_one_byte_too_many_is_refused"),
    9: ("test_file_names.py", "test_names_of_any_kind"),
    10: ("test_file_checks.py", "test_check_bad_file"),
    11: ("test_wrong_input.py", "test_naughty_text_in_every_field_comes_back_verbatim"),
    12: ("test_faults.py", "test_promise_12_database_locked_for_longer_than_anybody_waits"),
    14: ("test_access.py", "test_foreign_and_missing_objects_answer_alike"),
    15: ("test_sign_ins.py", "test_replayed_cookie_is_refused_after"),
    16: ("test_serving.py", "test_hundred_stalled_uploads_do_not_stop_an_ordinary_page"),
    17: ("test_headers.py", "test_every_answer_of_every_address_carries_the_headers"),
}


@pytest.mark.parametrize("number", PROMISES)
def test_promise_has_its_test(number):
    file, name = PROMISES[number]
    assert name in {node.name for node in ast.walk(ast.parse((HERE / file).read_text("utf-8"))) if isinstance(node, ast.FunctionDef)}


@pytest.fixture
def ready(applicant, call):
    """A browser at the check page of an application that is complete."""
    address = begin(applicant, call)
    fill(applicant, address, call)
    applicant.open(f"{address}/check")
    return applicant


def test_promise_6_parallel_submits_make_one_submission_one_number_one_mail(app, ready):
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


def test_promise_6_parallel_first_submissions_get_different_numbers(app, call):
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


def test_promise_7_everybody_at_once_without_an_error_or_a_loss():
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
def test_promise_8_chunked_upload_of_one_byte_too_many_is_refused(app, at_files, port, extra, kept):
    head, body = upload_request(at_files, padded(LIMIT + extra))
    answer = talk(port, head + "Transfer-Encoding: chunked\r\n\r\n", chunked(body))
    assert answer.startswith(b"HTTP/1.1 200")
    assert (b'"ok":true' in answer.replace(b" ", b"")) is (extra == 0)
    assert sizes(app) == kept


@pytest.mark.parametrize("lie", [-1000, 1000])
def test_promise_8_upload_with_a_lying_length_stores_nothing(app, at_files, port, lie):
    head, body = upload_request(at_files, demo.sample_pdf("Paper"))
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        connection.sendall(head.encode() + f"Content-Length: {len(body) + lie}\r\n\r\n".encode() + body)
        connection.shutdown(socket.SHUT_WR)
        while connection.recv(65536):
            pass
    assert sizes(app) == []
    at_files.open(at_files.address)


def test_promise_8_file_of_the_limit_is_the_same_through_a_form(app, at_files):
    at_files.submit("upload", kind="papers", files=(io.BytesIO(padded(LIMIT)), "论文_Paper.pdf"))
    assert sizes(app) == [LIMIT]
