"""A short application in English on a phone without JavaScript, handed in twice."""

import json

from tests import corpus
from tests.browser.driving import PASSWORD, contributor
from tests.browser.receipts import FRAME, PATENTS, PROOFS, filed, frame, said

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
    colleague = ("范德伯格", "Jan van den Berg", "示例大学", "Example University", "调度算法", "Scheduling", "jan@example.org")
    visitor.fill(contributor(visitor.rows()[1], colleague))
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
                    "name": ("范德伯格", "Jan van den Berg"), "organization": ("示例大学", "Example University"),
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
    framed = FRAME | {
        "number": "WIC2099-0001", "submission": 1,
        "title": {"zh": "集装箱港口数字孪生", "en": "A digital twin for container ports"},
        "category": {"zh": "工程研发", "en": "Engineering R&D"},
    }  # fmt: skip
    files = [
        filed(1, PATENTS, "专利证书", "Patent certificate", "pdf", patent),
        filed(2, PROOFS, "应用证明", "Proof of application", "png", proof),
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
        filed(1, PROOFS, "应用证明", "Proof of application", "png", proof)
    ]
    visitor.open(visitor.path.replace("/receipt/2", "/receipt/1"))
    assert visitor.download("This receipt", "JSON") == first_receipt
