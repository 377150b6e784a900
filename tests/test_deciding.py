"""Decisions: prepared in private, released in the same second, mailed once, corrected with a reason; the page of results."""

from datetime import timedelta

import pytest

from app import rules
from app.applying import drafts
from app.applying.drafts import Refused
from app.extensions import db, writing
from app.honors import deciding
from app.keeping import erasing
from app.mails import mail_to_many
from app.models import Application, Decision, Event, Expert, Listed, Mail, Mailing
from app.people import accounts
from app.review import panels
from tests.judging import application_of, evenly, reviewed, under_review, user
from tests.site import Site

SECOND = timedelta(seconds=1)
DAY = timedelta(days=1)


@pytest.fixture
def panel(app, call):
    """(ids of four applications under review, an organizer, an expert who has reviewed the first three)."""
    ids = under_review(app, call, 4)
    with app.app_context():
        yield ids, user("olga@example.org", "organizer", "Olga"), scored(call, ids)


def scored(call, ids):
    expert = user("ed@example.org", "expert", "Edwin Expert")
    for application_id, score in zip(ids, (9, 7, 7), strict=False):
        reviewed(call, application_id, expert, evenly(call, "basic-research", score))
    return expert


def prepare(call, organizer, ids, outcome="awarded", now=None):
    chosen = {application_of(one).ref: (outcome, deciding.seen(application_of(one).decision)) for one in ids}
    return deciding.prepare(call=call, organizer=organizer, chosen=chosen, now=now or rules.now())


def decide_all(call, panel, now=None):
    ids, organizer, _expert = panel
    for place, outcome in enumerate(("awarded", "collected", "not-selected", "not-selected")):
        prepare(call, organizer, [ids[place]], outcome, now)


def release(call, organizer, at=None, now=None):
    return deciding.release(call=call, organizer=organizer, at=at, known=panels.of(call.id).release_at, now=now or rules.now())


def statuses(call, ids, now):
    return [rules.status(application_of(one), call, now) for one in ids]


def listed_statuses(call, ids, now):
    conditions = rules.statuses_in(Listed, [call], now)
    found = {
        one: status
        for status, condition in conditions.items()
        for one in db.session.scalars(db.select(Listed.application_id).where(condition))
    }
    return [found[one] for one in ids]


def told():
    """(recipient, subject) of the mails about results."""
    return sorted(tuple(row) for row in db.session.execute(db.select(Mail.recipient, Mail.subject).where(Mail.mailing_id.is_not(None))))


def test_decisions_become_known_at_the_chosen_second_and_not_before(app, call, panel):
    ids, organizer, _expert = panel
    decide_all(call, panel)
    now = rules.now()
    at = now + DAY
    assert release(call, organizer, at, now) == at
    assert statuses(call, ids, at) == ["under-review"] * 3 + ["passed"]
    deciding.go_on(at - timedelta(minutes=3))
    assert [application_of(one).decision.released_at for one in ids] == [None] * 4
    deciding.go_on(at - timedelta(minutes=1))
    assert (statuses(call, ids, at - SECOND), listed_statuses(call, ids, at - SECOND)) == (["under-review"] * 4,) * 2
    assert (statuses(call, ids, at), listed_statuses(call, ids, at)) == (["result"] * 4,) * 2
    deciding.go_on(at - SECOND)
    assert told() == []


def test_mails_are_written_once_in_the_words_of_each_decision(app, call, panel, monkeypatch):
    monkeypatch.setattr(mail_to_many, "BATCH", 1)
    ids, organizer, _expert = panel
    decide_all(call, panel)
    at = release(call, organizer)
    for _again in range(3):
        deciding.go_on(at)
        mail_to_many.go_on(at)
    numbers = [application_of(one).number for one in ids]
    assert told() == [
        ("p0@example.org", f"Congratulations on your award: {numbers[0]}"),
        ("p1@example.org", f"您的成果入选成果集：{numbers[1]}"),
        ("p2@example.org", f"Result of the review: {numbers[2]}"),
        ("p3@example.org", f"评审结果：{numbers[3]}"),
    ]
    assert panels.of(call.id).announced_at == at
    texts = db.session.scalars(db.select(Mail.text).where(Mail.mailing_id.is_not(None)).order_by(Mail.recipient)).all()
    assert ["Awarded." in texts[0], "入选成果集。" in texts[1], "Not selected." in texts[2]] == [True] * 3


