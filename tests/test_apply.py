"""The route of the data: from New Application to the stored snapshot, through the pages."""

import hashlib
import io
import json

import pytest
from sqlalchemy.orm import undefer

from app import demo
from app.applying import drafts
from app.extensions import db
from app.models import Application, Snapshot

ACHIEVEMENT = demo.ACHIEVEMENTS[0]


def only(app, model=Application):
    with app.app_context():
        (row,) = db.session.scalars(db.select(model).options(undefer("*")))
        db.session.expunge_all()
    return row


def begin(site, call, language="en"):
    """Starts an application in the browser and answers its address."""
    site.open(f"/{language}/calls/{call.id}")
    site.post(f"/{language}/calls/{call.id}/applications", {})
    return site.address


@pytest.fixture
def address(applicant, call):
    return begin(applicant, call)


def fill(site, address, call, **changed):
    """Fills every text step in by hand; `changed` replaces answers of a step."""
    for step, answers in demo.sample_answers(call, ACHIEVEMENT).items():
        site.open(f"{address}/{step}")
        if step == "contributors":
            for _ in range(2):
                site.submit("add")
            rows = site.page.xpath("//input[@name='contributors-row']/@value")
            cells = [(n, row, name) for n, row in enumerate(rows, 1) for name in answers if f"-{n}-" in name]
            answers = {name.replace(f"-{n}-", f"-{row}-"): answers[name] for n, row, name in cells}
        site.submit("continue", answers=answers | changed.get(step, {}))
        assert site.errors() == []


def test_promise_04_titles_of_files_come_back_after_the_sign_in_had_ended(applicant, address):
    applicant.open(f"{address}/files")
    applicant.submit("upload", kind="papers", files=(io.BytesIO(demo.sample_pdf("Paper")), "论文_Paper.pdf"))
    (name,) = applicant.page.xpath("//input[starts-with(@name, 'title-') and @lang='zh']/@name")
    signed_in = applicant.client.get_cookie("session")
    applicant.client.delete_cookie("session")
    applicant.client.environ_base["HTTP_ORIGIN"] = "http://localhost"
    applicant.submit("save", status=401, answers={name: "量子论文"})
    applicant.client.set_cookie("session", signed_in.value)
    applicant.submit(form=applicant._form_with(name), status=400)
    applicant.submit(form=applicant._form_with(name))
    assert (applicant.address.split("#")[0], applicant.value(name)) == (f"{address}/files", "量子论文")


def test_application_goes_from_call_to_receipt(app, applicant, call, address):
    fill(applicant, address, call)
    assert applicant.address == f"{address}/files"
    content = demo.sample_pdf("Paper")
    applicant.submit("upload", kind="papers", files=(io.BytesIO(content), "量子论文_Quantum paper.pdf"))
    applicant.submit("continue")
    assert applicant.address == f"{address}/check"
    applicant.submit("submit", form="submit", declaration="yes")
    assert applicant.address == f"{address}/receipt/1"
    receipt = json.loads(applicant.client.get(f"{address}/receipt/1.json").data)
    assert receipt["number"] == f"{call.number_prefix}-0001"
    assert receipt["submission"] == 1
    assert receipt["title"] == {"zh": "面向城域网的量子密钥分发", "en": "Quantum key distribution for metropolitan networks"}
    assert receipt["category"] == {"zh": "基础研究", "en": "Basic Research"}
    assert receipt["files"] == [
        {
            "order": 1,
            "kind": {"zh": "论文", "en": "Papers"},
            "core": True,
            "zh": "量子论文",
            "en": "Quantum paper",
            "name": "01_量子论文_Quantum paper.pdf",
            "type": "pdf",
            "size": len(content),
            "sha256": hashlib.sha256(content).hexdigest(),
        }
    ]
    snapshot = only(app, Snapshot)
    assert snapshot.sha256 == hashlib.sha256(snapshot.receipt.encode()).hexdigest()
    assert snapshot.sha256 in applicant.open(f"{address}/receipt/1").text_content()


def test_draft_is_stored_as_typed_before_it_is_judged(app, applicant, address):
    applicant.open(f"{address}/basics")
    applicant.submit("continue", title__zh="  㛃𨭎\u3000 <b>名称</b>", contact_email="not an address", title__en="")
    said = [error.replace("Contact e-mail", "E-mail") for error in applicant.errors()]
    assert "“E-mail” must be one e-mail address, such as name@example.org." in said
    applicant.open(f"{address}/basics")
    assert applicant.value("title-zh") == "  㛃𨭎\u3000 <b>名称</b>"
    assert applicant.value("contact_email") == "not an address"


