"""Three people apply, each in another way; every journey ends at a receipt that is compared with what stands here."""

import hashlib
import json
import re

from tests import corpus
from tests.browser.driving import PASSWORD, expect, said

UTC = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ\Z")
BEIJING = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+08:00\Z")
AWARD = {"zh": "世界互联网大会领先科技奖", "en": "World Internet Conference Awards for Pioneering Science and Technology"}
TSINGHUA = ("清华大学", "Tsinghua University")
EXAMPLE = ("示例大学量子网络实验室", "Quantum Networks Lab, Example University")


def frame(receipt):
    """What a receipt says beside the answers and the files; the times are judged by their form."""
    assert UTC.match(receipt["submitted_at"])
    assert BEIJING.match(receipt["local_time"])
    return {key: value for key, value in receipt.items() if key not in ("submitted_at", "local_time", "answers", "files")}


def filed(order, kind, core, zh, en, name, content):
    """One file as a receipt lists it."""
    return {
        "order": order, "kind": dict(zip(("zh", "en"), kind, strict=True)), "core": core, "zh": zh, "en": en, "name": name,
        "type": name.rpartition(".")[2], "size": len(content), "sha256": hashlib.sha256(content).hexdigest(),
    }  # fmt: skip


PAPERS, PATENTS, AWARDS, OTHERS = ("论文", "Papers"), ("专利", "Patents"), ("获奖", "Awards"), ("其他", "Others")
STANDARDS, REPORTS = ("国际标准", "International standards"), ("评测报告", "Evaluation reports")
PROOFS = ("应用证明", "Application proofs")

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
COLUMNS = ("name-zh", "name-en", "organization-zh", "organization-en", "role-zh", "role-en", "email")


def contributor(row_id, person):
    return {f"contributors-{row_id}-{column}": text for column, text in zip(COLUMNS, person, strict=True)}


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
    assert frame(receipt) == {
        "format": 1, "number": "WIC2099-0001", "submission": 1, "zone": "Asia/Shanghai", "call": "wic-awards-2099", "award": AWARD,
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
        filed(1, PAPERS, True, "城域网实验", "Metropolitan network experiment", "01_城域网实验_Metropolitan network experiment.pdf", files[0]),
        filed(2, PAPERS, True, "量子密钥分发综述", "A review of quantum keys", "02_量子密钥分发综述_A review of quantum keys.pdf", files[1]),
        filed(3, PAPERS, True, "密钥速率", "Key rates", "03_密钥速率_Key rates.png", files[2]),
        filed(4, PATENTS, True, "发明专利证书", "Patent certificate", "04_发明专利证书_Patent certificate.pdf", files[3]),
        filed(5, PATENTS, True, "专利清单", "List of patents", "05_专利清单_List of patents.xlsx", files[4]),
        filed(6, AWARDS, True, "科技进步奖证书", "Award certificate", "06_科技进步奖证书_Award certificate.jpg", files[5]),
        filed(7, AWARDS, True, "颁奖典礼", "Award ceremony", "07_颁奖典礼_Award ceremony.jpeg", files[6]),
        filed(8, STANDARDS, False, "国际标准提案", "Standard proposal", "08_国际标准提案_Standard proposal.docx", files[7]),
        filed(9, REPORTS, False, "第三方评测报告", "Independent evaluation report", "09_第三方评测报告_Independent evaluation report.pdf", files[8]),
        filed(10, PROOFS, False, "应用证明", "Proof of application", "10_应用证明_Proof of application.pdf", files[9]),
        filed(11, OTHERS, False, "项目汇报", "Project slides", "11_项目汇报_Project slides.pptx", files[10]),
        filed(12, OTHERS, False, "媒体报道", "Press coverage", "12_媒体报道_Press coverage.pdf", files[11]),
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
            f"partners-{first}-organization-zh": "慕尼黑理工学院", f"partners-{first}-organization-en": "Munich Institute of Technology",
            f"partners-{first}-country": "德国",
            f"partners-{first}-contribution-zh": "研制低噪声探测器。", f"partners-{first}-contribution-en": "Built the low-noise detectors.",
            f"partners-{second}-organization-zh": TSINGHUA[0], f"partners-{second}-organization-en": TSINGHUA[1],
            f"partners-{second}-country": "China",
            f"partners-{second}-contribution-zh": "协议设计。", f"partners-{second}-contribution-en": "Designed the protocols.",
        }
        | PARTNERSHIP
    )  # fmt: skip


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


