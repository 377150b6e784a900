"""The list: every filter, sort and search against what the applications themselves say; addresses; statuses in a query."""

from datetime import timedelta
from itertools import product
from types import SimpleNamespace

import pytest
import sqlalchemy
from werkzeug.datastructures import MultiDict

from app import demo, rules, versions
from app.call.schema import ArchivedCall
from app.desk import listed_rows, listing, tallies
from app.desk.listing import Selection
from app.extensions import db
from app.models import Application, Listed, ListedText
from tests.handing_in import draft, handed_in
from tests.measure import crowd

CROWD = 160


@pytest.fixture(scope="module")
def many(tmp_path_factory):
    """A site with applications of every status in two calls; read only."""
    from app import create_app

    app = create_app(tmp_path_factory.mktemp("many"))
    crowd.fill(app, CROWD)
    app.calls._due = 0.0
    with app.app_context():
        yield app
        db.session.remove()
        db.engine.dispose()


def numbers(app, **asked):
    """The ids that a Selection finds, the same by page as at once."""
    selection, now = Selection(**asked), rules.now()
    found = listing.ids(selection, app.calls, now)
    pages, number = [], 1
    while True:
        page = listing.page(selection, app.calls, now, number)
        pages += [row.application_id for row in page.rows]
        assert (page.number, page.total, page.pages) == (number, len(found), max(1, -(-len(found) // listing.PAGE)))
        if page.number == page.pages:
            break
        number += 1
    assert pages == found
    assert listing.count(selection, app.calls, now) == len(found)
    return found


# -- statuses


@pytest.fixture
def calls(call):
    """One that is open, closed, not open yet, lenient, archived."""
    return [
        call,
        call.model_copy(update={"id": "closed-2020", "deadline": "2020-06-15 24:00"}),
        call.model_copy(update={"id": "later-2027", "opens": call.deadline[:10] + " 00:00"}),
        call.model_copy(update={"id": "lenient-2027", "grace_minutes": 10}),
        ArchivedCall.model_validate({**call.model_dump(by_alias=True), "id": "archived-2027"}),
    ]


def test_statuses_of_a_query_are_those_of_the_rules_at_every_instant(call, calls):
    closes = rules.closing(call)
    around = [None, *(closes + timedelta(minutes=minutes) for minutes in (-2000, -5, 0, 5, 10, 2000))]
    states = ("draft", "submitted", "returned", "passed", "ineligible", "under-review", "decided", "withdrawn")
    fields = ("state", "call_id", "until", "extended_until", "released_at")
    rows = [
        dict(zip(fields, (state, kind.id, until if state == "returned" else None, extended, released), strict=True))
        for state, kind, until, extended, released in product(states, calls, around, around, around)
        if (until is None or state == "returned") and (released is not None) == (state == "decided")
    ]
    engine, second = sqlalchemy.create_engine("sqlite://"), timedelta(seconds=1)
    metadata = sqlalchemy.MetaData()
    table = sqlalchemy.Table("listed", metadata, *(sqlalchemy.Column(name, Listed.__table__.c[name].type) for name in fields))
    known = {kind.id: kind for kind in calls}
    with engine.begin() as connection:
        metadata.create_all(connection)
        connection.execute(table.insert(), rows)
        for now in (instant + delta for instant in around[1:] for delta in (-second, 0 * second, second)):
            conditions = rules.statuses_in(table.c, calls, now)
            columns = [condition.label(status) for status, condition in conditions.items()]
            for row in connection.execute(sqlalchemy.select(table, *columns)).mappings():
                expected = rules.status_of(SimpleNamespace(**row), known[row["call_id"]], now)
                assert [status for status in rules.STATUSES if row[status]] == [expected], (row, now)


def test_status_of_the_list_is_that_of_each_application(many):
    now, known = rules.now(), versions.every_call(many.calls)
    expected = {}
    for application in db.session.scalars(db.select(Application)):
        expected.setdefault(rules.status(application, known[application.call_id], now), set()).add(application.id)
    assert {status: set(numbers(many, status=status)) for status in rules.STATUSES} == dict.fromkeys(rules.STATUSES, set()) | expected


# -- filters, sorting, search


def rows(**values):
    """The rows of the list with these values, by id."""
    found = db.session.scalars(db.select(Listed)).all()
    return {row.application_id: row for row in found if all(getattr(row, name) == value for name, value in values.items())}


def test_every_filter_finds_what_has_that_value(many):
    handed_in_rows, checked = rows().keys() - rows(number=None).keys(), next(row for row in rows().values() if row.checked_by)
    call, category = many.calls.all()[0].id, "key-technology"
    for asked, expected in (
        ({"call": call}, rows(call_id=call)),
        ({"category": category}, rows(category=category)),
        ({"country": checked.country}, rows(country=checked.country)),
        ({"checked_by": str(checked.checked_by)}, rows(checked_by=checked.checked_by)),
        ({"joint": "yes"}, rows(joint=True)),
        ({"joint": "no"}, handed_in_rows & rows(joint=False).keys()),
        ({"answered": "yes"}, rows(answered=True)),
        ({"answered": "no"}, handed_in_rows & rows(answered=False).keys()),
        ({"joint": "yes", "category": category, "status": "passed"}, rows(joint=True, category=category, state="passed")),
    ):
        assert expected, asked
        assert set(numbers(many, **asked)) == set(expected), asked


def test_area_filter_finds_those_who_chose_it_first_or_second(many):
    chosen = {}
    for application in db.session.scalars(db.select(Application).where(Application.number.is_not(None))):
        for area in application.snapshot.answers["basics"]["areas"]:
            chosen.setdefault(area, set()).add(application.id)
    assert len(chosen) > 10
    assert {area: set(numbers(many, area=area)) for area in chosen} == chosen


def test_picked_by_hand_are_those_among_the_ones_that_match(many):
    one, other, third = (row for row in list(rows(state="submitted").values())[:3])
    assert set(numbers(many, refs=(one.ref, third.ref, "no-such-ref"))) == {one.application_id, third.application_id}
    assert numbers(many, refs=(one.ref, other.ref), status="draft") == []


def test_every_sort_goes_both_ways_and_leaves_the_blank_ones_last(many):
    newest = listing.newest_first(versions.every_call(many.calls).values())
    categories, checkers = ["basic-research", "key-technology", "engineering-rd"], list(listing.checkers())
    named = list(listing.countries_listed(newest))
    keys = {
        "changed": lambda row: row.changed_at,
        "submitted": lambda row: row.submitted_at,
        "number": lambda row: row.number,
        "title": lambda row: listed_rows.folded(row.title_en or row.title_zh)[:20] or "~",
        "category": lambda row: row.category and categories.index(row.category),
        "country": lambda row: row.country and named.index(row.country),
        "checked_by": lambda row: checkers.index(row.checked_by) if row.checked_by else None,
    }
    known = rows()
    for name, (sign, descending) in product(keys, (("", False), ("-", True))):
        found = [keys[name](known[row_id]) for row_id in numbers(many, sort=sign + name)]
        filled = [key for key in found if key not in (None, "")]
        assert (len(found), found[: len(filled)]) == (CROWD, sorted(filled, reverse=descending)), sign + name


def test_sort_by_status_follows_the_course_of_things(many):
    now, known = rules.now(), versions.every_call(many.calls)
    listed = rows()
    for sort, order in (("status", list(rules.STATUSES)), ("-status", list(rules.STATUSES)[::-1])):
        statuses = [rules.status_of(listed[row_id], known[listed[row_id].call_id], now) for row_id in numbers(many, sort=sort)]
        assert list(dict.fromkeys(statuses)) == [status for status in order if status in statuses]


@pytest.mark.parametrize("sort", ["", "title", "-country", "status", "number", "submitted"])
def test_search_and_filter_keep_every_sort_complete(many, sort):
    assert sorted(numbers(many, q="a", sort=sort)) == sorted(numbers(many, q="a"))
    assert len(numbers(many, q="a", sort=sort)) > listing.PAGE
    assert sorted(numbers(many, category="key-technology", sort=sort)) == sorted(rows(category="key-technology"))


def test_search_is_what_a_look_through_every_text_finds(many):
    texts = {row.application_id: f"{row.ascii}\n{row.other}" for row in db.session.scalars(db.select(ListedText))}
    for words in ("量子", "satellite", "SATELLITE", "ｓａｔｅｌｌｉｔｅ", "RISC-V", "大学", "王", "São", "sao joao", "6G太赫兹"):
        folded = listed_rows.folded(words).split()
        expected = {number for number, text in texts.items() if all(word in text for word in folded)}
        assert expected, words
        assert set(numbers(many, q=words)) == expected, words


FOUND = [
    "量子 密钥", "密钥 quantum", "林晓雯", "LIN Xiaowen", "xiaowen LIN", "示例大学", "muller", "MÜLLER", "0001", "{prefix}-0001", "",
    " 　 ", "quantum " * 40,
]  # fmt: skip
NOT_FOUND = ["量子 卫星", "%", "_", "\\", "'", "wang.fang@example.org", "王芳", "论文", "课题负责人", "q\0x", "量" * 500]
"""Among them what is private, the roles of people, and the names of files."""


def test_search_looks_at_number_titles_organizations_and_people(app, call):
    handed_in(app, call, files=[("论文_Paper.pdf", "papers", demo.sample_pdf("Paper"))])
    with app.app_context():
        for words in FOUND + NOT_FOUND:
            selection = Selection.from_args(MultiDict({"q": words.format(prefix=call.number_prefix)}))
            assert len(numbers(app, q=selection.q)) == (words in FOUND), words


def test_draft_is_found_by_title_alone(app, call):
    draft(app, call)
    with app.app_context():
        assert [len(numbers(app, q=words)) for words in ("量子", "Quantum", "林晓雯", "示例大学")] == [1, 1, 0, 0]
        for asked in ({"country": "CN"}, {"category": "basic-research"}, {"area": "quantum"}, {"joint": "no"}, {"answered": "no"}):
            assert numbers(app, **asked) == []


# -- addresses


def test_selection_goes_into_an_address_and_comes_back():
    selection = Selection(
        call="wic-awards-2027", status="return-lapsed", answered="no", category="x", area="ai", country="CN", joint="yes", checked_by="7",
        q="量子 satellite", sort="-title", refs=("a", "b"),
    )  # fmt: skip
    assert Selection.from_args(MultiDict(selection.args())) == selection
    assert Selection().args() == {}


@pytest.mark.parametrize(
    "query",
    [
        {"status": "gone"}, {"joint": "maybe"}, {"answered": "1"}, {"checked_by": "x"}, {"checked_by": "9" * 30}, {"checked_by": "٣"},
        {"sort": "password"}, {"sort": "--title"}, {"nonsense": "1"}, {"q": " \0 "}, {"country": ""},
    ],
)  # fmt: skip
def test_nonsense_in_an_address_is_left_out(query):
    assert Selection.from_args(MultiDict(query)) == Selection()


# -- tallies


def test_tally_counts_what_the_list_finds(many):
    now = rules.now()
    for call in many.calls.all():
        tally = tallies.of_call(call, now)
        assert tally.total == len(numbers(many, call=call.id)) > 0
        assert tally.statuses == {status: len(numbers(many, call=call.id, status=status)) for status in rules.STATUSES}
        assert tally.again == len(numbers(many, call=call.id, answered="yes"))
        for name, counts in (("category", tally.categories), ("area", tally.areas), ("country", tally.countries)):
            assert counts
            assert counts == {value: len(numbers(many, call=call.id, **{name: value})) for value in counts}
        submitted = len(rows(call_id=call.id)) - len(rows(call_id=call.id, number=None))
        assert sum(tally.categories.values()) == sum(tally.countries.values()) == submitted


def test_days_are_those_of_the_zone_of_the_call_without_a_gap(app, call):
    evening = call.closes_at - timedelta(days=5, hours=1)
    assert evening.astimezone(rules.UTC).date() == evening.date()
    handed_in(app, call, now=evening - timedelta(hours=20))
    draft(app, call, email="b@example.org", now=evening + timedelta(days=2))
    with app.app_context():
        days = tallies.of_call(call, rules.now()).days
    first = (evening - timedelta(hours=20)).date()
    assert days == [(first, 1, 1), (first + timedelta(days=1), 0, 0), (first + timedelta(days=2), 1, 0)]
