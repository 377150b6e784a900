"""The log: all that organizers do, in words, found by who, what, which application and when; as a table that is only text."""

import csv
import io
from datetime import timedelta

import openpyxl
import pytest

from app import demo, rules
from app.applying import drafts, saving, submitting
from app.desk import events, history
from app.extensions import db, writing
from app.files import uploads
from app.models import Event, record
from app.people import accounts, staff
from tests.mailbox import register
from tests.site import Site

LOG = "/en/desk/log"
TEXT = "//main//tbody/tr/td[3]/text()"


def person(email, role="applicant", name="Anna Muster"):
    user = register(email).user
    with writing():
        user.role, user.confirmed_at, user.name = role, rules.now(), name
    return user.id


def hand_in(call, user, now):
    """An application with one file, handed in."""
    application = drafts.create(user=user, call=call, now=now)
    for step, posted in demo.sample_answers(call, demo.ACHIEVEMENTS[0]).items():
        saving.save(application=application, call=call, step=call.step(step), posted=posted, version=None, now=now)
    stream = io.BytesIO(demo.sample_pdf("Paper"))
    uploads.store(application=application, call=call, kind="papers", name="量子论文_Quantum paper.pdf", stream=stream, now=now)
    submitting.submit(application=application, call=call, expected=0, now=now)
    return application.number


@pytest.fixture
def busy(app, call):
    """The ids of an organizer, an expert and an applicant who handed something in."""
    with app.app_context():
        ids = {
            "organizer": person("desk@example.org", "organizer", "李雷 Li"),
            "expert": person("expert@example.org", "expert"),
            "applicant": person("a@example.org"),
        }
        now = rules.now()
        hand_in(call, accounts.find("a@example.org"), now)
        by = accounts.find("desk@example.org")
        staff.invite(email="new@example.org", name="韩梅梅", role="expert", language="zh", by=by, now=now)
    return ids


@pytest.fixture
def desk(app, busy):
    return Site(app).sign_in("desk@example.org")


def whats(site, query=""):
    site.open(f"{LOG}{query}")
    return site.page.xpath(TEXT)


def test_log_shows_what_organizers_and_experts_do_newest_first(desk):
    assert whats(desk) == ["Signed in to the account", "Made an expert", "Registered", "Registered"]


def test_log_tells_whom_in_words(desk):
    desk.open(f"{LOG}?what=people")
    assert desk.page.xpath("//main//tbody/tr") != []
    assert "Whom: 韩梅梅 <new@example.org>" in desk.text()
    assert "Before: Applicant" in desk.text()


def test_log_of_everybody_has_the_applicants_too(desk, busy):
    assert whats(desk, "?who=all")[-3:] == ["Registered", "Registered", "Registered"]
    assert whats(desk, f"?who={busy['applicant']}") == ["Application handed in", "File uploaded", "Application started", "Registered"]
    assert "File: 量子论文_Quantum paper.pdf" in desk.text()


def test_log_of_one_application_links_to_it(app, desk):
    assert whats(desk, "?who=all&number=wic2027-0001") == ["Application handed in", "File uploaded", "Application started"]
    (link, *_more) = desk.page.xpath("//main//tbody//a/@href")
    desk.open(link)
    assert desk.address.startswith("/en/desk/applications/")


def test_log_of_one_call_has_its_own_events_too(app, desk, call):
    with app.app_context(), writing():
        record("drafts erased", at=rules.now(), call=call.id, count=2, after=90)
        record("drafts erased", at=rules.now(), call="other-2020", count=1, after=90)
    assert whats(desk, f"?call={call.id}") == ["Drafts erased after their time"]
    assert f"Award: {call.short_name} {call.edition}" in desk.text()
    assert whats(desk, f"?who=all&call={call.id}")[0] == "Drafts erased after their time"
    assert len(whats(desk, f"?who=all&call={call.id}")) == 4


def test_large_call_is_read_along_with_the_same_result(desk, call, monkeypatch):
    few = whats(desk, f"?who=all&call={call.id}")
    monkeypatch.setattr(history, "FEW", 1)
    assert whats(desk, f"?who=all&call={call.id}") == few


@pytest.mark.parametrize(
    ("what", "expected"),
    [
        ("made expert", ["Made an expert"]),
        ("accounts", ["Signed in to the account", "Registered", "Registered"]),
        ("submitted", []),
        ("mail", []),
    ],
)
def test_log_of_one_kind_or_group(desk, what, expected):
    assert whats(desk, f"?what={what}") == expected


def test_log_between_two_days_counts_both_in_the_zone_of_the_call(app, desk, busy, call):
    zone = call.closes_at.tzinfo
    midnight = (rules.now() - timedelta(days=10)).astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)
    moments = [midnight - timedelta(seconds=1), midnight, midnight + timedelta(days=1, seconds=-1), midnight + timedelta(days=1)]
    with app.app_context(), writing():
        for n, moment in enumerate(moments):
            record("drafts erased", at=moment, user_id=busy["organizer"], count=n)
    day = f"{midnight:%Y-%m-%d}"
    desk.open(f"{LOG}?since={day}&until={day}")
    assert desk.page.xpath("//main//tbody//bdi/text()") == ["2", "1"]
    desk.open(f"{LOG}?until={day}")
    assert desk.page.xpath("//main//tbody//bdi/text()") == ["2", "1", "0"]


def test_console_and_removed_people_are_still_in_the_log(app, desk, busy):
    with app.app_context():
        staff.make_organizer(email="other@example.org", now=rules.now())
        other = accounts.find("other@example.org")
        staff.remove(user=other, by=accounts.find("desk@example.org"), now=rules.now())
        with writing():
            record("signed in", at=rules.now(), user=other)
            record("reset requested", at=rules.now())
    assert whats(desk)[:3] == ["Signed in to the account", "Removed from the organizers and experts", "Made an organizer"]
    assert "The site, or somebody at its console" in desk.text()


