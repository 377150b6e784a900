"""Dossiers: what they say and to whom, in what order attachments are bound in, and that nothing in them acts."""

import io
import re
import shutil
from datetime import UTC, datetime

import pikepdf
import pytest
from pikepdf import Array, Dictionary
from PIL import Image

from app import demo, dossiers, exporting
from app.extensions import db
from app.files import uploads
from app.languages import speaking
from app.models import StoredFile
from app.printing import attachments, merging, press
from tests import corpus
from tests.acting_pdf import NAMES, acting, hostile_pdf
from tests.handing_in import handed_in
from tests.test_printing import pdftotext, squeezed

pytestmark = [
    pytest.mark.skipif(press.missing() is not None, reason="Typst or a Chinese font is missing: apt install fonts-noto-cjk"),
    pytest.mark.skipif(shutil.which("pdftotext") is None, reason="pdftotext is missing: apt install poppler-utils"),
]
NOW = datetime(2027, 6, 1, 8, 30, 5, tzinfo=UTC)
PARTNER = {"organization-zh": "示例单位", "organization-en": "Example", "country": "DE"}
PARTNER |= {"contribution-zh": "协议", "contribution-en": "Protocol"}


@pytest.fixture
def made(app, tmp_path):
    """Makes the dossier of an application: its bytes."""

    def make(application_id, language="en", **given):
        folder = tmp_path / f"dossier-{len(list(tmp_path.iterdir()))}"
        folder.mkdir()
        with app.test_request_context(), speaking(language), attachments.Merger() as merger:
            return dossiers.make(exporting.handed_in(application_id), folder, merger, **given).read_bytes()

    return make


def pages(content):
    """What each page says, without white space."""
    return [squeezed(page) for page in pdftotext(content, "-layout").split("\f")[:-1]]


def opened(content):
    return pikepdf.open(io.BytesIO(content))


def bookmarks(content):
    """[(title, page counted from 1, [of its children])]."""
    with opened(content) as document, document.open_outline() as outline:
        numbers = {page.objgen: number for number, page in enumerate(document.pages, 1)}

        def listed(items):
            return [(item.title, numbers[item.destination[0].objgen], listed(item.children)) for item in items]

        return listed(outline.root)


def replace(app, name, content):
    """Puts other bytes in the place of a stored file, as a failing disk might; removes it for None."""
    with app.app_context():
        stored = db.session.scalars(db.select(StoredFile).filter_by(original_name=name)).one()
        path = uploads.folder() / stored.path
    path.unlink() if content is None else path.write_bytes(content)


def test_cover_says_what_it_is_about_in_both_languages(app, call, made):
    application_id = handed_in(app, call, now=NOW)
    assert pdftotext(made(application_id), "-raw").split("\f")[0].split("\n") == [
        "世界互联网大会领先科技奖",
        "World Internet Conference Awards for Pioneering Science and Technology",
        "APPLICATION DOSSIER",
        f"WIC{call.edition}-0001",
        "面向城域网的量子密钥分发",
        "Quantum key distribution for metropolitan networks",
        "Organization 示例大学量子网络实验室",
        "Quantum Networks Lab, Example University",
        "Achievement category 基础研究",
        "Basic Research",
        "Achievement area 量子信息",
        "Quantum information",
        "Country or region 中国",
        "China",
        "Submission no. 1 June 1, 2027, 16:30:05 Beijing time",
        "World Internet Conference",
        "",
    ]


def test_headings_are_in_the_language_of_the_reader(app, call, made):
    content = made(handed_in(app, call, files=[("论文_Paper.pdf", "papers", demo.sample_pdf("Paper"))]), "zh")
    assert [(title, [child for child, _page, _more in children]) for title, _page, children in bookmarks(content)] == [
        ("成果类别", []),
        ("基本信息", ["成果名称", "申报单位", "国家/地区", "成果领域", "是否联合申报？"]),
        ("主要贡献者", []),
        ("申报材料", ["成果简介", "理论创新", "科学验证与同行评价", "国际影响力", "数据与证据说明", "成果网址"]),
        ("证明材料", ["1 论文"]),
    ]


CONTACTS = ["王芳", "Wang Fang", "wang.fang@example.org", "138 0013 8000", "lin@example.org", "for the organizer only"]


def test_private_answers_are_for_the_organizer_alone(app, call, made):
    application_id = handed_in(app, call, contributors={"contributors-1-email": ["lin@example.org"]})
    said = squeezed("".join(pages(made(application_id))))
    assert [word for word in CONTACTS if squeezed(word) in said] == []
    said = squeezed("".join(pages(made(application_id, for_experts=False))))
    assert [word for word in CONTACTS if squeezed(word) in said] == CONTACTS


def test_contributors_stand_in_a_table(app, call, made):
    said = "".join(pages(made(handed_in(app, call))))
    assert "NameOrganizationRoleintheachievement" in said
    assert "1林晓雯示例大学量子网络实验室课题负责人" in said


