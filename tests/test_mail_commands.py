"""`flask mail list|send|retry`: what an organizer sees of mails that wait, and can do about them."""

import socket
from datetime import timedelta

import pytest

from app import rules
from app.extensions import db, writing
from app.mails import mailing
from app.models import Mail


@pytest.fixture
def run(app):
    """Runs a command: (exit status, lines)."""

    def invoke(*words):
        result = app.test_cli_runner().invoke(args=["mail", *words])
        return result.exit_code, result.output.splitlines()

    with app.app_context():
        yield invoke


@pytest.fixture
def nobody_answers(app):
    """The mail server is away; calling it brings back the folder of mails."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    state = app.extensions["mailman"]
    before = state.backend
    state.backend, state.server, state.port, state.use_tls = "smtp", "127.0.0.1", port, False
    return lambda: setattr(state, "backend", before)


def queue(recipient, now=None):
    with writing():
        mailing.queue(recipient=recipient, language="en", template="reset", now=now or rules.now(), link="http://127.0.0.1:8000/x/1")


def test_list_without_mails_says_so(run):
    assert run("list") == (0, ["没有邮件。 There are none."])


def test_list_shows_what_waits_and_with_all_what_was_sent(run):
    queue("a@example.org")
    waiting = db.session.query(Mail).one()
    due = f"{waiting.due_at:%Y-%m-%d %H:%M}"
    assert run("list") == (0, [f"1  a@example.org  “{waiting.subject}”  due 待发送 {due} UTC  tries 已试 0"])
    assert run("send")[0] == 0
    assert run("list") == (0, ["没有邮件。 There are none."])
    status, (line,) = run("list", "--all")
    assert (status, "sent 已发送" in line, line.endswith("tries 已试 1")) == (0, True, True)


def test_send_that_fails_names_the_mail_and_its_error(run, nobody_answers):
    queue("a@example.org")
    status, lines = run("send")
    assert (status, lines[0]) == (1, "已发送 0 封。 Sent: 0.")
    assert lines[1].startswith("1  a@example.org  ConnectionRefusedError(")


def test_retry_makes_what_failed_or_was_given_up_due_now(run, nobody_answers):
    queue("failed@example.org")
    queue("given-up@example.org", now=rules.now() - timedelta(days=4))
    for _ in range(2):
        mailing.send_waiting(rules.now())
    _status, lines = run("list")
    assert ["due 待发送" in lines[0], "given up 已放弃" in lines[1]] == [True, True]
    nobody_answers()
    assert run("send")[1][0] == "已发送 0 封。 Sent: 0."
    assert run("retry") == (0, ["2 封邮件将重新发送。 Due now: 2."])
    status, lines = run("send")
    assert (status, lines[-1]) == (0, "已发送 2 封。 Sent: 2.")


def test_retry_of_one_leaves_the_others(run, nobody_answers):
    for recipient in ("a@example.org", "b@example.org"):
        queue(recipient)
        mailing.send_waiting(rules.now())
    nobody_answers()
    assert run("retry", "2") == (0, ["1 封邮件将重新发送。 Due now: 1."])
    assert run("send")[1][-1] == "已发送 1 封。 Sent: 1."
    assert [mail.recipient for mail in mailing.listed()] == ["a@example.org"]


def test_retry_does_not_send_twice_what_was_sent(run):
    queue("a@example.org")
    run("send")
    assert run("retry") == (0, ["0 封邮件将重新发送。 Due now: 0."])
