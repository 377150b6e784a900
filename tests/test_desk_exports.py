"""Exports of the desk, opened and checked cell by cell."""

import csv
import hashlib
import io
import json
import re
import zipfile
from datetime import UTC, datetime, timedelta

import pytest

from app import demo, exporting, rules
from app.call import loading
from app.exporting import archives
from app.extensions import db, writing
from app.files import uploads
from app.models import Application, Event, FormalCheck, Reason, StoredFile
from app.pages import answering
from app.people import accounts
from app.printing import press
from tests.handing_in import draft, handed_in, submit
from tests.site import Site

openpyxl = pytest.importorskip("openpyxl", reason="openpyxl is missing: pip install -r tests/requirements.txt")
unescape = pytest.importorskip("openpyxl.utils.escape").unescape
NOW = datetime(2027, 6, 1, 8, 30, 5, 250_000, tzinfo=UTC)
PAPER = demo.sample_pdf("Paper")
WINDOWS_FORBIDS = re.compile(r'[\\:*?"<>|\x00-\x1f]|[ .](/|$)|(^|/)(CON|PRN|AUX|NUL|COM\d|LPT\d)(\.|/|$)', re.I)
needs_press = pytest.mark.skipif(press.missing() is not None, reason="Typst or a Chinese font is missing: apt install fonts-noto-cjk")


@pytest.fixture
def organizer(app):
    site = Site(app).register("organizer@example.org", name="Olga Organizer")
    with app.app_context(), writing():
        accounts.find("organizer@example.org").role = "organizer"
    return site


def got(site, address, status=200):
    """The bytes of a download."""
    response = site.client.get(address, buffered=True)
    assert response.status_code == status
    assert response.headers.get("Content-Length") in (None, str(len(response.data)))
    return response.data


def change(app, application_id, do):
    with app.app_context(), writing() as session:
        do(session, session.get(Application, application_id))


def books(content):
    """The rows of both sheets, and the sheets."""
    book = openpyxl.load_workbook(io.BytesIO(content))
    return [[list(row) for row in sheet.iter_rows(values_only=True)] for sheet in book.worksheets], book.worksheets


def records(content):
    """[{heading: value}] of the first sheet, empty cells left out."""
    (heading, *rows), _about = books(content)[0]
    return [{name: value for name, value in zip(heading, row, strict=True) if value is not None} for row in rows]


def csv_rows(content):
    assert content[:3] == b"\xef\xbb\xbf"
    return list(csv.reader(io.StringIO(content[3:].decode(), newline="")))