def test_claims_stand_with_the_files_that_support_them(app, call, made):
    claim = {"influence-zh": ["达到国际领先水平。"], "influence-en": ["A world-leading result."], "evidence-zh": ["世界首创。"]}
    files = [("论文_Paper.pdf", "papers", demo.sample_pdf("Paper")), ("获奖证书_Award certificate.pdf", "awards", demo.sample_pdf("Award"))]
    application_id = handed_in(app, call, files=files, materials=claim, chosen={"materials": {"influence-evidence": "获奖证书"}})
    with app.app_context():
        standing = exporting.handed_in(application_id)
        assert dossiers.claims(standing, standing.call, True) == [
            {
                "label": {"zh": "国际影响力", "en": "International influence"},
                "phrases": ["国际领先", "world-leading"],
                "files": [{"order": 2, "zh": "获奖证书", "en": "Award certificate"}],
            },
            {"label": {"zh": "数据与证据说明", "en": "Data and evidence"}, "phrases": ["世界首创"], "files": []},
        ]
    said = "".join(pages(made(application_id)))
    assert "Claimsandtheirsupportingfiles" in said
    assert "2获奖证书" in said
    assert "DataandevidenceNosupportingfile" in said or "世界首创Nosupportingfile" in said


def picture(width, height, turned=1):
    exif = Image.Exif()
    exif[0x0112] = turned
    target = io.BytesIO()
    Image.new("RGB", (width, height), "gold").save(target, "JPEG", exif=exif)
    return target.getvalue()


FILES = [
    ("论文_Paper.pdf", "papers", corpus.pdf(pages=3)),
    ("所有者密码_Owner password.pdf", "papers", corpus.pdf(pages=2, owner="secret")),
    ("照片_Photograph.jpg", "application-proofs", picture(400, 300, turned=6)),
    ("截图_Screenshot.png", "application-proofs", corpus.picture("PNG", mode="RGBA", size=(900, 600))),
    ("数据_Figures.xlsx", "others", corpus.xlsx()),
    ("损坏_Damaged.pdf", "others", corpus.pdf(pages=4)),
    ("锁定_Locked.pdf", "others", corpus.pdf(pages=5)),
    ("丢失_Lost.pdf", "others", corpus.pdf(pages=6)),
    ("很长_Long.pdf", "others", corpus.pdf(pages=300)),
]


@pytest.fixture
def mixed(app, call):
    """An application with attachments of every sort, some of which have come to harm since."""
    application_id = handed_in(app, call, files=FILES, now=NOW)
    replace(app, "损坏_Damaged.pdf", b"%PDF-1.7\nnoise\n%%EOF\n")
    replace(app, "锁定_Locked.pdf", corpus.pdf(user="secret", owner="secret"))
    replace(app, "丢失_Lost.pdf", None)
    return application_id


def test_attachments_stand_behind_a_sheet_each_and_can_be_found(made, mixed):
    content = made(mixed)
    said, (files, first, sheets) = pages(content), bookmarks(content)[-1]
    begins = {title: page for title, page, _children in sheets}
    sheet, index = begins["1 Paper"], "".join(said[first - 1 : begins["1 Paper"] - 1])
    assert (files, len(said)) == ("Supporting files", begins["9 Long"] + 200)
    assert [(title, page - sheet) for title, page in begins.items()] == [
        ("1 Paper", 0), ("2 Owner password", 4), ("3 Photograph", 7), ("4 Screenshot", 9), ("6 Damaged", 11), ("7 Locked", 12),
        ("8 Lost", 13), ("9 Long", 14),
    ]  # fmt: skip
    assert [page for page, text in enumerate(said, 1) if "SHA-256" in text] == list(begins.values())
    assert said[sheet - 1].endswith(f"Page{sheet}of{len(said)}")
    for sentence in (
        "Figures", "Notboundin:seethefile",
        "Thisfilecouldnotbeboundin,foritseemstobedamaged:seethefile",
        "Thisfilecouldnotbeboundin,foritneedsapasswordtoopen",
        "Thisfilecouldnotbefoundontheserver.",
        "Thefirst200of300pages;fortheothersseethefile",
    ):  # fmt: skip
        assert sentence in index, sentence
    assert re.search(rf"1论文PDF·[\d.]+K?B{sheet}Paper", index)
    assert f"Pageinthisdossier{sheet + 1}–{sheet + 3}" in said[sheet - 1]


def test_pictures_are_fitted_to_a_page_that_stands_as_they_do(made, mixed):
    content = made(mixed)
    begins = {title: page for title, page, _children in bookmarks(content)[-1][2]}
    with opened(content) as document:
        photograph, screenshot = (document.pages[begins[title]] for title in ("3 Photograph", "4 Screenshot"))
        assert [round(float(side)) for side in photograph.mediabox] == [0, 0, 595, 842]
        assert [round(float(side)) for side in screenshot.mediabox] == [0, 0, 842, 595]
        # 300 by 400 pixels after turning, not blown up; 900 by 600 shrunk to the margins.
        placed = [[float(number) for number in page.Contents.read_bytes().split()[1:7]] for page in (photograph, screenshot)]
        assert placed[0] == pytest.approx([300, 0, 0, 400, 147.6, 220.9], abs=0.1)
        assert placed[1] == pytest.approx([773.9, 0, 0, 515.9, 34, 39.7], abs=0.1)


