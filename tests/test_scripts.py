import pytest
from markupsafe import Markup

from app import scripts


@pytest.mark.parametrize(("text", "answer"), [
    ("量子", True), ("RISC-V 架构", True), ("々", True), ("𠮷", True), ("𰻝", True), ("\U00033480", True), ("﨑", True), ("臺灣", True),
    ("", False), ("RISC-V", False), ("さくら", False), ("양자", False), ("，。", False), ("Ｒ５", False),
])
def test_has_han(text, answer):
    assert scripts.has_han(text) is answer


@pytest.mark.parametrize(("text", "answer"), [
    ("", True), ("2026, 100 %", True), ("Siemens", True), ("RISC-V", True), ("Đặng Thị Ngọc", True), ("Škoda", True), ("ＲＩＳＣ", True),
    ("The 量子 network", True), ("𝑥 𝑦 𝑧 a", True), ("e\u0301te\u0301", True),
    ("量子网络", False), ("さくら", False), ("квантовая связь", False), ("αβγ", False), ("AB量子", False), ("A 量子网络", False),
])
def test_mostly_latin(text, answer):
    assert scripts.mostly_latin(text) is answer


@pytest.mark.parametrize(("text", "language", "html"), [
    ('en = "Beijing time"', "zh", 'en = &#34;<span lang="en">Beijing time</span>&#34;'),
    ("研究 R&D <b> lab", "zh", "研究 R&amp;D &lt;b&gt; lab"),
    ('zh = "北京时间" & more', "en", 'zh = &#34;<span lang="zh">北京时间</span>&#34; &amp; more'),
    (Markup("A &amp; B 量子"), "en", 'A &amp; B <span lang="zh">量子</span>'),
])
def test_marked_text_is_escaped_around_and_inside_its_marks(text, language, html):
    assert scripts.marked(text, language) == html