def test_site_that_was_down_at_the_release_makes_up_for_it_at_once(app, call, panel):
    ids, organizer, _expert = panel
    decide_all(call, panel)
    now = rules.now()
    at = now + DAY
    release(call, organizer, at, now)
    late = at + DAY
    deciding.go_on(late)
    then = panels.of(call.id).release_at
    assert late < then < late + rules.RELEASE_BEGINS
    assert (statuses(call, ids, then - SECOND), statuses(call, ids, then), told()) == (["under-review"] * 4, ["result"] * 4, [])
    deciding.go_on(then)
    assert len(told()) == 4
    assert [event.what for event in events("release put off")] == ["release put off"]


def test_release_broken_off_between_two_writes_is_finished_for_the_same_instant(app, call, panel, monkeypatch):
    monkeypatch.setattr(deciding, "BATCH", 1)
    ids, organizer, _expert = panel
    decide_all(call, panel)
    at = release(call, organizer)
    with writing() as session:
        for decision in session.scalars(db.select(Decision).where(Decision.application_id.in_(ids[2:]))):
            decision.released_at = None
    deciding.go_on(at + SECOND)
    assert {application_of(one).decision.released_at for one in ids} == {at}
    # Mails of one outcome were written, then the process ended.
    with writing():
        panels.for_write(call.id).announced_at = None
    deciding.go_on(at + DAY)
    assert (len(told()), db.session.scalar(db.select(db.func.count(Mailing.id)))) == (4, 3)


def events(what):
    return db.session.scalars(db.select(Event).filter_by(what=what)).all()


def refusal(verb, **given):
    with pytest.raises(Refused) as caught:
        verb(**given)
    return str(caught.value.args[0])


def test_release_waits_until_everything_is_decided(app, call, panel):
    ids, organizer, _expert = panel
    prepare(call, organizer, ids[:3])
    given = {"call": call, "organizer": organizer, "known": None, "now": rules.now()}
    assert refusal(deciding.release, at=None, **given).startswith("Some applications have no decision yet.")
    prepare(call, organizer, ids[3:])
    assert refusal(deciding.release, at=given["now"], **given) == "The time of the release must lie ahead."


def test_release_is_moved_and_called_off_until_it_begins(app, call, panel):
    ids, organizer, _expert = panel
    decide_all(call, panel)
    now = rules.now()
    at = release(call, organizer, now + DAY, now)
    deciding.call_off(call=call, organizer=organizer, now=at - timedelta(minutes=3))
    deciding.go_on(at + DAY)
    assert statuses(call, ids, at + DAY) == ["under-review"] * 3 + ["passed"]
    moved = release(call, organizer, at + DAY, at)
    given = {"call": call, "organizer": organizer, "now": moved - SECOND}
    assert refusal(deciding.call_off, **given).endswith("this cannot be called off any more.")
    assert refusal(deciding.release, at=None, known=moved, **given).endswith("the time cannot be changed any more.")
    given = {"call": call, "organizer": organizer, "ids": ids, "outcome": "collected", "now": moved}
    assert refusal(prepare, **given).endswith("nothing can be prepared any more.")


def test_release_that_began_while_the_write_was_waited_for_is_neither_moved_nor_called_off(app, call, panel):
    _ids, organizer, _expert = panel
    decide_all(call, panel)
    at = release(call, organizer, rules.now() + DAY)
    pressed = at - timedelta(minutes=3)
    deciding.go_on(at - timedelta(minutes=1))
    given = {"call": call, "organizer": organizer, "now": pressed}
    assert refusal(deciding.call_off, **given).endswith("this cannot be called off any more.")
    assert refusal(deciding.release, at=at + DAY, known=at, **given).endswith("the time cannot be changed any more.")
    assert panels.of(call.id).release_at == at


def test_two_organizers_do_not_move_the_release_unawares(app, call, panel):
    _ids, organizer, _expert = panel
    decide_all(call, panel)
    now = rules.now()
    release(call, organizer, now + DAY, now)
    given = {"call": call, "organizer": organizer, "at": now + 2 * DAY, "known": None, "now": now}
    assert refusal(deciding.release, **given).startswith("Somebody else has changed the time of the release meanwhile.")


def test_two_organizers_do_not_overwrite_each_other_unawares(app, call, panel):
    ids, organizer, _expert = panel
    other, now = user("otto@example.org", "organizer", "Otto"), rules.now()
    refs = [application_of(one).ref for one in ids]
    shown = dict.fromkeys(refs, "")
    deciding.prepare(call=call, organizer=other, chosen={refs[0]: ("awarded", ""), refs[1]: ("awarded", "")}, now=now)
    chosen = {refs[0]: ("collected", shown[refs[0]]), refs[1]: ("awarded", ""), refs[2]: ("collected", "")}
    changed, overtaken = deciding.prepare(call=call, organizer=organizer, chosen=chosen, now=now)
    assert (changed, [application.id for application in overtaken]) == (1, ids[:1])
    assert [application_of(one).decision.outcome for one in ids[:3]] == ["awarded", "awarded", "collected"]
    given = {"call": call, "organizer": organizer, "application": application_of(ids[0]), "outcome": "collected", "now": now}
    sentence = refusal(deciding.decide, feedback={"zh": "", "en": ""}, known="", **given)
    assert sentence == "Otto has decided on this application meanwhile. What you typed is still here."


