"""The index as a spreadsheet, and many files as one ZIP."""

import io
import zipfile

import pytest

from app import exporting
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
