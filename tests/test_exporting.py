"""The index as a spreadsheet, and many files as one ZIP."""

import csv
import io
import re
import zipfile

import pytest

from app import exporting
from app.exporting import cells, spreadsheets
from app.languages import speaking
from tests.small_call import CALL, pair

openpyxl = pytest.importorskip("openpyxl", reason="openpyxl is missing: pip install -r tests/requirements.txt")

TITLE = pair("量子网络同步", "Quantum Synchronization")
HOSTILE = ["=cmd|' /C calc'!A0", "=1+1", "+1", "-1", "@SUM(A1)", "https://example.org", "{=A1}", "007", "_x0041_", "'quoted", " spaced "]


def file(order=1, **given):
    return {
        "order": order, "kind": pair("论文", "Papers"), "core": True, "zh": "论文全文", "en": "Full paper",
        "name": "01_论文全文_Full paper.pdf", "type": "pdf", "size": 1_258_291, "sha256": "ab" * 32,
    } | given  # fmt: skip


@pytest.fixture
def made(app):
    """Makes the spreadsheet and opens it: its only sheet."""

    def make(files, language="en", title=TITLE, number="EX2027-0042"):
        with app.app_context():
            content = exporting.index_xlsx(CALL, title, number, files, language)
        return openpyxl.load_workbook(io.BytesIO(content)).active

    return make


def rows(sheet):
    return [[cell for cell in row if cell is not None] for row in sheet.iter_rows(values_only=True)]


def test_index_holds_every_file_under_english_headings(made):
    sheet = made([file(), file(2, kind=pair("其他", "Others"), core=False, zh="信函", en="Letter", name="02.png", type="png", size=999)])
    assert rows(sheet) == [
        ["Index of supporting files"],
        ["Example Award EX2027-0042"],
        ["Achievement", "量子网络同步", "Quantum Synchronization"],
        [],
        ["No.", "Kind of material", "Title in Chinese", "Title in English", "Core material", "File", "Type", "Size", "SHA-256"],
        [1, "Papers", "论文全文", "Full paper", "Yes", "01_论文全文_Full paper.pdf", "PDF", "1.2 MB", "ab" * 32],
        [2, "Others", "信函", "Letter", "No", "02.png", "PNG", "999 B", "ab" * 32],
    ]
    assert sheet.freeze_panes == "B6"


def test_index_in_chinese_has_chinese_headings(made):
    sheet = made([file()], "zh", number=None)
    assert rows(sheet) == [
        ["证明材料索引目录"],
        ["示范奖"],
        ["成果名称", "量子网络同步", "Quantum Synchronization"],
        [],
        ["序号", "材料种类", "中文标题", "英文标题", "核心材料", "文件", "格式", "大小", "SHA-256"],
        [1, "论文", "论文全文", "Full paper", "是", "01_论文全文_Full paper.pdf", "PDF", "1.2 MB", "ab" * 32],
    ]
    assert sheet.title == "索引目录"


def test_no_title_becomes_a_formula_number_or_link(made):
    sheet = made([file(number, zh=text, en=text) for number, text in enumerate(HOSTILE, 1)], title=pair(HOSTILE[0], HOSTILE[1]))
    cells = [[sheet.cell(row, column) for column in (3, 4)] for row in range(6, 6 + len(HOSTILE))]
    assert [[cell.value for cell in row] for row in cells] == [[text, text] for text in HOSTILE]
    assert {cell.data_type for row in cells for cell in row} == {"s"}
    assert [cell.hyperlink for row in cells for cell in row if cell.hyperlink] == []
    assert [sheet["C3"].data_type, sheet["D3"].data_type] == ["s", "s"]


def test_characters_a_spreadsheet_cannot_hold_are_left_out(made):
    sheet = made([file(zh="甲\x00\x0b\ud800\uffff乙", en="x" * 40_000)])
    assert [sheet["C6"].value, len(sheet["D6"].value)] == ["甲?乙", 32_767]


def unzipped(stream):
    content = b"".join(stream)
    assert len(stream) == len(content)
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}


def test_zip_holds_files_and_bytes_under_their_own_names_and_knows_its_length(app, tmp_path):
    path = tmp_path / "stored"
    path.write_bytes(b"%PDF" * 100_000)
    with app.app_context():
        stream = exporting.zip_files([("01_专利证书_Patent certificate.pdf", path), ("index.xlsx", b"PK")])
    assert unzipped(stream) == {"01_专利证书_Patent certificate.pdf": b"%PDF" * 100_000, "index.xlsx": b"PK"}


def test_zip_of_nothing_is_empty(app):
    with app.app_context():
        assert unzipped(exporting.zip_files([])) == {}