@pytest.mark.parametrize("text", ["Thanks to edwin expert.", "感谢朵拉的意见"])
def test_feedback_that_may_name_an_expert_is_asked_about(app, call, panel, text):
    ids, organizer, expert = panel
    with writing() as session:
        names = {"name_zh": "朵拉", "name_en": "Dora", "organization_zh": "", "organization_en": ""}
        session.add(Expert(call_id=call.id, user_id=expert.id, capacity=1, invited_at=rules.now(), **names))
    given = {"call": call, "organizer": organizer, "outcome": "awarded", "known": "", "now": rules.now()}
    given["feedback"] = {"zh": text, "en": ""}
    sentence = refusal(deciding.decide, application=application_of(ids[0]), **given)
    assert sentence.startswith("This may name an expert: ")
    deciding.decide(application=application_of(ids[0]), **given, named=True)
    assert application_of(ids[0]).decision.feedback_zh == text


def test_correction_is_known_at_once_recorded_with_its_reason_and_mailed_on_request(app, call, panel):
    ids, organizer, _expert = panel
    decide_all(call, panel)
    at = release(call, organizer)
    deciding.go_on(at)
    given = {"call": call, "organizer": organizer, "feedback": {"zh": "", "en": "Well done."}, "now": at + SECOND}
    application = application_of(ids[2])
    given |= {"application": application, "outcome": "awarded", "known": deciding.seen(application.decision), "mail": True}
    assert refusal(deciding.correct, reason=" ", **given) == "Say why; only organizers read it."
    with writing():
        panels.for_write(call.id).announced_at = None
    assert refusal(deciding.correct, reason="Counted wrongly", **given).startswith("The mails of the release are being written just now.")
    with writing() as session:
        panels.for_write(call.id).announced_at = at
        sent = session.scalars(db.select(Mailing)).first()
        sent.remaining = ids[:1]
    assert refusal(deciding.correct, reason="Counted wrongly", **given).startswith("The mails of the release are being written just now.")
    with writing():
        sent.remaining = None
    deciding.correct(reason="Counted wrongly", **given)
    decision = application_of(ids[2]).decision
    assert (decision.outcome, decision.released_at, decision.feedback_en) == ("awarded", at, "Well done.")
    (event,) = events("decision corrected")
    assert (event.details["reason"], event.details["earlier"]["en"], event.details["outcome"]["en"]) == (
        "Counted wrongly", "Not selected", "Awarded",
    )  # fmt: skip
    mails = db.session.scalars(db.select(Mail.subject).filter_by(recipient="p2@example.org").order_by(Mail.id)).all()
    assert mails[-1] == f"Congratulations on your award: {application.number}"
    deciding.go_on(at + DAY)
    assert len(told()) == 4


def test_withdrawn_application_is_neither_announced_nor_left_undecided(app, call, panel):
    ids, organizer, _expert = panel
    prepare(call, organizer, ids[:3])
    drafts.withdraw(application=application_of(ids[3]), call=call, now=rules.now())
    drafts.withdraw(application=application_of(ids[0]), call=call, now=rules.now())
    at = release(call, organizer)
    deciding.go_on(at)
    assert statuses(call, ids, at) == ["withdrawn", "result", "result", "withdrawn"]
    assert [recipient for recipient, _subject in told()] == ["p1@example.org", "p2@example.org"]


