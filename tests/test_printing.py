"""The PDFs: what they say, that typed text stays text, and that nothing leaves the page."""

import html
import io
import re
import shutil
import subprocess
from datetime import UTC, datetime

import pikepdf
import pytest

from app import printing
from app.applying.answers import Answer, AnsweredStep, as_dicts
from app.languages import Text
from app.printing import press
from app.printing.limits import shortened
from tests.small_call import CALL, pair

pytestmark = [
    pytest.mark.skipif(press.missing() is not None, reason="Typst or a Chinese font is missing: apt install fonts-noto-cjk"),
    pytest.mark.skipif(shutil.which("pdftotext") is None, reason="pdftotext is missing: apt install poppler-utils"),
]

NOW = datetime(2027, 6, 1, 8, 30, 5, tzinfo=UTC)
TITLE = pair("量子网络同步", "Quantum Synchronization")
FILES = [
    {
        "order": 1, "kind": pair("论文", "Papers"), "core": True, "zh": "论文全文", "en": "Full paper",
        "name": "01_论文全文_Full paper.pdf", "type": "pdf", "size": 1_258_291, "sha256": "ab" * 32,
    },
    {
        "order": 2, "kind": pair("其他", "Others"), "core": False, "zh": "", "en": "Letter",
        "name": "02_Letter.png", "type": "png", "size": 999, "sha256": "cd" * 32,
    },
]  # fmt: skip


HOSTILE = r"""#read("/etc/passwd") #import "@preview/x:1" *a* _b_ $x^2$ `c` [d] <e> @f \\g // h /* i */ = j - k + l ~ -- ..."""
LONG_RUNS = [
    "W" * 3000,
    "https://example.org/" + "a1b2=c3&" * 100,
    "x\u00a0" * 300,
    "ภาษาไทย" * 60,
    "العربية" * 60,
    "量子" * 1500,
    "—" * 400,
    "かな漢字カナ" * 100,
]


def answered(zh, en, name="甲𠮷"):
    """The steps of an application with a pair, a choice and one contributor."""
    row = [
        Answer("name", Text(zh="姓名", en="Name"), "line", True, False, name, "Jia"),
        Answer("email", Text(zh="邮箱", en="E-mail"), "email", False, True, "j@example.org", "j@example.org"),
    ]
    people = Text(zh="贡献者", en="Contributors")
    basics = [
        Answer("summary", Text(zh="简介", en="Summary"), "text", True, False, zh, en),
        Answer("joint", Text(zh="联合？", en="Joint?"), "yes-no", False, False, "是", "Yes"),
    ]
    contributors = Answer("contributors", people, "rows", False, False, row_label=Text(zh="贡献者", en="Contributor"), rows=[("1", row)])
    return [AnsweredStep("basics", Text(zh="基本信息", en="Basics"), basics), AnsweredStep("people", people, [contributors])]


def receipt_of(steps, files=FILES):
    return {
        "format": 1,
        "number": "EX2027-0042",
        "submission": 2,
        "submitted_at": "2027-06-01T08:30:05Z",
        "local_time": "2027-06-01T16:30:05+08:00",
        "zone": "Asia/Shanghai",
        "award": pair("示范奖", "Example Award"),
        "call": "example-2027",
        "title": TITLE,
        "category": pair("基础研究", "Basic Research"),
        "answers": as_dicts(steps),
        "files": files,
    }


def pdftotext(content, option):
    return subprocess.run(["pdftotext", option, "-", "-"], input=content, capture_output=True, check=True).stdout.decode()


def says(content):
    """Everything a PDF says in the order of its content, white space folded."""
    return " ".join(pdftotext(content, "-raw").split())


def squeezed(text):
    """Without white space, because a line of Chinese may be broken anywhere."""
    return "".join(text.split())


def outside(content, margin):
    """The words that stand more than a hanging mark beyond `margin` (points) at a side, or off the page at its foot."""
    gone = []
    for page in pdftotext(content, "-bbox").split("<page ")[1:]:
        width, height = (float(re.search(rf'{side}="([\d.]+)"', page)[1]) for side in ("width", "height"))
        for place, word in re.findall(r"<word ([^>]*)>(.*?)</word>", page):
            left, _top, right, bottom = map(float, re.findall(r'"([-\d.]+)"', place))
            if left < margin - 6 or right > width - margin + 6 or bottom > height:
                gone.append(html.unescape(word))
    return gone


