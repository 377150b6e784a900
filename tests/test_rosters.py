"""Experts from a spreadsheet: what is read, what it comes to, what is imported; and files that are none."""

# ruff: noqa: F811 - fixtures of another module are parameters here

import io
import zipfile

import pytest
from openpyxl import Workbook, load_workbook

from app.applying.drafts import Refused
from app.extensions import db
from app.models import Expert
from app.people import accounts
from app.review import experts, imports, rosters
from tests.mailbox import mails
from tests.test_experts import DESK, by, desk, listed, recorded  # noqa: F401 - fixtures

ZH = ["电子邮箱", "姓名", "英文姓名", "单位", "单位（英文）", "别名", "备注", "领域", "阅读语言", "评审数量"]
ROWS = [
    ["li.lei@example.org", "李雷", "Li Lei", "清华大学", "Tsinghua University", "清华；THU", "x", "人工智能、量子信息", "中文", "12"],
    ["han@example.org", "", "Han Meimei", "", "ETH Zurich", "", "", "5G/6G and mobile communication; chips", "Chinese and English", ""],
    ["nobody", "王芳", "", "", "", "", "", "炼金术", "klingon", "many"],
    ["", "", "", "", "", "", "", "", "", ""],
    ["LI.LEI@example.org", "李雷", "", "清华大学", "", "", "", "ai", "", "3"],
]


def xlsx(rows):
    book, target = Workbook(), io.BytesIO()
    for row in rows:
        book.active.append(row)
    book.save(target)
    return target.getvalue()


def csv(rows, delimiter=","):
    return "\r\n".join(delimiter.join(row) for row in rows)


def told(plan):
    return [(row.number, row.state, [(str(label), str(sentence)) for label, sentence in row.problems]) for row in plan]


# Reading


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("experts.xlsx", xlsx([ZH, *ROWS])),
        ("EXPERTS", xlsx([ZH, *ROWS])),
        ("experts.csv", csv([ZH, *ROWS]).encode()),
        ("experts.csv", csv([ZH, *ROWS]).encode("utf-8-sig")),
        ("experts.csv", csv([ZH, *ROWS]).encode("gb18030")),
        ("experts.csv", csv([ZH, *ROWS], "\t").encode("utf-16")),
        ("experts.csv", csv([[cell.replace(";", "|") for cell in row] for row in [ZH, *ROWS]], ";").encode()),
    ],
)
def test_table_is_read_in_every_form_it_may_have(name, content):
    rows = imports.read(name, content)
    assert [row[:1] for row in rows] == [ZH[:1], *(row[:1] if any(row) else [] for row in ROWS)]
    assert rows[1][5].replace(";", "；") == "清华；THU"


def test_numbers_of_a_spreadsheet_are_read_as_they_look():
    assert imports.read("a.xlsx", xlsx([["a", 12, 12.0, 1.5, None, "\u00a0x "]])) == [["a", "12", "12", "1.5", "", "x"]]


def bomb():
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b" " * (imports.MAX_UNPACKED + 1))
    return target.getvalue()


