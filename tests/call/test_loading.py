import hashlib
import time
import tomllib
from datetime import UTC, datetime
from pathlib import Path

import pytest
from pydantic import ValidationError

from app.call.loading import LARGEST, SHIPPED, next_edition_year, parse, read, source_for_edition
from app.call.schema import ArchivedCall
from app.call.values import parse_moment

SOURCE = SHIPPED.read_text("utf-8")


def read_bytes(folder, data):
    path = folder / "wic-awards-2027.toml"
    path.write_bytes(data)
    return read(path)


def told(problems):
    return [(problem.line, problem.where, problem.message.en) for problem in problems]


def test_a_call_knows_its_name_and_source(tmp_path):
    call, problems = read_bytes(tmp_path, SOURCE.encode())
    assert problems == []
    assert (call.id, call.source) == ("wic-awards-2027", SOURCE)
    assert call.sha256 == hashlib.sha256(SHIPPED.read_bytes()).hexdigest()


@pytest.mark.parametrize("encoded", [b"\xef\xbb\xbf" + SOURCE.encode(), SOURCE.replace("\n", "\r\n").encode()])
def test_what_windows_editors_write_loads(tmp_path, encoded):
    call, problems = read_bytes(tmp_path, encoded)
    assert problems == []
    assert call.name.zh == "世界互联网大会领先科技奖"


def test_a_problem_names_file_line_and_place_in_both_languages(tmp_path):
    _, problems = read_bytes(tmp_path, SOURCE.replace('phone = "+86', 'phnoe = "+86').encode())
    line = SOURCE.split("\n").index('phone = "+86-15011376251"') + 1
    assert "\n".join(map(str, problems)) == "\n".join([
        f'wic-awards-2027.toml:{line - 3}: contact.phone: 缺少“phone”，应为写在英文引号""中的文字。',
        f'wic-awards-2027.toml:{line - 3}: contact.phone: “phone” is missing; it should be a text in quotation marks "".',
        f"wic-awards-2027.toml:{line}: contact.phnoe: 没有“phnoe”这一项，是不是“phone”？",
        f"wic-awards-2027.toml:{line}: contact.phnoe: There is no “phnoe” here; did you mean “phone”?",
    ])


NOT_UTF8 = "This is not UTF-8; save the file as UTF-8 in your editor."


@pytest.mark.parametrize(("data", "line", "message"), [
    (SOURCE.encode("gb18030"), 1, NOT_UTF8),
    (SOURCE.encode("utf-16"), 1, NOT_UTF8),
    (b"edition = 2027\n\nname.zh = \"\xff\"", 3, NOT_UTF8),
    (b"edition = 2027\nzone = \"\x00\"", 2, "There is an invisible control character here; remove it."),
    (b"#" * (LARGEST + 1), 1, "The file is larger than 1 MB; this cannot be a call for entries."),
    (b"x = " + b"[" * 100_000, 1, "Brackets are nested too deeply."),
    (b"edition = 2027\n[a" + b".a" * 100_000 + b"]", 2, "The name on this line is far too long."),
    (b"x = " + b"9" * 10_000, 1, "From here on this is not TOML."),
])
def test_what_is_no_text(tmp_path, data, line, message):
    call, problems = read_bytes(tmp_path, data)
    assert call is None
    assert told(problems)[0] in [(line, "", message), (line, "x", message)]


