"""Mail: queued with its change, sent once, tried again, and readable by whoever has no mail server."""

import re
import threading
from datetime import timedelta
from email import message_from_bytes, policy
from pathlib import Path

import lxml.html
import pytest

from app import accounts, mailing, rules, worker
from app.extensions import db, mail, writing
from app.models import Mail
from tests.inspecting import mixed
from tests.site import PASSWORD

SECRET = "abc123"
TEMPLATES = ["address_in_use", "confirm", "email_changed", "invitation", "new_email", "password_changed", "reset"]


@pytest.fixture
def inside(app):
    with app.app_context():
        yield


class Refusing:
    """A mail server that is away for the first `times` messages."""

    def __init__(self, times):
        self.times, self.seen = times, []

    def send_messages(self, messages):
        self.seen += messages
        if len(self.seen) <= self.times:
            raise ConnectionRefusedError("nobody listens")


@pytest.fixture
def server(monkeypatch):
    def away_for(times):
        refusing = Refusing(times)
        monkeypatch.setattr(mail, "get_connection", lambda: refusing, raising=False)
        return refusing

    return away_for


def queue(now, recipient="a@example.org", language="en", template="reset"):
    with writing():
        mailing.queue(recipient=recipient, language=language, template=template, now=now, link=f"http://127.0.0.1:8000/x/{SECRET}")


def only():
    db.session.rollback()
    return db.session.query(Mail).one()


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("template", TEMPLATES)
def test_mail_speaks_one_language_in_text_and_twin(inside, template, language):
    queue(rules.now(), language=language, template=template)
    row = only()
    assert row.subject == row.subject.strip() != ""
    lines = row.text.rstrip("\n").split("\n")
    page = lxml.html.document_fromstring(row.html)
    assert page.get("lang") == {"zh": "zh-Hans", "en": "en"}[language]
    assert mixed(page, page.get("lang")) == []
    assert [text.strip() for text in page.xpath("//body//text()") if text.strip()] == [line for line in lines if line]
    assert page.xpath("//a/@href") == [line for line in lines if line.startswith("http")]
    assert page.xpath("//@style | //@src | //link | //style | //script") == []


def test_mail_to_a_chinese_reader_is_chinese_whatever_the_page_speaks(app):
    with app.test_request_context("/en/account/forgot"):
        queue(rules.now(), language="zh")
        assert only().subject == "重设您的密码"


def test_mail_of_a_change_that_failed_is_not_queued(inside):
    def change_that_fails():
        with writing():
            mailing.queue(recipient="a@example.org", language="en", template="reset", now=rules.now(), link="http://x")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        change_that_fails()
    assert db.session.query(Mail).count() == 0


def test_queueing_wakes_the_worker_after_the_commit(inside):
    mailing.waiting.clear()
    with writing():
        mailing.queue(recipient="a@example.org", language="en", template="reset", now=rules.now(), link="http://x")
        assert mailing.waiting.is_set() is False
    assert mailing.waiting.is_set() is True


def test_absolute_url_ignores_a_forged_host(app):
    with app.test_request_context("/zh/account/forgot", headers={"Host": "evil.example.org"}):
        assert mailing.absolute_url("account.reset", token="t") == "http://127.0.0.1:8000/zh/account/reset/t"
    app.config["BOUND_ADDRESS"] = "http://192.0.2.7:9000"
    with app.app_context():
        assert mailing.absolute_url("account.reset", token="t", language="en") == "http://192.0.2.7:9000/en/account/reset/t"
    app.config["SETTINGS"]["address"] = "https://awards.example.org/apply"
    with app.app_context():
        assert mailing.absolute_url("account.sign_in", language="zh") == "https://awards.example.org/apply/zh/account/sign-in"


def test_mail_is_sent_once_and_its_text_erased(inside, server):
    now, sink = rules.now(), server(0)
    queue(now)
    assert [mailing.send_waiting(now), mailing.send_waiting(now), mailing.send_waiting(now + timedelta(days=9))] == [1, 0, 0]
    assert len(sink.seen) == 1
    row = only()
    assert (row.sent_at, row.due_at, row.tries, row.error, row.text, row.html) == (now, None, 1, None, "", "")


