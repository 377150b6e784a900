"""What a person signs in with: the address in the form that is compared, the password judged and hashed."""

import hashlib
import re
import unicodedata
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path

from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError
from email_validator import EmailNotValidError, validate_email
from flask_babel import lazy_gettext as _l

LEAST, MOST = 12, 1000
LEAST_SURPRISES = 6
ROWS = (
    "abcdefghijklmnopqrstuvwxyz",
    "1234567890-=",
    "0123456789",
    "!@#$%^&*()_+",
    "qwertyuiop[]",
    "asdfghjkl;'",
    "zxcvbnm,./",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik9ol0p",
    "qazwsxedcrfvtgbyhnujmikolp",
    "1q2w3e4r5t6y7u8i9o0p",
    "q1w2e3r4t5y6u7i8o9p0",
)
STEPS = frozenset(pair for row in ROWS for line in (row, row[::-1]) for pair in zip(line, line[1:], strict=False))

# OWASP's figures for Argon2id; 20 ms each on a plain machine.
_hasher = PasswordHasher(time_cost=2, memory_cost=19456, parallelism=1)
# Two at once: more would take every core from people who only want a page. Threads of their own, because every thread
# that has hashed keeps its 19 MiB.
_hashing = ThreadPoolExecutor(2, "hashing")


def email_key(address):
    """The one form in which addresses are compared, or None where the text is no address that mail can reach.

    Letters before the @ are lower-cased: no provider in use tells them apart, but people type them at random.
    """
    try:
        # Few servers can reach 用户@example.org, and we must be able to; a Chinese domain is fine.
        # What is longer is no address, and would take seconds to look at.
        parts = validate_email(address.strip()[:1000], check_deliverability=False, allow_smtputf8=False)
    except EmailNotValidError:
        return None
    return f"{parts.local_part.lower()}@{parts.ascii_domain}"


def digest(secret):
    """What is stored of a secret of ours. It is random and long, so one fast hash is enough."""
    return hashlib.sha256(secret.encode()).hexdigest()


def _folded(password):
    # The same keys give other characters on another device: full-width ones, or a letter and its accent apart.
    return unicodedata.normalize("NFKC", password)


def hashed(password):
    """The Argon2id hash to store. Slow: never call it inside a write."""
    return _hashing.submit(_hasher.hash, _folded(password)).result()


def matches(stored, password):
    """Whether `password` is the one `stored` was made from. Takes as long when `stored` is None: nobody's password."""
    try:
        return _hashing.submit(_hasher.verify, stored or _nobodys(), _folded(password)).result() and stored is not None
    except VerifyMismatchError:
        return False


@cache
def _nobodys():
    return hashed("")


def weakness(password, *known):
    """Why `password` is not good enough, as a sentence, or None. `known`: what a guesser knows, as address and names."""
    if len(password) < LEAST:
        return _l("Use at least %(least)s characters for the password.", least=LEAST)
    if len(password) > MOST:
        return _l("Use at most %(most)s characters for the password.", most=MOST)
    text = _folded(password).casefold()
    whole, parts = _common()
    rest = text
    for word in sorted(_words(known), key=len, reverse=True):
        rest = rest.replace(word, "")
    for word in parts:
        rest = rest.replace(word, "")
    if text in whole or _surprises(rest) < LEAST_SURPRISES:
        return _l(
            "This password is easy to guess: it is in common use, repeats itself, follows the keyboard, or is made of "
            "your name, your address or the name of this site. Take a few words that have nothing to do with each other."
        )
    return None


def _words(known):
    for text in known:
        for half in text.casefold().split("@"):
            pieces = re.split(r"[\W_]+", half)
            yield from (word for word in (*pieces, "".join(pieces)) if len(word) > 2 or not word.isascii())


def _surprises(text):
    """How many different characters do not follow from the one before them."""
    period = next((n for n in range(1, len(text) // 2 + 1) if text[n:] == text[:-n]), len(text))
    unit = text[:period]
    return len({after for before, after in zip(" " + unit, unit, strict=False) if before != after and (before, after) not in STEPS})


@cache
def _common():
    """The common passwords, and the shorter words they are made of, longest first."""
    lines = (Path(__file__).parent / "common_passwords.txt").read_text("utf-8").split()
    return frozenset(word for word in lines if len(word) >= LEAST), sorted((w for w in lines if len(w) < LEAST), key=len, reverse=True)