def test_save_draft_never_complains(applicant, address):
    applicant.open(f"{address}/basics")
    applicant.submit("save", contact_email="not an address")
    assert applicant.errors() == []
    assert "Your draft has been saved." in applicant.text()


def test_language_button_keeps_page_and_text(applicant, address):
    applicant.open(f"{address}/basics")
    applicant.submit("language", title__zh="只写了一半")
    assert applicant.address == f"{address}/basics".replace("/en/", "/zh/")
    assert applicant.value("title-zh") == "只写了一半"


def test_country_typed_in_one_language_shows_in_the_other(applicant, address):
    applicant.open(f"{address}/basics")
    applicant.submit("language", country="Germany")
    assert applicant.value("country") == "德国"


def test_changing_the_category_keeps_the_other_answers(app, applicant, address):
    applicant.open(f"{address}/category")
    applicant.submit("save", category="basic-research")
    applicant.open(f"{address}/materials")
    applicant.submit("save", theory__zh="新的理论")
    for category in ("key-technology", "basic-research"):
        applicant.open(f"{address}/category")
        applicant.submit("save", category=category)
        applicant.open(f"{address}/materials")
        applicant.submit("save", summary__zh=category)
    assert applicant.value("theory-zh") == "新的理论"


def test_rows_are_added_moved_and_removed_by_their_id(applicant, address):
    applicant.open(f"{address}/contributors")
    for name in ("First", "Second", "Third"):
        last = applicant.page.xpath("//input[@name='contributors-row']/@value")[-1]
        applicant.submit("add" if name != "Third" else "save", answers={f"contributors-{last}-name-en": name})
    first, second, third = applicant.page.xpath("//input[@name='contributors-row']/@value")
    applicant.submit(f"up-{third}")
    applicant.submit(f"remove-{first}")
    assert applicant.page.xpath("//input[@name='contributors-row']/@value") == [third, second]
    applicant.submit(f"remove-{first}")
    assert "That row was not there any more. Everything else has been saved." in applicant.text()
    assert applicant.page.xpath("//input[@name='contributors-row']/@value") == [third, second]


def test_lines_pasted_from_a_spreadsheet_become_rows(applicant, address):
    applicant.open(f"{address}/contributors")
    applicant.submit("save", contributors__paste="张三\tZhang San\t甲大学\tUniversity A\t组长\tLead\tz@example.org\n李四\tLi Si\n")
    rows = applicant.page.xpath("//input[@name='contributors-row']/@value")
    assert [applicant.value(f"contributors-{row}-name-zh") for row in rows] == ["张三", "李四"]
    assert applicant.value(f"contributors-{rows[0]}-email") == "z@example.org"


def test_twenty_first_contributor_is_kept_and_complained_about(applicant, address):
    applicant.open(f"{address}/contributors")
    applicant.submit("save", contributors__paste="\n".join(f"张{n}\tZhang {n}\t甲\tA\t组长\tLead" for n in range(21)))
    assert len(applicant.page.xpath("//input[@name='contributors-row']")) == 21
    applicant.submit("continue")
    assert applicant.errors() == ["“Contributors”: at most 20 rows, and there are 21. Nothing was cut; please remove some."]


def test_latin_name_counts_as_complete(applicant, address):
    applicant.open(f"{address}/contributors")
    row = applicant.page.xpath("string(//input[@name='contributors-row']/@value)")
    cells = {
        "name-en": "Anna Muster", "name-latin": "yes", "organization-en": "Siemens", "organization-zh": "Siemens",
        "role-zh": "组长", "role-en": "Lead",
    }  # fmt: skip
    applicant.submit("continue", answers={f"contributors-{row}-{cell}": value for cell, value in cells.items()})
    assert applicant.address == f"{address}/materials"


def test_over_long_text_is_kept_whole(applicant, address):
    applicant.open(f"{address}/category")
    applicant.submit("continue", category="basic-research")
    applicant.open(f"{address}/materials")
    applicant.submit("continue", summary__zh="长" * 3000)
    said = " ".join(applicant.errors()).replace("“Summary”", "“Summary of the achievement”")
    assert "“Summary of the achievement” in Chinese has 3000 characters" in said
    assert applicant.value("summary-zh") == "长" * 3000


def test_unsupported_claim_warns_and_never_blocks(applicant, call, address):
    fill(applicant, address, call, materials={"summary-zh": "世界首创的方法", "summary-en": "A world-leading method"})
    applicant.open(f"{address}/check")
    assert "is a claim without a supporting file" in applicant.text()
    applicant.submit("submit", form="submit", declaration="yes")
    assert applicant.address == f"{address}/receipt/1"