def test_failed_mail_waits_longer_each_time_and_is_given_up(inside, server):
    start, sink = rules.now(), server(99)
    queue(start)
    now, waits = start, []
    while (due := only().due_at) is not None:
        waits.append(due - now)
        now = due
        assert mailing.send_waiting(now) == 0
    minutes = [wait.total_seconds() / 60 for wait in waits]
    assert minutes[:6] == [0, 1, 5, 30, 120, 360]
    assert set(minutes[6:]) == {360}
    assert timedelta(days=3) <= now - start < timedelta(days=3, hours=6)
    row = only()
    assert (row.sent_at, row.error, row.tries) == (None, "ConnectionRefusedError('nobody listens')", len(sink.seen))


def test_failed_mail_arrives_later_with_the_same_id(inside, server):
    now, sink = rules.now(), server(1)
    queue(now)
    assert mailing.send_waiting(now) == 0
    assert mailing.send_waiting(now + timedelta(minutes=1)) == 1
    assert only().error is None
    assert len({message.extra_headers["Message-ID"] for message in sink.seen}) == 1


def test_one_failure_ends_the_round_and_the_others_follow(inside, server):
    now, sink = rules.now(), server(1)
    for name in ("a", "b", "c"):
        queue(now, recipient=f"{name}@example.org")
    assert [mailing.send_waiting(now), mailing.send_waiting(now)] == [0, 2]
    assert [message.to for message in sink.seen] == [["a@example.org"], ["b@example.org"], ["c@example.org"]]


def test_two_senders_at_once_send_each_mail_once(app, server):
    now, sink = rules.now(), server(0)
    with app.app_context():
        for number in range(6):
            queue(now, recipient=f"p{number}@example.org")

    def send():
        with app.app_context():
            mailing.send_waiting(now)

    threads = [threading.Thread(target=send) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(message.to[0] for message in sink.seen) == [f"p{number}@example.org" for number in range(6)]


def test_mail_of_an_account_deleted_while_it_was_sent_does_no_harm(inside, monkeypatch):
    now = rules.now()
    accounts.register(email="a@example.org", name="A", password=PASSWORD, language="en", now=now)

    class Slow:
        def send_messages(self, messages):
            accounts.delete_account(user=accounts.find("a@example.org"), password=PASSWORD, now=now)

    monkeypatch.setattr(mail, "get_connection", Slow, raising=False)
    assert mailing.send_waiting(now) == 1
    assert db.session.query(Mail).count() == 0


def test_without_a_server_the_mail_becomes_a_readable_file(app, capsys):
    with app.app_context():
        queue(rules.now(), recipient="a/../b@example.org", language="zh")
        text = only().text
        assert mailing.send_waiting(rules.now()) == 1
    (path,) = (Path(app.instance_path) / "mail").iterdir()
    assert path.name.endswith("-a_.._b@example.org.txt")
    assert path.read_text("utf-8") == (
        f"From: {app.config['MAIL_DEFAULT_SENDER']}\nTo: a/../b@example.org\nSubject: 重设您的密码\n\n{text}"
    )
    said = capsys.readouterr().out
    assert f"http://127.0.0.1:8000/x/{SECRET}" in said
    assert str(path) in said


def test_message_as_it_goes_over_the_wire(inside):
    queue(rules.now(), language="zh")
    message = message_from_bytes(mailing._message(only()).message().as_bytes(), policy=policy.default)
    parts = [part for part in message.walk() if not part.is_multipart()]
    assert message["Subject"] == "重设您的密码"
    assert message["To"] == "a@example.org"
    assert message["Auto-Submitted"] == "auto-generated"
    assert [part.get_content_type() for part in parts] == ["text/plain", "text/html"]
    assert "重设密码" in parts[0].get_content()


def test_worker_sends_and_survives_a_failure(app, server, monkeypatch):
    sink, rounds = server(0), []
    real, done = mailing.send_waiting, threading.Event()

    def send(now):
        rounds.append(now)
        if len(rounds) == 1:
            raise RuntimeError("the first round fails")
        real(now)
        done.set()

    monkeypatch.setattr(mailing, "send_waiting", send)
    with app.app_context():
        queue(rules.now())
    worker.start(app)
    mailing.waiting.set()
    while not done.wait(0.05):
        mailing.waiting.set()
    assert len(sink.seen) == 1
    assert re.match(r"<\d+\.\d{14}@localhost>", sink.seen[0].extra_headers["Message-ID"])
