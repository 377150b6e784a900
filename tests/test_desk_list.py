"""The list and the overview as pages: what they show, what they lead to, how heavy they are."""

from datetime import timedelta

import pytest

from app import demo, rules
from app.applying import drafts, saving
from app.extensions import db, writing
from app.models import Application, Listed
from app.pages.desk.blueprint import BULK
from app.pages.desk.charts import chart
from app.people import accounts
from tests.handing_in import draft, handed_in
from tests.measure import crowd
from tests.site import Site
from tests.test_listing import CROWD
from tests.test_weight import statements

LIST = "/{}/desk/applications"
TITLES = [(zh, en) for zh, en, *_rest in demo.ACHIEVEMENTS]


@pytest.fixture
def organizer(app):
    site = Site(app).register("organizer@example.org")
    with app.app_context(), writing():
        accounts.find("organizer@example.org").role = "organizer"
    return site


def lines(site):
    """The texts of the table, cell by cell."""
    rows = site.page.xpath("//table[@class='list']/tbody/tr")
    return [[" ".join(cell.text_content().split()) for cell in row.xpath("td")] for row in rows]


def titles(site):
    return [" ".join(cell.text_content().split()) for cell in site.page.xpath("//table[@class='list']/tbody/tr/td[3]/*[1]")]


def test_list_shows_a_submission_in_words_of_the_page(app, call, organizer):
    now = call.closes_at - timedelta(days=30, hours=3)
    handed_in(app, call, now=now)
    number, clock = f"{call.number_prefix}-0001", [f"{call.edition}-05-16 21:00"] * 2
    organizer.open(LIST.format("en"))
    title = f"{TITLES[0][1]}Quantum Networks Lab, Example University"
    assert lines(organizer) == [["", number, title, "Basic Research", "China", "Submitted", "", *clock]]
    assert organizer.page.xpath("string(//p[@class='counted'])").split()[:3] == ["1–1", "of", "1"]
    organizer.open(LIST.format("zh"))
    title = f"{TITLES[0][0]}示例大学量子网络实验室"
    assert lines(organizer) == [["", number, title, "基础研究", "中国", "已提交", "", *clock]]


def test_drafts_are_listed_by_title_and_progress(app, call, organizer):
    draft(app, call)
    organizer.open(LIST.format("en"))
    (line,) = lines(organizer)
    assert line[1:7] == ["", f"{TITLES[0][1]}4 of 5 steps begun", "", "", "Draft", ""]
    assert line[7] == ""


def test_unsubmitted_changes_are_flagged_and_not_shown(app, call, organizer):
    application_id = handed_in(app, call)
    with app.app_context():
        application, now = db.session.get(Application, application_id), rules.now()
        drafts.reopen(application=application, call=call, now=now)
        posted = {"title-zh": ["秘密"], "title-en": ["A secret"]}
        saving.save(application=application, call=call, step=call.step("basics"), posted=posted, version=None, now=now)
    organizer.open(LIST.format("en"))
    assert lines(organizer)[0][5] == "Submitted being changed"
    assert "secret" not in organizer.text()


def test_filter_and_search_stand_in_the_address_and_in_the_form(app, call, organizer):
    handed_in(app, call)
    handed_in(app, call, email="b@example.org", achievement=demo.ACHIEVEMENTS[2])
    organizer.open(LIST.format("en") + "?q=satellite&category=key-technology&sort=title")
    assert titles(organizer) == [TITLES[2][1]]
    assert (organizer.value("q"), organizer.value("category"), organizer.value("status")) == ("satellite", "key-technology", "")
    form = organizer.page.xpath("//form[@role='search']")[0]
    assert dict(form.form_values())["sort"] == "title"
    (twin,) = organizer.page.xpath("//a[@hreflang='zh']/@href")
    organizer.open(twin)
    assert titles(organizer) == [TITLES[2][0]]
    organizer.open(LIST.format("en") + "?q=nothing of the sort")
    assert "No application matches." in organizer.text()
    organizer.open(organizer.page.xpath("//form[@role='search']//a/@href")[0])
    assert len(titles(organizer)) == 2


