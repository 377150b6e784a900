"""An application begun in Chinese in one browser, and resumed in another, where the language is changed midway."""

import json

from tests import corpus
from tests.browser.driving import PASSWORD, contributor
from tests.browser.receipts import FRAME, PAPERS, filed, frame, said


def test_application_begun_in_chinese_and_resumed_elsewhere_in_english(server, visit):
    begun = visit(server, "zh")
    begun.open("/account/register?next=/zh/calls/wic-awards-2099/applications")
    begun.fill({"email": "chen@example.org", "name": "陈志远", "password": PASSWORD})
    begun.press("注册")
    begun.press("开始")
    begun.follow("成果类别")
    begun.fill({"category": ["basic-research"]})
    begun.press("保存并继续")
    begun.fill({"title-zh": "大规模图学习的理论界限", "organization-zh": "示例理工学院"})
    begun.fill({"country": "新加坡", "contact_phone": "+65 6123 4567"})
    begun.press("保存草稿")
    begun.press("退出登录")
    assert begun.path == "/"

    visitor = visit(server, "zh")
    visitor.open("/account/sign-in")
    visitor.fill({"email": "chen@example.org", "password": PASSWORD})
    visitor.press("登录")
    visitor.follow("大规模图学习的理论界限")
    visitor.follow("基本信息")
    assert [visitor.value(name) for name in ("title-zh", "title-en", "country")] == ["大规模图学习的理论界限", "", "新加坡"]
    visitor.fill(
        {
            "title-en": "Theoretical limits of graph learning", "organization-en": "Example Institute of Technology",
            "contact_person-zh": "陈志远", "contact_person-en": "Chen Zhiyuan", "contact_email": "chen@example.org",
            "areas": ["ai"], "joint": ["no"],
        }
    )  # fmt: skip
    visitor.press("English")
    visitor.language = "en"

    assert (visitor.title, visitor.path.rpartition("/")[2]) == ("Basic information", "basics")
    assert [visitor.value(name) for name in ("title-zh", "title-en", "country")] == [
        "大规模图学习的理论界限", "Theoretical limits of graph learning", "Singapore",
    ]  # fmt: skip
    visitor.press("Save and continue")
    (only,) = visitor.rows()
    visitor.fill(contributor(only, ("陈志远", "Chen Zhiyuan", "示例理工学院", "Example Institute of Technology", "全部", "All of it", "")))
    visitor.press("Save and continue")
    visitor.fill(
        {
            "summary-zh": "给出了图学习的样本界限。", "summary-en": "Bounds on the samples that learning on graphs needs.",
            "theory-zh": "提出新的复杂度度量。", "theory-en": "A new measure of complexity.",
            "verification-zh": "三个小组重复了证明。", "verification-en": "Three groups have checked the proof.",
            "influence-zh": "被多国学者引用。", "influence-en": "Cited in many countries.",
            "evidence-zh": "见论文。", "evidence-en": "See the paper.",
        }
    )  # fmt: skip
    visitor.press("Save and continue")
    paper = corpus.pdf(text="paper")
    visitor.upload({"图学习论文_Paper on graph learning.pdf": paper}, "papers")
    visitor.expect_files(1)
    visitor.press("Save and continue")
    visitor.page.get_by_label("I confirm this declaration").check()
    visitor.press("Submit")

    name, content = visitor.download("This receipt", "JSON")
    assert name == "WIC2099-0001-receipt-1.json"
    receipt = json.loads(content)
    assert frame(receipt) == FRAME | {
        "number": "WIC2099-0001", "submission": 1,
        "title": {"zh": "大规模图学习的理论界限", "en": "Theoretical limits of graph learning"},
        "category": {"zh": "基础研究", "en": "Basic Research"},
    }  # fmt: skip
    institute = ("示例理工学院", "Example Institute of Technology")
    assert said(receipt) == {
        "category": {"category": ("基础研究", "Basic Research")},
        "basics": {
            "title": ("大规模图学习的理论界限", "Theoretical limits of graph learning"),
            "organization": institute,
            "country": ("新加坡", "Singapore"),
            "areas": ("人工智能", "Artificial intelligence"),
            "contact_person": ("陈志远", "Chen Zhiyuan"),
            "contact_email": ("chen@example.org", "chen@example.org"),
            "contact_phone": ("+65 6123 4567", "+65 6123 4567"),
            "joint": ("否", "No"),
        },
        "contributors": {
            "contributors": [
                {"name": ("陈志远", "Chen Zhiyuan"), "organization": institute, "role": ("全部", "All of it"), "email": ("", "")}
            ]
        },
        "materials": {
            "summary": ("给出了图学习的样本界限。", "Bounds on the samples that learning on graphs needs."),
            "theory": ("提出新的复杂度度量。", "A new measure of complexity."),
            "verification": ("三个小组重复了证明。", "Three groups have checked the proof."),
            "influence": ("被多国学者引用。", "Cited in many countries."),
            "evidence": ("见论文。", "See the paper."),
            "website": ("", ""),
        },
    }
    assert receipt["files"] == [
        filed(1, PAPERS, "图学习论文", "Paper on graph learning", "pdf", paper)
    ]