TEXT_ZH = "本成果围绕“面向城域网的量子密钥分发”展开研究，提出了新的方法，并在三个场景中得到验证，相关数据见所附证明材料。"
TEXT_EN = (
    "This work on “Quantum key distribution for metropolitan networks” proposes a new method that was verified in three settings; "
    "the data stand in the attached files."
)
RECORD = {
    "Number": "WIC{year}-0001",
    "Status": "Returned for improvement",
    "Achievement category": "Basic Research",
    "Achievement area": "Quantum information",
    "Country or region": "China",
    "Is this a joint application?": "Yes",
    "Achievement name (Chinese)": "面向城域网的量子密钥分发",
    "Achievement name (English)": "Quantum key distribution for metropolitan networks",
    "Organization (Chinese)": "示例大学量子网络实验室",
    "Organization (English)": "Quantum Networks Lab, Example University",
    "Contributors": "林晓雯 / Lin Xiaowen\n陈志远 / Chen Zhiyuan\nAnna Müller",
    "Contact person (Chinese)": "王芳",
    "Contact person (English)": "Wang Fang",
    "Contact e-mail": "wang.fang@example.org",
    "Contact phone": "+86 138 0013 8000",
    "Submission no.": 2,
    "Submitted at": "2027-06-01 16:30:05",
    "Changed at": "2027-06-01 16:30:05",
    "Checked by": "Olga Organizer",
    "Outcome of the formal check": "Returned for improvement",
    "Open reasons": "Achievement name: Please use the full name.\nSupporting files: 请补充论文。",
    "Contributors (Chinese): Name | Organization | Role in the achievement | E-mail": (
        "林晓雯 | 示例大学量子网络实验室 | 课题负责人 | lin@example.org\n陈志远 | 示例大学量子网络实验室 | 课题负责人\n"
        "Anna Müller | 示例大学量子网络实验室 | 课题负责人"
    ),
    "Contributors (English): Name | Organization | Role in the achievement | E-mail": (
        "Lin Xiaowen | Quantum Networks Lab, Example University | Lead researcher | lin@example.org\n"
        "Chen Zhiyuan | Quantum Networks Lab, Example University | Lead researcher\n"
        "Anna Müller | Quantum Networks Lab, Example University | Lead researcher"
    ),
    "Joint applicants (Chinese): Organization | Country or region | Contribution": "示例单位 | 德国 | 协议",
    "Joint applicants (English): Organization | Country or region | Contribution": "Example | Germany | Protocol",
    "Importance of the Partnership (Chinese)": "相互补充。",
    "Importance of the Partnership (English)": "Each adds to the other.",
    "Summary of the achievement (Chinese)": TEXT_ZH,
    "Summary of the achievement (English)": TEXT_EN,
    "Theoretical innovation (Chinese)": TEXT_ZH,
    "Theoretical innovation (English)": TEXT_EN,
    "Verification and peer recognition (Chinese)": TEXT_ZH,
    "Verification and peer recognition (English)": TEXT_EN,
    "International influence (Chinese)": TEXT_ZH,
    "International influence (English)": TEXT_EN,
    "Data and evidence (Chinese)": TEXT_ZH,
    "Data and evidence (English)": TEXT_EN,
    "Web address of the achievement": "https://example.org/",
}
PARTNER = {"organization-zh": "示例单位", "organization-en": "Example", "country": "DE"}
PARTNER |= {"contribution-zh": "协议", "contribution-en": "Protocol"}
IMPORTANCE = {"partnership_importance-zh": ["相互补充。"], "partnership_importance-en": ["Each adds to the other."]}
ANSWERS = {
    "basics": {"joint": ["yes"]},
    "contributors": {
        "contributors-1-email": ["lin@example.org"], "contributors-3-name-zh": [""], "contributors-3-name-latin": ["y"],
    },
    "partnership": {"partners-row": ["a"]} | {f"partners-a-{name}": [value] for name, value in PARTNER.items()} | IMPORTANCE,
    "materials": {"website": ["https://example.org/"]},
}  # fmt: skip


@pytest.fixture
def returned(app, call, organizer):
    """An application with every answer, handed in twice, then returned with two reasons that are open and one that is closed."""
    before = NOW - timedelta(days=1)
    application_id = handed_in(app, call, now=before, **ANSWERS)
    change(app, application_id, lambda session, application: setattr(application, "reopened_at", before))
    submit(app, call, application_id, NOW)

    def check(session, application):
        user = accounts.find("organizer@example.org")
        snapshot = application.snapshot
        made = FormalCheck(application_id=application.id, snapshot_id=snapshot.id, outcome="returned", checked_at=NOW, checked_by=user.id)
        session.add(made)
        session.flush()
        reasons = [
            {"step": "basics", "field": "title", "zh": "请用全称。", "en": "Please use the full name."},
            {"step": "files", "zh": "请补充论文。", "en": ""},
            {"step": "basics", "field": "country", "zh": "不符", "en": "Wrong", "closed_at": NOW},
        ]
        session.add_all([Reason(application_id=application.id, check_id=made.id, **reason) for reason in reasons])

    change(app, application_id, check)
    return application_id


def expected(call, **changed):
    return {name: value.format(year=call.edition) if name == "Number" else value for name, value in (RECORD | changed).items()}


def test_every_cell_of_an_application_in_xlsx(call, organizer, returned):
    (record,) = records(got(organizer, "/en/desk/export.xlsx"))
    times = {name: record[name].isoformat(" ") for name in ("Submitted at", "Changed at")}
    assert list((record | times).items()) == list(expected(call).items())