def opened(content):
    return pikepdf.open(io.BytesIO(content))


@pytest.fixture(autouse=True)
def catalogue(app):
    """Headings and labels come from the catalogue of an app."""
    with app.app_context():
        yield


def test_index_says_number_titles_and_kinds_in_order():
    assert says(printing.index(CALL, TITLE, "EX2027-0042", FILES, "en")) == (
        "Example Award Index of supporting files 量子网络同步 Quantum Synchronization Application number EX2027-0042 "
        "No. Title in Chinese Title in English Type and size 论文 Papers Core material 1 论文全文 Full paper PDF · 1.2 MB "
        "其他 Others 2 Not filled in Letter PNG · 999 B Example Conference Page 1 of 1"
    )


def test_index_in_chinese_has_chinese_headings_and_both_titles():
    assert squeezed(says(printing.index(CALL, TITLE, None, FILES, "zh"))) == squeezed(
        "示范奖 证明材料索引目录 量子网络同步 Quantum Synchronization 序号 中文标题 英文标题 格式与大小 "
        "论文 Papers 核心材料 1 论文全文 Full paper PDF · 1.2 MB 其他 Others 2 未填写 Letter PNG · 999 B 示范大会 第1页，共1页"
    )


def test_receipt_says_number_times_hashes_files_and_answers():
    assert says(printing.receipt(CALL, receipt_of(answered("中文简介", "English summary")), "ef" * 32, "en")) == (
        "Example Award Receipt of submission EX2027-0042 Submission no. 2 Submitted at June 1, 2027, 16:30:05 Beijing time "
        "Universal time June 1, 2027, 08:30:05 UTC Award Example Award Category Basic Research "
        f"SHA-256 of receipt.json {'ef' * 32} "
        "Keep this receipt. The SHA-256 values show that receipt.json and every file are still exactly what was submitted. "
        "Achievement 量子网络同步 Quantum Synchronization "
        "Supporting files No. Title in Chinese Title in English Type and size "
        f"论文 Papers Core material 论文全文 Full paper PDF · 1.2 MB 1 {'ab' * 32} "
        f"其他 Others Not filled in Letter PNG · 999 B 2 {'cd' * 32} "
        "Basics Chinese English Summary 中文简介 English summary Joint? 是 Yes "
        "Contributors Chinese English Contributor 1 Name 甲𠮷 Jia E-mail j@example.org "
        "EX2027-0042, submission no. 2 Page 1 of 1"
    )


def test_receipt_in_chinese_speaks_chinese():
    assert squeezed(says(printing.receipt(CALL, receipt_of([], []), "ef" * 32, "zh"))) == squeezed(
        "示范奖 提交回执 EX2027-0042 第2次提交 提交时间 2027年6月1日16:30:05（北京时间） 协调世界时 2027年6月1日08:30:05（UTC） "
        f"奖项 示范奖 成果类别 基础研究 receipt.json的SHA-256值 {'ef' * 32} "
        "请妥善保存本回执。凭SHA-256值可以核验receipt.json和每份文件是否与提交时完全一致。 "
        "成果名称 量子网络同步 Quantum Synchronization 证明材料 未填写 EX2027-0042，第2次提交 第1页，共1页"
    )


def test_receipt_of_one_submission_is_always_the_same_bytes():
    receipt = receipt_of(answered("中文", "English"))
    assert printing.receipt(CALL, receipt, "ef" * 32, "zh") == printing.receipt(CALL, receipt, "ef" * 32, "zh")


@pytest.mark.parametrize(("language", "mark"), [("zh", "草稿"), ("en", "DRAFT")])
def test_draft_is_marked_on_every_page(language, mark):
    content = printing.draft(CALL, TITLE, answered("量子" * 1500, "quantum " * 900), FILES, language, NOW)
    pages = [squeezed(page) for page in pdftotext(content, "-raw").split("\f")[:-1]]
    assert len(pages) > 3
    assert [mark in page for page in pages] == [True] * len(pages)