@pytest.mark.parametrize(
    ("language", "name", "sentence"),
    [
        ("zh", "缺失文件.txt", "以下文件在服务器上未能找到，请联系主办方。"),
        ("en", "MISSING FILES.txt", "These files could not be found on the server. Please ask the organizer."),
    ],
)
def test_zip_names_a_file_whose_bytes_are_gone(app, tmp_path, language, name, sentence):
    with app.app_context(), speaking(language):
        stream = exporting.zip_files([("论文_Paper.pdf", tmp_path / "gone"), ("b.txt", b"b")])
    assert unzipped(stream) == {"b.txt": b"b", name: f"{sentence}\r\n论文_Paper.pdf\r\n".encode()}


@pytest.mark.parametrize("became", ["gone", "shorter", "longer"])
def test_zip_keeps_its_length_when_a_file_changes_while_it_is_sent(app, tmp_path, became):
    path, content = tmp_path / "paper.pdf", b"0123456789" * 100_000
    path.write_bytes(content)
    with app.app_context():
        stream = exporting.zip_files([("a.txt", b"a"), ("paper.pdf", path), ("z.txt", b"z")])
    if became == "gone":
        path.unlink()
    else:
        path.write_bytes(content[:300_000] if became == "shorter" else content + b"more")
    sent = unzipped(stream)
    assert (sent["a.txt"], sent["z.txt"], len(sent["paper.pdf"])) == (b"a", b"z", len(content))
    kept = {"gone": 0, "shorter": 300_000, "longer": 1_000_000}[became]
    words = b"\r\nThis file could not be read to its end on the server.\r\n"
    assert sent["paper.pdf"][:kept] == content[:kept]
    assert sent["paper.pdf"][kept:] == (words * 20_000)[: len(content) - kept]


def test_zip_that_is_made_as_it_is_sent_takes_one_after_the_other(app, tmp_path):
    path, made = tmp_path / "dossier.pdf", []

    def entries():
        for number in range(3):
            path.write_bytes(b"dossier %d" % number)
            made.append(number)
            yield f"{number}.pdf", path
            path.unlink()
        yield "4.pdf", tmp_path / "gone"

    with app.app_context():
        stream = exporting.zip_as_made(entries())
        first = next(stream)
        assert (first[:4], made) == (b"PK\3\4", [0])
        content = first + b"".join(stream)
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert archive.testzip() is None
        assert {name: archive.read(name) for name in archive.namelist()} == {
            "0.pdf": b"dossier 0",
            "1.pdf": b"dossier 1",
            "2.pdf": b"dossier 2",
            "MISSING FILES.txt": b"These files could not be found on the server. Please ask the organizer.\r\n4.pdf\r\n",
        }


ACTIVE = [
    "=1+1", "+86 10 1234", "-1", "@SUM(A1)", "\ta", "\ra", "\na", "  =1", "＝1", "＋1", "－1", "＠a", "\u00a0=1", "\u00a0",
]  # fmt: skip
PLAIN = ["", "a=1", "量子", "1-2", "'=1", "7", "“=1”", 'say "=1"', "a,b;c", "one\r\ntwo", "—"]
INSIDE = {
    "\t=1": "\u00a0\t\u00a0=1", "\r=1": "\u00a0\r\u00a0=1", "\n=1": "\u00a0\n\u00a0=1", "=a;=b": "\u00a0=a;\u00a0=b",
    "a;=1+1;b": "a;\u00a0=1+1;b", 'a; "=1;b': 'a;\u00a0 "=1;b', "a;\u00a0b": "a;\u00a0\u00a0b", "a\r\n- b": "a\r\n\u00a0- b",
    "a\n\n＝1": "a\n\n\u00a0＝1", "a\t +1": "a\t\u00a0 +1", "a\r@b": "a\r\u00a0@b",
}  # fmt: skip
"""Where a cell begins to Excel in a country that parts them by semicolons, whatever stands in quotes."""


def test_csv_cells_are_defused_by_a_space_that_can_be_taken_away_again():
    assert [cells.defused(text) for text in ACTIVE + PLAIN] == [f"\u00a0{text}" for text in ACTIVE] + PLAIN
    assert {text: cells.defused(text) for text in INSIDE} == INSIDE


def test_csv_cell_of_nothing_but_line_ends_takes_no_time():
    text = "\n" * 200_000
    assert cells.defused(text) == f"\u00a0{text}"


@pytest.mark.parametrize("text", [*ACTIVE, *PLAIN, *INSIDE])
def test_csv_cells_come_back_as_they_were(text):
    line = spreadsheets._lines([spreadsheets._plain(text), "next"])
    (row,) = csv.reader(io.StringIO(line.decode(), newline=""))
    assert [re.sub("(^|[;\t\n]|\r(?!\n))\u00a0", r"\1", row[0]), *row[1:]] == [text, "next"]
    assert line.endswith(b"\r\n")