def test_deleted_account_is_told_as_such(app, desk, busy):
    with app.app_context(), writing():
        user = accounts.find("expert@example.org")
        user.name, user.email, user.role = "", None, "applicant"
    desk.open(f"{LOG}?who={busy['expert']}")
    assert "A deleted account" in desk.text()


def test_pages_follow_each_other_without_gap_or_repetition(app, desk, busy):
    at = rules.now() + timedelta(minutes=1)
    with app.app_context(), writing():
        for n in range(history.PAGE * 2 + 5):
            # Several in one instant, and one written late.
            record("drafts erased", at=at + timedelta(seconds=n // 3 - (7 if n == 50 else 0)), user_id=busy["organizer"], count=n)
    seen, address = [], f"{LOG}?what=retention"
    while address:
        desk.open(address)
        seen += [int(text) for text in desk.page.xpath("//main//tbody//bdi/text()")]
        address = next(iter(desk.page.xpath("//main//a[text()='Older']/@href")), None)
    assert sorted(seen) == list(range(history.PAGE * 2 + 5))
    assert seen[:3] == [104, 103, 102]
    assert desk.page.xpath("//main//a[text()='Newest']/@href") == ["/en/desk/log?what=retention"]


def test_log_says_nothing_but_words_of_every_kind(app, desk, busy, call):
    details = {
        "after": 90, "before": "expert", "call": call.id, "copy_of": "ref", "count": 3, "deadline": "2027-06-15 24:00", "format": "XLSX",
        "hours": 6, "n": 2, "name": "论文.pdf", "reason": {"zh": "原因", "en": "a reason"}, "ref": "ref", "role": "expert", "said": {},
        "selection": "status=submitted&q=%E9%87%8F", "sha256": "0" * 64, "subject": "主题 Subject line",
        "until": "2027-06-15T16:00:00+00:00",
        "whom": 10**6,
    }  # fmt: skip
    with app.app_context(), writing():
        for what in events.WORDS:
            record(what, at=rules.now(), user_id=busy["organizer"], **details)
    for language in ("zh", "en"):
        desk.open(f"/{language}/desk/log?who={busy['organizer']}")
        assert not {"{", "}", "None"} & set(desk.page.xpath("//main//tbody//text()"))
    assert "Reason: a reason" in desk.text()
    assert "Until: 2027-06-16 00:00:00" in desk.text()
    assert "Which applications: status=submitted, q=量" in desk.text()


@pytest.mark.parametrize(
    "query",
    ["?who=x&what=nothing&since=soon&until=2027-02-30", "?who=99999999999999999999", "?before=99999999999999999999", "?before=-1",
     "?before=x", "?number=%00", "?call=%00x", "?since=0001-01-01&until=9999-12-31", "?who=all&number=no&call=no"],
)  # fmt: skip
def test_what_makes_no_sense_is_left_out(desk, query):
    assert desk.open(LOG + query) is not None


def test_nothing_that_matches_is_said_in_words(desk):
    desk.open(f"{LOG}?number=WIC2027-9999")
    assert "Nothing was recorded that matches." in desk.text()


# As a table


@pytest.fixture
def hostile(app, busy):
    """A file whose name is a formula, uploaded by the organizer as it were."""
    with app.app_context(), writing():
        record("file uploaded", at=rules.now(), user_id=busy["organizer"], name='=HYPERLINK("http://x","y")')
        accounts.find("desk@example.org").name = "=1+1"


def test_csv_holds_the_filtered_log_as_text(app, desk, hostile):
    response = desk.client.get("/en/desk/log.csv?what=applications")
    assert response.headers["Content-Disposition"].startswith("attachment; filename=log-")
    rows = list(csv.reader(io.StringIO(response.get_data(as_text=True).removeprefix("\ufeff"))))
    assert rows[0] == ["When (Beijing time)", "Who", "E-mail address", "What", "Application", "Details"]
    assert rows[1][1:] == ["\u00a0=1+1", "desk@example.org", "File uploaded", "", 'File: =HYPERLINK("http://x","y")']
    assert len(rows) == 2


def test_xlsx_holds_the_filtered_log_as_text(app, desk, hostile):
    book = openpyxl.load_workbook(io.BytesIO(desk.client.get("/zh/desk/log.xlsx?what=applications").data))
    sheet = book.worksheets[0]
    assert [cell.value for cell in sheet[1]] == ["时间（北京时间）", "操作人", "电子邮箱", "事项", "申报", "详情"]
    assert [cell.value for cell in sheet[2]][1:4] == ["=1+1", "desk@example.org", "上传文件"]
    assert {cell.data_type for cell in sheet[2]} <= {"s", "d", "n"}
    assert sheet.max_row == 2


def test_export_reads_on_past_one_batch_and_is_recorded(app, desk, busy, monkeypatch):
    monkeypatch.setattr(history, "BATCH", 2)
    rows = list(csv.reader(io.StringIO(desk.client.get("/en/desk/log.csv?who=all").get_data(as_text=True), newline="")))
    with app.app_context():
        assert len(rows) == 1 + db.session.query(Event).count()
        exported = db.session.query(Event).filter_by(what="log exported").one()
        assert (exported.user_id, exported.details) == (busy["organizer"], {"format": "CSV", "selection": "who=all"})


def test_log_of_an_erased_application_has_its_number_and_no_link(app, desk):
    with app.app_context(), writing() as session:
        session.execute(db.text("UPDATE application SET erased_at = created_at"))
    whats(desk, "?who=all&number=WIC2027-0001")
    assert "WIC2027-0001" in desk.text()
    assert desk.page.xpath("//main//tbody//a") == []
