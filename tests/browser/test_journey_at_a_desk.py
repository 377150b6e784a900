"""A joint application in Chinese: twenty contributors, twelve files, with JavaScript."""

import hashlib
import json

from tests import corpus
from tests.browser.driving import PASSWORD, contributor, expect
from tests.browser.receipts import AWARDS, FRAME, OTHERS, PAPERS, PATENTS, PROOFS, REPORTS, STANDARDS, filed, frame, said

TSINGHUA = ("清华大学", "Tsinghua University")
EXAMPLE = ("示例大学量子网络实验室", "Quantum Networks Lab, Example University")


PEOPLE = [
    ("林晓雯", "Lin Xiaowen", *EXAMPLE, "课题负责人", "Lead researcher", "lin@example.org"),
    ("陈志远", "Chen Zhiyuan", *EXAMPLE, "系统总体设计", "System architecture", ""),
    ("", "Anna Müller", "慕尼黑理工学院", "Munich Institute of Technology", "单光子探测器", "Single-photon detectors", "anna@example.org"),
    ("阿卜杜拉·买买提", "Abdulla Memet", *TSINGHUA, "密钥协商协议", "Key agreement protocol", ""),
    ("𠮷田健", "Yoshida Ken", "東京示例大学", "Example University of Tokyo", "可信中继", "Trusted relays", ""),
    ("曾一", "Zeng Yi", *TSINGHUA, "安全性证明", "Security proofs", ""),
    ("單小芳", "Shan Xiaofang", *EXAMPLE, "光源研制", "Light sources", ""),
    ("穆罕默德", "Mohammed", "開羅示例大學", "Example University, Cairo", "现场试验", "Field trials", ""),
    ("赵𨭎", "Zhao Xi", *EXAMPLE, "时间同步", "Time synchronization", ""),
    ("欧阳文博", "Ouyang Wenbo", *TSINGHUA, "后处理算法", "Post-processing algorithms", ""),
    ("孙丽", "Sun Li", *EXAMPLE, "网络管理", "Network management", ""),
    ("周建国", "Zhou Jianguo", *EXAMPLE, "工程部署", "Deployment", ""),
    ("吴敏", "Wu Min", *TSINGHUA, "误码分析", "Error analysis", ""),
    ("郑凯", "Zheng Kai", *EXAMPLE, "电路设计", "Circuit design", ""),
    ("王芳", "Wang Fang", *EXAMPLE, "项目协调", "Project coordination", "wang.fang@example.org"),
    ("冯雪", "Feng Xue", *TSINGHUA, "随机数发生器", "Random number generators", ""),
    ("褚明", "Chu Ming", *EXAMPLE, "标准编制", "Standards", ""),
    ("卫星", "Wei Xing", *EXAMPLE, "软件开发", "Software", ""),
    ("蒋欣", "Jiang Xin", *TSINGHUA, "测试验证", "Testing and verification", ""),
    ("沈涛", "Shen Tao", *EXAMPLE, "运维保障", "Operations", ""),
]

def as_answered(person):
    """The row of a receipt for one of PEOPLE."""
    zh, en, organization_zh, organization_en, role_zh, role_en, email = person
    row = {"name": (zh or en, en), "organization": (organization_zh, organization_en), "role": (role_zh, role_en)}
    return row | {"email": (email, email)}


MATERIALS = {
    "summary-zh": "在城市光纤网络中实现了量子密钥的长期稳定分发。\n已连续运行三年。",
    "summary-en": "Quantum keys are distributed over the fibres of a city, stably and for the long term.\nIt has run for three years.",
    "bottleneck-zh": "传统方案受限于探测器噪声，难以与既有光纤业务共纤传输。",
    "bottleneck-en": "Detector noise kept earlier schemes from sharing a fibre with the traffic that is already there.",
    "indicators-zh": "在50公里光纤上，密钥生成速率达到每秒1.2兆比特，居国际领先水平。",
    "indicators-en": "Over 50 km of fibre the key rate reaches 1.2 Mbit/s, a world-leading figure.",
    "influence-zh": "成果已在三个国家的网络中试用。",
    "influence-en": "It is being tried in the networks of three countries.",
    "evidence-zh": "密钥速率见“第三方评测报告”。",
    "evidence-en": "For the key rate see the “Independent evaluation report”.",
    "website": "https://example.org/qkd?lang=zh&v=2",
}
PARTNERSHIP = {
    "partnership_importance-zh": "探测器、协议与网络三方缺一不可。",
    "partnership_importance-en": "Without any one of detectors, protocols and networks there would be no system.",
}

BASICS = {
    "title-zh": "面向城域网的量子密钥分发", "title-en": "Quantum key distribution for metropolitan networks",
    "organization-zh": EXAMPLE[0], "organization-en": EXAMPLE[1],
    "contact_person-zh": "王芳", "contact_person-en": "Wang Fang", "contact_email": "wang.fang@example.org",
}  # fmt: skip


