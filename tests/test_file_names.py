import unicodedata

import pytest
import regex

from app.files.file_names import display_name, download_name, extension, titles, unique

TITLES = [
    ("专利证书_Patent certificate.pdf", "专利证书", "Patent certificate"),
    ("专利证书_Patent_certificate.PDF", "专利证书", "Patent certificate"),
    ("专利证书-Patent certificate.pdf", "专利证书", "Patent certificate"),
    ("专利证书 - Patent certificate.pdf", "专利证书", "Patent certificate"),
    ("专利证书—Patent certificate.pdf", "专利证书", "Patent certificate"),
    ("专利证书——Patent certificate.pdf", "专利证书", "Patent certificate"),
    ("专利证书–Patent certificate.pdf", "专利证书", "Patent certificate"),
    ("专利证书·Patent certificate.pdf", "专利证书", "Patent certificate"),
    ("专利证书 Patent certificate.pdf", "专利证书", "Patent certificate"),
    ("专利证书\u3000Patent certificate.pdf", "专利证书", "Patent certificate"),
    ("专利证书（Patent certificate）.pdf", "专利证书", "Patent certificate"),
    ("专利证书(Patent certificate).pdf", "专利证书", "Patent certificate"),
    ("专利证书【Patent certificate】.pdf", "专利证书", "Patent certificate"),
    ("专利证书&Patent certificate.pdf", "专利证书", "Patent certificate"),
    ("专利证书 & Patent certificate.pdf", "专利证书", "Patent certificate"),
    ("专利证书，Patent certificate.pdf", "专利证书", "Patent certificate"),
    ("专利证书：Patent certificate.pdf", "专利证书", "Patent certificate"),
    ("专利证书＿Patent certificate．pdf", "专利证书", "Patent certificate"),
    ("专利证书｜Patent certificate.pdf", "专利证书", "Patent certificate"),
    ("Patent certificate_专利证书.pdf", "专利证书", "Patent certificate"),
    ("Patent_certificate_专利证书.pdf", "专利证书", "Patent certificate"),
    ("Patent certificate-专利证书.pdf", "专利证书", "Patent certificate"),
    ("Patent certificate 专利证书.pdf", "专利证书", "Patent certificate"),
    ("Patent certificate（专利证书）.pdf", "专利证书", "Patent certificate"),
    ("(Patent certificate)专利证书.pdf", "专利证书", "Patent certificate"),
    ("专利证书_Patent certificate (1).pdf", "专利证书", "Patent certificate"),
    ("专利证书_Patent certificate - 副本.pdf", "专利证书", "Patent certificate"),
    ("PATENT CERTIFICATE_专利证书.pdf", "专利证书", "PATENT CERTIFICATE"),
    ("专利 Patent.pdf", "专利", "Patent"),
    ("附图_Figure.png", "附图", "Figure"),
    ("图1_Figure 1.png", "图1", "Figure 1"),
    ("Figures-附图.png", "附图", "Figures"),
    ("Patent 专利.pdf", "专利", "Patent"),
    ("ZL202010123456.7_专利证书_Patent.pdf", "专利证书", "Patent"),
    ("ZL202010123456.7-专利证书-Patent.pdf", "专利证书", "Patent"),
    ("01-论文1-Paper 1.pdf", "论文1", "Paper 1"),
    ("01_论文1_Paper 1.pdf", "论文1", "Paper 1"),
    ("1、论文1_Paper 1.pdf", "论文1", "Paper 1"),
    ("1. 论文_Paper.pdf", "论文", "Paper"),
    ("论文_1_Paper_1.pdf", "论文 1", "Paper 1"),
    ("Paper 1-论文1.pdf", "论文1", "Paper 1"),
    ("Paper_1_论文_1.pdf", "论文 1", "Paper 1"),
    ("IEEE 802.11be 标准_IEEE 802.11be standard.pdf", "IEEE 802.11be 标准", "IEEE 802.11be standard"),
    ("IEEE 802.11be standard_IEEE 802.11be 标准.pdf", "IEEE 802.11be 标准", "IEEE 802.11be standard"),
    ("IEEE 802.11be 标准 IEEE 802.11be standard.pdf", "IEEE 802.11be 标准", "IEEE 802.11be standard"),
    ("IEEE 802.11be standard IEEE 802.11be 标准.pdf", "IEEE 802.11be 标准", "IEEE 802.11be standard"),
    ("IEEE标准(2020)_IEEE standard (2020).pdf", "IEEE标准(2020)", "IEEE standard (2020)"),
    ("5G基站 5G base station.pdf", "5G基站", "5G base station"),
    ("5G base station 5G基站.pdf", "5G基站", "5G base station"),
    ("RISC-V_处理器论文_RISC-V processor paper.pdf", "RISC-V 处理器论文", "RISC-V processor paper"),
    ("RISC-V处理器论文_RISC-V processor paper.pdf", "RISC-V处理器论文", "RISC-V processor paper"),
    ("R&D report_R&D报告.pdf", "R&D报告", "R&D report"),
    ("R&D报告_R&D report.pdf", "R&D报告", "R&D report"),
    ("C++论文_C++ paper.pdf", "C++论文", "C++ paper"),
    ("C++ paper_C++论文.pdf", "C++论文", "C++ paper"),
    ("X-ray report_X-射线报告.pdf", "X-射线报告", "X-ray report"),
    ("2020–2023年报告_2020–2023 report.pdf", "2020–2023年报告", "2020–2023 report"),
    ("2020–2023 report_2020–2023年报告.pdf", "2020–2023年报告", "2020–2023 report"),
    ("论文(第一版)_Paper (v1).pdf", "论文(第一版)", "Paper (v1)"),
    ("Paper, version 2 论文.pdf", "论文", "Paper, version 2"),
    ("Windows操作系统论文_Windows OS paper.pdf", "Windows操作系统论文", "Windows OS paper"),
    ("Deep Learning平台论文_Deep Learning platform paper.pdf", "Deep Learning平台论文", "Deep Learning platform paper"),
    ("检测报告 V2.0_Test report V2.0.pdf", "检测报告 V2.0", "Test report V2.0"),
    ("标题——副标题_Title: the subtitle.pdf", "标题——副标题", "Title: the subtitle"),
    ("阿卜杜拉·买买提证书_Certificate of Abdulla Memet.pdf", "阿卜杜拉·买买提证书", "Certificate of Abdulla Memet"),
    ("专利证书 Patent_certificate.pdf", "专利证书", "Patent certificate"),
    ("Patent_certificate 专利证书.pdf", "专利证书", "Patent certificate"),
    ("應用證明_Application proof.pdf", "應用證明", "Application proof"),
    ("𠮷野家证书_Yoshinoya certificate.pdf", "𠮷野家证书", "Yoshinoya certificate"),
    ("𰻝𰻝面_Biangbiang noodles.pdf", "𰻝𰻝面", "Biangbiang noodles"),
    ("さくら互联网证书_Sakura Internet certificate.pdf", "さくら互联网证书", "Sakura Internet certificate"),
    ("さくら_Sakura certificate.pdf", "", "Sakura certificate"),
    ("论文-Wi-Fi 6 paper.pdf", "论文", "Wi-Fi 6 paper"),
    ("专利&软件_Patent & software.pdf", "专利&软件", "Patent & software"),
    ("β-淀粉酶论文_β-amylase paper.pdf", "β-淀粉酶论文", "β-amylase paper"),
    # One language only.
    ("专利证书.pdf", "专利证书", ""),
    ("RISC-V处理器论文.pdf", "RISC-V处理器论文", ""),
    ("RISC-V 处理器论文.pdf", "RISC-V 处理器论文", ""),
    ("RISC-V_处理器论文.pdf", "RISC-V 处理器论文", ""),
    ("X-射线检测报告.pdf", "X-射线检测报告", ""),
    ("AI 芯片测评报告.pdf", "AI 芯片测评报告", ""),
    ("Linux内核贡献证明.pdf", "Linux内核贡献证明", ""),
    ("Android 应用安全报告.pdf", "Android 应用安全报告", ""),
    ("基于Deep Learning的论文.pdf", "基于Deep Learning的论文", ""),
    ("Deep Learning平台测试报告.pdf", "Deep Learning平台测试报告", ""),
    ("芯片测评 RISC-V.pdf", "芯片测评 RISC-V", ""),
    ("软件著作权 V2.0.pdf", "软件著作权 V2.0", ""),
    ("2023年获奖证书.pdf", "2023年获奖证书", ""),
    ("2.5D封装论文.pdf", "2.5D封装论文", ""),
    ("3-D打印论文.pdf", "3-D打印论文", ""),
    ("100篇论文.pdf", "100篇论文", ""),
    ("ZL202010123456.7_专利证书.pdf", "专利证书", ""),
    ("Patent certificate.pdf", "", "Patent certificate"),
    ("Patent_certificate_2020.pdf", "", "Patent certificate 2020"),
    ("Certificat d’invention.pdf", "", "Certificat d’invention"),
    ("PATENT.pdf", "", "PATENT"),
    # Unsure, or neither.
    ("专利证书Patent certificate.pdf", "", ""),
    ("Patent_专利证书_certificate.pdf", "", ""),
    ("专利_Patent_证书_Certificate.pdf", "", ""),
    ("Deep learning 平台测试报告.pdf", "", ""),
    ("检测报告_Huawei.pdf", "", ""),
    ("检测报告 Huawei.pdf", "", ""),
    ("论文 Nature Communications.pdf", "", ""),
    ("Sakura_樱花.pdf", "", ""),
    ("IEEE 802.11be.pdf", "", ""),
    ("شهادة.pdf", "", ""),
    ("شهادة_Certificate.pdf", "", ""),
    ("Сертификат_Certificate.pdf", "", ""),
    ("인증서.pdf", "", ""),
    ("\u202e\u05ea\u05e2\u05d5\u05d3\u05d4.pdf", "", ""),
    (".pdf", "", ""),
    ("", "", ""),
    ("...", "", ""),
    ("01.pdf", "", ""),
    ("2023-11-20.pdf", "", ""),
    ("IMG_20230101.jpg", "", ""),
    ("微信图片_20230101120000.jpg", "", ""),
    ("Screenshot 2024-01-02 at 10.11.12.png", "", ""),
    ("新建 文档.docx", "", ""),
    ("document (3).pdf", "", ""),
    ("con.pdf", "", "con"),
    ("\0专利\n证书_Patent\tcertificate\x7f.pdf", "专利 证书", "Patent certificate"),
    ("C:\\fakepath\\专利证书_Patent certificate.pdf", "专利证书", "Patent certificate"),
    ("../../专利证书_Patent certificate.pdf", "专利证书", "Patent certificate"),
    ("专利\u202e证书_Patent\u2066 certificate.pdf", "专利证书", "Patent certificate"),
    ("Café re\u0301sume\u0301_简历证书.pdf", "简历证书", "Café re\u0301sume\u0301"),
    ("👩‍🔬证书_Scientist certificate👩‍🔬.pdf", "👩‍🔬证书", "Scientist certificate👩‍🔬"),
    ("a.pdf.exe", "", "a.pdf"),
]

