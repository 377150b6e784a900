"""What of a past call goes when its time is over: all of it, nothing else, and not a day earlier."""

import io
import json
import shutil
from datetime import UTC, timedelta

import pytest
from sqlalchemy import func

from app import create_app, demo, rules
from app.applying import drafts, saving, submitting
from app.call.loading import parse
from app.desk import events, listed_rows
from app.extensions import db, writing
from app.files import uploads
from app.keeping import auditing, backups, retention
from app.models import (
    Answers,
    Application,
    Decision,
    EarlierAnswers,
    Event,
    Extension,
    FormalCheck,
    KeptText,
    Listed,
    ListedText,
    Mail,
    Note,
    Reason,
    Snapshot,
    StoredFile,
)
from app.people import accounts, staff
from app.people.personal_data import data_of
from tests.mailbox import OTHER_PASSWORD, path, register
from tests.site import PASSWORD, Site

TRACES = ("王芳", "Wang Fang", "wang.fang@example.org", "13800138000", "contributor@example.org")
"""What names or reaches a person in the applications of these tests, apart from the contributors' names."""


@pytest.fixture
def owner(app):
    """The owner of all applications; inside the app's context."""
    with app.app_context():
        yield register("owner@example.org").user


@pytest.fixture
def then(call):
    """A day before the deadline."""
    return call.closes_at - timedelta(days=1)


def after(call, days):
    return rules.closing(call) + timedelta(days=days)


def begin(owner, call, then, files=1):
    application = drafts.create(user=owner, call=call, now=then)
    answers = demo.sample_answers(call, demo.ACHIEVEMENTS[0])
    answers["contributors"]["contributors-1-email"] = ["contributor@example.org"]
    for step, posted in answers.items():
        saving.save(application=application, call=call, step=call.step(step), posted=posted, version=None, now=then)
    for n in range(files):
        stream = io.BytesIO(demo.sample_pdf(f"Paper {n}"))
        uploads.store(application=application, call=call, kind="papers", name=f"论文{n}_Paper {n}.pdf", stream=stream, now=then)
    return application


def hand_in(owner, call, then):
    application = begin(owner, call, then)
    submitting.submit(application=application, call=call, expected=0, now=then)
    return application


def check(application, then, outcome="returned", until=None):
    """A check with a reason and a note, and an extension that has ended."""
    with writing() as session:
        checked = FormalCheck(application_id=application.id, snapshot_id=application.snapshot.id, outcome=outcome, checked_at=then)
        checked.until, checked.held = until, ["held-point"]
        session.add(checked)
        session.flush()
        own = {"application_id": application.id}
        about = {"check_id": checked.id, "step": "basics", "field": "contact_email"}
        session.add(Reason(**own, **about, zh="王芳的邮箱无效。", en="Wang Fang’s address bounces."))
        session.add(Note(**own, text="Rang Wang Fang.", at=then))
        session.add(Extension(**own, until=then, reason="Wang Fang was ill.", given_at=then))
        session.add(KeptText(**own, step="basics", reason="late", version=1, raw={"contact_person-zh": ["王芳"]}, kept_at=then))


def carry_out(call, what, days=365, now=None):
    return sum(retention.carry_out(retention.Task(call, what, days), by=None, now=now or after(call, days)))


def everything():
    """All that the database says, as one text."""
    db.session.rollback()
    return "\n".join(db.engine.raw_connection().driver_connection.iterdump())


def traces(words=TRACES):
    text = everything()
    return [word for word in words if word in text]


def legible(instance, words):
    """Those of the words that can be read in the file of the database, gone rows included."""
    db.session.remove()
    with db.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    content = (instance / "laurel.db").read_bytes()
    return [word for word in words if word.encode() in content]


def rows(*tables):
    return {table.__name__: db.session.scalar(db.select(func.count()).select_from(table)) for table in tables}


def sound():
    return [finding.wrong.en for finding in auditing.audit(settle=0).findings] == []


# Drafts


