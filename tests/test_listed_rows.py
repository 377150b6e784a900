"""The rows of the list follow whatever happens to an application; of drafts they hold title and progress and no more."""

from contextlib import suppress
from datetime import timedelta

import pytest

from app import demo, rules
from app.applying import drafts, saving
from app.desk import listed_rows
from app.extensions import db, writing
from app.files import uploads
from app.keeping import auditing
from app.models import Application, Assignment, Decision, FormalCheck, Listed, ListedArea, ListedText
from app.people import accounts
from tests.handing_in import draft, handed_in
from tests.site import PASSWORD
from tests.test_formal_check import Case
from tests.test_weight import CONTRIBUTOR, statements

ZH, EN, ORGANIZATION_ZH, ORGANIZATION_EN, COUNTRY, CATEGORY, AREA = demo.ACHIEVEMENTS[0]


@pytest.fixture
def case(app, call):
    with app.app_context():
        yield Case(app, call)


def row():
    """The only row of the list, as it is stored; whatever a test did, it is what `refresh` would write."""
    db.session.rollback()
    db.session.expire_all()
    assert list(listed_rows.differing()) == []
    return db.session.scalars(db.select(Listed)).one()


def searched():
    text = db.session.scalars(db.select(ListedText)).one()
    return {*text.ascii.splitlines(), *text.other.splitlines()}


def change(application, **columns):
    with writing():
        for name, value in columns.items():
            setattr(application, name, value)


def test_new_draft_is_listed_with_its_times_alone(app, call):
    with app.app_context():
        now = rules.now()
        user = accounts.register(email="a@example.org", name="Anna", password=PASSWORD, language="en", now=now).user
        application = drafts.create(user=user, call=call, now=now)
        listed = row()
        assert (listed.ref, listed.number, listed.state, listed.title_zh, listed.begun) == (application.ref, None, "draft", "", 0)
        assert (listed.created_at, listed.changed_at, listed.submitted_at) == (now, now, None)
        assert listed.created_on == now.astimezone(call.closes_at.tzinfo).date()


def test_draft_is_listed_by_title_and_progress_only(app, call):
    application_id = draft(app, call, files=[("论文_Paper.pdf", "papers", demo.sample_pdf("Paper"))])
    with app.app_context():
        listed = row()
        assert (listed.title_zh, listed.title_en, listed.begun, listed.steps) == (ZH, EN, 5, 5)
        assert (listed.organization_zh, listed.category, listed.country, listed.joint) == ("", "", "", False)
        assert searched() == {ZH, EN.casefold()}
        assert db.session.scalars(db.select(ListedArea)).all() == []
        application = db.session.get(Application, application_id)
        uploads.remove(application=application, call=call, ref=application.files[0].ref, now=rules.now())
        assert row().begun == 4


def test_title_of_a_draft_follows_each_save(app, call):
    application_id = draft(app, call)
    with app.app_context():
        application, basics = db.session.get(Application, application_id), call.step("basics")
        posted = {"title-zh": ["卫星"], "title-en": ["Satellite"]}
        saving.save(application=application, call=call, step=basics, posted=posted, version=None, now=rules.now())
        assert (row().title_zh, searched()) == ("卫星", {"卫星", "satellite"})


def test_handed_in_application_is_listed_with_what_its_snapshot_says(app, call):
    people = {"contributors-paste": [f"{CONTRIBUTOR}\n王·买买提\tZoë Ångström\t示例大学\tExample University\t主持\tLead"]}
    handed_in(app, call, contributors=people, basics={"joint": ["no"], "country": ["德国"]})
    with app.app_context():
        listed = row()
        prefix = call.number_prefix
        assert (listed.number, listed.number_key, listed.state) == (f"{prefix}-0001", f"{prefix}-00000001", "submitted")
        assert (listed.organization_zh, listed.organization_en) == (ORGANIZATION_ZH, ORGANIZATION_EN)
        assert (listed.category, listed.country, listed.joint, listed.reopened, listed.answered) == (CATEGORY, "DE", False, False, False)
        assert [area.area for area in db.session.scalars(db.select(ListedArea))] == [AREA]
        assert listed.submitted_on == listed.submitted_at.astimezone(call.closes_at.tzinfo).date()
        assert {ZH, "林晓雯", "lin xiaowen", "王·买买提", "zoe angstrom", "示例大学", f"{prefix.lower()}-0001"} <= searched()
        # Neither private answers nor the roles of people are searched.
        assert not {"lin@example.org", "课题负责人", "wang fang"} & searched()


