import json
import shutil
import subprocess
from pathlib import Path
from time import process_time

import pytest

from app import lengths

CASES = json.loads(Path(__file__).with_name("lengths.json").read_text(encoding="utf-8"))
SCRIPT = Path(lengths.__file__).with_name("static") / "lengths.js"


@pytest.mark.parametrize(("text", "units", "why"), CASES, ids=[why for _, _, why in CASES])
def test_count_of_shared_case(text, units, why):
    assert lengths.count(text) == units


@pytest.mark.skipif(shutil.which("node") is None, reason="node is not installed; the browser journeys check the same table")
def test_count_in_javascript_of_shared_cases():
    program = f"{SCRIPT.read_text(encoding='utf-8')}; console.log(JSON.stringify({json.dumps(CASES)}.map(([text]) => countLength(text))))"
    answer = subprocess.run(["node", "-e", program], capture_output=True, text=True, encoding="utf-8", check=True, timeout=60)
    assert json.loads(answer.stdout) == [units for _, units, _ in CASES]


@pytest.mark.parametrize("piece", ["“", "量", "a", "a“量 ", "“a", "\u0301", " "])
def test_count_of_long_text_is_linear(piece):
    started = process_time()
    lengths.count(piece * (400_000 // len(piece)))
    assert process_time() - started < 4
