"""What receipts are compared with: their parts, as plain values."""

import hashlib
import re

UTC = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ\Z")
BEIJING = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+08:00\Z")
FRAME = {
    "format": 1,
    "zone": "Asia/Shanghai",
    "award": {"zh": "世界互联网大会领先科技奖", "en": "World Internet Conference Awards for Pioneering Science and Technology"},
    "call": "wic-awards-2099",
}
PAPERS, PATENTS, AWARDS = ("论文", "Papers", True), ("专利", "Patents", True), ("获奖", "Awards", True)
STANDARDS, REPORTS = ("国际标准", "International standards", False), ("评测报告", "Evaluation reports", False)
PROOFS, OTHERS = ("应用证明", "Application proofs", False), ("其他", "Others", False)


def frame(receipt):
    """What a receipt says beside the answers and the files; the times are judged by their form alone."""
    assert UTC.match(receipt["submitted_at"])
    assert BEIJING.match(receipt["local_time"])
    return {key: value for key, value in receipt.items() if key not in ("submitted_at", "local_time", "answers", "files")}


def said(receipt):
    """The answers of a receipt, `{step: {question: (Chinese, English) or [rows]}}`; a row is a dict of such pairs."""
    return {step["id"]: _pairs(step["answers"]) for step in receipt["answers"]}


def _pairs(answers):
    return {
        answer["id"]: [_pairs(row["answers"]) for row in answer["rows"]] if "rows" in answer else (answer["zh"], answer["en"])
        for answer in answers
    }


def filed(order, kind, zh, en, ending, content):
    """One file as a receipt lists it: `kind` is one of those above, `content` the bytes that were uploaded."""
    return {
        "order": order, "kind": {"zh": kind[0], "en": kind[1]}, "core": kind[2], "zh": zh, "en": en,
        "name": f"{order:02}_{zh}_{en}.{ending}", "type": ending, "size": len(content), "sha256": hashlib.sha256(content).hexdigest(),
    }  # fmt: skip