def with_entities():
    source, target = zipfile.ZipFile(io.BytesIO(xlsx([["a"]]))), io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for member in source.namelist():
            text = source.read(member)
            archive.writestr(member, text.replace(b"<worksheet", b'<!DOCTYPE x [<!ENTITY y "z">]><worksheet'))
    return target.getvalue()


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", imports.EMPTY),
        (b"\r\n\r\n", imports.EMPTY),
        (xlsx([]), imports.EMPTY),
        (xlsx([ZH, *ROWS])[:-400], imports.BROKEN),
        (b"PK\3\4 and nothing else", imports.BROKEN),
        (b"%PDF-1.7\0\1\2\xff", imports.BROKEN),
        (bytes(range(129, 256)) * 3, imports.BROKEN),
        (with_entities(), imports.BROKEN),
        (bomb(), imports.TOO_LARGE),
        (b"x" * (imports.MAX_BYTES + 1), imports.TOO_LARGE),
        (b"a\n" * (imports.MAX_ROWS + 2), "more than 2000 rows"),
        (b"a" * (imports.MAX_CELL + 1), "more than 5000 characters"),
    ],
)
def test_file_that_is_no_table_is_refused_in_words(content, reason):
    with pytest.raises(Refused) as refused:
        imports.read("experts.csv", content)
    assert str(reason) in str(refused.value.args[0])


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", "[1]", "[[1]]", '["a"]', "[" * 100_000, '[["\\ud800"]]', '[["' + "x" * 5001 + '"]]'])
def test_rows_that_came_back_spoiled_are_refused(text):
    with pytest.raises(Refused):
        imports.unpacked(text)


# What it comes to


def test_every_problem_is_told_by_row_and_cell(call, by):
    plan = rosters.plan(call, [ZH, *ROWS])
    assert told(plan) == [
        (2, "new", []),
        (3, "new", []),
        (4, "wrong", [
            ("Areas", "“炼金术” is not one of the areas of this call."), ("Languages read", "“klingon” is neither Chinese nor English."),
            ("Organization in English", "Enter the organization in at least one language."),
            ("Reviews at most", "Enter a whole number from 1 to 500."),
            ("E-mail address", "Enter an e-mail address such as name@example.org, without spaces."),
        ]),
        (6, "wrong", [("E-mail address", "This address stands in an earlier row as well.")]),
    ]  # fmt: skip
    assert [(row.values["areas"], row.values["languages"], row.values["capacity"], row.values["aliases"]) for row in plan[:2]] == [
        (["ai", "quantum"], ["zh"], 12, ["清华", "THU"]), (["mobile", "chips"], ["zh", "en"], 10, []),
    ]  # fmt: skip


def test_headings_are_known_in_either_language_and_any_order(call, by):
    english = ["Notes", "Areas", "E-MAIL", "Organization", "Name", "Capacity"]
    (row,) = rosters.plan(call, [english, ["x", "Big Data, artificial intelligence", "a@b.example.org", "ETH", "A B", "7"]])
    assert (row.state, row.values["areas"], row.values["name_en"], row.values["capacity"]) == ("new", ["big-data", "ai"], "A B", 7)
    for language in ("zh", "en"):
        headings, example = rosters.template(call, language)
        assert list(rosters.columns_of(headings)) == list(rosters.COLUMNS)
        assert [row.state for row in rosters.plan(call, [headings, example])] == ["new"]


@pytest.mark.parametrize("headings", [["a", "b"], ["姓名", "单位"], [""]])
def test_table_without_headings_is_refused(call, by, headings):
    with pytest.raises(Refused, match="E-mail address"):
        rosters.plan(call, [headings, ["x"]])


def test_organizer_is_not_imported(call, by):
    assert told(rosters.plan(call, [ZH, [DESK, *ROWS[0][1:]]])) == [(2, "wrong", [("E-mail address", str(experts.ORGANIZES))])]


def test_same_table_twice_changes_nothing_twice(call, by):
    for expected in ((2, 0), (0, 0)):
        plan = rosters.plan(call, [ZH, *ROWS])
        assert rosters.carry_out(call=call, plan=plan, update=True, by=by, now=by.created_at) == expected
    assert [row.state for row in rosters.plan(call, [ZH, *ROWS])] == ["same", "same", "wrong", "wrong"]
    assert ([details["count"] for _who, details in recorded("experts imported")], len(recorded("expert changed"))) == ([2], 0)


def test_expert_on_the_list_is_changed_only_where_wanted_and_a_blank_cell_wipes_nothing(call, by):
    expert = listed(call, by, email="li.lei@example.org")
    plan = rosters.plan(call, [ZH, ["li.lei@example.org", "李雷", "", "", "", "", "", "", "", "3"]])
    assert [(row.state, [(str(label), before, after) for label, before, after in row.changes]) for row in plan] == [
        ("changed", [("Name in Chinese", "韩梅梅", "李雷"), ("Reviews at most", "12", "3")])
    ]
    for update, name in ((False, "韩梅梅"), (True, "李雷")):
        rosters.carry_out(call=call, plan=plan, update=update, by=by, now=by.created_at)
        assert db.session.get(Expert, expert.id).name_zh == name
    assert (expert.organization_zh, expert.areas, expert.aliases) == ("清华大学", ["ai", "quantum"], ["清华"])


# At the desk


def test_table_is_shown_then_imported(app, desk, call):
    desk.open("/en/desk/experts/import")
    desk.submit(form="account", table=(io.BytesIO(b""), ""))
    assert desk.errors() == ["Choose a file."]
    desk.submit(form="account", table=(io.BytesIO(b"a,b\n1,2"), "experts.csv"))
    assert desk.errors()[0].startswith("The first row must hold headings.")
    desk.submit(form="account", table=(io.BytesIO(xlsx([ZH, *ROWS])), "专家.xlsx"))
    assert "2 new experts" in desk.text()
    assert "“炼金术” is not one of the areas of this call." in desk.text()
    with app.app_context():
        assert experts.of_call(call.id) == []
        listed(call, accounts.find(DESK), email="han@example.org")
    desk.submit(form="account")
    assert "The list has changed meanwhile." in desk.text()
    desk.submit("language", form="account")
    desk.submit(form="account", update="y")
    assert desk.address == f"/en/desk/experts?call={call.id}"
    assert "1 expert has been put on the list. 1 has been changed." in desk.text()
    with app.app_context():
        assert [(expert.user.email, expert.name_en, expert.state) for expert in experts.of_call(call.id)] == [
            ("han@example.org", "Han Meimei", "listed"), ("li.lei@example.org", "Li Lei", "listed"),
        ]  # fmt: skip
        assert [mail for mail in mails("") if mail.recipient != DESK] == []


def test_spoiled_page_leads_back_to_the_start(desk, call):
    desk.open("/en/desk/experts/import")
    desk.post("/en/desk/experts/import", {"sheet": "[[", "shown": ""})
    assert desk.address == f"/en/desk/experts/import?call={call.id}"


def test_template_holds_headings_an_example_and_the_areas(desk, call):
    desk.open("/zh/desk/experts/template.xlsx")
    book = load_workbook(io.BytesIO(desk.response.data))
    first, areas = book.worksheets
    assert [len(list(sheet.iter_rows())) for sheet in (first, areas)] == [2, 1 + len(call.areas)]
    rows = imports.read("template.xlsx", desk.response.data)
    with desk.app.app_context():
        assert [row.state for row in rosters.plan(call, rows)] == ["new"]
