"""Promises 1 and 2: what was acknowledged survives `kill -9` and a power cut; nothing is ever half done."""

import re
import shutil
import subprocess

import pytest

from app import demo
from tests.measure import crash
from tests.measure.visitor import Visitor
from tests.running import Running
from tests.site import PASSWORD

KILLS = 20
SYNCED = re.compile(r"(?:fsync|fdatasync)\(\d+<([^>]*)>")
RENAMED = re.compile(r'rename(?:at2?)?\(.*?"([^"]*)",.*?"([^"]*)"')


def test_promise_01_what_was_acknowledged_survives_kills_and_the_audit_passes(tmp_path):
    result = crash.run(tmp_path, KILLS)
    assert result.losses == []
    assert result.kills == KILLS
    # Something was at stake: texts, files and submissions had been acknowledged.
    assert result.acknowledged["account"] >= 3
    assert min(result.acknowledged[what] for what in ("text", "file")) >= 10


def test_promise_01_a_server_that_acknowledges_before_it_commits_is_found_out(tmp_path):
    assert crash.run(tmp_path, KILLS, script="tests/measure/forgetful.py").losses != []


@pytest.fixture
def traced(instance, tmp_path):
    """A server whose calls for the disk and whose answers are written down, with a visitor who has an application."""
    strace, trace = shutil.which("strace"), tmp_path / "trace"
    if strace is None:
        pytest.skip("strace is not installed")
    words = [strace, "-D", "-f", "-y", "-qq", "-e", "trace=fsync,fdatasync,rename,renameat,renameat2,sendto", "-o", str(trace)]
    if subprocess.run([*words, "true"], capture_output=True).returncode:
        pytest.skip("strace may not trace here")
    with Running(instance, wrapped=words) as server:
        visitor = Visitor(server)
        visitor.open("register", "/en/account/register")
        visitor.submit("register", form="main//form[.//input[@name='password']]", email="a@example.org", name="A", password=PASSWORD)
        (call,) = (instance / "calls").glob("*.toml")
        visitor.open("call", f"/en/calls/{call.stem}")
        visitor.submit("start", form="form[contains(@action, '/applications')]")
        visitor.trace, visitor.home = trace, visitor.address
        yield visitor


def before_the_answer(visitor):
    """What reached the disk between the page and the answer to the POST that followed: [what, in order], by its thread."""
    lines = visitor.trace.read_text("utf-8", "replace").splitlines()
    answers = [number for number, line in enumerate(lines) if "sendto(" in line and '"HTTP/1.1 ' in line]
    (redirect,) = (number for number in answers[-3:] if "HTTP/1.1 302" in lines[number])
    previous = answers[answers.index(redirect) - 1]
    return [step for step in map(named, finished(lines[previous + 1 : redirect])) if step]


def finished(lines):
    """Each call where it ended, as one line."""
    begun = {}
    for line in lines:
        thread, _space, call = line.partition(" ")
        if call.rstrip().endswith("<unfinished ...>"):
            begun[thread] = call
        elif "resumed>" in call:
            yield begun.pop(thread, "") + call
        else:
            yield call


def named(call):
    synced, renamed = SYNCED.search(call), RENAMED.search(call)
    if renamed and "/uploads/" in renamed[2]:
        return "rename"
    if synced is None:
        return None
    path = synced[1]
    if "/uploads/incoming/" in path:
        return "file"
    if path.endswith("-wal"):
        return "database"
    return "folder" if re.search(r"/uploads(/[0-9a-f]{2})?$", path) else None


def test_promise_01_upload_is_on_the_disk_before_its_row_and_its_row_before_the_answer(traced):
    traced.open("files", f"{traced.home}/files")
    traced.submit("upload", "upload", form="form[@id='step']", kind="papers", files=[("论文_Paper.pdf", demo.sample_pdf("Paper"))])
    assert before_the_answer(traced) == ["file", "rename", "folder", "folder", "database"]


def test_promise_01_text_is_on_the_disk_before_the_answer(traced):
    traced.open("step", f"{traced.home}/basics")
    traced.submit("save", "save", form="form[@id='step']", title__en="Quantum")
    assert before_the_answer(traced) == ["database"]