SUMMARY_EN = "A scheduling system for container ports that mirrors every crane in a digital twin."
ENGINEERING = {
    "summary-zh": "面向集装箱港口的数字孪生调度系统。",
    "summary-en": SUMMARY_EN,
    "engineering-zh": "由感知、建模和调度三层组成。",
    "engineering-en": "It has three layers: sensing, modelling and scheduling.",
    "scale-zh": "自2021年起在四个港口使用。",
    "scale-en": "In use at four ports since 2021.",
    "evidence-zh": "见附件。",
    "evidence-en": "See the attached files.",
}


def test_application_in_english_on_a_phone_without_javascript(server, visit):
    visitor = visit(server, "en", width=375, java_script_enabled=False, is_mobile=True, has_touch=True)
    page = visitor.page
    visitor.open("/")
    visitor.follow("Read the call and apply")
    visitor.press("New application")
    visitor.follow("Register")
    visitor.fill({"email": "anna@example.org", "name": "Anna Müller", "password": "port"})
    visitor.press("Register")
    assert visitor.errors() == ["password"]
    visitor.fill({"password": PASSWORD})
    visitor.press("Register")
    visitor.press("Begin")

    visitor.follow("Achievement category")
    visitor.press("Save and continue")
    assert visitor.errors() == ["category"]
    visitor.fill({"category": ["engineering-rd"]})
    visitor.press("Save and continue")

    basics = {
        "title-en": "A digital twin for container ports", "organization-en": "Example Port Technology B.V.", "country": "Netherlands",
        "contact_person-en": "Anna Müller", "contact_email": "anna@example", "contact_phone": "12",
    }  # fmt: skip
    visitor.fill(basics | {"areas": ["digital-twins"], "joint": ["no"]})
    page.get_by_label("No Chinese name: use the Latin one").nth(0).check()
    page.get_by_label("No Chinese name: use the Latin one").nth(1).check()
    visitor.press("Save and continue")
    assert visitor.errors() == ["title-zh", "contact_email", "contact_phone"]
    assert {name: visitor.value(name) for name in basics} == basics
    visitor.fill({"title-zh": "集装箱港口数字孪生", "contact_email": "anna@example.org", "contact_phone": "+31 10 123 4567"})
    visitor.press("Save and continue")

    (first,) = visitor.rows()
    visitor.fill(contributor(first, ("", "Anna Müller", "示例港口科技公司", "Example Port Technology", "总体设计", "Overall design", "")))
    page.get_by_label("No Chinese name").first.check()
    visitor.press("Add another")
    visitor.fill(contributor(visitor.rows()[1], ("范德伯格", "Jan van den Berg", *TSINGHUA, "调度算法", "Scheduling", "jan@example.org")))
    visitor.press("Save and continue")

    visitor.fill(ENGINEERING | {"summary-zh": SUMMARY_EN})
    visitor.press("Save and continue")
    assert visitor.errors() == ["summary-zh", "influence-zh", "influence-en"]
    visitor.fill({"summary-zh": ENGINEERING["summary-zh"]})
    visitor.press("Save draft")
    visitor.follow("All steps")
    visitor.follow("Supporting files")

    patent, proof = corpus.pdf(text="patent"), corpus.picture("PNG")
    visitor.upload(
        {
            "Patent certificate_专利证书.pdf": patent,
            "scan.png": proof,
            "论文_Paper.pdf": corpus.picture("PNG"),
            "报告_Report.pdf": patent + bytes(5 * 1024 * 1024),
        },
        "patents",
    )
    visitor.press("Upload")
    assert visitor.errors() == ["files", "files"]
    visitor.expect_files(2)
    titles = page.locator("[name^='title-']")
    assert [titles.nth(place).input_value() for place in range(4)] == ["专利证书", "Patent certificate", "", ""]
    visitor.press("Save and continue")
    assert len(visitor.errors()) == 2
    titles.nth(2).fill("应用证明")
    titles.nth(3).fill("Proof of application")
    page.locator("[name^='kind-']").nth(1).select_option("application-proofs")
    visitor.press("Save and continue")

    assert visitor.title == "Check your answers"
    assert len(visitor.missing()) == 2
    visitor.follow(visitor.missing()[0])
    visitor.fill({"influence-zh": "四个国家的港口正在采用。", "influence-en": "Ports in four countries are adopting it."})
    visitor.press("Save and continue")
    assert (visitor.title, visitor.missing()) == ("Check your answers", [])
    visitor.press("Submit")
    assert visitor.errors() == ["declaration"]
    page.get_by_label("I confirm this declaration").check()
    visitor.press("Submit")

    first_receipt = visitor.download("This receipt", "JSON")
    assert first_receipt[0] == "WIC2099-0001-receipt-1.json"
    expected = {
        "category": {"category": ("工程研发", "Engineering R&D")},
        "basics": {
            "title": ("集装箱港口数字孪生", "A digital twin for container ports"),
            "organization": ("Example Port Technology B.V.", "Example Port Technology B.V."),
            "country": ("荷兰", "Netherlands"),
            "areas": ("数字孪生与虚拟现实", "Digital twins and virtual reality"),
            "contact_person": ("Anna Müller", "Anna Müller"),
            "contact_email": ("anna@example.org", "anna@example.org"),
            "contact_phone": ("+31 10 123 4567", "+31 10 123 4567"),
            "joint": ("否", "No"),
        },
        "contributors": {
            "contributors": [
                {
                    "name": ("Anna Müller", "Anna Müller"), "organization": ("示例港口科技公司", "Example Port Technology"),
                    "role": ("总体设计", "Overall design"), "email": ("", ""),
                },
                {
                    "name": ("范德伯格", "Jan van den Berg"), "organization": TSINGHUA,
                    "role": ("调度算法", "Scheduling"), "email": ("jan@example.org", "jan@example.org"),
                },
            ]
        },
        "materials": {
            "summary": ("面向集装箱港口的数字孪生调度系统。", SUMMARY_EN),
            "engineering": ("由感知、建模和调度三层组成。", "It has three layers: sensing, modelling and scheduling."),
            "scale": ("自2021年起在四个港口使用。", "In use at four ports since 2021."),
            "influence": ("四个国家的港口正在采用。", "Ports in four countries are adopting it."),
            "evidence": ("见附件。", "See the attached files."),
            "website": ("", ""),
        },
    }  # fmt: skip
    framed = {
        "format": 1, "number": "WIC2099-0001", "submission": 1, "zone": "Asia/Shanghai", "call": "wic-awards-2099", "award": AWARD,
        "title": {"zh": "集装箱港口数字孪生", "en": "A digital twin for container ports"},
        "category": {"zh": "工程研发", "en": "Engineering R&D"},
    }  # fmt: skip
    files = [
        filed(1, PATENTS, True, "专利证书", "Patent certificate", "01_专利证书_Patent certificate.pdf", patent),
        filed(2, PROOFS, False, "应用证明", "Proof of application", "02_应用证明_Proof of application.png", proof),
    ]
    receipt = json.loads(first_receipt[1])
    assert (frame(receipt), said(receipt), receipt["files"]) == (framed, expected, files)

    visitor.press("Reopen and change")
    visitor.follow("Basic information")
    visitor.fill({"title-en": "Digital twins for container ports"})
    visitor.press("Save and continue")
    visitor.press("Remove Contributor 2")
    visitor.press("Save and continue")
    visitor.press("Save and continue")
    visitor.press("Remove file 1")
    visitor.press("Save and continue")
    page.get_by_label("I confirm this declaration").check()
    visitor.press("Submit")
    name, content = visitor.download("This receipt", "JSON")
    assert name == "WIC2099-0001-receipt-2.json"
    receipt = json.loads(content)
    assert frame(receipt) == framed | {"submission": 2, "title": {"zh": "集装箱港口数字孪生", "en": "Digital twins for container ports"}}
    expected["basics"]["title"] = ("集装箱港口数字孪生", "Digital twins for container ports")
    expected["contributors"]["contributors"].pop()
    assert said(receipt) == expected
    assert receipt["files"] == [
        filed(1, PROOFS, False, "应用证明", "Proof of application", "01_应用证明_Proof of application.png", proof)
    ]
    visitor.open(visitor.path.replace("/receipt/2", "/receipt/1"))
    assert visitor.download("This receipt", "JSON") == first_receipt


def test_application_begun_in_chinese_and_resumed_elsewhere_in_english(server, visit):
    begun = visit(server, "zh")
    begun.open("/account/register?next=/zh/calls/wic-awards-2099/applications")
    begun.fill({"email": "chen@example.org", "name": "陈志远", "password": PASSWORD})
    begun.press("注册")
    begun.press("开始")
    begun.follow("成果类别")
    begun.fill({"category": ["basic-research"]})
    begun.press("保存并继续")
    begun.fill({"title-zh": "大规模图学习的理论界限", "organization-zh": "示例理工学院", "country": "新加坡", "contact_phone": "+65 6123 4567"})
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
    assert frame(receipt) == {
        "format": 1, "number": "WIC2099-0001", "submission": 1, "zone": "Asia/Shanghai", "call": "wic-awards-2099", "award": AWARD,
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
        filed(1, PAPERS, True, "图学习论文", "Paper on graph learning", "01_图学习论文_Paper on graph learning.pdf", paper)
    ]
