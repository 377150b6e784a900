"""The certificate as it is printed: every name with its own glyphs, what was asked and nothing else, one page, the same every time."""

import io
import subprocess
from datetime import UTC, datetime

import pikepdf
import pytest
from PIL import Image

from app import printing
from app.models import Certificate

LONG = {
    "zh": "面向超大规模异构智能计算集群的高可靠低时延无损网络互联协议与自适应拥塞控制关键技术及其全球规模化应用"[:50],
    "en": "Highly reliable low latency lossless interconnection protocols and adaptive congestion control for very large heterogeneous "
    "intelligent computing clusters and their application at a global scale in more than forty countries",
}
SHORT = {"zh": "量子密钥分发", "en": "Quantum key distribution"}
NAMES = [
    ("𠮷田㛃", "Yoshida Kiyoshi", "JP"),
    ("𨭎", "Xi", "SC"),
    ("㛃𨭎", "Jie Xi", "TC"),
    ("阿卜杜拉·买买提", "Abdulla Memet", "SC"),
    ("买买提•吐尔逊", "Memet Tursun", "SC"),
    ("マリア・サントス", "María Santos", "JP"),
    ("安娜‧穆勒", "Anna Müller", "HK"),
    ("김철수", "Kim Cheolsu", "KR"),
    ("骨直角", "Gu Zhijiao", "KR"),
    ("骨直角", "Gu Zhijiao", "HK"),
    ("苏加诺", "Sukarno", "SC"),
    ("Jean-Baptiste de La Rochefoucauld", "Jean-Baptiste de La Rochefoucauld", "SC"),
    ("Nguyễn Thị Ánh Tuyết", "Nguyễn Thị Ánh Tuyết", "TC"),
    ("阿卜杜拉·买买提·吾买尔江·艾克拜尔·托合提·依明江·阿不", "Abdullah Mamat Omarjan Ekber Tohti Iminjan Abdurahman of the Far West", "SC"),
    ("A" * 30, "Wolfeschlegelsteinhausenbergerdorff " * 4 + "Senior", "SC"),
]


@pytest.fixture
def printed(call):
    """Prints a certificate: answers its bytes."""

    def make(zh, en, form="SC", title=SHORT, images=None, signatory=("", "")):
        wording = call.certificate
        values = {"achievement": title, "category": call.categories[0].name, "decision": call.decisions[0].name, "award": call.name}
        text = {}
        for side in ("zh", "en"):
            text[side] = wording.text[side].replace("{edition}", str(call.edition))
            for name, value in values.items():
                text[side] = text[side].replace(f"{{{name}}}", value[side])
        details = {
            "title": wording.title.model_dump(), "award": call.name.model_dump(), "organizer": call.organizer.model_dump(), "text": text,
            "date": {"zh": "2027年11月10日", "en": "November 10, 2027"}, "signatory": {"zh": signatory[0], "en": signatory[1]},
            "address": "https://awards.example.org/certificates/7Q2M-K4TX-9BDF-A1C3",
        }  # fmt: skip
        certificate = Certificate(number="WIC2027-C-0042-03", zh=zh, en=en, form=form, details=details, issued_at=NOW)
        return printing.certificate(certificate, images or {"seal": None, "signature": None}), details

    return make


NOW = datetime(2027, 11, 10, tzinfo=UTC)


def tool(name, content, *arguments):
    return subprocess.run([name, *arguments], input=content, capture_output=True, check=True).stdout.decode()


def folded(text):
    return "".join(text.split())


@pytest.mark.parametrize(("zh", "en", "form"), NAMES)
@pytest.mark.parametrize("title", [SHORT, LONG], ids=["short", "long"])
def test_certificate_says_what_was_asked_on_one_page(printed, zh, en, form, title):
    content, details = printed(zh, en, form, title, signatory=("张建国", "Zhang Jianguo"))
    said = folded(tool("pdftotext", content, "-raw", "-", "-"))
    asked = [zh, en, details["text"]["zh"], details["text"]["en"], details["date"]["zh"], details["organizer"]["en"], "WIC2027-C-0042-03"]
    assert [text for text in (*asked, "张建国", "7Q2M-K4TX-9BDF-A1C3") if folded(text) not in said] == []
    assert "Pages:           1\n" in tool("pdfinfo", content, "-")


@pytest.mark.parametrize("form", ["SC", "TC", "HK", "JP", "KR"])
def test_name_is_set_in_the_regional_form_and_every_font_is_embedded(printed, form):
    content, _details = printed("骨直角", "Gu Zhijiao", form)
    fonts = [line.split() for line in tool("pdffonts", content, "-").splitlines()[2:]]
    bold = {font[0].partition("+")[2].partition("-Bold")[0] for font in fonts if "-Bold" in font[0]}
    # The title stays in simplified characters.
    assert bold == {"NotoSerifCJKsc", f"NotoSerifCJK{form.lower()}"}
    assert {font[-5] for font in fonts} == {"yes"}


def test_certificate_is_the_same_every_time_tagged_and_titled(printed):
    content, _details = printed("𠮷田㛃", "Yoshida Kiyoshi", "JP")
    assert content == printed("𠮷田㛃", "Yoshida Kiyoshi", "JP")[0]
    with pikepdf.open(io.BytesIO(content)) as document:
        assert str(document.docinfo["/Title"]) == "荣誉证书 Certificate of Honor WIC2027-C-0042-03"
        assert bool(document.Root.MarkInfo.Marked)
        assert str(document.Root.Lang).startswith("zh")
        box = [float(side) for side in document.pages[0].MediaBox]
    assert [round(side / 72 * 25.4) for side in box] == [0, 0, 297, 210]


def test_white_paper_around_a_seal_does_not_hide_what_is_behind_it(printed, tmp_path):
    seal = Image.new("RGB", (1200, 1200), "white")
    seal.paste((200, 16, 46), (500, 500, 700, 700))
    drawn = io.BytesIO()
    seal.save(drawn, "JPEG")
    bare, sealed = (printed("王", "Wang", images={"seal": seal, "signature": None})[0] for seal in (None, drawn.getvalue()))
    pictures = []
    for name, content in (("bare", bare), ("sealed", sealed)):
        tool("pdftoppm", content, "-r", "40", "-png", "-singlefile", "-", str(tmp_path / name))
        pictures.append(Image.open(tmp_path / f"{name}.png").convert("RGB"))
    points = [(x, y) for x in range(pictures[0].width) for y in range(pictures[0].height)]
    changed = [point[0] for point in points if far(*(one.getpixel(point) for one in pictures))]
    across = max(changed) - min(changed)
    # Of the 36 mm, only the red square in the middle, a sixth.
    assert across / 40 * 25.4 == pytest.approx(6, abs=1.5)
    assert len(sealed) < 200_000


def far(one, other):
    return max(abs(a - b) for a, b in zip(one, other, strict=True)) > 24
