"""Promise 12: a disk that is full or gone, a locked database, a mail server that is away. Words instead of a 500, text kept,
reading goes on, `/healthz` tells the truth, and when the fault is over everything works again without a restart."""

import io
import os
import shutil
import socket
import sqlite3
import subprocess
import sys
import threading
import time
import zipfile
from contextlib import closing, contextmanager

import pytest

from app import demo
from app.extensions import PATIENCE_SECONDS, db
from app.keeping import auditing
from app.models import StoredFile
from tests.measure.visitor import Visitor
from tests.running import ROOT, Running, environment
from tests.site import PASSWORD
from tests.test_apply import begin
from tests.test_uploads import upload

PDF = demo.sample_pdf("Paper")


# -- the uploads folder


@contextmanager
def gone(folder):
    folder.rename(folder.with_name("elsewhere"))
    yield
    folder.with_name("elsewhere").rename(folder)


@contextmanager
def a_file(folder):
    """Nothing can be made in it: to root, too, who may write wherever there is a folder."""
    with gone(folder):
        folder.write_bytes(b"")
        yield
        folder.unlink()


@pytest.mark.parametrize("fault", [gone, a_file])
def test_promise_12_uploads_folder_gone_or_unwritable(applicant, call, instance, fault):
    files = f"{begin(applicant, call)}/files"
    applicant.open(files)
    with fault(instance / "uploads"):
        upload(applicant, (PDF, "论文_Paper.pdf"))
        (refused,) = applicant.errors()
        assert refused.startswith("“论文_Paper.pdf” was not stored. The server cannot take files just now.")
        assert applicant.client.get("/healthz").status_code == 503
        applicant.open(files.replace("/files", "/basics"))
        applicant.submit("save", title__en="Quantum")
        assert applicant.value("title-en") == "Quantum"
        assert not (instance / "uploads").is_dir()
    assert applicant.client.get("/healthz").status_code == 200
    applicant.open(files)
    upload(applicant, (PDF, "论文_Paper.pdf"))
    assert applicant.errors() == []
    assert [path.parent.name for path in (instance / "uploads").rglob("*.pdf")] != []


def test_promise_12_stored_file_missing(app, applicant, call, instance):
    files = f"{begin(applicant, call)}/files"
    applicant.open(files)
    upload(applicant, (PDF, "论文_Paper.pdf"), (PDF, "专利_Patent.pdf"))
    with app.app_context():
        lost = db.session.scalars(db.select(StoredFile)).first()
    (instance / "uploads" / lost.path).unlink()
    for language, words in (("en", "This file cannot be read just now"), ("zh", "暂时无法读取这个文件")):
        applicant.open(f"{files.replace('/en/', f'/{language}/')}/{lost.ref}", status=503)
        assert applicant.page.xpath("string(//h1)") == words
        assert "论文_Paper.pdf" in applicant.text()
    with zipfile.ZipFile(io.BytesIO(applicant.client.get(f"{files}.zip").data)) as made:
        assert made.testzip() is None
        (note,) = (name for name in made.namelist() if name.endswith(".txt"))
        assert "论文_Paper.pdf" in made.read(note).decode()
        assert len([name for name in made.namelist() if name.endswith(".pdf")]) == 1
    applicant.open(files)
    assert applicant.client.get("/healthz").status_code == 200


# -- a server, and people at work


class Person(Visitor):
    """Somebody with an application, at its step about the achievement."""

    def __init__(self, server, name):
        super().__init__(server)
        self.open("register", "/en/account/register")
        self.register(f"{name}@example.org")
        (call,) = (server.files / "calls").glob("*.toml")
        self.open("call", f"/en/calls/{call.stem}")
        self.submit("start", form="form[contains(@action, '/applications')]")
        self.home = self.address
        self.open("step", f"{self.home}/basics")

    def register(self, email):
        self.submit("register", form="main//form[.//input[@name='password']]", email=email, name="Anna", password=PASSWORD)

    def save(self, text):
        """The status of the answer to the button; `page` is what it led to."""
        before = len(self.taken)
        self.submit("save", "save", form="form[@id='step']", title__en=text)
        return self.taken[before].status

    def upload(self):
        """What the page says of an upload: its errors."""
        self.open("files", f"{self.home}/files")
        self.submit("upload", "upload", form="form[@id='step']", kind="papers", files=[("论文_Paper.pdf", PDF)])
        return self.page.xpath("string(//*[@role='alert'])")

    def typed(self):
        return self.page.xpath("string(//*[@name='title-en']/@value)")

    def status(self, address):
        self.open("page", address)
        return self.taken[-1].status