def test_drafts_go_wholly_with_files_kept_text_and_history(owner, call, then):
    draft, standing = begin(owner, call, then, files=2), hand_in(owner, call, then)
    with writing() as session:
        session.add(KeptText(application_id=draft.id, step="basics", reason="late", version=1, raw={"title-zh": ["迟"]}, kept_at=then))
    paths, kept = [file.path for file in draft.files], [file.path for file in standing.files]
    task = retention.Task(call, "drafts", 90)
    now = after(call, 90)
    size = sum(file.size for file in draft.files)
    assert retention.count(task, now) == retention.Count(1, 2, size)
    assert [(row.number, row.title_zh) for row in retention.listed(task, now)] == [(None, demo.ACHIEVEMENTS[0][0])]
    assert carry_out(call, "drafts", 90) == 1
    assert [application.id for application in db.session.query(Application)] == [standing.id]
    assert uploads.on_disk() == set(kept)
    assert not set(paths) & set(kept)
    assert rows(KeptText, EarlierAnswers) == {"KeptText": 0, "EarlierAnswers": 0}
    told = [(event.what, event.details) for event in db.session.query(Event).filter_by(application_id=None)]
    assert told == [("registered", {}), ("drafts erased", {"call": call.id, "count": 1, "after": 90})]
    assert (retention.count(task, now), sound()) == (retention.Count(0, 0, 0), True)


def test_many_drafts_go_in_several_writes(owner, call, then):
    with writing() as session:
        own = {"user_id": owner.id, "call_id": call.id, "created_at": then, "changed_at": then}
        session.add_all(Application(**own) for _ in range(retention.BATCH * 2 + 1))
    done = retention.carry_out(retention.Task(call, "drafts", 90), by=None, now=after(call, 90))
    assert list(done) == [retention.BATCH, retention.BATCH, 1]


# Not before its time


@pytest.mark.parametrize(("what", "days"), [("drafts", 90), ("anonymize", 365), ("erase", 31)])
def test_nothing_goes_a_second_before_its_time(owner, call, then, what, days):
    begin(owner, call, then)
    hand_in(owner, call, then)
    early = after(call, days) - timedelta(seconds=1)
    assert retention.count(retention.Task(call, what, days), early).applications == 0
    assert retention.count(retention.Task(call, what, days), after(call, days)).applications == 1
    with pytest.raises(drafts.Refused):
        carry_out(call, what, days, now=early)
    assert rows(Application) == {"Application": 2}


def test_nothing_goes_sooner_than_thirty_days_after_the_deadline(owner, call, then):
    begin(owner, call, then)
    with pytest.raises(drafts.Refused, match="at least 30 days"):
        carry_out(call, "drafts", 29, now=after(call, 400))
    assert carry_out(call, "drafts", 30, now=after(call, 400)) == 1


def test_open_call_is_not_offered(app, call):
    with app.app_context():
        assert retention.past_calls(app.calls, rules.now()) == []
        assert [past.id for past in retention.past_calls(app.calls, after(call, 0))] == [call.id]


def test_own_extension_and_own_return_count_from_their_own_date(owner, call, then):
    extended, returned, plain = begin(owner, call, then), hand_in(owner, call, then), hand_in(owner, call, then)
    with writing():
        extended.extended_until = after(call, 20)
    check(returned, then, until=after(call, 10))
    for what, own, days in (("drafts", 20, 90), ("erase", 10, 365)):
        task = retention.Task(call, what, days)
        assert retention.count(task, after(call, days)).applications == (0 if what == "drafts" else 1)
        assert retention.count(task, after(call, days + own)).applications == (1 if what == "drafts" else 2)
    assert [row.number for row in retention.listed(retention.Task(call, "erase", 365), after(call, 365))] == [plain.number]


def test_other_calls_are_left_alone(app, owner, call, then):
    begin(owner, call, then)
    other = begin(owner, call, then)
    with writing():
        other.call_id = "other-2027"
    assert carry_out(call, "drafts", 90) == 1
    assert [application.id for application in db.session.query(Application)] == [other.id]


# Anonymizing


