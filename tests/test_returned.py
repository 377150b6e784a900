"""A return: what it opens after closing, and handing in again."""

from datetime import timedelta

import pytest

from app import rules, versions
from app.applying import saving, submitting
from app.applying.drafts import Refused
from app.call.loading import parse
from app.desk import formal_check
from app.extensions import db, writing
from app.files import uploads
from app.models import KeptText
from tests import returning
from tests.returning import DAY, inputs, reason, said

case, returned = returning.case, returning.returned


# -- what is open


def test_before_closing_everything_is_open(returned):
    returned.go_to(returned.closes - DAY)
    assert returned.copy.parts.everything
    returned.save("materials", summary__en="Changed where nothing was asked for")
    assert returned.hand_in().answers["materials"]["summary-en"] == ["Changed where nothing was asked for"]


def test_after_closing_only_what_is_named_is_open(returned):
    parts = returned.copy.parts
    assert parts.questions == {("basics", "title"), ("contributors", "contributors")}
    assert (parts.files, parts.more_files, parts.everything) == ({returned.paper}, True, False)
    steps = ("category", "basics", "contributors", "partnership", "materials", "files")
    assert [parts.step(step) for step in steps] == [False, True, True, False, False, True]


def test_reason_that_is_closed_opens_nothing_any_more(returned):
    first = returned.application.reasons[0]
    organizer = returned.case.anna
    formal_check.close_reason(
        application=returned.application, call=returned.call, organizer=organizer, reason_id=first.id, now=returned.now
    )
    assert returned.copy.parts.questions == {("contributors", "contributors")}
    assert returned.save("basics", title__en="Nobody asks for it any more").late
    assert returned.copy.raw["basics"]["title-en"] == ["Quantum key distribution for metropolitan networks"]


def test_date_of_the_return_closes_everything_to_the_second(returned):
    second = timedelta(seconds=1)
    returned.go_to(returned.until - second)
    assert rules.may_submit(returned.application, returned.call, returned.now) is None
    returned.go_to(returned.until)
    assert rules.may_submit(returned.application, returned.call, returned.now) == rules.CLOSED
    assert not returned.copy.parts


def test_saving_a_step_stores_open_questions_and_keeps_the_rest_apart(returned):
    saved = returned.save("basics", title__en="The full name", organization__en="Another organization")
    assert saved.late
    assert returned.draft("basics")["title-en"] == ["The full name"]
    assert returned.draft("basics")["organization-en"] == ["Quantum Networks Lab, Example University"]
    kept = db.session.scalars(db.select(KeptText)).one()
    assert (kept.reason, kept.raw) == ("late", {"organization-en": ["Another organization"]})


def test_box_that_a_page_does_not_show_stays_ticked(returned):
    assert not returned.save("basics", title__en="The full name").late
    assert returned.draft("basics")["areas"] == ["quantum"]
    assert returned.draft("basics")["joint"] == ["no"]


def test_step_without_open_parts_takes_nothing_and_keeps_what_came(returned):
    site = returned.site("/materials")
    assert inputs(site) == []
    assert "This work on “Quantum key distribution" in site.text()
    before = returned.draft("materials")
    site.post(f"{returned.address}/materials", {"summary-en": "Late", "action": "save"})
    assert returned.draft("materials") == before
    assert said(site, "//dd[@class='typed']") == ["Late"]


def test_rows_change_only_where_their_question_is_open(returned):
    application = returned.application
    step = returned.call.step("contributors")
    verbs = {"application": application, "call": returned.call, "step": step, "now": returned.now}
    assert saving.change_rows(**verbs, verb="remove", row_id="1") == ("contributors", "1")
    assert saving.change_rows(**verbs, verb="up", row_id="3") == ("contributors", "3")
    assert returned.copy.raw["contributors"]["contributors-row"] == ["3", "2"]
    with writing():
        for one in application.reasons:
            one.closed_at = returned.now if one.field == "contributors" else None
    with pytest.raises(Refused):
        saving.change_rows(**verbs | {"application": returned.application}, verb="remove", row_id="2")


def test_named_file_and_added_ones_can_be_changed_and_others_not(returned):
    here = {"application": returned.application, "call": returned.call, "now": returned.now}
    added = returned.upload().ref
    assert [file.original_name for file in returned.copy.files] == ["论文_Paper.pdf", "获奖_Award.pdf", "专利_Patent.pdf"]
    for ref in (returned.paper, added):
        uploads.describe(**here, described={ref: {"zh": "新名", "en": "New name", "kind": "others"}})
    for refused in (
        lambda: uploads.describe(**here, described={returned.award: {"en": "New name"}, returned.paper: {"en": "Newer"}}),
        lambda: uploads.remove(**here, ref=returned.award),
        lambda: uploads.move(**here, ref=returned.paper, verb="down"),
    ):
        with pytest.raises(Refused) as caught:
            refused()
        assert caught.value.args[0] == rules.NOT_NAMED
    assert {file.ref: (file.title_en, file.kind) for file in returned.copy.files} == {
        returned.award: ("Award", "awards"), returned.paper: ("New name", "others"), added: ("New name", "others"),
    }  # fmt: skip
    uploads.remove(**here, ref=added)
    uploads.remove(**here, ref=returned.paper)
    assert [file.ref for file in returned.copy.files] == [returned.award]