@pytest.fixture
def server(instance):
    with Running(instance) as running:
        running.files = instance
        yield running


# -- the database


def test_promise_12_database_locked_for_two_seconds(server, instance):
    person = Person(server, "a")
    with locked(instance) as release:
        threading.Timer(2, release).start()
        start = time.monotonic()
        assert person.save("Quantum") == 302
        assert 1.5 < time.monotonic() - start < PATIENCE_SECONDS
    assert person.typed() == "Quantum"


def test_promise_12_database_locked_for_longer_than_anybody_waits(server, instance):
    people = [Person(server, f"a{n}") for n in range(4)]
    reader = Person(server, "reader")
    with closing(sqlite3.connect(instance / "laurel.db")) as database:
        # The next page of the reader notes that they are back: a write that a page to read must not fail for.
        database.execute("UPDATE sign_in SET seen_at = datetime(seen_at, '-2 hours') || '.000000' WHERE id = (SELECT max(id) FROM sign_in)")
        database.commit()
    with locked(instance) as release:
        answers = {}
        waiting = [threading.Thread(target=lambda n=n: answers.update({n: people[n].save(f"Typed {n}")})) for n in range(len(people))]
        start = time.monotonic()
        for thread in waiting:
            thread.start()
        assert [reader.status(address) for address in ("/en/", "/en/applications", reader.home)] == [200, 200, 200]
        assert time.monotonic() - start < 5
        assert server.status("/healthz") == 503
        for thread in waiting:
            thread.join()
        # Waiting for one another counts as well as waiting for the lock.
        assert time.monotonic() - start < PATIENCE_SECONDS + 4
        assert answers == dict.fromkeys(range(len(people)), 503)
        for n, person in enumerate(people):
            assert person.typed() == f"Typed {n}"
            assert "could not be saved just now; it is still here" in person.page.xpath("string(//main)")
        # A page without a way of its own to give text back gives it back by the button of the error page.
        reader.open("profile", "/en/account/profile")
        reader.submit("profile", form="main//form[.//input[@name='name']]", name="Anna Typed")
        assert (reader.taken[-1].status, reader.page.xpath("string(//h1)")) == (503, "The site is not available just now")
        release()
        assert server.status("/healthz") == 200
    reader.submit("again", form="main//form")
    reader.open("profile", "/en/account/profile")
    assert reader.page.xpath("string(//input[@name='name']/@value)") == "Anna Typed"
    for n, person in enumerate(people):
        assert person.save(f"Typed {n}") == 302
        assert person.typed() == f"Typed {n}"


@contextmanager
def locked(instance):
    """Somebody else writes into the database until the function that this yields is called, or the block ends."""
    with closing(sqlite3.connect(instance / "laurel.db", isolation_level=None, check_same_thread=False)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield lambda: other.execute("ROLLBACK")
        if other.in_transaction:
            other.execute("ROLLBACK")


# -- the disk


@pytest.fixture
def limited(server):
    """A server that can be forbidden to write a single byte into any file; works for everybody on Linux."""
    resource = pytest.importorskip("resource", reason="there are no such limits here")
    if not hasattr(resource, "prlimit"):
        pytest.skip("the limits of another process cannot be set here")
    before = resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE)
    server.fill = lambda: resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE, (0, before[1]))
    server.free = lambda: resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE, before)
    return server


