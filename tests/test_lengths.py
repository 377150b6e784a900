import json
from pathlib import Path

import pytest

from app import lengths

CASES = json.loads(Path(__file__).with_name("lengths.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize(("text", "units", "why"), CASES, ids=[why for _, _, why in CASES])
def test_count_of_shared_case(text, units, why):
    assert lengths.count(text) == units
