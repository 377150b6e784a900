"""Names of files: titles read out of the names people give, and names that are safe to hand out.

Nothing here raises, whatever the name, and nothing is normalized: NFC and NFD stay as typed.
"""

import unicodedata

import regex

from app.scripts import HAN, LATIN

LONGEST_SHOWN = 255
"""Characters of an original name as stored and shown."""
LONGEST_BYTES = 200
"""Of a name handed out, in UTF-8; some file systems end at 255, and archives unpack into folders."""
UNNAMED = "file"

_NOT_SHOWN = regex.compile(r"[\p{Cc}\p{Cs}\p{Noncharacter_Code_Point}\p{Bidi_Control}\u200b\u2060\ufeff\ufff9-\ufffb]")
_SPACE = regex.compile(r"\s+")
_ENDING = regex.compile(r"[.．。｡] ?([a-z0-9]{1,10})$", regex.I)


def _clean(filename):
    """The last part of a path, without what cannot be seen or turns the direction of what follows."""
    name = regex.split(r"[/\\]", filename)[-1]
    return _SPACE.sub(" ", _NOT_SHOWN.sub("", _SPACE.sub(" ", name))).strip()


def _parts(name):
    """(stem, ending without its dot) of a cleaned name; the ending holds a letter, or is ""."""
    name_alone = name.rstrip(" .．。｡")
    # Nothing longer can be an ending; from further ahead, the search would take the square of the length of a name.
    match = _ENDING.search(name_alone, max(0, len(name_alone) - 12))
    if match and LATIN.search(match[1]):
        return name_alone[: match.start()].rstrip(), match[1]
    return name, ""


def extension(filename):
    """What the name says of the type: lower case, without the dot; "" where it says nothing."""
    return _parts(_clean(filename))[1].lower()


def display_name(filename):
    """The original name as it may be stored and shown: no path, no control or direction characters, 1 to 255 characters."""
    name = _clean(filename)
    if len(name) <= LONGEST_SHOWN:
        return name or UNNAMED
    stem, ending = _parts(name)
    ending = f".{ending}" if ending else ""
    return _cut(stem, LONGEST_SHOWN - len(ending), len) + ending or UNNAMED


def _cut(text, most, measure):
    """The longest beginning of whole graphemes that `measure` finds at most `most` long."""
    kept = []
    for grapheme in regex.finditer(r"\X", text):
        most -= measure(grapheme[0])
        if most < 0:
            break
        kept.append(grapheme[0])
    return "".join(kept)


def _bytes(text):
    return len(text.encode(errors="replace"))