def test_unsubmitted_changes_are_flagged_but_not_listed(case):
    drafts.reopen(application=case.application, call=case.call, now=case.now)
    later = case.now + timedelta(minutes=1)
    posted = {"title-zh": ["秘密"], "title-en": ["Secret"]}
    saving.save(
        application=case.application, call=case.call, step=case.call.step("basics"), posted=posted, version=None, now=later
    )
    listed = row()
    assert (listed.reopened, listed.title_zh, listed.changed_at) == (True, ZH, later)
    assert "秘密" not in searched()


def test_title_of_the_next_submission_replaces_the_last(app, case):
    drafts.reopen(application=case.application, call=case.call, now=case.now)
    case.now += timedelta(days=1)
    case.hand_in_again(app, basics={"title-zh": ["新名称"], "areas": ["satellite"]})
    listed = row()
    assert (listed.title_zh, listed.reopened, listed.submitted_at) == ("新名称", False, case.now)
    assert listed.submitted_on == (case.now - timedelta(days=1)).astimezone(case.call.closes_at.tzinfo).date()
    assert [area.area for area in db.session.scalars(db.select(ListedArea))] == ["satellite"]
    assert "新名称" in searched()
    assert ZH not in searched()


def test_checks_and_what_follows_are_listed(app, case):
    until = case.call.closes_at + timedelta(days=3)
    case.check("returned", until=until)
    listed = row()
    assert (listed.state, listed.until, listed.checked_by, listed.answered) == ("returned", until, case.anna.id, False)
    case.hand_in_again(app, materials={"summary-en": ["Completed."]})
    listed = row()
    assert (listed.state, listed.until, listed.checked_by, listed.answered) == ("submitted", None, case.anna.id, True)
    case.check("passed", case.boris, settled=[reason.id for reason in case.application.reasons])
    listed = row()
    assert (listed.state, listed.checked_by, listed.answered) == ("passed", case.boris.id, False)


def test_withdrawal_and_restoring_are_listed(case):
    drafts.withdraw(application=case.application, call=case.call, now=case.now)
    assert row().state == "withdrawn"
    drafts.restore(application=case.application, call=case.call, now=case.now)
    assert row().state == "submitted"


def test_rows_that_are_only_added_to_the_session_are_listed(case):
    """Also where the application had them loaded before, as after a rule was asked."""
    with writing() as session:
        application = session.get(Application, case.id)
        assert (application.checks, application.assignments, application.decision) == ([], [], None)
        check = FormalCheck(application_id=case.id, snapshot_id=application.snapshot.id, outcome="passed", checked_at=case.now)
        session.add(check)
    assert row().state == "passed"
    with writing() as session:
        assert session.get(Application, case.id).assignments == []
        session.add(Assignment(application_id=case.id, expert_id=case.anna.id, assigned_at=case.now))
    assert row().state == "under-review"
    with writing() as session:
        session.add(Decision(application_id=case.id, outcome="awarded", released_at=case.now))
    assert (row().state, row().released_at) == ("decided", case.now)


def test_writes_to_many_rows_at_once_are_listed(case):
    case.check("passed")
    with writing() as session:
        session.execute(db.update(FormalCheck).values(outcome="ineligible"))
    assert row().state == "ineligible"
    with writing() as session:
        session.execute(FormalCheck.__table__.delete().where(FormalCheck.__table__.c.application_id == case.id))
    assert row().state == "submitted"
    with writing() as session:
        session.execute(db.update(Application).where(Application.id == case.id).values(withdrawn_at=case.now))
    assert row().state == "withdrawn"


def test_write_that_fails_leaves_the_list_as_it_was(case):
    with suppress(RuntimeError), writing():
        db.session.get(Application, case.id).withdrawn_at = case.now
        db.session.flush()
        raise RuntimeError
    assert row().state == "submitted"
    # Nothing of it is left for the next write.
    assert "touched" not in db.session().info