def test_heads_of_the_table_sort_and_say_so(app, call, organizer):
    for number, achievement in enumerate(demo.ACHIEVEMENTS[:3]):
        handed_in(app, call, email=f"{number}@example.org", achievement=achievement)
    organizer.open(LIST.format("en") + "?joint=no")
    assert organizer.page.xpath("//th[@aria-sort]/a/text()") == ["Changed"]
    in_order = sorted(en for _zh, en in TITLES[:3])
    for sort, expected in (("ascending", in_order), ("descending", in_order[::-1])):
        organizer.open(organizer.page.xpath("//th/a[.='Achievement']/@href")[0])
        assert organizer.page.xpath("//th[a='Achievement']/@aria-sort") == [sort]
        assert titles(organizer) == expected
    assert "joint=no" in organizer.address


def test_what_is_not_offered_any_more_is_still_named_in_its_filter(organizer):
    organizer.open(LIST.format("en") + "?category=gone&country=XX")
    assert (organizer.value("category"), organizer.value("country")) == ("gone", "XX")


def test_bulk_actions_take_the_whole_filter_or_what_is_ticked(app, call, organizer):
    handed_in(app, call)
    organizer.open(LIST.format("en") + "?q=quantum&status=submitted&sort=-title")
    (form,) = organizer.page.xpath("//form[.//table[@class='list']]")
    assert dict(form.form_values()) == {"q": "quantum", "status": "submitted", "sort": "-title"}
    here = [address.rpartition("/desk/")[2] for address in form.xpath(".//button/@formaction")]
    with app.test_request_context("/en/"):
        known = [endpoint for endpoint, _words in BULK if endpoint in app.view_functions]
        assert here == [app.url_for(endpoint).rpartition("/desk/")[2] for endpoint in known]
    (box,) = form.xpath(".//input[@type='checkbox']")
    with app.app_context():
        ref = db.session.scalars(db.select(Listed.ref)).one()
    assert (box.name, box.get("value"), box.get("aria-label")) == ("pick", ref, f"Choose {call.number_prefix}-0001")
    organizer.open(f"{LIST.format('en')}?pick={ref}")
    assert organizer.page.xpath("//input[@type='checkbox']")[0].checked


NONSENSE = [
    "page=0", "page=-1", "page=99999999999999999999", "page=x", "page=" + "9" * 5000, "status=x", "checked_by=" + "9" * 40, "q=%00",
    "q=" + "a+" * 300, "q=%25", "pick=%00", "sort=-", "call=%F0%90%80", "area=%00&category=%27", "country=%C3%28",
    "joint=1&answered=2", "pick=a&pick=b&pick=a",
]  # fmt: skip


@pytest.mark.parametrize("room", ["applications", ""])
def test_no_query_breaks_the_page(app, call, organizer, room):
    handed_in(app, call)
    for query in NONSENSE:
        organizer.open(f"/en/desk/{room}?{query}")


@pytest.fixture
def many(app, call, organizer):
    crowd.fill(app, CROWD)
    app.calls._due = 0.0
    return organizer


def test_pages_of_50_lead_to_each_other(many):
    many.open(LIST.format("en") + "?sort=number")
    seen = []
    for expected in ("1–50", "51–100", "101–150", f"151–{CROWD}"):
        assert many.page.xpath("string(//p[@class='counted'])").split()[0] == expected
        seen += many.page.xpath("//input[@type='checkbox']/@value")
        following = many.page.xpath("//a[@rel='next']/@href")
        if following:
            many.open(following[0])
    assert (len(seen), len(set(seen))) == (CROWD, CROWD)
    assert following == []
    many.open(many.page.xpath("//nav[@class='turns']/a[.='First']/@href")[0])
    many.open(many.page.xpath("//nav[@class='turns']/a[.='Last']/@href")[0])
    assert many.page.xpath("//input[@type='checkbox']/@value") == seen[150:]


def test_page_of_50_weighs_less_than_60_kilobytes_and_asks_the_database_little(app, many):
    for language in ("en", "zh"):
        for query, most in (("", 9), ("?q=量子&status=submitted", 9), ("?sort=status&page=3", 16)):
            said = statements(app, lambda: many.open(LIST.format(language) + query))  # noqa: B023 - called at once
            assert len(many.response.data) < 60_000
            assert len(said) <= most, "\n".join(said)
            about = [sql for sql in said if "FROM application" in sql]
            assert all("application.user_id = ?" in sql for sql in about), "only whether the organizer has a draft of their own"