def test_joint_application_in_chinese_at_a_desk(server, visit):
    visitor = visit(server, "zh")
    page = visitor.page
    visitor.open("/")
    visitor.follow("世界互联网大会领先科技奖")
    visitor.press("新建申报")
    visitor.follow("注册")
    visitor.fill({"email": "lin@example.org", "name": "林晓雯", "password": PASSWORD})
    visitor.press("注册")
    visitor.press("开始")
    visitor.follow("成果类别")

    visitor.fill({"category": ["key-technology"]})
    visitor.press("保存并继续")
    assert visitor.title == "基本信息"
    visitor.fill(BASICS | {"country": "中国", "areas": ["quantum", "security"], "contact_phone": "13800138000", "joint": ["yes"]})
    visitor.press("保存并继续")

    assert visitor.title == "主要贡献者"
    _list_contributors(visitor)
    visitor.press("保存并继续")

    assert visitor.title == "联合申报"
    _describe_partnership(visitor)
    visitor.press("保存并继续")

    assert visitor.title == "申报材料"
    visitor.fill(MATERIALS)
    visitor.press("保存草稿")
    claims = page.get_by_role("group", name="此处需要佐证")
    expect(claims).to_have_count(1)
    assert claims.locator("q").all_inner_texts() == ["国际领先", "world-leading"]
    visitor.press("保存并继续")

    assert visitor.title == "证明材料"
    files = _upload_files(visitor)
    visitor.press("保存并继续")

    assert visitor.title == "核对内容"
    assert visitor.missing() == []
    assert visitor.warnings() == ["“核心指标与国际对比”中的“国际领先”还没有证明文件支持。"]
    visitor.follow(visitor.warnings()[0])
    claims.get_by_label("第三方评测报告").check()
    visitor.press("保存并继续")
    assert visitor.path.endswith("/check")
    assert visitor.warnings() == []

    page.get_by_label("我确认以上声明").check()
    visitor.press("提交")
    assert visitor.title == "您的申报已收到"
    expect(page.get_by_text("WIC2099-0001", exact=True)).to_be_visible()
    name, content = visitor.download("本回执", "JSON")
    assert name == "WIC2099-0001-receipt-1.json"
    expect(page.get_by_text(hashlib.sha256(content).hexdigest(), exact=True)).to_be_visible()
    receipt = json.loads(content)
    assert frame(receipt) == FRAME | {
        "number": "WIC2099-0001", "submission": 1,
        "title": {"zh": "面向城域网的量子密钥分发", "en": "Quantum key distribution for metropolitan networks"},
        "category": {"zh": "关键技术", "en": "Key Technology"},
    }  # fmt: skip
    assert said(receipt) == {
        "category": {"category": ("关键技术", "Key Technology")},
        "basics": {
            "title": ("面向城域网的量子密钥分发", "Quantum key distribution for metropolitan networks"),
            "organization": EXAMPLE,
            "country": ("中国", "China"),
            "areas": ("网络与信息安全、量子信息", "Network and information security, Quantum information"),
            "contact_person": ("王芳", "Wang Fang"),
            "contact_email": ("wang.fang@example.org", "wang.fang@example.org"),
            "contact_phone": ("+86 138 0013 8000", "+86 138 0013 8000"),
            "joint": ("是", "Yes"),
        },
        "contributors": {"contributors": [as_answered(person) for person in PEOPLE]},
        "partnership": {
            "partners": [
                {
                    "organization": ("慕尼黑理工学院", "Munich Institute of Technology"),
                    "country": ("德国", "Germany"),
                    "contribution": ("研制低噪声探测器。", "Built the low-noise detectors."),
                },
                {"organization": TSINGHUA, "country": ("中国", "China"), "contribution": ("协议设计。", "Designed the protocols.")},
            ],
            "partnership_importance": tuple(PARTNERSHIP.values()),
        },
        "materials": {
            name: (MATERIALS[f"{name}-zh"].replace("\n", "\r\n"), MATERIALS[f"{name}-en"].replace("\n", "\r\n"))
            for name in ("summary", "bottleneck", "indicators", "influence", "evidence")
        }
        | {"website": ("https://example.org/qkd?lang=zh&v=2", "https://example.org/qkd?lang=zh&v=2")},
    }
    assert receipt["files"] == [
        filed(1, PAPERS, "城域网实验", "Metropolitan network experiment", "pdf", files[0]),
        filed(2, PAPERS, "量子密钥分发综述", "A review of quantum keys", "pdf", files[1]),
        filed(3, PAPERS, "密钥速率", "Key rates", "png", files[2]),
        filed(4, PATENTS, "发明专利证书", "Patent certificate", "pdf", files[3]),
        filed(5, PATENTS, "专利清单", "List of patents", "xlsx", files[4]),
        filed(6, AWARDS, "科技进步奖证书", "Award certificate", "jpg", files[5]),
        filed(7, AWARDS, "颁奖典礼", "Award ceremony", "jpeg", files[6]),
        filed(8, STANDARDS, "国际标准提案", "Standard proposal", "docx", files[7]),
        filed(9, REPORTS, "第三方评测报告", "Independent evaluation report", "pdf", files[8]),
        filed(10, PROOFS, "应用证明", "Proof of application", "pdf", files[9]),
        filed(11, OTHERS, "项目汇报", "Project slides", "pptx", files[10]),
        filed(12, OTHERS, "媒体报道", "Press coverage", "pdf", files[11]),
    ]


