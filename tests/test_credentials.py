"""What a person signs in with: addresses compared, passwords judged and hashed."""

import pytest

from app.people.credentials import email_key, hashed, matches, weakness
from tests.mailbox import OTHER_PASSWORD
from tests.site import PASSWORD


@pytest.mark.parametrize(
    ("typed", "key"),
    [
        (" Anna@Example.ORG ", "anna@example.org"),
        ("anna@例子.中国", "anna@xn--fsqu00a.xn--fiqs8s"),
        ("anna@XN--fsqu00a.xn--fiqs8s", "anna@xn--fsqu00a.xn--fiqs8s"),
        ("o'neil+award@example.org", "o'neil+award@example.org"),
        ("用户@example.org", None),
        ("anna", None),
        ("anna@example", None),
        ("anna@example.org\nBcc: b@example.org", None),
        ("", None),
    ],
)
def test_email_key_of_typed_address(typed, key):
    assert email_key(typed) == key


@pytest.mark.parametrize(
    "password",
    [
        "short",
        "elevenchars",
        "password1234",
        "Passw0rd2024!",
        "p@ssw0rd12345",
        "123456789012",
        "qwertyuiop[]",
        "1qaz2wsx3edc",
        "zxcvbnm,./zx",
        "aaaaaaaaaaaaaaaa",
        "abcabcabcabcabc",
        "我我我我我我我我我我我我",
        "finalfantasy",
        "iloveyou123456",
        "woaini1314520",
        "zhangwei19900101",
        "ZhangWei@lab2020",
        "张伟张伟张伟张伟张伟张伟",
        "ｐａｓｓｗｏｒｄ１２３４",
        "x" * 1001,
    ],
)
def test_weakness_of_guessable_password(password):
    assert weakness(password, "zhang.wei@lab.example.org", "张伟", "Award Applications") is not None


@pytest.mark.parametrize(
    "password",
    [
        PASSWORD,
        OTHER_PASSWORD,
        "correct horse battery staple",
        "Zhang Wei likes purple umbrellas",
        "床前明月光疑是地上霜举头望明月",
        "пять тихих ворон летят",
        "gT7$kk2!mQ9z",
        "🌲🌊🐎🍊🎻📚🧭🪁🏔️🛶🔑🎲",
        "long enough " + "abcdefgh xyz qrs " * 55,
    ],
)
def test_weakness_of_good_password(password):
    assert weakness(password, "zhang.wei@lab.example.org", "张伟", "Award Applications") is None


def test_password_typed_in_full_width_matches():
    stored = hashed("quiet herons 42 walk")
    assert matches(stored, "ｑｕｉｅｔ　ｈｅｒｏｎｓ　４２　ｗａｌｋ") is True
    assert matches(stored, "quiet herons 43 walk") is False


def test_nobodys_password_matches_nothing():
    assert matches(None, "") is False