# -- the overview


def test_overview_counts_and_leads_to_what_it_counted(app, many):
    many.open("/en/desk/")
    links = [(link.get("href"), link) for link in many.page.xpath("//main//section//a[contains(@href, 'applications?')]")]
    assert len(links) > 20
    for address, link in links:
        count = link.xpath("string(ancestor::tr/td[last()])") or link.xpath("string(strong)")
        many.open(address)
        assert many.page.xpath("string(//p[@class='counted'])").split()[2] == count, address
        many.open("/en/desk/")


def test_overview_says_what_waits_for_whom(app, call, organizer):
    handed_in(app, call)
    draft(app, call, email="b@example.org")
    organizer.open("/en/desk/")
    waits = {part.xpath("string(h3)"): " ".join(part.text_content().split()) for part in organizer.page.xpath("//section[1]//div[h3]")}
    assert waits == {
        "For the organizer": "For the organizer 1 to be checked",
        "For the applicants": "For the applicants 1 in draft, to be handed in before the deadline",
        "For the experts": "For the experts Nothing.",
    }


def test_overview_draws_each_day_and_says_the_same_as_a_table(app, call, organizer):
    now = call.closes_at - timedelta(days=10, hours=1)
    handed_in(app, call, now=now)
    draft(app, call, email="b@example.org", now=now + timedelta(days=2))
    organizer.open("/en/desk/")
    (picture,) = organizer.page.xpath("//*[local-name()='svg']")
    assert (picture.get("role"), bool(picture.get("aria-label"))) == ("img", True)
    cells = [row.xpath("th/text() | td/text()") for row in organizer.page.xpath("//table[@class='figures']/tbody/tr")]
    day = now.date()
    assert cells == [[str(day + timedelta(days=2)), "1", "0"], [str(day), "1", "1"]]


def test_overview_of_a_site_without_applications_says_so(organizer):
    organizer.open("/en/desk/")
    assert "No application has been started yet." in organizer.text()


def test_overview_shows_mistakes_of_call_files_and_samples(app, call, organizer, instance):
    (instance / "calls" / "broken.toml").write_text("edition = 'soon'", "utf-8")
    app.calls._due = 0.0
    organizer.open("/en/desk/")
    assert "broken.toml:1" in organizer.text()
    samples = organizer.page.xpath("//section[h2[contains(., 'texts to be confirmed')]]//li")
    assert len(samples) == len(call.samples()) > 0


def test_overview_goes_from_call_to_call(app, call, organizer):
    with app.app_context():
        last = demo._last_edition(app, call)
    app.calls._due = 0.0
    handed_in(app, call)
    handed_in(app, last, email="b@example.org", now=last.closes_at - timedelta(days=9))
    organizer.open("/en/desk/")
    for chosen in (call, last):
        organizer.open(organizer.page.xpath(f"//nav[@class='filters']/a[contains(., '{chosen.edition}')]/@href")[0])
        assert organizer.page.xpath("//nav[@class='filters']/a[@aria-current]/text()") == [f"WIC Awards {chosen.edition}"]
        assert f"call={chosen.id}" in organizer.page.xpath("//section//a/@href")[0]


@pytest.mark.parametrize("language", ["zh", "en"])
def test_chart_stays_inside_its_frame_from_one_day_to_years(language, call):
    end = call.closes_at.date()
    for span in (1, 2, 20, 100, 400, 2000):
        first = end - timedelta(days=span)
        days = [(first + timedelta(days=number), number % 7, number % 5) for number in range(span)]
        drawn = chart(days, end, language)
        assert sum(1 for *_rest, height in drawn.bars if height < 0) == 0
        assert all(drawn.left <= x <= x + width <= drawn.right and drawn.top <= y <= drawn.bottom for x, y, width, _h in drawn.bars)
        assert drawn.deadline <= drawn.right
        assert 1 <= len(drawn.marks) <= 10
        assert len(drawn.bars) <= 300
        assert [count for _y, count in drawn.rows][0] == 0
    assert chart([], end, language) is None