@pytest.mark.parametrize("data", [
    b"", b"\n", b"\x00" * 1000, b"=", b"[", b"]", b'"', b'"""', b"'''", b"[[", b"[a]\n[a]", b"a.b = 1\na = 2", b"steps = {}",
    b"steps = [1, [2]]", b"steps = [{fields = [{fields = 3, options = 4, longest = {zh = []}}]}]",
    b"categories = [{criteria = 1}]\nfiles = 7\ncontact = []",
    b"[countries]\nxx = 1\n'' = 2", b"edition = inf\nname = nan", b"x = {" * 2000, b"a" * 100_000, b"a." * 1000 + b"a = 1",
    b"\xef\xbb\xbf",
    b"edition = 2027\r", b'deadline = "9999-12-31 24:00"', b'zone = "../../etc/passwd"', b'zone = "\\u0000"',
    b'zone = "Asia"', b'id = []\n"" = 3', b'attachments = [{ kind = "file", file = "\\u0000" }]',
])
def test_nonsense_is_answered_in_words(tmp_path, data):
    call, problems = read_bytes(tmp_path, data)
    assert call is None
    assert problems
    assert all(1 <= problem.line <= data.count(b"\n") + 1 and str(problem).count("\n") == 1 for problem in problems)


def test_a_file_that_is_none(tmp_path):
    (tmp_path / "folder.toml").mkdir()
    for path in (tmp_path / "nowhere.toml", tmp_path / "folder.toml", tmp_path / "\0.toml"):
        call, problems = read(path)
        assert (call, told(problems)) == (None, [(1, "", "There is no such file.")])


def test_a_file_that_cannot_be_read(tmp_path):
    path = Path("/proc/self/mem")  # Its beginning is no memory: reading fails even for the superuser.
    if not path.exists():
        path = tmp_path / "wic-awards-2027.toml"
        path.write_text(SOURCE, "utf-8")
        path.chmod(0)
    assert told(read(path)[1]) == [(1, "", "The file cannot be read; check its permissions.")]


@pytest.mark.parametrize(("old", "new", "line", "message"), [
    ('number_prefix = "WIC2027" ', 'number_prefix = "WIC2027 ', 'number_prefix = "WIC2027"',
     'A quotation mark is missing: a text begins and ends with ", a text of several lines with """.'),
    ('name.en = "Ms. Zhao"', 'name.en = "Ms. "Zhao""', 'name.en = "Ms. Zhao"',
     "Something follows the value on this line: write one entry a line, and use “ ” for quotation marks inside a text."),
    ('name.en = "Ms. Zhao"', 'name.en = "C:\\Zhao"', 'name.en = "Ms. Zhao"', "A backslash \\ in a text has to be written twice: \\\\."),
    ('name.en = "Ms. Zhao"', 'name.en = Ms. Zhao', 'name.en = "Ms. Zhao"',
     'The value after = is not understood: texts and dates stand in "", numbers bare, yes or no is true or false, lists stand in [].'),
    ('name.en = "Ms. Zhao"', 'name.en: "Ms. Zhao"', 'name.en = "Ms. Zhao"',
     "This line is not understood: it should be key = value, [table], [[table]], or a note that begins with #."),
    ('name.en = "Ms. Zhao"', 'name.en = "Ms. Zhao"\nname.en = "Ms. Zhao"', 'phone = "+86-15011376251"',
     "This entry stands twice; keep one of them."),
    ('[contact]', '[contact', '[contact]', "A bracket is missing, or a comma between the items of a list."),
    ('"introduction", "criteria', '"introduction" "criteria', 'attachments = ["introduction"',
     "A bracket is missing, or a comma between the items of a list."),
    ('"criteria-engineering-rd"]', '"criteria-engineering-rd"', 'attachments = ["introduction"',
     "A quotation mark or bracket that begins on this line is never closed."),
    ('world stage.\n"""', 'world stage.\n', 'en = """', "A quotation mark or bracket that begins on this line is never closed."),
])
def test_slips_in_toml(tmp_path, old, new, line, message):
    assert old in SOURCE
    call, problems = read_bytes(tmp_path, SOURCE.replace(old, new, 1).encode())
    number = next(n for n, row in enumerate(SOURCE.split("\n"), 1) if row.startswith(line))
    assert told(problems) == [(number, "", message)]