def test_anonymized_application_keeps_its_answers_and_names_nobody_who_wrote_it(owner, call, then):
    application = hand_in(owner, call, then)
    file, title = application.files[0].path, demo.ACHIEVEMENTS[0][0]
    assert carry_out(call, "anonymize") == 1
    assert traces() == []
    db.session.expire_all()
    assert application.erased_at is None
    assert (application.user_id != owner.id, application.user.email, application.user.deleted_at is not None) == (True, None, True)
    snapshot = application.snapshot
    receipt = json.loads(snapshot.receipt)
    assert receipt["title"]["zh"] == title
    assert len(receipt["sha256_as_submitted"]) == 64
    said = {answer["id"] for step in receipt["answers"] for answer in step["answers"]}
    assert ("title" in said, "contact_email" in said, "contact_person" in said) == (True, False, False)
    contributors = next(answer for step in receipt["answers"] for answer in step["answers"] if answer["id"] == "contributors")
    assert [sub["id"] for sub in contributors["rows"][0]["answers"]] == ["name", "organization", "role"]
    assert "contributors-1-name-zh" in snapshot.answers["contributors"]
    assert "contributors-1-email" not in snapshot.answers["contributors"]
    assert uploads.on_disk() == {file}
    assert rules.status(application, call, after(call, 365)) == "submitted"
    assert [mail.subject for mail in db.session.query(Mail)] == ["Please confirm your e-mail address"]
    assert {event.user_id for event in db.session.query(Event).filter_by(application_id=application.id)} == {application.user_id, None}
    assert sound()
    assert carry_out(call, "anonymize", now=after(call, 400)) == 0


def test_what_an_older_version_of_the_call_called_private_goes_too(owner, call, then):
    application = hand_in(owner, call, then)
    open_call = parse(call.source.replace("private = true\n", ""), call.id)
    assert open_call.find("contact_person")[1].private is False
    assert carry_out(open_call, "anonymize") == 1
    assert "contact_person-zh" not in db.session.get(Application, application.id).snapshot.answers["basics"]


def test_anonymized_application_can_be_erased_later(owner, call, then):
    application = hand_in(owner, call, then)
    carry_out(call, "anonymize")
    assert carry_out(call, "erase", now=after(call, 800)) == 1
    assert db.session.get(Application, application.id).erased_at == after(call, 800)


# Erasing


@pytest.mark.parametrize("outcome", ["returned", "ineligible", "decided"])
def test_erased_application_keeps_number_dates_and_result_alone(owner, call, then, outcome):
    application = hand_in(owner, call, then)
    check(application, then, "passed" if outcome == "decided" else outcome)
    if outcome == "decided":
        with writing() as session:
            session.add(Decision(application_id=application.id, outcome="awarded", released_at=after(call, 1)))
    db.session.expire_all()
    number, submitted_at = application.number, application.snapshot.submitted_at
    before = rules.status(application, call, after(call, 365))
    assert carry_out(call, "erase") == 1
    assert traces((*TRACES, *demo.ACHIEVEMENTS[0][:4], "林晓雯", "论文0", "held-point", "Received:")) == []
    db.session.expire_all()
    assert (application.number, application.erased_at, application.changed_at) == (number, after(call, 365), application.changed_at)
    assert (application.snapshot.submitted_at, application.snapshot.answers, application.snapshot.files) == (submitted_at, {}, [])
    assert rules.status(application, call, after(call, 365)) == before
    assert rows(Answers, EarlierAnswers, KeptText, Reason, Note, Extension, StoredFile, Listed, ListedText) == dict.fromkeys(
        ("Answers", "EarlierAnswers", "KeptText", "Reason", "Note", "Extension", "StoredFile", "Listed", "ListedText"), 0
    )
    assert rows(Snapshot, FormalCheck) == {"Snapshot": 1, "FormalCheck": 1}
    assert (uploads.on_disk(), sound()) == (set(), True)


@pytest.mark.parametrize(("what", "gone"), [("anonymize", TRACES), ("erase", (*TRACES, demo.ACHIEVEMENTS[0][0]))])
def test_what_went_cannot_be_read_in_the_file_of_the_database(owner, call, then, instance, what, gone):
    hand_in(owner, call, then)
    assert legible(instance, gone) == list(gone)
    carry_out(call, what)
    assert legible(instance, gone) == []