def test_the_same_snapshot_makes_the_same_bytes(made, mixed):
    assert made(mixed) == made(mixed)


def test_nothing_that_acts_is_bound_in(app, call, made):
    assert acting(hostile_pdf())[0] == NAMES
    application_id = handed_in(app, call, files=[("论文_Paper.pdf", "papers", hostile_pdf())])
    content = made(application_id)
    assert acting(content) == (set(), ["https://doi.org/10.1/x"])
    with opened(content) as document:
        streams = [thing for thing in document.objects if isinstance(thing, pikepdf.Stream) and thing.get("/Subtype") != "/Image"]
        assert [stream for stream in streams if b"MZ evil" in stream.read_bytes()] == []
    assert "Filledinbyhand" in pages(content)[-2]


def test_what_takes_too_long_has_a_sheet_and_the_others_are_bound_in(app, call, made, monkeypatch):
    monkeypatch.setattr(attachments, "PATIENCE", 1)
    files = [("照片_Photograph.jpg", "papers", picture(9, 9)), ("论文_Paper.pdf", "patents", corpus.pdf(pages=3))]
    application_id = handed_in(app, call, files=files)
    replace(app, "照片_Photograph.jpg", corpus.tiring_jpeg(400))
    said = pages(made(application_id))
    sheets = [text for text in said if "SHA-256" in text]
    assert ["itistoocomplex" in text for text in sheets] == [True, False]
    assert len(said) - said.index(sheets[0]) == 5


def test_time_for_all_attachments_is_bounded(app, call, made, monkeypatch):
    monkeypatch.setattr(attachments, "PATIENCE_IN_ALL", 0)
    said = pages(made(handed_in(app, call, files=FILES[:2])))
    assert "thedossierwouldbecometoolarge" in said[-1]
    assert [text for text in said if "SHA-256" in text] == []


@pytest.mark.parametrize(("what", "most"), [("pages", 2), ("objects", 10), ("bytes", 1000)])
def test_what_is_bound_in_is_bounded(app, call, made, monkeypatch, what, most):
    monkeypatch.setitem(attachments.MOST_IN_ALL, what, most)
    files = [("一_One.pdf", "papers", corpus.pdf(pages=2)), ("二_Two.pdf", "papers", corpus.typeset_pdf())]
    said = pages(made(handed_in(app, call, files=files)))
    assert [text[:1] for text in said if "SHA-256" in text] == ["W"]
    assert "".join(said).count("becausethedossierwouldbecometoolarge") == 1


def test_a_dossier_that_cannot_be_put_together_is_made_without_the_attachments(app, call, made, monkeypatch):
    monkeypatch.setattr(attachments, "PATIENCE_AT_END", 0)
    application_id = handed_in(app, call, files=FILES[:2])
    said = pages(made(application_id))
    assert ["itistoocomplex" in text for text in said if "SHA-256" in text] == [True, True]
    assert "SHA-256" in said[-1]


def test_a_pdf_of_too_many_objects_is_too_complex(app, tmp_path, monkeypatch):
    with pikepdf.new() as document:
        document.add_blank_page()
        things = Array([document.make_indirect(Dictionary(A=number)) for number in range(50)])
        document.pages[0].obj.Resources = Dictionary(Properties=Dictionary(X=things))
        document.save(tmp_path / "many.pdf")
    monkeypatch.setattr(merging, "MOST_OBJECTS", 40)
    assert merging.clean(tmp_path / "many.pdf", tmp_path / "clean.pdf", 9) == {"problem": "complex"}
    monkeypatch.setattr(merging, "MOST_OBJECTS", 60)
    assert merging.clean(tmp_path / "many.pdf", tmp_path / "clean.pdf", 9)["pages"] == 1


def test_the_program_opens_every_good_file_and_says_what_is_wrong_with_others(tmp_path):
    """Whatever was let in at upload is bound in; nothing ends the program."""
    source, target = tmp_path / "source", tmp_path / "target.pdf"
    answers = {}
    with attachments.Merger() as merger:
        for name, (ending, make) in {**corpus.GOOD, **corpus.BAD}.items():
            if ending in attachments.MERGED and name != "jpg of endless passes":
                source.write_bytes(make())
                answers[name] = merger.ask(attachments.MERGED[ending], 20, source=str(source), target=str(target), most=200)
    assert [name for name in corpus.GOOD if name in answers and "pages" not in answers[name]] == []
    assert answers["pdf locked"] == {"problem": "locked"}
    assert {said.get("problem") for said in answers.values()} == {None, "locked", "damaged", "complex"}
