import pytest

from app.call.loading import SHIPPED, parse
from app.call.places import mentions, samples, with_deadline

SOURCE = SHIPPED.read_text("utf-8")
ROWS = SOURCE.split("\n")
MOMENT = "2027-06-15 24:00"


def line_of(beginning):
    return next(number for number, row in enumerate(ROWS, 1) if row.startswith(beginning))


def test_samples_are_found_with_their_lines():
    found = samples(SOURCE)
    assert [line for line, _text in found] == [number for number, row in enumerate(ROWS, 1) if row == "sample = true"]
    known = {text.en for text in parse(SOURCE, "wic-awards-2027").samples()}
    assert known <= {text.en for _line, text in found}
    assert all("\n" not in text.zh + text.en for _line, text in found)


@pytest.mark.parametrize(("line", "changed"), [
    (f'deadline = "{MOMENT}"       # 24:00', 'deadline = "2027-06-30 18:00"       # 24:00'),
    (f'  deadline="{MOMENT}"', '  deadline="2027-06-30 18:00"'),
    (f"deadline = '{MOMENT}' # was \"2027-06-01\"", "deadline = '2027-06-30 18:00' # was \"2027-06-01\""),
])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_only_the_deadline_is_replaced(line, changed, end):
    before, after = f'edition = 2027{end}', f'{end}# deadline = "2027-06-15 24:00"{end}zone = "UTC"{end}'
    assert with_deadline(before + line + after, "2027-06-30 18:00") == before + changed + after


def test_the_deadline_of_the_shipped_call_can_be_moved_and_moved_back():
    moved = with_deadline(SOURCE, "2027-06-30 18:00")
    assert [old for old, new in zip(ROWS, moved.split("\n"), strict=True) if old != new] == [ROWS[line_of("deadline") - 1]]
    assert with_deadline(moved, MOMENT) == SOURCE


@pytest.mark.parametrize("line", [f'"deadline" = "{MOMENT}"', f'deadline = """{MOMENT}"""', f'deadline = """\n{MOMENT}"""'])
def test_a_deadline_written_in_another_way_is_left_alone(line):
    assert with_deadline(f"edition = 2027\n{line}\n", "2027-06-30 18:00") is None


def test_the_lines_that_say_the_deadline_are_found_but_not_its_own():
    found = mentions(SOURCE, MOMENT)
    assert {row.split(" = ")[0] for _line, row in found} >= {"date.zh", "date.en", "text.zh", "text.en"}
    assert all(ROWS[line - 1].strip() == row for line, row in found)
    assert line_of("deadline") not in [line for line, _row in found]


@pytest.mark.parametrize(("text", "said"), [
    ("2027年6月15日24:00", True), ("2027 年 06 月 15 日", True), ("6月15日前", True), ("6月15号", True), ("2022年6月15日", False),
    ("16月15日", False), ("6月150日", False), ("6月1日", False),
    ("June 15, 2027", True), ("by June 15th", True), ("Jun. 15", True), ("15 June 2027", True), ("15th of June", True), ("JUNE 15", True),
    ("June 15, 2022", False), ("15 June 2022", False), ("June 150", False), ("115 June", False), ("June 16", False),
    ("2027-06-15", True), ("2027/6/15", True), ("2027.06.15", True), ("12027-06-15", False), ("2027-06-150", False), ("2026-06-15", False),
])
def test_usual_forms_of_a_date(text, said):
    source = f'deadline = "{MOMENT}"\n# {text}\nnote = "{text}"'
    assert mentions(source, MOMENT) == ([(3, f'note = "{text}"')] if said else [])


def test_a_deadline_at_midnight_is_another_day_than_24_o_clock():
    source = 'deadline = "2027-06-16 00:00"\nnote = "June 16"\nother = "June 15"'
    assert mentions(source, "2027-06-16 00:00") == [(2, 'note = "June 16"')]
    assert mentions(source, MOMENT) == [(3, 'other = "June 15"')]