def test_numbers_of_erased_applications_are_never_given_again(owner, call, then):
    hand_in(owner, call, then)
    last = hand_in(owner, call, then).number
    carry_out(call, "erase")
    # As if the deadline had been put off for a year.
    again = hand_in(owner, call, then)
    assert (last[-4:], again.number[-4:]) == ("0002", "0003")


def test_withdrawn_application_of_a_deleted_account_is_erased_as_well(owner, call, then):
    application = hand_in(owner, call, then)
    check(application, then)
    drafts.withdraw(application=application, call=call, now=then)
    uploads.discard(accounts.delete_account(user=owner, password=PASSWORD, now=then))
    assert (rows(Reason, Note, Extension, KeptText), sound()) == ({"Reason": 0, "Note": 0, "Extension": 0, "KeptText": 0}, True)
    assert carry_out(call, "erase") == 1
    assert sound()


def test_list_stays_without_erased_applications_when_it_is_made_anew(owner, call, then):
    hand_in(owner, call, then)
    carry_out(call, "erase")
    listed_rows.list_anew()
    assert rows(Listed) == {"Listed": 0}
    assert list(listed_rows.differing()) == []


# Broken off


def test_files_that_cannot_be_removed_are_named_and_go_at_the_next_run(owner, call, then, monkeypatch):
    draft, erased = begin(owner, call, then), hand_in(owner, call, then)
    with monkeypatch.context() as broken:
        broken.setattr(uploads, "discard", lambda paths: list(paths))
        carry_out(call, "drafts", 90, now=after(call, 365))
        carry_out(call, "erase")
    assert len(uploads.on_disk()) == 2
    names = [draft.ref, erased.number]
    assert [finding.wrong.en for finding in auditing.audit(settle=0).findings] == [
        f"Application {name} was erased after its time, but 1 of its files are not deleted yet." for name in names
    ]
    retention.finish()
    assert (uploads.on_disk(), rows(StoredFile, Application), sound()) == (set(), {"StoredFile": 0, "Application": 1}, True)


def test_crash_between_the_disk_and_the_rows_is_no_finding_for_audit_and_backup(owner, call, then, tmp_path):
    draft = begin(owner, call, then)
    path = uploads.folder() / draft.files[0].path
    with writing():
        draft.erased_at = then
    path.unlink()
    assert backups.backup(tmp_path / "site.zip") == []
    assert [finding.wrong.en for finding in auditing.audit(settle=0).findings] == [
        f"Application {draft.ref} was erased after its time, but 1 of its files are not deleted yet."
    ]
    retention.finish()
    assert (rows(Application, StoredFile), sound()) == ({"Application": 0, "StoredFile": 0}, True)


def test_run_without_a_folder_of_uploads_changes_nothing(owner, call, then, instance):
    begin(owner, call, then)
    (instance / "uploads").rename(instance / "elsewhere")
    with pytest.raises(OSError, match="uploads"):
        carry_out(call, "drafts", 90)
    assert db.session.query(Application).one().erased_at is None


def test_what_was_erased_survives_backup_and_restore(owner, call, then, tmp_path, fresh_instance):
    hand_in(owner, call, then)
    carry_out(call, "erase")
    backups.backup(tmp_path / "site.zip")
    shutil.copytree(fresh_instance, tmp_path / "empty")
    restored = create_app(tmp_path / "empty")
    with restored.app_context():
        backups.restore(tmp_path / "site.zip")
        assert (sound(), db.session.query(Application).one().number[-4:]) == (True, "0001")
        db.engine.dispose()


# What the owner sees


@pytest.mark.parametrize("what", ["anonymize", "erase"])
def test_owner_finds_nothing_any_more(app, site, call, then, what):
    site.register("owner@example.org")
    with app.app_context():
        owner = accounts.find("owner@example.org")
        application = hand_in(owner, call, then)
        address, ref, number = f"/en/applications/{application.ref}", application.ref, application.number
        site.open(address)
        carry_out(call, what)
    missing = site.client.get("/en/applications/no-such-thing")
    for page in ("", "/basics", "/receipt/1", "/receipt/1.json", "/files", "/check"):
        assert site.client.get(address + page).status_code == missing.status_code == 404
    site.open("/en/applications")
    assert number not in site.text()
    with app.app_context():
        mine = json.dumps(data_of(accounts.find("owner@example.org")))
        assert (ref in mine, number in mine) == (False, False)