def test_draft_shows_a_blank_side_as_not_filled_in_and_says_of_when_it_is():
    content = says(printing.draft(CALL, pair("", "Only English"), answered("", "English"), [], "en", NOW))
    assert "Not filled in yet Only English" in content
    assert "Summary Not filled in yet English" in content
    assert "As of June 1, 2027, 16:30 Beijing time" in content


def test_questions_are_said_in_both_languages_with_limits_and_conditions():
    assert says(printing.questions(CALL, "en")) == (
        "Example Award All questions of the application form "
        "示范奖 申报截止 2027 年 6 月 15 日 24:00（北京时间） 联系我们 赵女士 · +86-10-1234 a@example.org "
        "Example Award Deadline June 15, 2027, 24:00 Beijing time (= June 16, 00:00) Contact Ms. Zhao · +86-10-1234 a@example.org "
        "Prepare your answers together before you register. Questions marked for both languages are answered in Chinese and in English. "
        "1 基本信息 1 Basics 请用全称。 Use full names. "
        "1.1 类别 必填 单选 ○ 基础研究：引领理论创新 1.1 Category Required Choose one ○ Basic Research: Leading theory "
        "1.2 名称 必填 单行文字 · 中英文填写 · 中文限 50 字，英文限 30 词 不含宣传。 "
        "1.2 Name Required One line · in both languages · Chinese up to 50 characters, English up to 30 words No promotion. "
        "1.3 联合？ 选填 是或否 1.3 Joint? Optional Yes or no "
        "2 人员 2 People 2.1 贡献者 必填 1 至 20 项 2.1 Contributors Required 1 to 20 entries "
        "2.1.1 邮箱 必填 电子邮箱 · 评审专家不可见 2.1.1 E-mail Required E-mail address · not shown to experts "
        "3 材料 3 Materials 仅在“联合？ ”选择“是”时填写 Only if “Joint?” is answered with yes "
        "各类别共同问题 Asked in every category 3.1 领域 必填 最多选择 2 项 ○ 人工智能 3.1 Areas Required Choose up to 2 ○ AI "
        "Deadline: June 15, 2027, 24:00 Beijing time (= June 16, 00:00) Page 1 of 2 "
        "Example All questions of the application form "
        "基础研究 Basic Research 3.2 证明 必填 示例，待主办方确认 多行文字 · 不超过 9 字（词） "
        "3.2 Proof Required Sample, to be confirmed by the organizer Text · up to 9 characters or words "
        "4 文件 4 Files 格式：PDF 和 PNG；单个文件不超过 5 MB，数量不限； 每个文件均须有中英文名称。 "
        "PDF and PNG; each up to 5 MB, any number; every file is named in both languages. 论文 核心材料 Papers Core material "
        "提交前的声明 Declaration before submitting 内容属实。 All of it is true. "
        "Deadline: June 15, 2027, 24:00 Beijing time (= June 16, 00:00) Page 2 of 2"
    )


def test_questions_and_attachments_of_one_call_are_made_once():
    again = CALL.model_copy(update={"organizer": Text(zh="另一大会", en="Another Conference")})
    introduction = CALL.attachment("introduction")
    assert printing.questions(CALL, "zh") is printing.questions(CALL, "zh")
    assert printing.attachment(CALL, introduction, "zh") is printing.attachment(CALL, introduction, "zh")
    assert printing.attachment(again, introduction, "zh") != printing.attachment(CALL, introduction, "zh")


def test_criteria_say_weights_and_mark_samples():
    assert says(printing.attachment(CALL, CALL.attachment("criteria"), "zh")) == (
        "示范奖 评审标准 基础研究 Basic Research 选择指引 引领理论创新 新理论。 Quick guide Leading theory New theories. "
        "70% 权重 原创性 新在何处。 Originality What is new. "
        "30% 权重 影响 示例，待主办方确认 引用。 Influence Sample, to be confirmed by the organizer Citations. 示范大会 第 1 页，共 1 页"
    )


