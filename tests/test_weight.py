"""How heavy the site is: bytes of every step, of what the first visit loads, and statements to the database a page.

Sizes only; what pages cost in time is measured by `tests/measure/journey.py`.
"""

import gzip
import io

import pytest
from sqlalchemy import event

from app import demo
from app.extensions import db
from app.pages import STATIC
from tests.test_apply import begin

STEPS = ("category", "basics", "contributors", "partnership", "materials", "files", "check")
CONTRIBUTOR = "林晓雯\tLin Xiaowen\t示例大学\tExample University\t课题负责人\tLead researcher\tlin@example.org"
STATEMENTS = {
    "/{language}/": 0,
    "/{language}/calls/{call}": 0,
    "/{language}/applications": 4,
    "{application}": 5,
    "{application}/category": 3,
    "{application}/basics": 3,
    "{application}/contributors": 3,
    "{application}/partnership": 3,
    "{application}/materials": 3,
    "{application}/files": 4,
    "{application}/check": 4,
}
"""The most statements a page may need. Three are those of every step: who is signed in, the application, what else of theirs is open."""


def filled(site, address, call):
    """Fills in a joint application of twenty contributors and two files."""
    answers = demo.sample_answers(call, demo.ACHIEVEMENTS[0])
    answers["basics"]["joint"] = ["yes"]
    answers["contributors"] = {"contributors-paste": f"{CONTRIBUTOR}\n" * 20}
    answers["partnership"] = {
        "partners-1-organization-zh": "示例研究所", "partners-1-organization-en": "Example Institute",
        "partners-1-country": "DE", "partners-1-contribution-zh": "实地测试。", "partners-1-contribution-en": "Carried out field tests.",
        "partnership_importance-zh": "合作使验证成为可能。", "partnership_importance-en": "The partnership made the tests possible.",
    }  # fmt: skip
    for step, posted in answers.items():
        site.open(f"{address}/{step}")
        site.submit("save", answers=posted)
    site.open(f"{address}/files")
    for title in ("量子论文_Quantum paper.pdf", "专利证书_Patent certificate.pdf"):
        site.submit("upload", kind="papers", files=(io.BytesIO(demo.sample_pdf("Paper")), title))


def statements(app, act):
    """What the database is asked while `act()` runs, as SQL."""
    with app.app_context():
        engine = db.engine
    said = []

    def listen(connection, cursor, statement, parameters, context, many):
        said.append(statement)

    event.listen(engine, "before_cursor_execute", listen)
    act()
    event.remove(engine, "before_cursor_execute", listen)
    return said


@pytest.fixture
def address(applicant, call):
    return begin(applicant, call)


@pytest.mark.parametrize("fill", [False, True], ids=["empty", "filled"])
def test_every_step_stays_under_30_kilobytes(applicant, call, address, fill):
    if fill:
        filled(applicant, address, call)
    sizes = {}
    for language in ("zh", "en"):
        for step in STEPS:
            applicant.open(f"{address.replace('/en/', f'/{language}/')}/{step}")
            sizes[language, step] = len(applicant.response.data)
    assert {page: size for page, size in sizes.items() if size >= 30_000} == {}
    if fill:
        assert len(applicant.page.xpath("//section[@id='contributors']//dt[contains(., 'Contributor')]")) == 20


def test_stylesheet_stays_under_12_kilobytes():
    assert len((STATIC / "style.css").read_bytes()) < 12_000


def test_stylesheet_of_the_desk_stays_under_8_kilobytes():
    assert len((STATIC / "desk.css").read_bytes()) < 8_192


def test_stylesheet_and_scripts_stay_under_20_kilobytes_compressed():
    files = [path for path in STATIC.iterdir() if path.suffix in (".css", ".js")]
    assert sum(len(gzip.compress(path.read_bytes())) for path in files) < 20_000


def test_first_visit_loads_four_files(site):
    page = site.open("/zh/")
    loaded = page.xpath("//link/@href | //script/@src | //img/@src")
    assert sorted({address.partition("?")[0] for address in loaded}) == [
        "/static/app.js", "/static/icon.svg", "/static/lengths.js", "/static/style.css",
    ]  # fmt: skip


@pytest.mark.parametrize("where", STATEMENTS)
def test_page_needs_few_statements(app, applicant, call, address, where):
    filled(applicant, address, call)
    if STATEMENTS[where] == 0:
        applicant.client.delete_cookie("session")
    said = statements(app, lambda: applicant.open(where.format(language="zh", call=call.id, application=address)))
    assert len(said) <= STATEMENTS[where], "\n".join(said)