NASTY = [
    "شهادة.pdf", "\u202eתעודה fdp.exe", "👩‍🔬证书.pdf", "e\u0301.pdf", "证" * 300 + ".pdf", "a\0b.pdf", "a\r\nb.pdf", ".pdf", "a.pdf.exe",
    "con.pdf", "证书．pdf", "證書.pdf", "𠮷.pdf", "C:\\fakepath\\x.PDF", "../../x.pdf", "", "/", "a.pdf. ", "\ud800.pdf", "\ufffe",
    "e" + "\u0301" * 500, "..", "_", "（）", ")(", "证书（_Patent", "(" * 50 + "证", "\u3000", "{}%s%(x)s", "0" * 3000,
]  # fmt: skip


@pytest.mark.parametrize(("name", "zh", "en"), TITLES)
def test_titles(name, zh, en):
    assert titles(name) == (zh, en)


@pytest.mark.parametrize(("name", "zh", "en"), TITLES)
def test_titles_of_the_shown_name_are_the_same(name, zh, en):
    assert titles(display_name(name)) == (zh, en)


@pytest.mark.parametrize(("name", "zh", "en"), [case for case in TITLES if case[1] and case[2] and ":" not in case[2]])
def test_titles_of_the_name_made_of_them_are_the_same(name, zh, en):
    assert titles(download_name(7, zh, en, "pdf")) == (zh, en)


