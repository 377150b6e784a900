"""Mail: queued with its change, sent once, tried again, and readable by whoever has no mail server."""

import re
import socket
import threading
from datetime import timedelta
from email import message_from_bytes, policy
from pathlib import Path

import lxml.html
import pytest

from app import rules, worker
from app.applying import drafts
from app.extensions import db, writing
from app.mails import mailing
from app.models import Mail
from app.people import accounts
from tests.inspecting import mixed
from tests.site import PASSWORD

SECRET = "abc123"
TEMPLATES = [
    "address_in_use", "confirm", "email_changed", "invitation", "new_email", "no_account", "password_changed", "reset", "role_ended",
    "second_factor",
]  # fmt: skip


@pytest.fixture
def inside(app):
    with app.app_context():
        yield


class PostOffice:
    """A mail server's inside: refuses the first `times` messages, and hands each to `meanwhile` before it answers."""

    def __init__(self, times, meanwhile=lambda: None):
        self.times, self.meanwhile, self.seen = times, meanwhile, []

    async def handle_DATA(self, server, session, envelope):
        self.seen.append(message_from_bytes(envelope.content, policy=policy.default))
        self.meanwhile()
        return "250 OK" if len(self.seen) > self.times else "451 come back later"


@pytest.fixture
def server(app):
    """Starts a real mail server: `server(times)`."""
    controller = pytest.importorskip("aiosmtpd.controller", reason="aiosmtpd is not installed: tests/requirements.txt")
    running = []

    def start(times, **kwargs):
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        office = PostOffice(times, **kwargs)
        running.append(controller.Controller(office, hostname="127.0.0.1", port=port))
        running[-1].start()
        state = app.extensions["mailman"]
        state.backend, state.server, state.port, state.use_tls = "app.mails.mail_server", "127.0.0.1", port, False
        return office

    yield start
    for each in running:
        each.stop()


def arrived(office):
    return [message["To"] for message in office.seen]


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
    assert (row.sent_at, row.error, row.tries) == (None, "SMTPDataError(451, b'come back later')", len(sink.seen))


def test_failed_mail_arrives_later_with_the_same_id(inside, server):
    now, sink = rules.now(), server(1)
    queue(now)
    assert mailing.send_waiting(now) == 0
    assert mailing.send_waiting(now + timedelta(minutes=1)) == 1
    assert only().error is None
    assert len({message["Message-ID"] for message in sink.seen}) == 1


def test_one_failure_ends_the_round_and_the_others_follow(inside, server):
    now, sink = rules.now(), server(1)
    for name in ("a", "b", "c"):
        queue(now, recipient=f"{name}@example.org")
    assert [mailing.send_waiting(now), mailing.send_waiting(now)] == [0, 2]
    assert arrived(sink) == ["a@example.org", "b@example.org", "c@example.org"]


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
    assert sorted(arrived(sink)) == [f"p{number}@example.org" for number in range(6)]


def test_mail_of_an_account_deleted_while_it_was_sent_does_no_harm(app, server):
    now = rules.now()

    def delete():
        with app.app_context():
            accounts.delete_account(user=accounts.find("a@example.org"), password=PASSWORD, now=now)

    server(0, meanwhile=delete)
    with app.app_context():
        accounts.register(email="a@example.org", name="A", password=PASSWORD, language="en", now=now)
        assert mailing.send_waiting(now) == 1
        assert db.session.query(Mail).count() == 0


def test_mail_that_takes_the_id_of_one_deleted_while_it_was_sent_is_sent_too(app, server):
    now = rules.now()

    def replace():
        if len(office.seen) == 1:
            with app.app_context():
                accounts.delete_account(user=accounts.find("a@example.org"), password=PASSWORD, now=now)
                queue(now + timedelta(seconds=1), recipient="b@example.org")
                assert only().id == 1

    office = server(0, meanwhile=replace)
    with app.app_context():
        accounts.register(email="a@example.org", name="A", password=PASSWORD, language="en", now=now)
        assert mailing.send_waiting(now + timedelta(seconds=1)) == 2
    assert arrived(office) == ["a@example.org", "b@example.org"]


def test_mail_server_that_is_away_leaves_the_mail_waiting(inside, app):
    now = rules.now()
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    state = app.extensions["mailman"]
    state.backend, state.server, state.port, state.use_tls = "app.mails.mail_server", "127.0.0.1", port, False
    queue(now)
    assert mailing.send_waiting(now) == 0
    assert only().error.startswith("ConnectionRefusedError(")


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


def test_message_as_it_goes_over_the_wire(inside, server):
    sink = server(0)
    queue(rules.now(), language="zh")
    row = only()
    assert mailing.send_waiting(rules.now()) == 1
    (message,) = sink.seen
    assert (message["Subject"], message["To"], message["Auto-Submitted"]) == ("重设您的密码", "a@example.org", "auto-generated")
    assert re.fullmatch(r"<\d+\.\d{14}@localhost>", message["Message-ID"])
    parts = [part for part in message.walk() if not part.is_multipart()]
    assert [part.get_content_type() for part in parts] == ["text/plain", "text/html"]
    assert [part.get_content().replace("\r\n", "\n").strip() for part in parts] == [row.text.strip(), row.html.strip()]


def test_answers_to_a_mail_about_an_application_go_to_the_contact_of_its_call(inside, call, server):
    sink, now = server(0), rules.now()
    user = accounts.register(email="a@example.org", name="A", password=PASSWORD, language="en", now=now).user
    application = drafts.create(user=user, call=call, now=now)
    with writing():
        mailing.add(mailing.row(recipient="a@example.org", language="en", subject="S", text="T", now=now, application_ref=application.ref))
    assert mailing.send_waiting(now) == 2
    assert [message["Reply-To"] for message in sink.seen] == [None, call.contact.email]


def test_subject_of_several_lines_is_one_header(inside, server):
    sink, now = server(0), rules.now()
    with writing():
        mailing.add(mailing.row(recipient="a@example.org", language="en", subject="A\r\nBcc: b@example.org\u2028c", text="T", now=now))
    assert mailing.send_waiting(now) == 1
    assert (sink.seen[0]["Subject"], sink.seen[0]["Bcc"]) == ("A Bcc: b@example.org c", None)


def test_worker_survives_a_broken_database_and_sends_afterwards(app, server):
    sink = server(0)
    with app.app_context():
        queue(rules.now())
        db.session.execute(db.text("ALTER TABLE mail RENAME TO gone"))
        db.session.commit()
    worker._round(app)
    with app.app_context():
        db.session.execute(db.text("ALTER TABLE gone RENAME TO mail"))
        db.session.commit()
    worker._round(app)
    assert arrived(sink) == ["a@example.org"]