def test_slides_are_wide_pages_that_hold_even_a_long_text():
    content = printing.attachment(CALL, CALL.attachment("introduction"), "en")
    with opened(content) as pdf:
        assert [round(float(page.mediabox[2] / page.mediabox[3]), 3) for page in pdf.pages] == [1.778] * 3
    text = squeezed(says(content))
    assert "量子" * 400 in text
    assert text.count("word") == 600
    assert "宗旨Purpose■表彰创新面向全球■HonorinnovationFortheworld" in text
    assert outside(content, margin=20) == []


def test_what_looks_like_markup_is_printed_as_typed():
    content = printing.draft(CALL, pair(HOSTILE, HOSTILE), answered(HOSTILE, HOSTILE, HOSTILE), FILES, "en", NOW)
    assert squeezed(says(content)).count(squeezed(HOSTILE)) == 5


@pytest.mark.parametrize("run", LONG_RUNS, ids=lambda run: ascii(run[:4]))
def test_text_without_spaces_stays_on_the_page(run):
    files = [FILES[0] | {"zh": run, "en": run}]
    for content in (
        printing.draft(CALL, pair(run, run), answered(run, run, run), files, "zh", NOW),
        printing.index(CALL, pair(run, run), "EX2027-0042", files, "en"),
    ):
        assert outside(content, margin=20 / 25.4 * 72) == []


@pytest.mark.parametrize("run", ["W" * 3000, "https://example.org/" + "a1b2=c3&" * 100, "量子" * 1500])
def test_long_text_is_complete(run):
    content = says(printing.receipt(CALL, receipt_of(answered(run, "@"), []), "ef" * 32, "zh"))
    # The other side, and heads and feet of the pages in between, are taken out.
    content = re.sub(r"EX2027-0042，第 2 次提交 第 \d+ 页，共 \d+ 页 (示范 EX2027-0042)?", "", content)
    assert run in squeezed(content.replace("@", ""))


def test_text_far_beyond_any_limit_is_shortened_with_a_remark():
    content = says(printing.draft(CALL, TITLE, answered("量" * 200_000, "b"), [], "en", NOW))
    assert content.count("量") == 10_000 + 1
    assert squeezed("… (shortened in this PDF)") in squeezed(content)


def test_all_answers_together_are_bounded():
    steps = as_dicts([step for _ in range(20) for step in answered("量" * 20_000, "b")])
    assert sum(len(answer["zh"]) for step in shortened(steps) for answer in step["answers"] if "zh" in answer) < 151_000


def test_rare_names_and_other_scripts_are_printed():
    for name in ("𠮷野家", "𨭎", "㛃", "阿卜杜拉·买买提", "さくら", "Иван Петрович", "Ōe Kenzaburō"):
        assert squeezed(name) in squeezed(says(printing.receipt(CALL, receipt_of(answered("甲", "b", name)), "ef" * 32, "zh")))


def test_characters_no_document_can_hold_are_left_out():
    content = printing.draft(CALL, pair("甲\x00\ud800", "a\x1b\uffff"), answered("乙\x0b\x0c", "b\x7f"), [], "en", NOW)
    assert "Summary 乙 b" in says(content)
    with opened(content) as pdf:
        assert str(pdf.docinfo["/Title"]) == "Draft of the application · Example Award"


@pytest.mark.parametrize(
    ("language", "code", "title"),
    [("zh", "zh-CN", "证明材料索引目录 · 示范奖"), ("en", "en-US", "Index of supporting files · Example Award")],
)
def test_document_has_title_language_and_tags(language, code, title):
    with opened(printing.index(CALL, TITLE, None, FILES, language)) as pdf:
        assert str(pdf.Root.Lang) == code
        assert str(pdf.docinfo["/Title"]) == title
        assert bool(pdf.Root.MarkInfo.Marked) is True


def test_without_a_chinese_font_the_reason_says_what_to_install(monkeypatch):
    monkeypatch.setattr(press, "_press", None)
    monkeypatch.setattr(press, "HAN_FONTS", ("No Such Font",))
    reason = (
        "PDF files cannot be made: no Chinese font was found. On Debian or Ubuntu run “apt install fonts-noto-cjk”; "
        "elsewhere install Noto Serif CJK SC. macOS and Windows bring a font with them."
    )
    assert str(printing.missing()) == reason
    with pytest.raises(printing.Unavailable, match="apt install fonts-noto-cjk"):
        printing.index(CALL, TITLE, None, FILES, "en")
