"""No input of any kind gives a 500, and what was typed comes back verbatim."""

import io

import pytest

from app.call.schema import FILES_STEP
from tests.site import PASSWORD
from tests.test_apply import begin

NAUGHTY = [
    "\x00", "\ufeff", "\u202e\u2066", "‮evil", "a\tb", "' OR 1=1 --", "<script>alert(1)</script>", "{{ 7*7 }}", "%s%n%(label)s", "{label}",
    "𠮷田 㛃 𨭎", "e\u0301 \u00e9 \ufa19", "👩‍👩‍👧‍👦", "العربية", "ﷺ" * 50, "Z̶̮a̷l̸g̵o̷",
    "１２３", "\U0010ffff", "-1", "1e999", "null", "../../etc/passwd",
    "＜＞", "\\", '"', "&amp;", "Ω≈ç√∫", "\u00a0", "١٢٣",
]  # fmt: skip
WEIRD_BODIES = [
    (b"", "multipart/form-data"),
    (b"garbage", "multipart/form-data; boundary=x"),
    (b"--x\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n\xff\xfe\r\n", "multipart/form-data; boundary=x"),
    (b"%ff%fe=%00&a=%zz&=&&", "application/x-www-form-urlencoded"),
    (b"[1,2", "application/json"),
    (b"\xff" * 100, "text/plain"),
]


@pytest.fixture
def address(applicant, call):
    return begin(applicant, call)


@pytest.mark.parametrize("step", ["category", "basics", "contributors", "partnership", "materials"])
def test_promise_11_naughty_text_in_every_field_comes_back_verbatim(applicant, call, address, step):
    if step == "materials":
        applicant.open(f"{address}/category")
        applicant.submit("save", category="basic-research")
    for text in NAUGHTY:
        applicant.open(f"{address}/{step}")
        fields = applicant.page.get_element_by_id("step").fields
        names = [name for name in fields if name not in ("csrf_token", "action", "version") and not name.endswith(("-row", "-paste"))]
        inputs = {name: applicant.page.xpath("//*[@name=$name]", name=name)[0] for name in names}
        kinds = ("text", "email", "tel", "url", "date")
        typed = [name for name, element in inputs.items() if element.tag == "textarea" or element.get("type", "text") in kinds]
        applicant.submit("continue", answers=dict.fromkeys(names, text))
        applicant.open(f"{address}/{step}")
        # XML has no place for these, so the reader of the test cannot see them; the page still has to come.
        if not set(text) & {"\x00", "\U0010ffff"}:
            assert {name: applicant.value(name) for name in typed} == dict.fromkeys(typed, text)


@pytest.mark.parametrize(("body", "kind"), WEIRD_BODIES)
def test_broken_body_is_answered_without_a_crash(applicant, call, address, body, kind):
    paths = [f"{address}/{step.id}" for step in call.steps] + [f"{address}/check", "/en/account/register", "/en/account/profile"]
    for path in paths:
        response = applicant.client.post(path, data=body, content_type=kind)
        assert response.status_code < 500


def test_broken_row_names_are_ignored(applicant, address):
    applicant.open(f"{address}/contributors")
    answers = {
        "contributors-row": ["", "../x", "a" * 50, "ok1", "ok1", "é"],
        "contributors-ok1-name-en": ["A", "B"],
        "contributors--name-en": "x",
        "contributors": "y",
    }
    applicant.submit("save", answers=answers)
    assert applicant.page.xpath("//input[@name='contributors-row']/@value") == ["ok1"]
    assert applicant.value("contributors-ok1-name-en") == "A"


@pytest.mark.parametrize("action", ["", "remove-", "up-nothing", "down-\x00", "add-x-y", "drop table", "submit", "upload", "remove-1-2"])
def test_unknown_actions_only_save(applicant, call, address, action):
    for step in call.steps:
        applicant.open(f"{address}/{step.id}")
        if step.id == FILES_STEP:
            applicant.post(f"{address}/{step.id}", {"action": action})
        else:
            applicant.submit(action)