def test_text_from_an_old_tab_is_not_kept_for_an_erased_application(app, owner, site, call, then):
    application = hand_in(owner, call, then)
    ref = application.ref
    carry_out(call, "erase")
    assert site.client.post(f"/en/applications/{ref}/basics", data={"title-zh": "x"}).status_code == 302
    assert rows(KeptText) == {"KeptText": 0}


# At the desk


@pytest.fixture
def desk(app, call, then, monkeypatch):
    """The browser of an organizer, 400 days after the deadline, when there are a draft and an application that was handed in."""
    with app.app_context():
        owner = register("owner@example.org").user
        begin(owner, call, then)
        hand_in(owner, call, then)
        later = after(call, 400)
        monkeypatch.setattr(rules, "now", lambda: later)
        staff.make_organizer(email="desk@example.org", now=later)
        secret = path(app, "您已成为管理员")
    site = Site(app)
    site.open(secret)
    site.submit(form="account", password=OTHER_PASSWORD)
    return site


def test_page_says_what_would_go_and_erases_once_the_call_is_typed(app, desk, call):
    desk.open("/en/desk/retention")
    assert "There is nothing" not in desk.text()
    desk.open(f"/en/desk/retention?call={call.id}&drafts=y&drafts_after=90&applications=erase&applications_after=365")
    assert "1 draft goes wholly, with its answers and its history. 1 file is deleted, 1 KB." in desk.text()
    assert "1 application loses everything but its number, its dates and its result. 1 file is deleted, 1 KB." in desk.text()
    assert "WIC2027-0001" in desk.text()
    (onward,) = desk.page.xpath("//a[contains(@class, 'danger')]/@href")
    desk.open(onward)
    desk.submit(form="account", word="wic-awards")
    assert desk.errors() == [f"This is not {call.id}. Nothing was erased."]
    desk.submit(form="account", word=f" {call.id} ")
    assert "2 applications have been dealt with." in desk.text()
    assert desk.text().count("There is nothing to do.") == 2
    with app.app_context():
        by = accounts.find("desk@example.org").id
        told = db.session.query(Event.what, Event.user_id).filter(Event.what.in_(events.KINDS["retention"])).order_by(Event.id).all()
        assert [tuple(row) for row in told] == [("drafts erased", by), ("application erased", by)]
    desk.open(onward)
    assert desk.address.startswith("/en/desk/retention?")


def test_erased_application_is_not_found_at_the_desk(app, desk, call):
    with app.app_context():
        query = db.select(Application.ref, StoredFile.ref).join(StoredFile).where(Application.number.is_not(None))
        ref, file_ref = db.session.execute(query).one()
    pages = [f"/en/desk/applications/{ref}{page}" for page in ("", f"/files/{file_ref}", "/application.zip", "/dossier.pdf", "/check")]
    assert [desk.client.get(page).status_code for page in pages] == [200] * len(pages)
    with app.app_context():
        carry_out(call, "erase", now=rules.now())
    assert [desk.client.get(page).status_code for page in pages] == [404] * len(pages)
    desk.open("/en/desk/applications")
    assert "WIC2027-0001" not in desk.text()


def test_page_says_when_the_time_has_not_passed(desk, call):
    desk.open(f"/en/desk/retention?call={call.id}&drafts=y&drafts_after=500&applications=keep&applications_after=365")
    assert "The deadline is not 500 days ago yet, so nothing is due." in desk.text()
    assert desk.page.xpath("//a[contains(@class, 'danger')]") == []


@pytest.mark.parametrize(
    ("query", "errors"),
    [
        ("call=no-such-call", ["Choose one of these.", "Choose one of these."]),
        ("call={call}&applications=burn", ["Choose one of these."]),
        ("call={call}&applications=keep&drafts=y&drafts_after=29", ["Enter a whole number of days, 30 or more."]),
        ("call={call}&applications=keep&applications_after=soon", ["Enter a whole number of days, 30 or more."]),
        ("call={call}&applications=keep&drafts_after=99999999999999999999", ["Enter a whole number of days, 30 or more."]),
    ],
)
def test_page_refuses_what_makes_no_sense(desk, call, query, errors):
    desk.open("/en/desk/retention?" + query.format(call=call.id))
    assert desk.errors() == errors
    desk.open("/en/desk/retention/confirm?" + query.format(call=call.id))
    assert desk.address.startswith("/en/desk/retention?")