def test_no_file_can_be_added_where_none_is_asked_for(returned):
    with writing():
        returned.application.reasons[2].closed_at = returned.now
    with pytest.raises(Refused) as caught:
        returned.upload()
    assert caught.value.args[0] == rules.NOT_NAMED


def test_question_that_an_open_one_brings_with_it_is_open_too(returned):
    key = reason("category/category", zh="类别不符。", en="The category does not fit.")
    returned.hand_in()
    returned.case.check("returned", reasons=[key], until=returned.until)
    returned.save("category", category="engineering-rd")
    asked = {name for step, name in returned.copy.parts.questions if step == "materials"}
    then = returned.application.snapshot.answers["materials"]
    assert asked == {field.id for field in returned.call.step("materials").fields if "engineering-rd" in field.for_}
    assert asked.isdisjoint(name.partition("-")[0] for name in then)
    with pytest.raises(submitting.NotReady):
        returned.hand_in()
    for name in asked:
        returned.save("materials", **{f"{name}__zh": "达到预期目标。", f"{name}__en": "It meets its goals."})
    assert set(returned.hand_in().answers["materials"]) >= {f"{name}-zh" for name in asked}


# -- handing in again


def test_rest_is_handed_in_as_it_stood_whatever_the_draft_holds(app, returned):
    application = returned.application
    standing = application.snapshot.answers
    with writing():
        for answers in application.answers:
            answers.raw = answers.raw | {"organization-en": ["Typed before closing"], "summary-en": ["Typed before closing"]}
        award = next(file for file in application.files if file.ref == returned.award)
        award.title_en, award.removed_at = "Renamed before closing", returned.now
    returned.save("basics", title__en="The full name")
    site = returned.site("/basics")
    assert inputs(site) == ["title-zh", "title-en"]
    assert "Typed before closing" not in site.text()
    snapshot = returned.hand_in()
    assert snapshot.n == 3
    assert snapshot.answers["basics"] == standing["basics"] | {"title-en": ["The full name"]}
    assert snapshot.answers["materials"] == standing["materials"]
    assert [(file["en"], file["ref"]) for file in snapshot.files] == [("Paper", returned.paper), ("Award", returned.award)]
    assert rules.status(returned.application, returned.call, returned.now) == "submitted"
    assert returned.draft("materials")["summary-en"] == ["Typed before closing"]


def edited(returned, *changes):
    """The call with its file changed, and served so from now on."""
    source = returned.call.source
    for old, new in changes:
        assert source.count(old) >= 1, old
        source = source.replace(old, new, 1)
    returned.call = returned.case.call = parse(source, returned.call.id)
    with writing():
        versions.keep(returned.call, returned.now)


def field(call, field_id):
    """How the call file says this question."""
    start = call.source.index(f'[[steps.fields]]\nid = "{field_id}"')
    return call.source[start : call.source.index("\n\n", start)]


def test_edited_call_locks_nobody_out(returned):
    version = returned.application.snapshot.call_version_id
    block = field(returned.call, "website")
    edited(returned, (block, block.replace("required = false\n", "")), ("weight = 30", "weight = 29"), ("weight = 20", "weight = 21"))
    assert returned.call.find("website")[1].required
    returned.save("basics", title__en="The full name")
    snapshot = returned.hand_in()
    assert (snapshot.call_version_id, snapshot.answers["basics"]["title-en"]) == (version, ["The full name"])


def test_question_that_was_removed_from_the_call_is_still_handed_in(returned):
    edited(returned, (field(returned.call, "contact_phone"), ""))
    assert returned.call.find("contact_phone") == (None, None)
    returned.save("basics", title__en="The full name")
    assert returned.hand_in().answers["basics"]["contact_phone"] == ["13800138000"]


def test_open_questions_are_judged(returned):
    returned.save("basics", title__en="")
    with pytest.raises(submitting.NotReady):
        returned.hand_in()
    ready = submitting.readiness(returned.copy)
    assert [(step.id, name, str(sentence)) for step, name, sentence in ready.problems] == [
        ("basics", "title-en", "Fill in “Achievement name” in English."),
    ]  # fmt: skip


def test_what_is_as_it_was_is_worth_a_look_before_handing_in(returned):
    returned.save("basics", title__en="The full name")
    warnings = [str(sentence) for step, name, sentence in submitting.readiness(returned.copy).warnings]
    end = "has not been changed since you handed it in. The organizer asks:"
    assert warnings == [
        f"“Contributor 2 (Chen Zhiyuan)” {end} Please check the name.", f"“Paper” {end} The scan is hard to read.",
    ]  # fmt: skip
    uploads.remove(application=returned.application, call=returned.call, ref=returned.paper, now=returned.now)
    returned.save("contributors", **{"contributors-row": "1"})
    assert submitting.readiness(returned.copy).warnings == []


def test_second_click_hands_in_once(returned):
    application = returned.application
    given = {"application": application, "call": returned.call, "expected": 2, "now": returned.now}
    assert [submitting.submit(**given).n, submitting.submit(**given).n] == [3, 3]