def test_every_cell_of_an_application_in_csv(call, organizer, returned):
    heading, row = csv_rows(got(organizer, "/en/desk/export.csv"))
    there = {"Submitted at": "2027-06-01T16:30:05+08:00", "Changed at": "2027-06-01T16:30:05+08:00"}
    cells = expected(call, **there) | {"Submission no.": "2", "Contact phone": "\u00a0+86 138 0013 8000"}
    assert [(name, value) for name, value in zip(heading, row, strict=True) if value] == list(cells.items())


def test_what_is_said_is_said_in_the_language_of_the_reader(organizer, returned):
    (record,) = records(got(organizer, "/zh/desk/export.xlsx"))
    names = ("状态", "成果类别", "成果领域", "国家/地区", "成果名称（英文）", "形审结果", "尚未关闭的问题")
    assert [record[name] for name in names] == [
        "退回修改", "基础研究", "量子信息", "中国", "Quantum key distribution for metropolitan networks", "退回修改",
        "成果名称：请用全称。\n证明材料：请补充论文。",
    ]  # fmt: skip


def test_a_draft_shows_title_and_progress_alone(app, call, organizer):
    draft(app, call, now=NOW)
    (record,) = records(got(organizer, "/en/desk/export.xlsx"))
    assert record.pop("Changed at") == datetime(2027, 6, 1, 16, 30, 5)
    assert record == {
        "Status": "Draft",
        "Progress": "4 of 5 steps begun",
        "Achievement name (Chinese)": "面向城域网的量子密钥分发",
        "Achievement name (English)": "Quantum key distribution for metropolitan networks",
    }


def test_changes_that_are_not_handed_in_are_not_exported(app, call, organizer):
    application_id = handed_in(app, call)

    def reopen(session, application):
        application.reopened_at = rules.now()
        next(answers for answers in application.answers if answers.step == "basics").raw |= {"title-en": ["Changed since"]}

    change(app, application_id, reopen)
    with zipfile.ZipFile(io.BytesIO(got(organizer, "/en/desk/export.zip"))) as archive:
        everything = b"".join(archive.read(name) for name in archive.namelist())
    assert "Changed since" not in str(records(got(organizer, "/en/desk/export.xlsx")))
    assert b"Changed since" not in everything


HOSTILE = ["=cmd|' /C calc'!A0", "+1+1", "-2+3", "@SUM(A1:A9)", "{=A1}", "007", "_x0041_", "'quoted", '"=1"', "1e5", "TRUE", "#REF!"]


def test_no_answer_becomes_a_formula(app, call, organizer):
    application_id, spoiled = handed_in(app, call), []

    def spoil(session, application):
        receipt = json.loads(application.snapshot.receipt)
        questions = [answer for step in receipt["answers"] for answer in step["answers"] if answer.get("both")]
        for answer, text in zip(questions, HOSTILE, strict=False):
            answer["zh"] = answer["en"] = text
            spoiled.append(text)
        application.snapshot.receipt = json.dumps(receipt)

    change(app, application_id, spoil)
    _rows, (sheet, about) = books(got(organizer, "/en/desk/export.xlsx"))
    cells = [cell for each in (sheet, about) for row in each.iter_rows() for cell in row if cell.value is not None]
    assert {cell.data_type for cell in cells} == {"s", "n", "d"}
    assert [cell.hyperlink for cell in cells if cell.hyperlink] == []
    # openpyxl leaves escapes as they are in texts that stand in their cells.
    values = [unescape(str(cell.value)) for cell in cells]
    assert [value for value in values if value in HOSTILE] == [text for text in spoiled for _side in ("zh", "en")]
    _heading, row = csv_rows(got(organizer, "/en/desk/export.csv"))
    assert [value for value in row if re.match(r"\s*[=+@-]", value) and not value.startswith("\u00a0")] == []
    assert {value.removeprefix("\u00a0") for value in row} >= set(spoiled)