def test_strange_headers_and_cookies_are_answered(site, call):
    for headers in (
        {"Accept-Language": "\x80;;q=,*", "Accept": "application/json;q=x"},
        {"Cookie": "session=.eJx; language=<script>"},
        {"Cookie": "session=" + "x" * 5000},
        {"X-Forwarded-For": "evil", "Host": "evil.example"},
        {"Range": "bytes=0-1", "If-None-Match": "\x80"},
    ):
        for path in ("/", f"/zh/calls/{call.id}", "/en/applications"):
            assert site.client.get(path, headers=headers).status_code < 500


def test_many_fields_are_refused_in_words(applicant, address):
    response = applicant.client.post(f"{address}/basics", data={f"x{n}": "" for n in range(6000)}, content_type="multipart/form-data")
    assert response.status_code == 413


def test_upload_with_a_strange_name_is_answered(applicant, address):
    for name in ("\x00.pdf", "a" * 1000 + ".pdf", "../../x.pdf", ".pdf", "con.pdf", "\u202efdp.exe", "x", "a\nb.pdf", " "):
        applicant.open(f"{address}/files")
        applicant.submit("upload", files=(io.BytesIO(b"%PDF-1.4"), name))


@pytest.mark.parametrize("name", [". " * 500_000 + "!", "." * 1_000_000, "(" * 1_000_000, "e\u0301" * 300_000 + ".pdf", "证_a" * 200_000])
def test_upload_with_an_endless_name_is_answered(applicant, address, name):
    applicant.open(f"{address}/files")
    applicant.submit("upload", files=(io.BytesIO(b"%PDF-1.4"), name))
    assert len(applicant.errors()) == 1


@pytest.mark.parametrize("version", ["9" * 30, "-1", "-" + "9" * 30, "9" * 5000, "1e3", "", "\u0663"])
@pytest.mark.parametrize("signed_in", [True, False])
def test_made_up_version_loses_no_text(applicant, address, version, signed_in):
    applicant.open(f"{address}/basics")
    if not signed_in:
        applicant.client.delete_cookie("session")
    applicant.submit("save", version=version, title__en="Typed")
    if not signed_in:
        applicant.submit(form=applicant._form_with("password"), email="applicant@example.org", password=PASSWORD)
    applicant.open(f"{address}/basics")
    assert applicant.value("title-en") == "Typed"


@pytest.mark.parametrize(
    "query", ["ref=1", "step_id=x", "language=fr", "endpoint=x", "_method=POST", "_scheme=ftp", "_anchor=x", "%ff=%00"]
)
def test_odd_query_is_kept_and_harmless(applicant, address, query):
    applicant.open(f"{address}/basics?{query}")
    applicant.submit("save", title__zh="量子")
    assert applicant.value("title-zh") == "量子"
    applicant.submit("language")
    assert applicant.address.startswith(f"{address.replace('/en/', '/zh/')}/basics?")
    applicant.open(f"/en/?{query}")


def test_way_back_to_the_check_page_is_kept_while_rows_are_added(applicant, address):
    applicant.open(f"{address}/contributors?from=check")
    applicant.submit("add")
    assert applicant.address == f"{address}/contributors?from=check"


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_error_of_every_step_speaks_the_language_of_the_page(applicant, call, language):
    address = begin(applicant, call, language)
    for step in (step for step in call.steps if step.id != FILES_STEP):
        for zh, en in (("", ""), ("世界首创", "the world’s first"), ("only Latin words", "two words"), ("长" * 2000, "long " * 2000)):
            applicant.open(f"{address}/{step.id}")
            asked = tuple(field.id for field in step.fields)
            names = [name for name in applicant.page.get_element_by_id("step").fields if name.startswith(asked)]
            answers = {name: zh if name.endswith("-zh") else en for name in names if not name.endswith(("-row", "-paste"))}
            # Every page on the way is inspected, the one with the errors as well.
            applicant.submit("continue", answers=answers)
    applicant.open(f"{address}/check")
    applicant.submit(form="submit", declaration="yes")
    applicant.open(f"{address}/files")
    files = [(b"MZ", "专利 证书 patent certificate.exe"), (b"", "a.pdf"), (b"PK", "a.docx")]
    applicant.submit("upload", files=[(io.BytesIO(content), name) for content, name in files])
    assert len(applicant.errors()) == 3