def test_decided_at_the_desk_and_released_to_everybody(app, call, monkeypatch):
    """An organizer ranks, fills in, writes feedback, releases, corrects and publishes; an applicant and a stranger look on."""
    site, owner, stranger = Site(app).register("boss@example.org"), Site(app).register("x@example.org"), Site(app)
    ids = under_review(app, call, 4)
    with app.app_context():
        scored(call, ids)
        with writing() as session:
            accounts.find("boss@example.org").role = "organizer"
            application = session.get(Application, ids[0])
            application.user_id, ref = accounts.find("x@example.org").id, application.ref
    site.open(f"/en/desk/ranking?call={call.id}")
    table = site.page.xpath("//table[contains(@class, 'ranks')]/tbody/tr")
    cells = [[" ".join(cell.text_content().split()) for cell in row] for row in table]
    assert [(row[0], row[2], row[4], row[7]) for row in cells] == [
        ("1", "9.00", "1", "1.15"), ("2", "7.00", "1", "−0.58"), ("2", "7.00", "1", "−0.58"), ("–", "–", "0", "–"),
    ]  # fmt: skip
    site.open(f"/en/desk/decisions?call={call.id}")
    site.submit("fill", form=fill(site), first="1-5", last="", outcome="awarded")
    assert "A rank is a whole number, such as 12." in site.text()
    site.submit("fill", form=fill(site), first="2", last="2", outcome="collected")
    site.submit("fill", form=fill(site), first="", last="", outcome="not-selected")
    assert outcomes(app, ids) == ["not-selected", "collected", "collected", "not-selected"]
    site.submit("save", form=fill(site, "save"), answers={f"outcome-{ref}": "awarded"})
    site.open(f"/en/desk/applications/{ref}/decision")
    site.submit("decide", form="decision", feedback_en="By Edwin Expert.")
    assert site.errors() == ["This may name an expert: Edwin Expert. Applicants never learn who reviewed."]
    site.submit("decide", form="decision", feedback_en="Excellent work.\nThank you.")
    assert outcomes(app, ids) == ["awarded", "collected", "collected", "not-selected"]
    site.open(f"/en/desk/decisions/release?call={call.id}")
    site.submit("release", form="desk-release", when="now")
    results = f"/en/calls/{call.id}/results"
    stranger.open(results, status=404)
    assert "Under review" in owner.open(f"/en/applications/{ref}").text_content()
    with app.app_context():
        pass_on(call)
    owner.open(f"/en/applications/{ref}")
    assert "Result: Awarded" in owner.text()
    assert "Excellent work. Thank you." in owner.text()
    (stored,) = owner.client.get("/en/account/data.json").get_json()["applications"]
    assert (stored["decision"]["outcome"], stored["decision"]["feedback_zh"]) == ("awarded", "")
    stranger.open(results, status=404)
    site.open(f"/en/desk/decisions?call={call.id}")
    site.post(f"/en/desk/decisions/publish?call={call.id}", {"action": ""})
    stranger.open(results)
    assert [heading.text_content() for heading in stranger.page.xpath("//h2")] == ["Awarded", "Collected in the book of achievements"]
    assert len(stranger.page.xpath("//article")) == 3
    with monkeypatch.context() as then:
        then.setattr(rules, "now", lambda: call.closes_at + DAY)
        stranger.open(f"/en/calls/{call.id}")
    assert len(stranger.page.xpath("//a[@href=$address]", address=results)) == 1
    site.open(f"/en/desk/applications/{ref}/decision")
    site.submit("decide", form="decision", outcome="not-selected", reason="An error of ours")
    stranger.open(results)
    assert len(stranger.page.xpath("//article")) == 2
    site.open(f"/en/desk/decisions?call={call.id}")
    site.post(f"/en/desk/decisions/publish?call={call.id}", {"action": "take-back"})
    stranger.open(results, status=404)


def fill(site, action="fill"):
    return next(n for n, form in enumerate(site.page.forms) if form.xpath(".//button[@value=$action]", action=action))


def outcomes(app, ids):
    with app.app_context():
        return [application_of(one).decision.outcome for one in ids]


def pass_on(call):
    """Lets the release lie in the past, as if the time had passed."""
    with writing() as session:
        at, back = panels.of(call.id).release_at, rules.now() - SECOND
        panels.for_write(call.id).release_at = back
        for decision in session.scalars(db.select(Decision).where(Decision.released_at == at)):
            decision.released_at = back
    deciding.go_on(rules.now())


@pytest.mark.parametrize(("kept", "chosen"), [
    (("result-awarded", "result"), "result-awarded"),
    (("result",), "result"),
    ((), "result-awarded"),
])  # fmt: skip
def test_words_of_a_decision_are_its_own_else_those_for_all_else_the_shipped_ones(call, kept, chosen):
    mails = tuple(mail for mail in call.mails if not mail.id.startswith("result") or mail.id in kept)
    assert deciding.mail_id(call.model_copy(update={"mails": mails}), "awarded") == chosen


def test_decision_that_the_call_file_has_no_more_keeps_its_name_without_honors(call):
    outcome = deciding.outcome_of(call, "second-prize")
    assert (outcome.name.en, outcome.honored, deciding.mail_id(call, "second-prize")) == ("second-prize", False, "result")


def test_feedback_goes_with_the_contents_of_an_application(app, call, panel):
    ids, organizer, _expert = panel
    given = {"call": call, "organizer": organizer, "outcome": "awarded", "known": "", "now": rules.now()}
    deciding.decide(application=application_of(ids[0]), feedback={"zh": "很好", "en": "Good"}, **given)
    with writing():
        erasing.contents(ids[:1])
    decision = application_of(ids[0]).decision
    assert (decision.outcome, decision.feedback_zh, decision.feedback_en) == ("awarded", "", "")