def test_a_table_holds_what_the_filter_leaves_and_says_so(app, call, organizer):
    handed_in(app, call)
    handed_in(app, call, email="b@example.org", achievement=demo.ACHIEVEMENTS[1])
    draft(app, call, email="c@example.org")
    content = got(organizer, f"/en/desk/export.xlsx?call={call.id}&status=submitted&category=basic-research&country=CN&joint=no&q=量子")
    assert [record["Number"] for record in records(content)] == [f"WIC{call.edition}-0001"]
    ((title, _), _, (made, at), *rows) = books(content)[0][1]
    assert (title, made, abs(at - datetime.now() - timedelta(hours=8)) < timedelta(hours=16)) == ("Applications", "Made at", True)
    assert rows == [
        ["Time zone", "Beijing time"],
        ["Made by", "Olga Organizer <organizer@example.org>"],
        ["Award", f"WIC Awards {call.edition}"],
        ["Status", "Submitted"],
        ["Category", "Basic Research"],
        ["Country or region", "China"],
        ["Joint application", "No"],
        ["Search", "量子"],
        ["Applications", 1],
        ["– Submitted", 1],
    ]


def test_an_empty_table_has_its_headings(organizer):
    content = got(organizer, "/en/desk/export.xlsx?q=nothing")
    assert records(content) == []
    assert books(content)[0][0][0][:2] == ["Number", "Status"]
    assert books(content)[0][1][-1] == ["Applications", 0]
    assert len(csv_rows(got(organizer, "/en/desk/export.csv?q=nothing"))) == 1


def test_several_calls_share_the_columns_they_have_in_common(app, call, organizer):
    """Last year's form did not ask for the contact and asked something else."""
    year = call.edition - 1
    source = loading.source_for_edition(call.source, call.edition, year).replace('id = "website"', 'id = "homepage"')
    path = app.calls._folder / f"{call.id.replace(str(call.edition), str(year))}.toml"
    path.write_text(source, "utf-8")
    last, _problems = loading.read(path)
    app.calls._due = 0
    then = last.closes_at - timedelta(days=1)
    page = {"materials": {"website": ["https://example.org/new"]}}
    handed_in(app, call, **page)
    handed_in(app, last, email="b@example.org", now=then, materials={"homepage": ["https://example.org/old"]})
    heading, *rows = csv_rows(got(organizer, "/en/desk/export.csv?sort=number"))
    assert [name for name in heading if name == "Web address of the achievement"] == ["Web address of the achievement"] * 2
    assert len(set(heading)) == len(heading) - 1
    assert [row[1] for row in rows] == [f"WIC Awards {year}", f"WIC Awards {call.edition}"]
    assert [[value for value in row if value.startswith("https")] for row in rows] == [["https://example.org/old"], ["https://example.org/new"]]


@needs_press
def test_zip_has_a_folder_for_each_application(app, call, organizer):
    files = [("论文_Paper.pdf", "papers", PAPER), ("专利证书_Patent certificate.pdf", "patents", PAPER + b"\n")]
    handed_in(app, call, files=files)
    handed_in(app, call, email="b@example.org", achievement=demo.ACHIEVEMENTS[1])
    draft(app, call, email="c@example.org")
    response = organizer.client.get("/zh/desk/export.zip?sort=number", buffered=True)
    assert response.content_length == len(response.data)
    first = f"WIC{call.edition}-0001 面向城域网的量子密钥分发_Quantum key distribution for metropolitan networks"
    second = f"WIC{call.edition}-0002 开放的高能效处理器指_Open instruction extensions for energy-efficient"
    with zipfile.ZipFile(io.BytesIO(response.data)) as archive:
        assert archive.testzip() is None
        names = archive.namelist()
        assert [name.rpartition("/")[0] for name in names[:5]] == [first] * 5
        assert [name.rpartition("/")[2] for name in names] == [
            "receipt.pdf", "receipt.json", "index.xlsx", "01_论文_Paper.pdf", "02_专利证书_Patent certificate.pdf",
            "receipt.pdf", "receipt.json",
        ]  # fmt: skip
        assert names[5].startswith(second.split("_")[0][:14])
        receipt = json.loads(archive.read(f"{first}/receipt.json"))
        found = [hashlib.sha256(archive.read(f"{first}/{file['name']}")).hexdigest() for file in receipt["files"]]
        assert found == [file["sha256"] for file in receipt["files"]]
        index = openpyxl.load_workbook(io.BytesIO(archive.read(f"{first}/index.xlsx"))).active
        assert [index.cell(row, 6).value for row in (6, 7)] == [file["name"] for file in receipt["files"]]
        assert archive.read(f"{first}/receipt.pdf")[:5] == b"%PDF-"