_LONGEST_READ = 1000
"""Characters in which titles are looked for; no system at hand has longer names."""
_KANA = r"\p{Hiragana}\p{Katakana}"
_WIDE = regex.compile(rf"[{HAN.pattern}{_KANA}]", regex.V1)
_OTHER_SCRIPT = regex.compile(rf"[\p{{L}}--[\p{{Common}}\p{{Inherited}}\p{{Han}}{_KANA}\p{{Latin}}\p{{Greek}}]]", regex.V1)
_COPY = regex.compile(r"(?:\s*[(（]\d{1,2}[)）]|\s*-\s*(?:副本|copy))+$", regex.I)
_NUMBERING = regex.compile(
    r"^(?:(?:\d{1,3}\s*[_＿、)）]|\d{1,3}\s*[-–—]\s|\d{1,3}[.．](?!\d)|0\d{0,2}\s*[-–—\s]|[A-Z]{0,4}\d[\d.-]{4,}[A-Z]?\s*[_＿-])\s*)+(?=.)"
)
# What cameras, scanners and programs call a file by themselves.
_MACHINE = regex.compile(
    r"(?:img|image|dsc|dscn|pxl|scan|photo|screenshot|mmexport|wechat|wps|pdf|doc|document|untitled|file|new|of|copy|at|am|pm|\d"
    r"|微信图片|微信截图|屏幕截图|截图|图片|照片|扫描件?|扫描全能王|新建|无标题|未命名|文档|文件|[\s\W_])+",
    regex.I,
)
_WORD = regex.compile(r"[\p{L}\p{M}\p{N}’']+")
_LOWER = regex.compile(r"\p{Ll}\p{M}*\p{Ll}")
# Words that make even one English word a title: 专利_Patent, but not 检测报告_Huawei.
_EVIDENCE = regex.compile(
    r"(?<![\p{Latin}\p{N}])(?:patent|paper|article|thesis|award|prize|medal|certificate|certification|diploma|report|standard|copyright"
    r"|licen[cs]e|letter|proof|contract|agreement|citation|review|evaluation|appraisal|test|index|list|invoice|manual|statement"
    r"|specification|publication|registration|evidence|summary|introduction|appendix|annex|attachment|figure|chart|diagram|drawing"
    r"|photograph|poster|slide|brochure)s?(?![\p{Latin}\p{N}])",
    regex.I,
)
# Where one language may end and the other begin, the surest first. A hyphen or a dot also stands inside one language
# (RISC-V, 阿卜杜拉·买买提), so it must touch a Chinese character.
_SURE = regex.compile(r"\s*[_＿|｜]+\s*|\s*(?:(?<!\d)[–—―]+|[–—―]+(?!\d))\s*|\s+[-－]+\s+|(?=[(（\[【])|(?<=[)）\]】])")
_LIKELY = regex.compile(
    rf"(?<={_WIDE.pattern}\s*)[-－·•・‧&＆,，;；:：、~～]+\s*|\s*[-－·•・‧&＆,，;；:：、~～]+(?=\s*{_WIDE.pattern})", regex.V1
)
_SPACED = regex.compile(r"\s+|(?<=\d)-(?=\p{Lu})")
_EDGE = " -－–—―_＿|｜·•・‧&＆,，;；:：、~～"
_BRACKETS = dict(zip("(（[【", ")）]】", strict=True))


def titles(filename):
    """The (Chinese, English) titles that a file name holds, as typed; "" for a language it does not hold or may not hold.

    Numbering and long codes in front are left out; underscores become spaces. An English title beside a Chinese one is only
    believed when it reads like one: "RISC-V处理器论文" is Chinese as a whole.
    """
    text = _NUMBERING.sub("", _COPY.sub("", _parts(_clean(filename))[0][:_LONGEST_READ]))
    if _OTHER_SCRIPT.search(text) or _MACHINE.fullmatch(text):
        return "", ""
    if not _WIDE.search(text):
        return "", _tidy(text) if _prose(text) or _EVIDENCE.search(text) else ""
    zh, en = _pair(text) or (text if _is_one_title(text) else "", "")
    # More kana than Han is no Chinese.
    han = len(HAN.findall(zh))
    return _tidy(zh) if 2 * han >= len(_WIDE.findall(zh)) else "", _tidy(en)


def _pair(text):
    """The two halves of a text that holds both languages, or None when there is no convincing place to part them."""
    places = [match.start() for match in _WIDE.finditer(text)]
    for separator in (_SURE, _LIKELY, _SPACED):
        matches = list(separator.finditer(text))
        splits = [(text[: match.start()], text[match.end() :], True) for match in matches if match.start() > places[-1]]
        splits += [(text[match.end() :], text[: match.start()], False) for match in reversed(matches) if match.end() <= places[0]]
        for zh, en, zh_first in sorted(splits, key=lambda split: not _begin_alike(*split[:2])):
            if _is_chinese_half(zh, en, zh_first) and _is_english_half(en, zh, zh_first, separator):
                return zh, en
    return None


def _edges(zh):
    """What stands before the first and behind the last Chinese character."""
    places = [match.start() for match in _WIDE.finditer(zh)]
    return zh[: places[0]], zh[places[-1] + 1 :]


def _prose(text):
    """The words with small letters in them, without the codes."""
    return [word for word in _WORD.findall(text) if _LOWER.search(word) and not regex.search(r"\p{N}", word)]


def _begin_alike(zh, en):
    """Whether both begin with the same Latin words: IEEE 802.11 标准, IEEE 802.11 standard."""
    lead = _edges(zh)[0].strip(_EDGE).casefold()
    return bool(LATIN.search(lead)) and en.strip(_EDGE).casefold().startswith(lead)


