"""Mail goes only to the server that its certificate names, over STARTTLS as over TLS."""

import shutil
import socket
import ssl
import subprocess

import pytest

from app import rules
from app.extensions import db, writing
from app.mails import mailing
from app.models import Mail


class PostOffice:
    def __init__(self):
        self.seen = []

    async def handle_DATA(self, server, session, envelope):
        self.seen.append(envelope.rcpt_tos)
        return "250 OK"


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    """A certificate for 127.0.0.1 that nobody has vouched for, and its key: (path, path)."""
    if shutil.which("openssl") is None:
        pytest.skip("openssl is not installed")
    folder = tmp_path_factory.mktemp("tls")
    paths = folder / "certificate.pem", folder / "key.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
         "-subj", "/CN=mail", "-addext", "subjectAltName=IP:127.0.0.1", "-out", paths[0], "-keyout", paths[1]],
        check=True, capture_output=True,
    )  # fmt: skip
    return paths


@pytest.fixture(params=["starttls", "tls"])
def office(request, app, certificate):
    """A mail server with that certificate, at which the site is told to hand in its mail."""
    controller = pytest.importorskip("aiosmtpd.controller", reason="aiosmtpd is not installed: tests/requirements.txt")
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(*certificate)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    office, direct = PostOffice(), request.param == "tls"
    secured = {"ssl_context": context} if direct else {"tls_context": context, "require_starttls": True}
    server = controller.Controller(office, hostname="127.0.0.1", port=port, **secured)
    server.start()
    state = app.extensions["mailman"]
    state.backend, state.server, state.port = "app.mails.mail_server", "127.0.0.1", port
    state.use_tls, state.use_ssl = not direct, direct
    yield office
    server.stop()


def send(app):
    """How many mails were sent, and what is noted with the mail."""
    with app.app_context():
        with writing():
            mailing.queue(recipient="a@example.org", language="en", template="reset", now=rules.now(), link="http://x")
        return mailing.send_waiting(rules.now()), db.session.scalars(db.select(Mail.error)).one()


def test_server_nobody_vouches_for_gets_no_mail(app, office):
    sent, error = send(app)
    assert (sent, office.seen) == (0, [])
    assert "CERTIFICATE_VERIFY_FAILED" in error


def test_server_with_a_certificate_we_trust_gets_the_mail(app, office, certificate, monkeypatch):
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate[0]))
    assert send(app) == (1, None)
    assert office.seen == [["a@example.org"]]


def test_settings_choose_the_back_end_that_verifies(instance, monkeypatch):
    from app import create_app

    monkeypatch.setenv("LAUREL_SMTP_HOST", "mail.example.org")
    app = create_app(instance)
    assert app.config["MAIL_BACKEND"] == "app.mails.mail_server"
    with app.app_context():
        db.engine.dispose()
