"""Every page, in both languages: one language a page, the headers of every answer, error pages in words."""

import io
import threading

import pytest

from app import demo
from app.applying import saving
from app.applying.drafts import Refused
from app.extensions import csrf
from app.files import uploads
from app.pages import HEADERS
from tests.inspecting import inspect
from tests.site import Site
from tests.test_access import GETS, address_of, visitors  # noqa: F401 - fixtures
from tests.test_apply import begin, fill


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_page_speaks_one_language(visitors, address_of, language):  # noqa: F811
    for endpoint in GETS:
        for visitor in visitors:
            response = visitor.client.get(address_of(endpoint, language=language), headers={"Accept-Language": language}, buffered=True)
            if response.mimetype == "text/html" and response.status_code < 300:
                inspect(response)


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/nothing", 404),
        ("GET", "/calls/no-such-call", 404),
        ("GET", "/calls/%00", 404),
        ("POST", "/", 405),
        ("PUT", "/applications", 405),
        ("POST", "/account/sign-out", 400),
        ("GET", "/applications/x/receipt/99999999999999999999", 302),
    ],
)
def test_refusal_is_a_page_in_the_language_of_the_address(site, language, method, path, status):
    response = site.client.open(f"/{language}{path}", method=method)
    assert response.status_code == status
    if status >= 400:
        assert inspect(response).get("lang") == {"zh": "zh-Hans", "en": "en"}[language]


def test_unknown_address_without_language_speaks_the_visitors(site):
    page = inspect(site.client.get("/nowhere", headers={"Accept-Language": "de, en;q=0.5"}))
    assert page.get("lang") == "en"


def test_too_large_a_body_is_refused_in_words(app, applicant):
    app.config["MAX_CONTENT_LENGTH"] = 1000
    response = applicant.client.post("/en/account/profile", data={"name": "x" * 2000})
    assert response.status_code == 413
    inspect(response)


def test_root_follows_cookie_then_browser(site):
    assert site.client.get("/", headers={"Accept-Language": "zh-CN,zh"}).headers["Location"] == "/zh/"
    assert site.client.get("/", headers={"Accept-Language": "de-DE,en;q=0.7"}).headers["Location"] == "/en/"
    site.client.get("/zh/", headers={"Accept-Language": "en"})
    assert site.client.get("/", headers={"Accept-Language": "en"}).headers["Location"] == "/zh/"


def test_language_without_slash_leads_to_the_home_page(site):
    assert site.client.get("/en").headers["Location"].endswith("/en/")


def test_static_files_carry_the_headers_too(site):
    response = site.client.get("/static/style.css")
    assert {name: response.headers[name] for name in HEADERS} == HEADERS


def test_pages_with_personal_data_are_not_stored(applicant):
    assert applicant.client.get("/en/account/settings").headers["Cache-Control"] == "no-store"


def test_crash_is_a_page_in_words(app, site):
    @app.get("/en/crash")
    def crash():
        raise RuntimeError("planted")

    response = site.client.get("/en/crash")
    assert response.status_code == 500
    inspect(response)


def test_closed_call_says_so_and_offers_no_new_application(app, applicant, call, monkeypatch):
    from datetime import timedelta

    from app import rules

    monkeypatch.setattr(rules, "now", lambda: call.closes_at + timedelta(seconds=1))
    applicant.open(f"/en/calls/{call.id}")
    assert "The deadline has passed, so no new application can be started." in applicant.text()
    assert applicant.page.xpath("//form[contains(@action, '/applications')]") == []


# Between the saving of a page and what its button does, another tab may have handed the application in.


@pytest.fixture
def handed_in_first(app, call, applicant, monkeypatch):
    """`handed_in_first(module, verb)`: whoever calls this verb finds that another tab has handed the application in just now."""
    address = begin(applicant, call)
    applicant.open(f"{address}/files")
    for name in ("论文_Paper.pdf", "专利_Patent.pdf"):
        applicant.submit("upload", kind="papers", files=(io.BytesIO(demo.sample_pdf("Paper")), name))
    fill(applicant, address, call)
    other = Site(app).sign_in("applicant@example.org")
    other.open(f"{address}/check")

    def race(module, verb):
        real = getattr(module, verb)

        def late(**given):
            # A thread, as the server has one for each: a request inside another would share what belongs to it.
            tab = threading.Thread(target=other.submit, args=("submit", "submit"), kwargs={"declaration": "yes"})
            tab.start()
            tab.join()
            return real(**given)

        monkeypatch.setattr(module, verb, late)
        return address

    return race


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize(
    ("module", "verb", "page", "button"),
    [(saving, "change_rows", "contributors", "add"), (uploads, "remove", "files", "remove-"), (uploads, "move", "files", "down-")],
)
def test_button_that_comes_too_late_is_refused_in_words(applicant, handed_in_first, language, module, verb, page, button):
    address = handed_in_first(module, verb).replace("/en/", f"/{language}/")
    applicant.open(f"{address}/{page}")
    if page == "files":
        button = applicant.page.xpath("string(//button[starts-with(@value, $button)]/@value)", button=button)
    applicant.submit(button, status=409)
    reason = {
        "zh": "申报已提交。如需修改，请先重新打开。",
        "en": "This application has been handed in. Reopen it first if you want to change something.",
    }
    assert reason[language] in applicant.text()
    assert applicant.page.xpath("//a[@class='button']/@href") == [f"{address}/{page}"]
    typed = dict(applicant.page.forms[-1].form_values())
    assert typed["action"] == button
    assert {name for name in typed if name.startswith(("contributors-", "title-"))} != set()
    applicant.open(applicant.page.xpath("string(//a[@class='button']/@href)"))
    assert reason[language] in applicant.text()


@pytest.mark.parametrize(
    ("referrer", "back"),
    [
        ("http://localhost/en/account/settings", ["/en/account/settings"]),
        ("http://localhost//evil.example/", []),
        ("http://evil.example/en/", []),
        (None, []),
    ],
)
def test_refusal_of_what_can_only_be_pressed_leads_back_to_a_page_of_ours_alone(app, site, referrer, back):
    @app.post("/en/pressed")
    @csrf.exempt
    def pressed():
        raise Refused("Too late.")

    response = site.client.post("/en/pressed", headers={"Referer": referrer} if referrer else {})
    assert response.status_code == 409
    page = inspect(response)
    assert "Too late." in page.text_content()
    assert page.xpath("//article//a/@href") == [*back, "/en/"]
