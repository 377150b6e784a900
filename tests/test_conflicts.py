"""Conflicts of interest: found in what was handed in, kept, dismissed, entered; and that nobody sees what they concern."""

from datetime import timedelta

import pytest

from app import rules
from app.applying import drafts
from app.applying.drafts import Refused
from app.extensions import db, writing
from app.models import Application, Assignment, Conflict, Expert
from app.people import accounts
from app.review import conflicts, experts, ties
from tests.handing_in import handed_in, submit
from tests.site import Site
from tests.test_experts import DESK, desk, give, joined, recorded  # noqa: F401 - a fixture

PARTNER = {
    "basics": {"joint": ["yes"]},
    "partnership": {
        "partners-row": ["p"], "partners-p-organization-zh": ["之江实验室"], "partners-p-organization-en": ["Zhejiang Lab"],
        "partners-p-country": ["CN"], "partners-p-contribution-zh": ["协议"], "partners-p-contribution-en": ["Protocol"],
        "partnership_importance-zh": ["重要。"], "partnership_importance-en": ["Important."],
    },
}  # fmt: skip
NOBODY = {"name_zh": "", "name_en": "No Namesake", "organization_zh": "", "organization_en": "Elsewhere Ltd", "aliases": []}


def found(call, **known):
    """[(rule, theirs)] of what is found of an expert of whom this is known."""
    with writing() as session:
        expert = session.query(Expert).one()
        for name, value in (NOBODY | known).items():
            setattr(expert, name, value)
    return [(reason["rule"], reason["theirs"]) for reasons in ties.find(call).values() for reason in reasons]


@pytest.fixture
def application(app, call):
    """The id of an application, with a partner, whose contributors are of the applicant."""
    return handed_in(app, call, **PARTNER)


@pytest.fixture
def expert(app, call, application):
    """The id of an expert whom nothing binds to it, in the app's context."""
    number = joined(app, call)
    with app.app_context():
        found(call)
        yield number


@pytest.mark.parametrize(
    ("known", "expected"),
    [
        ({}, []),
        ({"organization_zh": "示例大学"}, [("organization", "示例大学量子网络实验室")]),
        ({"organization_en": "Example University"}, [("organization", "Quantum Networks Lab, Example University")]),
        ({"aliases": ["Somewhere", "之江實驗室"]}, [("organization", "之江实验室")]),
        ({"organization_en": "Zhejiang Lab", "aliases": ["之江"]}, [("organization", "Zhejiang Lab"), ("organization", "之江实验室")]),
        ({"name_zh": "陳志遠"}, [("person", "陈志远 Chen Zhiyuan")]),
        ({"name_en": "Müller Anna"}, [("person", "穆勒 Anna Müller")]),
        ({"name_en": "Anna Müller", "name_zh": "米勒"}, []),
    ],
)
def test_conflicts_are_found_by_names(expert, call, known, expected):
    assert found(call, **known) == expected


def test_conflicts_are_found_by_addresses(app, expert, call):
    people = {"contributors-2-email": ["chen@lab.tsinghua.edu.cn"]}
    again = handed_in(app, call, email="b@example.org", contributors=people, basics={"contact_email": ["office@huawei.com"]})
    user = db.session.get(Expert, expert).user
    for address, expected in {
        "x@cs.tsinghua.edu.cn": [("domain", "tsinghua.edu.cn")],
        "y@huawei.com": [("domain", "huawei.com")],
        "Chen@LAB.tsinghua.edu.cn": [("domain", "tsinghua.edu.cn"), ("person", "陈志远 Chen Zhiyuan <chen@lab.tsinghua.edu.cn>")],
        "z@gmail.com": [],
    }.items():
        with writing():
            user.email, user.email_key = address, address.casefold()
        assert found(call) == expected, address
    assert ties.find(call) == {}
    assert db.session.get(Application, again).number is not None


def test_conflict_with_an_own_application_is_found_by_any_address(app, expert, call):
    own = handed_in(app, call, email="owner@qq.com", basics={"contact_email": ["office@163.com"]})
    user = db.session.get(Expert, expert).user
    with writing():
        user.email, user.email_key = "Office@163.com", "office@163.com"
    reason = {"rule": "person", "theirs": "office@163.com", "ours": "Office@163.com"}
    assert ties.find(call) == {(own, expert): [reason]}
    with writing() as session:
        user.email, user.email_key = "someone@gmail.com", "someone@gmail.com"
        session.get(Application, own).user_id = user.id
    assert ties.find(call) == {(own, expert): [{"rule": "person", "theirs": "someone@gmail.com", "ours": "someone@gmail.com"}]}


def test_what_is_found_follows_what_is_handed_in_again_and_withdrawn(app, expert, call, application):
    now = rules.now()
    found(call, organization_zh="示例大学")
    conflicts.refresh(call, now)
    assert conflicts.standing(call) == {(application, expert)}
    change(call, application, **{"organization-zh": ["别处"], "organization-en": ["Institute of Optics, Jena"]})
    submit(app, call, application)
    conflicts.refresh(call, now)
    # Its contributors are still of the university.
    assert [row.details["found"][0]["theirs"] for row in db.session.query(Conflict)] == ["示例大学量子网络实验室"]
    drafts.withdraw(application=db.session.get(Application, application), call=call, now=now)
    conflicts.refresh(call, now)
    assert (conflicts.standing(call), db.session.query(Conflict).all()) == (set(), [])


def change(call, application_id, **answers):
    from app.applying import saving

    application = db.session.get(Application, application_id)
    drafts.reopen(application=application, call=call, now=rules.now())
    posted = drafts.raw_of(application)["basics"] | answers
    saving.save(application=application, call=call, step=call.step("basics"), posted=posted, version=None, now=rules.now())


