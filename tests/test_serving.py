"""Slow clients do not stop others, and what the server refuses by itself is a page of ours."""

import socket
import threading
from contextlib import ExitStack, contextmanager
from http.client import HTTPConnection, HTTPResponse

import lxml.html
import pytest
from flask import request
from waitress import wasyncore

from app import create_app, serving
from app.extensions import db
from app.pages import HEADERS

PROMPT_SECONDS = 5
BOUNDARY = b"x" * 20


@contextmanager
def served(app):
    """The port at which `app` is being served."""
    server = serving.make_server(app, "127.0.0.1", 0)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    yield server.effective_port
    # Only the thread that waits on the sockets may close them.
    server.trigger.pull_trigger(lambda: wasyncore.close_all(server._map))
    thread.join()
    server.task_dispatcher.shutdown()


@pytest.fixture
def port(app):
    with served(app) as port:
        yield port


@pytest.fixture
def opened():
    """`opened(port, bytes)` answers a connection over which these have been sent."""
    with ExitStack() as stack:

        def send(port, data):
            connection = stack.enter_context(socket.create_connection(("127.0.0.1", port), timeout=PROMPT_SECONDS))
            connection.sendall(data)
            return connection

        yield send


def ask(port, path="/en/", **headers):
    connection = HTTPConnection("127.0.0.1", port, timeout=PROMPT_SECONDS)
    connection.request("GET", path, headers=headers)
    response = connection.getresponse()
    response.body = response.read()
    connection.close()
    return response


def answer(connection):
    response = HTTPResponse(connection)
    response.begin()
    response.body = response.read()
    return response


def upload(size):
    part = b"Content-Disposition: form-data; name=files; filename=a.pdf\r\n\r\n" + bytes(size)
    body = b"--" + BOUNDARY + b"\r\n" + part + b"\r\n--" + BOUNDARY + b"--\r\n"
    head = b"POST /en/applications/x/files HTTP/1.1\r\nHost: x\r\nContent-Type: multipart/form-data; boundary=%s\r\nContent-Length: %d"
    return head % (BOUNDARY, len(body)) + b"\r\n\r\n" + body


def test_promise_16_hundred_stalled_uploads_do_not_stop_an_ordinary_page(port, opened):
    whole = upload(1_000_000)
    half = len(whole) // 2
    stalled = [opened(port, whole[:half]) for _ in range(100)]
    assert [ask(port).status for _ in range(10)] == [200] * 10
    # Nor were they cut off meanwhile: one of them goes on.
    stalled[50].sendall(whole[half:])
    assert answer(stalled[50]).status == 302


def test_slow_readers_of_large_downloads_do_not_stop_an_ordinary_page(app, opened):
    size = 40 * 1024 * 1024

    @app.get("/large")
    def large():
        return (bytes(1024 * 1024) for _ in range(40)), 200, {"Content-Length": str(size)}

    with served(app) as port:
        slow = [opened(port, b"GET /large HTTP/1.1\r\nHost: x\r\n\r\n") for _ in range(serving.THREADS + 1)]
        assert ask(port).status == 200
        assert len(answer(slow[0]).body) == size


def test_endless_heads_do_not_stop_an_ordinary_page(port, opened):
    for _ in range(100):
        opened(port, b"GET /en/ HTTP/1.1\r\nX-Slow: ")
    assert ask(port).status == 200


@pytest.mark.parametrize(
    ("sent", "status", "language"),
    [
        (b"GET /zh/ HTTP/1.1\r\nHost: x\r\nContent-Length: 999999999999\r\n\r\n", 413, "zh-Hans"),
        (b"GET /en/ HTTP/1.1\r\nHost: x\r\nContent-Length: 999999999999\r\n\r\n", 413, "en"),
        (b"GET / HTTP/1.1\r\nAccept-Language: en\r\nContent-Length: 999999999999\r\n\r\n", 413, "en"),
        (b"GARBAGE\r\n\r\n", 400, "zh-Hans"),
        (b"GET /en/ HTTP/1.1\r\nContent-Length: -1\r\n\r\n", 400, "en"),
        (b"GET /en/ HTTP/1.1\r\nTransfer-Encoding: gzip\r\n\r\n", 501, "en"),
    ],
)
def test_request_that_never_reaches_the_site_is_refused_in_words(port, opened, sent, status, language):
    response = answer(opened(port, sent))
    assert (response.status, {name: response.headers[name] for name in HEADERS}) == (status, HEADERS)
    assert lxml.html.document_fromstring(response.body).get("lang") == language


def test_body_up_to_twice_the_limit_gets_the_page_of_the_site(app, opened):
    app.config["MAX_CONTENT_LENGTH"] = 100_000
    with served(app) as port:
        response = answer(opened(port, upload(150_000).replace(b"/en/applications/x/files", b"/en/account/sign-in")))
    assert response.status == 413
    assert "Too much at once" in response.body.decode()


@pytest.mark.parametrize(("proxies", "seen"), [("0", b"127.0.0.1 http"), ("1", b"192.0.2.9 https")])
def test_forwarded_address_reaches_the_site_only_from_a_trusted_proxy(instance, monkeypatch, proxies, seen):
    monkeypatch.setenv("LAUREL_TRUSTED_PROXIES", proxies)
    app = create_app(instance, TESTING=True)

    @app.get("/from")
    def origin():
        return f"{request.remote_addr} {request.scheme}"

    with served(app) as port:
        forwarded = {"X-Forwarded-For": "203.0.113.1, 192.0.2.9", "X-Forwarded-Proto": "https"}
        assert ask(port, "/from", **forwarded).body == seen
    with app.app_context():
        db.engine.dispose()