def test_several_slips_in_toml_and_in_meaning_are_all_told(tmp_path):
    source = SOURCE.replace("edition = 2027 ", 'edition = "2027" ').replace('phone = "+86', "phone = +86")
    source = source.replace("weight = 30", "weight 30", 1)
    _, problems = read_bytes(tmp_path, source.encode())
    rows = source.split("\n")
    assert [rows[problem.line - 1].split()[0] for problem in problems] == ["edition", "phone", "weight"]


def test_clashing_heads_name_each_other(tmp_path):
    _, problems = read_bytes(tmp_path, SOURCE.replace("[[areas]]", "[areas]", 1).encode())
    first = SOURCE.split("\n").index("[[areas]]") + 1
    assert told(problems) == [(
        first + 5, "areas",
        f"[areas] clashes with line {first}: a single group has one [areas]; a list has [[areas]] for each item, before its parts.",
    )]


def test_a_stored_source_parses_as_it_was():
    call = parse(SOURCE, "wic-awards-2031", ArchivedCall)
    assert (call.id, call.archived, call.source) == ("wic-awards-2031", True, SOURCE)
    with pytest.raises(ValidationError):
        parse(SOURCE.replace("edition = 2027", ""), "wic-awards-2031")
    with pytest.raises(tomllib.TOMLDecodeError):
        parse("edition =", "wic-awards-2031")


def test_reading_takes_no_time(tmp_path):
    path = tmp_path / "wic-awards-2027.toml"
    path.write_text(SOURCE, "utf-8")
    read(path)
    times = []
    for _ in range(5):
        started = time.process_time()
        read(path)
        times.append(time.process_time() - started)
    assert min(times) < 0.05


@pytest.mark.parametrize(("now", "year"), [
    (datetime(2026, 11, 23, tzinfo=UTC), 2027),
    (datetime(2027, 6, 15, 15, 59, 59, tzinfo=UTC), 2027),
    (datetime(2027, 6, 15, 16, 0, tzinfo=UTC), 2028),
    (datetime(2031, 12, 31, 23, 0, tzinfo=UTC), 2032),
])
def test_the_next_edition_is_that_of_the_next_deadline(now, year):
    assert next_edition_year(now) == year


def test_another_years_edition_loads(tmp_path):
    source = source_for_edition(SOURCE, 2027, 2031)
    assert "2027" not in source
    path = tmp_path / "wic-awards-2031.toml"
    path.write_text(source, "utf-8")
    call, problems = read(path)
    assert problems == []
    assert (call.edition, call.number_prefix) == (2031, "WIC2031")
    assert call.closes_at.astimezone(UTC) == datetime(2031, 6, 15, 16, 0, tzinfo=UTC)
    assert "2022年7月12日" in source
    assert source_for_edition(source, 2031, 2027) == SOURCE


def test_only_whole_numbers_are_replaced():
    assert source_for_edition("2027 WIC2027 wic-2027 2027年 12027 20270", 2027, 2028) == "2028 WIC2028 wic-2028 2028年 12027 20270"


@pytest.mark.parametrize(("text", "zone", "moment"), [
    ("2027-06-15 24:00", "Asia/Shanghai", datetime(2027, 6, 15, 16, 0, tzinfo=UTC)),
    ("2027-06-15 23:59", "Asia/Shanghai", datetime(2027, 6, 15, 15, 59, tzinfo=UTC)),
    ("2027-12-31 24:00", "UTC", datetime(2028, 1, 1, tzinfo=UTC)),
    ("2028-02-29 00:00", "America/New_York", datetime(2028, 2, 29, 5, 0, tzinfo=UTC)),
])
def test_moments(text, zone, moment):
    assert parse_moment(text, zone).astimezone(UTC) == moment


@pytest.mark.parametrize("text", [
    "", "2027-06-15", "2027-02-29 00:00", "2027-06-15 24:01", "2027-06-15T12:00", "２０２７-06-15 12:00", "9999-12-31 24:00",
    "2027-6-15 1:00",
])
def test_what_is_no_moment(text):
    with pytest.raises(ValueError, match="moment|day|hour"):
        parse_moment(text, "UTC")