def test_conflict_that_is_found_ends_what_was_given_at_once(expert, call, application):
    give(expert, application)
    experts.change(
        expert=db.session.get(Expert, expert), call=call, values={"organization_zh": "示例大学"}, by=accounts.find(DESK), now=rules.now()
    )
    assert db.session.query(Assignment).one().ended_at is not None
    assert [details["whom"] for _who, details in recorded("conflict found")] == [db.session.get(Expert, expert).user_id]


def test_dismissed_conflict_stands_no_more_until_something_else_is_found(expert, call, application):
    now, by = rules.now(), accounts.find(DESK)
    found(call, name_zh="陈志远")
    conflicts.refresh(call, now)
    row = db.session.query(Conflict).one()
    conflicts.dismiss(conflict=row, reason="同名不同人", by=by, now=now)
    conflicts.refresh(call, now)
    assert conflicts.standing(call) == set()
    assert [details["reason"] for _who, details in recorded("conflict dismissed")] == ["同名不同人"]
    found(call, name_zh="陈志远", organization_zh="之江实验室")
    conflicts.refresh(call, now)
    assert conflicts.standing(call) == {(application, expert)}


def test_dismissal_is_taken_back(expert, call, application):
    now, by = rules.now(), accounts.find(DESK)
    found(call, name_zh="陈志远")
    conflicts.refresh(call, now)
    row = db.session.query(Conflict).one()
    conflicts.dismiss(conflict=row, reason="x", by=by, now=now)
    give(expert, application)
    conflicts.uphold(conflict=row, by=by, now=now)
    assert conflicts.standing(call) == {(application, expert)}
    assert db.session.query(Assignment).one().ended_at is not None


def test_conflict_is_entered_once_taken_back_and_never_dismissed(expert, call, application):
    now, by = rules.now(), accounts.find(DESK)
    both = {"expert": db.session.get(Expert, expert), "application": db.session.get(Application, application)}
    give(expert, application)
    conflicts.enter(**both, text="Former student.", by=by, now=now)
    assert db.session.query(Assignment).one().ended_at is not None
    with pytest.raises(Refused, match="known already"):
        conflicts.enter(**both, text="", by=by, now=now)
    row = db.session.query(Conflict).one()
    with pytest.raises(Refused, match="can be dismissed"):
        conflicts.dismiss(conflict=row, reason="x", by=by, now=now)
    conflicts.refresh(call, now)
    assert conflicts.standing(call) == {(application, expert)}
    conflicts.take_back(conflict=row, by=by, now=now)
    assert conflicts.standing(call) == set()


def test_conflict_with_what_no_expert_sees_is_refused(expert, call, application):
    drafts.withdraw(application=db.session.get(Application, application), call=call, now=rules.now())
    both = {"expert": db.session.get(Expert, expert), "application": db.session.get(Application, application)}
    with pytest.raises(Refused, match="withdrawn"):
        conflicts.enter(**both, text="", by=accounts.find(DESK), now=rules.now())


def test_nothing_found_anew_writes_nothing(expert, call, application):
    found(call, name_zh="陈志远")
    conflicts.refresh(call, rules.now())
    before = db.session.query(Conflict).one().at
    conflicts.refresh(call, rules.now() + timedelta(hours=1))
    assert db.session.query(Conflict).one().at == before


def test_conflict_is_found_as_the_expert_opens_what_was_given(app, expert, call, application):
    give(expert, application)
    with writing():
        db.session.get(Expert, expert).name_zh = "陈志远"
    ref = db.session.get(Application, application).ref
    guest = Site(app).sign_in("expert@example.org")
    assert "Quantum" in guest.client.get("/en/panel/applications").text
    guest.open(f"/en/panel/applications/{ref}", status=404)
    assert "Quantum" not in guest.client.get("/en/panel/applications").text
    db.session.rollback()
    assert conflicts.standing(call) == {(application, expert)}


# At the desk


def test_conflict_is_entered_found_and_dismissed_at_the_desk(app, desk, call, application):  # noqa: F811 - the fixture
    expert = joined(app, call, name_zh="陈志远", organization_zh="", organization_en="Elsewhere Ltd", aliases=[])
    desk.open("/en/desk/conflicts")
    assert "May be a contributor: 陈志远 Chen Zhiyuan" in desk.text()
    with app.app_context():
        (found,) = db.session.query(Conflict)
        address, number = f"/en/desk/conflicts/{found.id}", db.session.get(Application, application).number
    desk.open(address)
    desk.submit(form="account", reason=" ")
    assert desk.errors() == ["Say why."]
    desk.submit(form="account", reason="Somebody else of this name.")
    desk.open(address)
    assert "Somebody else of this name." in desk.text()
    desk.open(f"/en/desk/conflicts/new?expert={expert}")
    desk.submit(form="account", number="none")
    assert desk.errors() == ["No application of this call has this number."]
    desk.submit(form="account", number=number, expert="99")
    assert desk.errors() == ["Choose an expert."]
    desk.submit(form="account", number=f" {number.lower()} ", expert=str(expert), text="师生")
    queries = {"": 2, "?state=standing": 1, "?source=system": 1, f"?expert={expert}&number={number}": 2, "?number=x": 0}
    for query, shown in queries.items():
        desk.open(f"/en/desk/conflicts{query}")
        assert len(desk.page.xpath("//tbody/tr")) == shown, query
    desk.open(address)
    desk.submit(form="account")
    with app.app_context():
        assert [row.dismissed_at for row in db.session.query(Conflict)] == [None, None]
    desk.open("/en/desk/conflicts/99", status=404)