def test_submit_without_declaration_asks_for_it(applicant, call, address):
    fill(applicant, address, call)
    applicant.open(f"{address}/check")
    applicant.submit("submit", form="submit")
    assert applicant.errors() == ["Please confirm the declaration before submitting."]


def test_submit_of_an_incomplete_draft_is_refused(app, applicant, address):
    applicant.open(f"{address}/check")
    applicant.submit("submit", form="submit", declaration="yes")
    assert len(applicant.errors()) == 1
    with app.app_context():
        assert db.session.scalars(db.select(Snapshot)).all() == []


def test_submitting_twice_makes_one_submission(app, applicant, call, address):
    fill(applicant, address, call)
    applicant.open(f"{address}/check")
    page = applicant.page
    applicant.submit("submit", form="submit", declaration="yes")
    applicant.page, applicant.address = page, f"{address}/check"
    applicant.submit("submit", form="submit", declaration="yes")
    assert applicant.address == f"{address}/receipt/1"
    assert only(app, Snapshot).n == 1


def test_reopened_application_keeps_its_number_and_last_snapshot(app, applicant, call, address):
    fill(applicant, address, call)
    applicant.open(f"{address}/check")
    applicant.submit("submit", form="submit", declaration="yes")
    applicant.open(address)
    applicant.post(f"{address}/reopen", {})
    assert "You have changes that are not handed in." in applicant.text()
    applicant.open(f"{address}/basics")
    applicant.submit("save", title__en="A better title")
    applicant.open(f"{address}/receipt/1")
    assert "A better title" not in applicant.text()
    applicant.open(f"{address}/check")
    applicant.submit("submit", form="submit", declaration="yes")
    assert applicant.address == f"{address}/receipt/2"
    assert f"{call.number_prefix}-0001" in applicant.text()


def test_withdrawn_application_can_be_restored(applicant, call, address):
    fill(applicant, address, call)
    applicant.open(f"{address}/check")
    applicant.submit("submit", form="submit", declaration="yes")
    applicant.open(f"{address}/withdraw")
    applicant.post(f"{address}/withdraw", {})
    assert "Withdrawn" in applicant.text()
    applicant.post(f"{address}/restore", {})
    assert "Submitted" in applicant.text()


def test_deleted_draft_is_gone_with_its_files(app, instance, applicant, address):
    applicant.open(f"{address}/files")
    applicant.submit("upload", files=(io.BytesIO(demo.sample_pdf("x")), "论文_Paper.pdf"))
    applicant.open(f"{address}/delete")
    applicant.post(f"{address}/delete", {})
    applicant.open(address, status=404)
    assert list((instance / "uploads").rglob("*.pdf")) == []


def test_copy_takes_over_answers_but_not_files(app, applicant, call, address):
    applicant.open(f"{address}/basics")
    applicant.submit("save", title__en="Copied title")
    applicant.open(f"/en/calls/{call.id}/applications")
    ref = address.rsplit("/", 1)[1]
    applicant.post(f"/en/calls/{call.id}/applications", {"copy": ref})
    assert applicant.address != address
    applicant.open(f"{applicant.address}/basics")
    assert applicant.value("title-en") == "Copied title"


def test_step_with_a_stale_token_keeps_the_text(applicant, address):
    applicant.open(f"{address}/basics")
    applicant.post(f"{address}/basics", {"csrf_token": "stale", "title-en": "Typed long ago", "action": "save"}, status=400)
    assert applicant.value("title-en") == "Typed long ago"
    applicant.open(f"{address}/basics")
    assert applicant.value("title-en") in (None, "")


def test_new_application_asks_for_sign_in_and_comes_back(site, call):
    site.register("someone@example.org")
    site.client.delete_cookie("session")
    site.open(f"/en/calls/{call.id}")
    site.post(f"/en/calls/{call.id}/applications", {})
    assert site.address.startswith("/en/account/sign-in")
    site.submit(form=site._form_with("password"), email="someone@example.org", password="seven quiet herons 42")
    assert site.address == f"/en/calls/{call.id}/applications"


def test_progress_counts_each_language(app, applicant, call, address):
    applicant.open(f"{address}/basics")
    applicant.submit("save", title__zh="名称", title__en="Name", organization__zh="单位")
    with app.app_context():
        application = db.session.scalars(db.select(Application)).one()
        state = next(state for state in drafts.progress(application, call) if state.step.id == "basics")
        assert (state.state, state.filled, state.total) == ("in-progress", {"zh": 2, "en": 1}, {"zh": 3, "en": 3})
