"""What every answer carries, to whomever, from wherever: the strict policy, no third party, cookies nobody else can read."""

import re

import pytest

from app import create_app
from app.extensions import db
from app.pages import HEADERS
from tests.inspecting import inspect
from tests.site import PASSWORD, Site
from tests.test_access import GETS, POSTS, address_of, visitors  # noqa: F401 - fixtures

POLICY = {
    "default-src": "'none'", "script-src": "'self'", "style-src": "'self'", "img-src": "'self'", "connect-src": "'self'",
    "form-action": "'self'", "base-uri": "'none'", "frame-ancestors": "'none'",
}  # fmt: skip


def carries_all(response):
    return {name: response.headers.get(name) for name in HEADERS} == HEADERS


@pytest.fixture
def https(instance, monkeypatch):
    """The same site under an https address, behind one proxy."""
    monkeypatch.setenv("LAUREL_ADDRESS", "https://awards.example.org")
    monkeypatch.setenv("LAUREL_TRUSTED_PROXIES", "1")
    app = create_app(instance, TESTING=True)
    yield app
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


def behind_proxy(app):
    site = Site(app)
    site.client.environ_base.update(HTTP_X_FORWARDED_PROTO="https", HTTP_X_FORWARDED_FOR="192.0.2.1", HTTP_HOST="awards.example.org")
    return site


def test_policy_allows_only_this_site_and_nothing_inline():
    assert dict(part.strip().split(" ", 1) for part in HEADERS["Content-Security-Policy"].split(";")) == POLICY
    assert (HEADERS["X-Content-Type-Options"], HEADERS["Referrer-Policy"]) == ("nosniff", "same-origin")


def test_promise_17_every_answer_of_every_address_carries_the_headers(visitors, address_of):  # noqa: F811
    bare = []
    for method, table in (("GET", GETS), ("POST", POSTS), ("HEAD", GETS), ("OPTIONS", GETS), ("DELETE", GETS)):
        for endpoint in table:
            for number, visitor in enumerate(visitors[::2]):
                response = visitor.client.open(address_of(endpoint), method=method, buffered=True)
                if not carries_all(response) or response.status_code >= 500:
                    bare.append((method, endpoint, number, response.status_code))
    assert bare == []


def test_promise_17_every_page_of_every_address_asks_nobody_else(visitors, address_of):  # noqa: F811
    seen = 0
    for endpoint in GETS:
        for visitor in visitors:
            response = visitor.client.get(address_of(endpoint), buffered=True)
            if response.mimetype == "text/html" and response.status_code not in (301, 302):
                inspect(response)
                seen += 1
    assert seen > len(GETS)


def test_downloads_are_attachments_that_nobody_sniffs(visitors, address_of):  # noqa: F811
    shown = []
    for endpoint in GETS:
        response = visitors[2].client.get(address_of(endpoint), buffered=True)
        if response.status_code == 200 and response.mimetype not in ("text/html", "text/plain"):
            shown.append((endpoint, response.headers.get("Content-Disposition", "").split(";")[0], response.headers["Cache-Control"]))
    assert [answer for answer in shown if answer[1:] != ("attachment", "no-store")] == []
    assert len(shown) > 10


@pytest.mark.parametrize(
    "path", ["/nowhere", "/en/nowhere", "/static/nowhere.css", "/%00", "/en/calls/%ff", "/static/../wsgi.py", "/en//nowhere"]
)
def test_errors_carry_the_headers(site, path):
    response = site.client.get(path)
    assert response.status_code in (302, 308, 404)
    assert carries_all(response)


def test_form_on_another_site_does_not_end_a_sign_in(applicant, site):
    """The browser sends none of our cookies with it, but would take a new one from the answer."""
    stranger = Site(site.app)
    for path in ("/en/account/sign-in", "/en/account/register", "/en/applications/x/basics", "/en/account/sign-out"):
        for where in ("cross-site", "same-site"):
            answer = stranger.client.post(path, data={"email": "x"}, headers={"Sec-Fetch-Site": where, "Sec-Fetch-Mode": "navigate"})
            assert (answer.status_code, "session" in cookies_of(answer), carries_all(answer)) == (400, False, True)
    applicant.client.environ_base["HTTP_SEC_FETCH_SITE"] = "same-origin"
    applicant.open("/en/account/profile")
    applicant.submit(form="account", name="Anna Own")
    assert "Anna Own" in applicant.text()


