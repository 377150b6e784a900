import pytest

from app.applying import claims

PHRASES = ("世界领先", "领先", "世界最大", "首创", "world's largest", "world-leading", "first", "largest", "No. 1")


@pytest.mark.parametrize(("text", "found"), [
    ("", []),
    ("A modest result.", []),
    ("A world-leading result", ["world-leading"]),
    ("A World Leading result", ["World Leading"]),
    ("A world‑leading result", ["world‑leading"]),
    ("a world\r\nleading result", ["world\r\nleading"]),
    ("the world’s largest network", ["world’s largest"]),
    ("the World's Largest network", ["World's Largest"]),
    ("the largest network, the world's largest", ["largest", "world's largest"]),
    ("the first, the FIRST, the First", ["first"]),
    ("firstly, thirst, first1", []),
    ("“first”", ["first"]),
    ("全球first的", ["first"]),
    ("No. 1 in the field, no. 12", ["No. 1"]),
    ("本成果世界领先", ["世界领先"]),
    ("国内领先，世界领先，国内领先", ["领先", "世界领先"]),
    ("首创了世界最大的网络", ["首创", "世界最大"]),
])
def test_find(text, found):
    assert claims.find(text, PHRASES) == found


def test_find_without_phrases():
    assert claims.find("the first", ()) == []
    assert claims.find("the first", ("", " ")) == []


def test_find_with_equal_phrases():
    assert claims.find("world leading and world-leading", ("world-leading", "World leading")) == ["world leading"]


def test_find_takes_phrases_literally():
    assert claims.find("a.b a+b (", ("a+b", "(")) == ["a+b", "("]