def test_open_call_is_not_erased_by_its_address(app, call):
    with app.app_context():
        begin(register("owner@example.org").user, call, rules.now())
        staff.make_organizer(email="desk@example.org", now=rules.now())
    site = Site(app)
    site.open(path(app, "您已成为管理员"))
    site.submit(form="account", password=OTHER_PASSWORD)
    site.open("/en/desk/retention")
    assert "No call has closed yet" in site.text()
    site.open(f"/en/desk/retention?call={call.id}&drafts=y&drafts_after=30&applications=keep")
    assert "No call has closed yet" in site.text()


def test_long_run_is_confirmed_again_for_the_rest(desk, call, monkeypatch):
    monkeypatch.setattr("app.pages.desk.retention.SECONDS", 0)
    desk.open(f"/en/desk/retention/confirm?call={call.id}&drafts=y&applications=erase")
    desk.submit(form="account", word=call.id)
    assert "1 application has been dealt with." in desk.text()
    assert "confirm once more for the rest" in desk.text()
    assert desk.address.startswith("/en/desk/retention/confirm?")
    desk.submit(form="account", word=call.id)
    desk.open(f"/en/desk/retention?call={call.id}&drafts=y&applications=erase")
    assert desk.text().count("There is nothing to do.") == 2


# In a console


@pytest.fixture
def run(app, owner, call, then, monkeypatch):
    """Runs the command 400 days after the deadline: (exit status, lines)."""
    begin(owner, call, then)
    hand_in(owner, call, then)
    later = after(call, 400)
    monkeypatch.setattr(rules, "now", lambda: later)

    def invoke(*words):
        result = app.test_cli_runner().invoke(args=["retention", *words])
        return result.exit_code, result.output.splitlines()

    return invoke


PREVIEW = "以上为预览，没有改动任何内容；加--apply执行。 Nothing was changed; to do it, add --apply."


def test_command_says_what_would_go_and_changes_nothing(run, call, then):
    sizes = [file.size for file in db.session.query(StoredFile)]
    title, began = " / ".join(demo.ACHIEVEMENTS[0][:2]), f"{then.astimezone(UTC):%Y-%m-%d}"
    before = everything()
    assert run("--applications", "erase") == (
        0,
        [
            f"{call.id}: 1 份草稿将彻底清除 drafts go wholly（1个文件 files, {sizes[0]:,} bytes）",
            f"  —  {began}  {title}",
            f"{call.id}: 1 份申报将清除，只留编号、日期和结果 applications are erased but for number, dates and result"
            f"（1个文件 files, {sizes[1]:,} bytes）",
            f"  WIC2027-0001  {began}  {title}",
            PREVIEW,
        ],
    )
    assert everything() == before


def test_command_applies_to_one_call(run, call):
    assert run("--call", call.id, "--apply")[1][-1] == f"{call.id}: 已处理 1 份。 Done: 1."
    assert (rows(Application), sound()) == ({"Application": 1}, True)
    assert [event.user_id for event in db.session.query(Event).filter_by(what="application anonymized")] == [None]
    assert run("--call", call.id, "--keep-drafts", "--applications", "keep") == (0, [PREVIEW])


@pytest.mark.parametrize("words", [("--call", "no-such-call"), ("--drafts-after", "29"), ("--applications-after", "x")])
def test_command_refuses_what_makes_no_sense(run, words):
    code, lines = run(*words, "--apply")
    assert (code != 0, rows(Application)) == (True, {"Application": 2})
    assert lines


def test_command_goes_on_with_what_was_broken_off(run, call, monkeypatch):
    with monkeypatch.context() as broken:
        broken.setattr(uploads, "discard", lambda paths: list(paths))
        run("--apply", "--applications", "erase")
    assert len(uploads.on_disk()) == 2
    run("--apply")
    assert (uploads.on_disk(), sound()) == (set(), True)