@pytest.mark.parametrize("origin", ["http://evil.example", "http://localhost:81", "null", None])
def test_what_another_site_sent_is_not_offered_to_be_sent_again(site, origin):
    """Over plain http no browser says that it comes from another site but by its Origin."""
    headers = {"Origin": origin} if origin else {}
    for path in ("/en/account/profile", "/en/desk/people/invite", "/en/desk/mail/retry"):
        answer = site.client.post(path, data={"name": "Mallory", "mail": "7"}, headers=headers)
        assert answer.status_code in (400, 401)
        assert inspect(answer).xpath("//main//form") == []


def test_secrets_are_not_written_into_the_page_that_sends_again(site):
    typed = {"name": "Anna Own", "current": "seven quiet herons", "password": "eight quiet herons", "code": "123456", "csrf_token": "x"}
    page = inspect(site.client.post("/en/account/profile", data=typed, headers={"Origin": "http://localhost"}))
    token = page.xpath("string(//main//form//input[@name='csrf_token']/@value)")
    assert dict(page.xpath("//main//form")[0].form_values()) == {"name": "Anna Own", "csrf_token": token}
    assert token not in ("", "x")


def test_crash_is_logged_on_one_line(app, site, caplog):
    @app.get("/en/crash/<rest>")
    def crash(rest):
        raise RuntimeError("planted")

    assert site.client.get("/en/crash/x%0A2026-01-01 ERROR forged").status_code == 500
    assert [record.getMessage() for record in caplog.records] == ["A page failed: GET '/en/crash/x\\n2026-01-01 ERROR forged'"]


def test_crash_and_too_large_a_body_carry_the_headers(app, site):
    @app.get("/en/crash")
    def crash():
        raise RuntimeError("planted")

    assert carries_all(site.client.get("/en/crash"))
    app.config["MAX_CONTENT_LENGTH"] = 1000
    response = site.client.post("/en/account/sign-in", data={"email": "x" * 2000})
    assert (response.status_code, carries_all(response)) == (413, True)


def test_style_sheets_and_scripts_ask_nobody_else(app):
    from app.pages import STATIC

    texts = {path.name: path.read_text("utf-8") for path in STATIC.iterdir()}
    elsewhere = re.compile(r"(?:https?:)?//(?!www\.w3\.org/)[a-z0-9.-]+\.[a-z]{2,}", re.IGNORECASE)
    assert {name: elsewhere.findall(text) for name, text in texts.items()} == dict.fromkeys(texts, [])


# Under https


def test_https_is_remembered_by_every_answer(https):
    site = behind_proxy(https)
    for path in ("/", "/en/", "/nowhere", "/en/applications", "/static/style.css", "/healthz"):
        assert site.client.get(path).headers["Strict-Transport-Security"] == "max-age=31536000"


def test_http_promises_no_https(site):
    for path in ("/en/", "/static/style.css"):
        assert "Strict-Transport-Security" not in site.client.get(path).headers


def cookies_of(response):
    return {cookie.partition("=")[0]: {part.strip() for part in cookie.split(";")[1:]} for cookie in response.headers.getlist("Set-Cookie")}


def attributes(cookie):
    return {part for part in cookie if not part.startswith(("Expires", "Max-Age"))}


def test_cookies_under_https_are_bound_to_this_host(https):
    site = behind_proxy(https)
    page = site.client.get("/en/account/register", headers={"Accept-Language": "zh"})
    token = re.search(r'name="csrf_token" type="hidden" value="([^"]+)"', page.text)[1]
    signed_in = site.client.post(
        "/en/account/register",
        data={"csrf_token": token, "email": "a@example.org", "name": "A", "password": PASSWORD},
        headers={"Referer": "https://awards.example.org/en/account/register"},
    )
    cookies = cookies_of(page) | cookies_of(signed_in)
    assert signed_in.status_code == 302
    assert {name: attributes(cookie) for name, cookie in cookies.items()} == dict.fromkeys(
        ("__Host-session", "__Host-language"), {"Secure", "HttpOnly", "Path=/", "SameSite=Lax"}
    )


def test_cookies_cannot_be_read_by_scripts_nor_sent_by_other_sites(site):
    page = site.client.get("/en/account/register", headers={"Accept-Language": "zh"})
    assert {name: attributes(cookie) for name, cookie in cookies_of(page).items()} == dict.fromkeys(
        ("session", "language"), {"HttpOnly", "Path=/", "SameSite=Lax"}
    )


def test_form_sent_by_another_site_is_refused_under_https(https):
    site = behind_proxy(https)
    page = site.client.get("/en/account/sign-in")
    token = re.search(r'name="csrf_token" type="hidden" value="([^"]+)"', page.text)[1]
    for referrer in ("https://evil.example.org/", ""):
        answer = site.client.post(
            "/en/account/sign-out", data={"csrf_token": token}, headers={"Referer": referrer} if referrer else {}
        )
        assert answer.status_code == 400