def _list_contributors(visitor):
    """Two by hand, the second moved up; the rest pasted, with one person too many, who is removed again."""
    page = visitor.page
    (first,) = visitor.rows()
    visitor.fill(contributor(first, PEOPLE[1]))
    visitor.press("再添加一项")
    first, second = visitor.rows()
    visitor.fill(contributor(second, PEOPLE[0]))
    visitor.press("上移贡献者2")
    assert visitor.rows() == [second, first]

    stranger = ("误填者", "Not Involved", *EXAMPLE, "无", "None", "")
    pasted = [*PEOPLE[2:8], PEOPLE[9], PEOPLE[8], stranger, *PEOPLE[10:]]
    page.get_by_text("从电子表格批量粘贴").click()
    visitor.fill({"contributors-paste": "\n".join("\t".join(person) for person in pasted)})
    visitor.press("添加这些行")
    assert len(visitor.rows()) == 21
    visitor.press("保存并继续")
    third = visitor.rows()[2]
    assert visitor.errors() == ["contributors", f"contributors-{third}-name-zh"]
    page.locator(f"[name='contributors-{third}-name-latin']").check()
    visitor.press("删除贡献者11")
    visitor.press("下移贡献者9")
    assert [visitor.value(f"contributors-{row}-name-en") for row in visitor.rows()] == [person[1] for person in PEOPLE]


def _describe_partnership(visitor):
    visitor.press("再添加一项")
    first, second = visitor.rows()
    visitor.fill(
        {
            f"partners-{first}-organization-zh": "慕尼黑理工学院",
            f"partners-{first}-organization-en": "Munich Institute of Technology",
            f"partners-{first}-country": "德国",
            f"partners-{first}-contribution-zh": "研制低噪声探测器。",
            f"partners-{first}-contribution-en": "Built the low-noise detectors.",
            f"partners-{second}-organization-zh": TSINGHUA[0],
            f"partners-{second}-organization-en": TSINGHUA[1],
            f"partners-{second}-country": "China",
            f"partners-{second}-contribution-zh": "协议设计。",
            f"partners-{second}-contribution-en": "Designed the protocols.",
        }
        | PARTNERSHIP
    )


def _upload_files(visitor):
    """Twelve files of every type, many at once, the supplementary ones first; answers their bytes in the order of the receipt."""
    page = visitor.page
    pdf = {name: corpus.pdf(text=name) for name in ("review", "experiment", "patent", "report", "proof", "press")}
    pictures = {"PNG": corpus.picture("PNG"), "JPEG": corpus.picture("JPEG"), "small": corpus.picture("JPEG", size=(40, 30))}
    word, excel, slides = corpus.docx(), corpus.xlsx(), corpus.pptx()

    visitor.upload({"项目汇报_Project slides.pptx": slides, "媒体报道_Press coverage.pdf": pdf["press"]}, "others")
    visitor.expect_files(2)
    visitor.upload(
        {
            "量子密钥分发综述_A review of quantum keys.pdf": pdf["review"],
            "城域网实验_Metropolitan network experiment.pdf": pdf["experiment"],
            "损坏的论文_Broken paper.pdf": corpus.cut(corpus.pdf(pages=300), 0.6),
            "密钥速率_Key rates.png": pictures["PNG"],
        },
        "papers",
    )
    visitor.expect_files(5)
    expect(page.get_by_role("alert")).to_contain_text("“损坏的论文_Broken paper.pdf”未能保存。文件不完整或已损坏，无法打开。")
    visitor.upload({"发明专利证书_Patent certificate.pdf": pdf["patent"], "专利清单_List of patents.xlsx": excel}, "patents")
    visitor.expect_files(7)
    visitor.upload({"科技进步奖证书_Award certificate.jpg": pictures["JPEG"], "颁奖典礼_Award ceremony.jpeg": pictures["small"]}, "awards")
    visitor.expect_files(9)
    visitor.upload({"国际标准提案_Standard proposal.docx": word}, "standards")
    visitor.expect_files(10)
    visitor.upload({"第三方评测报告_Independent evaluation report.pdf": pdf["report"]}, "evaluation-reports")
    visitor.expect_files(11)
    visitor.upload({"应用证明.pdf": pdf["proof"]}, "application-proofs")
    visitor.expect_files(12)

    visitor.press("上移文件2")
    visitor.press("保存并继续")
    (untitled,) = visitor.errors()
    page.locator(".errors a").click()
    page.keyboard.type("Proof of application")
    assert visitor.value(untitled) == "Proof of application"
    return [
        pdf["experiment"], pdf["review"], pictures["PNG"], pdf["patent"], excel, pictures["JPEG"], pictures["small"],
        word, pdf["report"], pdf["proof"], slides, pdf["press"],
    ]  # fmt: skip
