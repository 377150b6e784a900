"""When two names may mean one organization or one person, and two e-mail addresses one employer: by keys that are equal.

What is compared pair by pair would take minutes for a large call; a key is looked up.
"""

import re
import tomllib
from functools import cache, lru_cache
from pathlib import Path

from app.desk.listed_rows import folded

_HAN = re.compile(r"[㐀-䶿一-鿿豈-﫿\U00020000-\U000323af]")
_SEGMENTS = re.compile(r"[,，、;；:：/|｜()（）\[\]【】<>《》“”\"\n·•—–]+")
_LATIN_RUN = re.compile(r"[a-z][a-z .&'-]{5,}")
_WORD = re.compile(r"[^\W_]+")
_WITHIN_WORDS = re.compile(r"['’.]|(?<=\w)&(?=\w)")
_JOINING = frozenset(("of", "at", "the", "in", "for", "and", "a", "an", "de", "la", "le", "di", "du", "des", "der", "und", "fur"))
_GOES_ON = frozenset(("of", "for", "in", "and"))
"""What follows a name that is only the beginning of another: “Beijing University” is not “Beijing University of Technology”."""
_DEPARTMENTS = ("department", "dept", "school", "faculty", "division")
_LONGEST = 300
_LONG_NAME = 6
"""Characters from which on the name of a university tells it apart, be they all usual: 电子科技大学, not 理工大学."""


@cache
def _words():
    """`{"legal_zh": …}`: sets of words of English; of Chinese a pattern of each list, the longest first."""
    with (Path(__file__).parent / "organization_words.toml").open("rb") as source:
        lists = tomllib.load(source)
    found = {}
    for name, sides in lists.items():
        found[f"{name}_en"] = frozenset(sides["en"].split())
        found[f"{name}_zh"] = _any_of(sides["zh"])
    usual = " ".join(lists[name]["zh"] for name in ("generic", "places", "heads"))
    found["usual_zh"] = re.compile(f"(?:{_any_of(lists['places']['zh']).pattern})[省市]|{_any_of(usual).pattern}")
    return found


def _any_of(words):
    return re.compile("|".join(sorted(words.split(), key=len, reverse=True)))


@cache
def _simplified():
    pairs = (Path(__file__).parent / "traditional.txt").read_text("utf-8").split()
    return str.maketrans(dict(pairs))


def plain(text):
    """`text` without differences of width, case, accents, or traditional and simplified characters."""
    return folded(text[:_LONGEST]).translate(_simplified())


# -- organizations


@lru_cache(maxsize=200_000)
def organization_keys(name):
    """(its own keys, keys of what it may be a part of), two sets of texts: two names may mean one organization where an own key of
    one is among the other's of either kind. Both are empty for what names none, such as “大学”.
    """
    own, within = set(), set()
    for segment in _segments(plain(name)):
        mine, wider = (_of_chinese if _HAN.search(segment) else _of_english)(segment)
        own |= mine
        within |= wider
    return frozenset(own), frozenset(within)


def _segments(text):
    """The whole name, its parts between punctuation, and Latin names that stand in a Chinese one."""
    yield text
    parts = [part.strip() for part in _SEGMENTS.split(text)]
    if len(parts) > 1:
        yield from filter(None, parts)
    if _HAN.search(text):
        for run in _LATIN_RUN.findall(text):
            if len(run.split()) > 1:
                yield run.strip()


def _of_chinese(segment):
    core = "".join(_WORD.findall(_words()["legal_zh"].sub("", segment)))
    own = {core} if _tells_zh(core) else set()
    # Parts of an organization bear its name in front: 清华大学计算机系.
    within = {core[:end] for end in range(2, len(core))}
    if not _words()["heads_zh"].search(core) and own:
        brand = _words()["usual_zh"].sub("", core)
        if len(brand) > 1:
            own.add(f"{brand}…")
    return own, within


def _tells_zh(core):
    if len(_words()["usual_zh"].sub("", core)) > 1:
        return True
    head = _words()["heads_zh"].search(core)
    if not head:
        # 中国电信: usual words alone, and yet a name.
        return len(core) > 3 and bool(_words()["places_zh"].match(core)) and core != _words()["places_zh"].match(core).group()
    return bool(_words()["places_zh"].search(core[: head.start()])) or core.endswith("大学") and len(core) >= _LONG_NAME


def _of_english(segment):
    legal = _words()["legal_en"]
    words = [word for word in _WORD.findall(_WITHIN_WORDS.sub("", segment)) if word not in legal]
    while words and words[-1] in _JOINING:
        words.pop()
    own = {_key(words)} if _tells_en(words) else set()
    starts = [place for place, word in enumerate(words) if word not in _JOINING and (place == 0 or words[place - 1] in _JOINING)]
    within = {
        _key(words[start:end])
        for start in starts
        for end in range(start + 1, len(words) + 1)
        if words[end - 1] not in _JOINING and (end == len(words) or words[end] not in _GOES_ON) and (start, end) != (0, len(words))
    }
    if own and not _words()["heads_en"].intersection(words):
        brand = [word for word in words if not _is_usual(word)]
        if brand:
            own.add(f"{_key(brand)}…")
    return own, within


def _key(words):
    """“University of Cambridge” is “Cambridge University”."""
    return " ".join(sorted(word for word in words if word not in _JOINING))


def _is_usual(word):
    return word in _JOINING or any(word in _words()[f"{name}_en"] for name in ("generic", "places", "heads")) or len(word) < 2


def _tells_en(words):
    if not words or words[0] in _DEPARTMENTS:
        return False
    if any(not _is_usual(word) for word in words):
        return True
    places, heads = _words()["places_en"].intersection(words), _words()["heads_en"].intersection(words)
    # China Mobile: usual words alone, and yet a name.
    named = words[0] in places and not set(words) <= places and len(words) > 1
    return bool(places and heads) or named


# -- people


def person_keys(zh, en):
    """{keys} of a person's names in the two languages; the order of an English name makes no difference."""
    keys = set()
    han = "".join(_WORD.findall(plain(zh)))
    if han:
        keys.add(han)
    words = _WORD.findall(re.sub("[-'’]", "", plain(en)))
    if len(words) > 1:
        keys.add(" ".join(sorted(words)))
    return keys


def differ(one, other):
    """Whether two names in Chinese characters are those of two people, however alike their Latin forms."""
    one, other = plain(one), plain(other)
    return bool(_HAN.search(one) and _HAN.search(other)) and "".join(_WORD.findall(one)) != "".join(_WORD.findall(other))


# -- addresses

_SECOND_LEVEL = frozenset(("ac", "co", "com", "edu", "gob", "gov", "go", "gouv", "mil", "ne", "net", "or", "org", "re", "res", "sch"))


def employer(email):
    """The domain under which all addresses of an organization stand ("tsinghua.edu.cn"); None for a public mailbox."""
    labels = email.rpartition("@")[2].strip().casefold().rstrip(".").split(".")
    if len(labels) < 2 or not all(labels):
        return None
    size = 3 if len(labels) > 2 and len(labels[-1]) == 2 and labels[-2] in _SECOND_LEVEL else 2
    domain = ".".join(labels[-size:])
    anywhere = f"{labels[-size]}.*" if size <= len(labels) else ""
    return None if {domain, anywhere, ".".join(labels), labels[-1]} & _public_mailboxes() else domain


@cache
def _public_mailboxes():
    lines = (Path(__file__).parent / "public_mailboxes.txt").read_text("utf-8").splitlines()
    return frozenset(word for line in lines if not line.startswith("#") for word in line.split())