@pytest.fixture
def small_disk(fresh_instance, tmp_path):
    """A server on a disk of its own of 8 MB, which can be filled up."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = 'mount -t tmpfs -o size=8m tmpfs "$1" && cp -r "$2" "$1/instance" && shift 2 && exec "$@"'
    words = ["unshare", "--map-root-user", "--mount", "sh", "-c", mount, "sh", str(disk), str(fresh_instance)]
    if shutil.which("unshare") is None or subprocess.run([*words, "true"], capture_output=True).returncode:
        pytest.skip("no disk can be mounted here")
    with Running(disk / "instance", wrapped=words) as running:
        seen_from_outside = f"/proc/{running.process.pid}/root{disk}"
        if not os.path.isdir(f"{seen_from_outside}/instance/calls"):
            pytest.skip("the disk cannot be looked at from outside")
        running.files = type(disk)(seen_from_outside) / "instance"
        filler = running.files / "filler"
        running.fill = lambda: fill_up(filler)
        running.free = filler.unlink
        yield running


def fill_up(path):
    size = 65536
    with path.open("wb", buffering=0) as target:
        while size:
            try:
                target.write(bytes(size))
            except OSError:
                size //= 2


def test_promise_12_disk_that_takes_no_byte(limited, app):
    person = Person(limited, "a")
    work_on_a_full_disk(limited, person)
    assert person.upload() == ""
    with app.app_context():
        assert auditing.audit(settle=0).findings == []


def test_promise_12_disk_full(small_disk):
    work_on_a_full_disk(small_disk, Person(small_disk, "a"))


def work_on_a_full_disk(server, person):
    assert person.save("Before") == 302
    newcomer = Visitor(server)
    newcomer.open("register", "/en/account/register")
    server.fill()
    assert server.status("/healthz") == 503
    assert person.save("Typed on a full disk") == 503
    assert person.typed() == "Typed on a full disk"
    assert "could not be saved just now; it is still here" in person.page.xpath("string(//main)")
    reader_sees = [person.status(address) for address in ("/en/", "/en/applications", person.home, f"{person.home}/basics")]
    assert reader_sees == [200] * 4
    assert person.typed() == "Before"
    assert "“论文_Paper.pdf” was not stored." in person.upload()
    Person.register(newcomer, "b@example.org")
    assert (newcomer.taken[-1].status, newcomer.page.xpath("string(//h1)")) == (503, "The site is not available just now")
    server.free()
    assert server.status("/healthz") == 200
    person.open("step", f"{person.home}/basics")
    assert person.save("Afterwards") == 302
    assert person.typed() == "Afterwards"
    newcomer.submit("again", form="main//form")
    assert newcomer.page.xpath("string(//input[@name='email']/@value)") == "b@example.org"


# -- the mail server


@pytest.mark.parametrize("listening", [True, False])
def test_promise_12_mail_server_hangs_or_refuses(instance, listening):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        with (instance / "settings.toml").open("a") as settings:
            settings.write(f'smtp_host = "127.0.0.1"\nsmtp_port = {port}\nsmtp_security = "none"\n')
        if not listening:
            silent.close()
        with Running(instance) as server:
            server.files = instance
            person = Person(server, "a")
            if listening:
                # The site talks to the server now, which will never say a word.
                silent.settimeout(10)
                connection, _address = silent.accept()
            start = time.monotonic()
            assert person.save("Quantum") == 302
            assert Person(server, "b").save("Quantum") == 302
            assert server.status("/healthz") == 200
            assert time.monotonic() - start < 5
            with closing(sqlite3.connect(instance / "laurel.db")) as database:
                waiting = database.execute("SELECT recipient FROM mail WHERE sent_at IS NULL ORDER BY id").fetchall()
            assert waiting == [("a@example.org",), ("b@example.org",)]
            if listening:
                connection.close()


# -- what is broken before the start


@pytest.mark.parametrize("name", ["laurel.db", "uploads"])
def test_start_over_a_broken_instance_ends_with_words(instance, name):
    shutil.rmtree(instance / "uploads")
    (instance / name).write_bytes(b"neither a database nor a folder " * 200)
    done = subprocess.run([sys.executable, "wsgi.py", "--port", "0"], cwd=ROOT, env=environment(instance), capture_output=True, text=True)
    assert done.returncode == 1
    assert done.stderr.startswith("实例文件夹或其中的数据库无法使用")
    assert "restore a backup into a new, empty folder" in done.stderr
    assert "Traceback" not in done.stderr