@needs_press
def test_zip_names_a_lost_file_and_goes_on(app, call, organizer):
    files = [("论文_Paper.pdf", "papers", PAPER), ("专利证书_Patent certificate.pdf", "patents", PAPER + b"\n")]
    application_id = handed_in(app, call, files=files)
    with app.app_context():
        stored = db.session.scalars(db.select(StoredFile).filter_by(application_id=application_id, kind="papers")).one()
        (uploads.folder() / stored.path).unlink()
    content = got(organizer, "/en/desk/export.zip")
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        names = archive.namelist()
        told = archive.read("MISSING FILES.txt").decode().split("\r\n")
    folder = names[0].rpartition("/")[0]
    assert [name.rpartition("/")[2] for name in names] == [
        "receipt.pdf", "receipt.json", "index.xlsx", "02_专利证书_Patent certificate.pdf", "MISSING FILES.txt",
    ]  # fmt: skip
    sentence = "These files could not be found on the server. The command “flask audit” tells more."
    assert told == [sentence, f"{folder}/01_论文_Paper.pdf", ""]


@needs_press
def test_every_path_in_a_zip_opens_on_windows(app, call, organizer):
    title = {"title-zh": ['量子:“网络”*?"<>|\\/' + "长" * 30 + " . "], "title-en": ["CON: a|b?  " + "Very long words " * 12 + "..."]}
    names = [("超长的名称" * 9 + "_" + "An extremely long title of a paper " * 4 + ".pdf", "papers", PAPER + b" " * n) for n in range(3)]
    handed_in(app, call, files=[*names, ("aux_nul.pdf", "others", PAPER)])

    def rename(session, application):
        receipt = json.loads(application.snapshot.receipt)
        receipt["title"] = {"zh": title["title-zh"][0], "en": title["title-en"][0]}
        application.snapshot.receipt = json.dumps(receipt)

    with app.app_context():
        application_id = db.session.scalar(db.select(Application.id))
    change(app, application_id, rename)
    with zipfile.ZipFile(io.BytesIO(got(organizer, "/en/desk/export.zip"))) as archive:
        infos = archive.infolist()
    assert len({info.filename.casefold() for info in infos}) == len(infos) == 7
    assert [info.filename for info in infos if WINDOWS_FORBIDS.search(info.filename)] == []
    assert max(len(info.filename) for info in infos) <= 200
    assert {info.flag_bits & 0x800 for info in infos if not info.filename.isascii()} == {0x800}


@needs_press
def test_a_zip_of_many_is_the_same_without_a_known_length(app, call, organizer, monkeypatch):
    handed_in(app, call, files=[("论文_Paper.pdf", "papers", PAPER)])
    handed_in(app, call, email="b@example.org", achievement=demo.ACHIEVEMENTS[1])

    def contents():
        response = organizer.client.get("/en/desk/export.zip", buffered=True)
        with zipfile.ZipFile(io.BytesIO(response.data)) as archive:
            return {name: archive.read(name) for name in archive.namelist() if not name.endswith("xlsx")}, response.content_length

    known, length = contents()
    monkeypatch.setattr(archives, "KNOWN", 1)
    assert (contents(), length > 0) == ((known, None), True)


@needs_press
def test_dossiers_of_a_selection_come_as_one_zip(app, call, organizer):
    handed_in(app, call, files=[("论文_Paper.pdf", "papers", PAPER)])
    handed_in(app, call, email="b@example.org", achievement=demo.ACHIEVEMENTS[1])
    draft(app, call, email="c@example.org")
    with zipfile.ZipFile(io.BytesIO(got(organizer, "/en/desk/dossiers.zip?sort=number"))) as archive:
        assert archive.testzip() is None
        assert [re.split("[ .]", name)[0] for name in archive.namelist()] == [f"WIC{call.edition}-000{n}" for n in (1, 2)]
        assert {archive.read(name)[:5] for name in archive.namelist()} == {b"%PDF-"}