def test_titles_of_a_long_name():
    assert titles("专利证书" * 50 + "_" + "Patent certificate " * 20 + ".pdf") == ("专利证书" * 50, ("Patent certificate " * 20).strip())


def test_titles_keep_the_composition_typed():
    assert titles("简历证书_Re\u0301sume\u0301 certificate.pdf")[1] == "Re\u0301sume\u0301 certificate"
    assert titles("简历证书_R\u00e9sum\u00e9 certificate.pdf")[1] == "R\u00e9sum\u00e9 certificate"


@pytest.mark.parametrize(
    ("name", "shown", "ending"),
    [
        ("专利证书_Patent.pdf", "专利证书_Patent.pdf", "pdf"),
        ("شهادة.pdf", "شهادة.pdf", "pdf"),
        ("\u202eתעודה\u202c fdp.exe", "תעודה fdp.exe", "exe"),
        ("👩‍🔬证书.PNG", "👩‍🔬证书.PNG", "png"),
        ("e\u0301.pdf", "e\u0301.pdf", "pdf"),
        ("證書.pdf", "證書.pdf", "pdf"),
        ("𠮷.pdf", "𠮷.pdf", "pdf"),
        ("a\0b.pdf", "ab.pdf", "pdf"),
        ("a\r\nb.pdf", "a b.pdf", "pdf"),
        (".pdf", ".pdf", "pdf"),
        ("a.pdf.exe", "a.pdf.exe", "exe"),
        ("con.pdf", "con.pdf", "pdf"),
        ("证书．pdf", "证书．pdf", "pdf"),
        ("证书。pdf", "证书。pdf", "pdf"),
        ("a.pdf. ", "a.pdf.", "pdf"),
        ("C:\\fakepath\\x.PDF", "x.PDF", "pdf"),
        ("../../x.pdf", "x.pdf", "pdf"),
        ("\ud800\ufeffx.pdf", "x.pdf", "pdf"),
        ("第1.2版", "第1.2版", ""),
        ("证书 v1.2", "证书 v1.2", ""),
        ("证书", "证书", ""),
        ("", "file", ""),
        ("/", "file", ""),
        ("..", "..", ""),
        ("e" + "\u0301" * 500, "file", ""),
        ("证" * 300 + ".pdf", "证" * 251 + ".pdf", "pdf"),
        ("👩‍🔬" * 100 + ".jpeg", "👩‍🔬" * 83 + ".jpeg", "jpeg"),
    ],
)
def test_display_name_and_extension(name, shown, ending):
    assert (display_name(name), extension(name)) == (shown, ending)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ((1, "专利证书", "Patent certificate", "pdf"), "01_专利证书_Patent certificate.pdf"),
        ((120, "专利证书", "", "pdf"), "120_专利证书.pdf"),
        ((None, "", "Patent certificate", "pdf"), "Patent certificate.pdf"),
        ((None, "", "", "pdf"), "file.pdf"),
        ((None, "", "", ""), "file"),
        ((3, "", "", "pdf"), "03.pdf"),
        ((1, "TCP/IP 论文", "TCP/IP: a paper?", "pdf"), "01_TCP-IP 论文_TCP-IP- a paper-.pdf"),
        ((1, "a\\b|c", '<"x">*', "pdf"), "01_a-b-c_-x-.pdf"),
        ((None, "", "con", "pdf"), "_con.pdf"),
        ((None, "", "Com1.tar", "pdf"), "_Com1.tar.pdf"),
        ((None, "NUL ", "", "pdf"), "_NUL.pdf"),
        ((1, "", "con", "pdf"), "01_con.pdf"),
        ((None, "", "console", "pdf"), "console.pdf"),
        ((1, " ..证书.. ", "..", "pdf"), "01_证书.pdf"),
        ((None, "", ".hidden", "pdf"), "hidden.pdf"),
        ((1, "证\0书\n", "\u202eSecret\u2066", "pdf"), "01_证书_Secret.pdf"),
        ((1, "\ud800", "", "pdf"), "01.pdf"),
        ((1, "e\u0301", "", "pdf"), "01_e\u0301.pdf"),
        ((1, "证" * 100, "", "pdf"), "01_" + "证" * 63 + ".pdf"),
        ((1, "证" * 100, "x" * 300, "pdf"), "01_" + "证" * 31 + "_" + "x" * 98 + ".pdf"),
        ((1, "证" * 100, "Patent", "pdf"), "01_" + "证" * 61 + "_Patent.pdf"),
        ((1, "证书", "x" * 300, "pdf"), "01_证书_" + "x" * 185 + ".pdf"),
        ((1, "👩‍🔬" * 30, "", "pdf"), "01_" + "👩‍🔬" * 17 + ".pdf"),
    ],
)
def test_download_name(given, expected):
    assert download_name(*given) == expected


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        ([], []),
        (["a.pdf", "b.pdf"], ["a.pdf", "b.pdf"]),
        (["a.pdf", "A.PDF", "a.pdf"], ["a.pdf", "A (2).PDF", "a (3).pdf"]),
        (["a.pdf", "a.png"], ["a.pdf", "a.png"]),
        (["a (2).pdf", "a.pdf", "a.pdf"], ["a (2).pdf", "a.pdf", "a (3).pdf"]),
        (["a.pdf", "a.pdf", "a (2).pdf"], ["a.pdf", "a (2).pdf", "a (2) (2).pdf"]),
        (["\u00e9.pdf", "e\u0301.pdf"], ["\u00e9.pdf", "e\u0301 (2).pdf"]),
        (["证书", "证书"], ["证书", "证书 (2)"]),
        (["证" * 65 + ".pdf"] * 2, ["证" * 65 + ".pdf", "证" * 64 + " (2).pdf"]),
    ],
)
def test_unique(names, expected):
    assert unique(names) == expected