def test_deleted_draft_is_listed_no_more(app, call):
    application_id = draft(app, call)
    with app.app_context():
        drafts.delete(application=db.session.get(Application, application_id), call=call, now=rules.now())
        assert [db.session.scalars(db.select(table)).all() for table in (Listed, ListedText, ListedArea)] == [[], [], []]


def test_deleted_account_leaves_only_the_number_of_what_was_withdrawn(case):
    drafts.withdraw(application=case.application, call=case.call, now=case.now)
    accounts.delete_account(user=case.application.user, password=PASSWORD, now=case.now)
    listed = row()
    number = f"{case.call.number_prefix}-0001"
    assert (listed.number, listed.state, listed.title_zh, listed.organization_en) == (number, "withdrawn", "", "")
    assert searched() == {number.lower()}


def test_save_of_a_draft_costs_one_small_read_and_one_small_write(app, call):
    application_id, posted = draft(app, call), {"summary-zh": ["更多。"]}
    with app.app_context():
        application, step = db.session.get(Application, application_id), call.step("materials")
        said = statements(
            app, lambda: saving.save(application=application, call=call, step=step, posted=posted, version=None, now=rules.now())
        )
    about = [sql for sql in said if "listed" in sql]
    assert [sql.split()[0] for sql in about] == ["SELECT", "UPDATE"]
    assert about[1] == "UPDATE listed SET changed_at=? WHERE listed.application_id = ?"
    assert not any("snapshot" in sql or "formal_check" in sql for sql in said)


def every_row():
    return [db.session.execute(db.select(table.__table__)).all() for table in (Listed, ListedText, ListedArea)]


def test_applications_of_an_older_database_are_listed_at_the_start(app, call, instance, monkeypatch):
    from app import create_app

    for number in range(5):
        handed_in(app, call, email=f"{number}@example.org")
    with app.app_context():
        before = every_row()
        empty_the_list()
        db.session.remove()
        db.engine.dispose()
    monkeypatch.setattr(listed_rows, "BATCH", 2)
    with create_app(instance).app_context():
        assert every_row() == before
        assert [len(rows) for rows in before] == [5, 5, 5]
        db.engine.dispose()


def empty_the_list():
    with writing() as session:
        for table in (ListedText, ListedArea, Listed):
            session.execute(table.__table__.delete())


@pytest.mark.parametrize(
    ("table", "values"),
    [
        (Listed, {"title_zh": "别的"}),
        (Listed, {"state": "passed"}),
        (Listed, {"submitted_at": None}),
        (ListedText, {"other": "别的"}),
        (ListedArea, {"area": "satellite"}),
        (Listed, None),
    ],
)
def test_audit_names_a_row_that_differs_and_relisting_mends_it(app, call, table, values):
    handed_in(app, call)
    with app.app_context():
        with writing() as session:
            session.execute(table.__table__.delete() if values is None else table.__table__.update().values(**values))
        sentence = f"The list of the desk says something else of application {call.number_prefix}-0001 than the application itself."
        assert [finding.wrong.en for finding in auditing.audit(settle=0).findings] == [sentence]
        runner = app.test_cli_runner()
        assert "列表已重建" in runner.invoke(args=["relist"]).output
        assert auditing.audit(settle=0).findings == []
        assert row().title_zh == ZH


def test_application_of_a_call_nobody_knows_any_more_is_listed_all_the_same(app, call):
    application_id = draft(app, call)
    with app.app_context():
        change(db.session.get(Application, application_id), call_id="forgotten-2020")
        listed = row()
        assert (listed.call_id, listed.title_zh, listed.steps) == ("forgotten-2020", "", 0)


def test_overlong_title_is_listed_in_part(app, call):
    draft(app, call, basics={"title-zh": ["量" * 100_000], "title-en": [""]})
    with app.app_context():
        listed = row()
        assert (len(listed.title_zh), listed.title_zh[-1], listed.title_en) == (listed_rows.LONGEST, "…", "")


def test_keys_sort_as_people_do():
    titles = ["张", "王", "阿", "6G", "Zebra", "apple", "Äpfel", "北"]
    assert sorted(titles, key=listed_rows.key_zh) == ["6G", "apple", "Zebra", "Äpfel", "阿", "北", "王", "张"]
    assert sorted(titles, key=listed_rows.key_en) == ["6G", "Äpfel", "apple", "Zebra", "北", "张", "王", "阿"]