def _is_english_half(en, zh, zh_first, separator):
    # A number that belongs to the Chinese half, as in 论文_1_Paper_1.
    if zh_first and not LATIN.search(next(filter(None, _SURE.split(en.strip(_EDGE))), "")):
        return False
    words = _prose(en)
    if _EVIDENCE.search(en) or (words and _begin_alike(zh, en)):
        return True
    if separator is _SPACED:
        # 论文 Nature Communications names a journal; Deep Learning 平台 is one Chinese title.
        return zh_first and len(words) > 1 and any(word[0].islower() for word in words)
    return len(words) > 1


def _is_chinese_half(zh, en, zh_first):
    lead, trail = _edges(zh)
    lead_fits = _begin_alike(zh, en) or (_leads(lead) if zh_first else not _prose(lead))
    return bool(lead_fits and _trails(trail) and not _EVIDENCE.search(zh))


def _is_one_title(text):
    lead, trail = _edges(text)
    return _leads(lead) and _trails(trail) and not _EVIDENCE.search(text)


def _leads(latin):
    """Whether these Latin words may begin a Chinese title: Linux内核, Huawei 检测报告."""
    return not _prose(latin) or latin[-1].isalnum() or (len(_prose(latin)) == 1 and not _SURE.search(latin))


def _trails(latin):
    """Whether these Latin words may end a Chinese title: 基于ChipGPT, 标准 IEEE 802.11."""
    return not _prose(latin) or (latin[0].isalnum() and len(_prose(latin)) == 1)


def _tidy(text):
    """Without separators and lone brackets around it, underscores as spaces."""
    text = _SPACE.sub(" ", regex.sub("[_＿]", " ", text)).strip(_EDGE)
    for opening, closing in _BRACKETS.items():
        if text.startswith(opening) and (closing not in text or text.find(closing) == len(text) - 1):
            text = text[1:].removesuffix(closing)
        elif text.endswith(closing) and opening not in text:
            text = text[:-1]
    return text.strip(_EDGE)


_FORBIDDEN = regex.compile(r'[<>:"/\\|?*]+')
_DEVICES = regex.compile(r"(?:CON|PRN|AUX|NUL|CONIN\$|CONOUT\$|(?:COM|LPT)[0-9¹²³])\s*(?:\.|$)", regex.I)


def download_name(number, zh, en, extension, longest=LONGEST_BYTES):
    """A name every system can store: `01_专利证书_Patent certificate.pdf`; what is missing is left out.

    At most `longest` bytes in UTF-8; long titles lose their ends, each keeps at least half of the room. `number` is an int
    or None, `extension` comes without its dot.
    """
    zh, en = (_clean(_FORBIDDEN.sub("-", title)).strip(" .") for title in (zh, en))
    ending = f".{extension}" if extension else ""
    head = [f"{number:02d}"] if number is not None else []
    room = longest - _bytes("_".join(["", *head, "", ""])) - _bytes(ending)
    zh = _cut(zh, max(room // 2, room - _bytes(en)), _bytes)
    en = _cut(en, room - _bytes(zh), _bytes)
    stem = "_".join([*head, *(title for title in (zh.rstrip(" ."), en.rstrip(" .")) if title)]) or UNNAMED
    return ("_" if _DEVICES.match(stem) else "") + stem + ending


def unique(names):
    """The same names in the same order, those that some system would take for an earlier one numbered: `name (2).pdf`."""
    taken, counts, result = set(), {}, []
    for name in names:
        stem, dot, ending = name.rpartition(".") if "." in name else (name, "", "")
        count, candidate = counts.get(_folded(name), 1), name
        while _folded(candidate) in taken:
            count += 1
            tail = f" ({count}){dot}{ending}"
            candidate = _cut(stem, LONGEST_BYTES - _bytes(tail), _bytes) + tail
        counts[_folded(name)] = count
        taken.add(_folded(candidate))
        result.append(candidate)
    return result


def _folded(name):
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())
