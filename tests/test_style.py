"""The rules of style and safety (ruff's S) hold in every file; an exception says its reason beside it."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


def ruff(*arguments, **kwargs):
    command = [sys.executable, "-m", "ruff", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, encoding="utf-8", **kwargs)


@pytest.fixture(scope="module", autouse=True)
def _installed():
    if ruff("--version").returncode:
        if os.environ.get("CI"):
            pytest.fail("ruff is missing: tests/requirements.txt", pytrace=False)
        pytest.skip("ruff is missing: tests/requirements.txt")


def test_ruff_finds_nothing():
    assert ruff("check", "--no-cache", "--output-format", "concise", ".").stdout.strip() == "All checks passed!"


def test_ruff_looks_for_unsafe_code():
    found = ruff("check", "--stdin-filename", "app/planted.py", "--output-format", "concise", "-", input="eval(input())\n")
    assert "S307" in found.stdout