@pytest.mark.parametrize("name", NASTY)
def test_promise_09_name_of_any_kind_is_shown_and_handed_out_harmless(name):
    is_harmless(name)


def is_harmless(name):
    zh, en = titles(name)
    shown = display_name(name)
    handed_out = download_name(None, name, name, "pdf")
    assert (zh, en) == (zh.strip(), en.strip())
    assert not regex.search(r"[\p{Han}\p{Hiragana}\p{Katakana}]", en)
    for text in (zh, en, shown, handed_out):
        assert not regex.search(r"[\p{Cc}\p{Cs}\p{Bidi_Control}]", text)
    assert 1 <= len(shown) <= 255
    assert display_name(shown) == shown
    assert len(handed_out.encode()) <= 200
    assert handed_out.endswith(".pdf")
    assert not regex.search(r'^[. ]|[<>:"/\\|?*]|[. ]\.pdf$', handed_out)


def names_of_chance():
    """A strategy: names of any characters at all, and names of the pieces that the rules look at."""
    strategies = pytest.importorskip("hypothesis.strategies")
    marks = '专利证书_-—–·&()（）【】.．/\\:?*<>|"\0\n\t 0129abAB𠮷さーع\u202e\ud800'
    pieces = strategies.sampled_from([*marks, "Patent", "paper", "e\u0301", "👩‍🔬", ".pdf", "CON", "certificate", "证" * 90, "x" * 300])
    anything = strategies.text(strategies.characters(codec=None))
    return strategies.lists(pieces | anything, max_size=30).map("".join)


def test_promise_09_names_of_chance_are_harmless():
    hypothesis = pytest.importorskip("hypothesis")

    @hypothesis.given(names_of_chance())
    def check(name):
        is_harmless(name)

    check()


def test_promise_09_names_of_many_files_never_collide():
    hypothesis = pytest.importorskip("hypothesis")

    @hypothesis.given(hypothesis.strategies.lists(names_of_chance(), max_size=8))
    def check(titles):
        names = [download_name(None, title, "", "pdf") for title in titles] * 3
        made = unique(names)
        assert len({unicodedata.normalize("NFC", name).casefold() for name in made}) == len(names)
        assert max(map(len, map(str.encode, made)), default=0) <= 200

    check()