@needs_press
def test_one_application_has_its_own_zip_and_dossier(app, call, organizer):
    application_id = handed_in(app, call, files=[("论文_Paper.pdf", "papers", PAPER)])
    ref = ref_of(app, application_id)
    with zipfile.ZipFile(io.BytesIO(got(organizer, f"/en/desk/applications/{ref}/application.zip"))) as archive:
        assert len(archive.namelist()) == 4
    response = organizer.client.get(f"/en/desk/applications/{ref}/dossier.pdf", buffered=True)
    assert (response.mimetype, response.content_length, response.data[:5]) == ("application/pdf", len(response.data), b"%PDF-")


def ref_of(app, application_id):
    with app.app_context():
        return db.session.get(Application, application_id).ref


def test_of_a_draft_there_is_nothing_to_put_together(app, call, organizer):
    ref = ref_of(app, draft(app, call))
    for name in ("application.zip", "dossier.pdf"):
        got(organizer, f"/en/desk/applications/{ref}/{name}", 404)
    for name in ("export.zip", "dossiers.zip"):
        organizer.open(f"/en/desk/{name}")
        assert "None of these applications has been handed in" in organizer.page.text_content()


@needs_press
def test_every_export_is_recorded(app, call, organizer):
    application_id = handed_in(app, call)
    ref = ref_of(app, application_id)
    for name in ("export.xlsx?q=quantum", "export.csv", f"export.zip?pick={ref}", "dossiers.zip", f"applications/{ref}/application.zip"):
        got(organizer, f"/en/desk/{name}")
    got(organizer, f"/en/desk/applications/{ref}/dossier.pdf")
    with app.app_context():
        events = db.session.scalars(db.select(Event).filter_by(what="exported").order_by(Event.id)).all()
        who = accounts.find("organizer@example.org").id
    assert {event.user_id for event in events} == {who}
    assert [(event.application_id, event.details) for event in events] == [
        (None, {"format": "XLSX", "count": 1, "selection": "q=quantum"}),
        (None, {"format": "CSV", "count": 1, "selection": None}),
        (None, {"format": "ZIP", "count": 1, "selection": None}),
        (None, {"format": "PDF", "count": 1, "selection": None}),
        (application_id, {"format": "ZIP"}),
        (application_id, {"format": "PDF"}),
    ]


def test_too_many_exports_at_once_are_answered_in_words_and_turns_come_back(organizer, monkeypatch):
    monkeypatch.setattr(answering, "PATIENCE_SECONDS", 0)
    for _ in range(2 * answering.EXPORTS_AT_ONCE):
        assert organizer.client.head("/en/desk/export.csv", buffered=True).status_code == 200
        got(organizer, "/en/desk/export.csv")
    taken = [answering._turns.acquire(timeout=0) for _ in range(answering.EXPORTS_AT_ONCE)]
    try:
        assert taken == [True] * answering.EXPORTS_AT_ONCE
        organizer.open("/en/desk/export.csv", status=503)
        assert "Several exports are being made just now." in organizer.text()
    finally:
        for _ in taken:
            answering._turns.release()
    got(organizer, "/en/desk/export.csv")


def test_a_browser_that_goes_away_gives_its_turn_back(app, call, organizer):
    handed_in(app, call)
    for _ in range(2 * answering.EXPORTS_AT_ONCE):
        response = organizer.client.get("/en/desk/export.csv")
        next(iter(response.response))
        response.close()
    got(organizer, "/en/desk/export.csv")


def test_a_table_keeps_no_read_open_between_its_batches(app, call, organizer, monkeypatch):
    monkeypatch.setattr("app.exporting.table.BATCH", 1)
    for number in range(3):
        handed_in(app, call, email=f"{number}@example.org")
    with app.app_context():
        ids = list(db.session.scalars(db.select(Application.id)))
        rows = exporting.Table(ids, app.calls, rules.now()).rows()
        open_reads = [db.session().in_transaction() for _row in rows]
    assert open_reads == [False] * 3
