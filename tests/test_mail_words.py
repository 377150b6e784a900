"""The words of mails about an application: filled in once, in the owner's language, and nothing else interpreted."""

from datetime import timedelta

import lxml.html
import pytest

from app import rules
from app.applying import drafts, saving
from app.call.organizing import MAILS
from app.extensions import db, writing
from app.mails import mail_words
from app.models import Application, Mail
from app.people import accounts
from tests.mailbox import PASSWORD

VALUES = {
    "reasons": [("成果名称", "请核对。"), ("", "Please\n check {name}.")],
    "reason": "因系统维护。\n\nTake your time: {title}",
    "before": "June 1",
    "outcome": "Awarded",
}


@pytest.fixture
def inside(app):
    with app.app_context():
        yield


def begin(call, *, language="en", name="Anna Muster", email="a@example.org", **title):
    user = accounts.register(email=email, name=name, password=PASSWORD, language=language, now=rules.now()).user
    application = drafts.create(user=user, call=call, now=rules.now())
    if title:
        posted = {f"title-{side}": [text] for side, text in title.items()}
        saving.save(application=application, call=call, step=call.find("title")[0], posted=posted, version=None, now=rules.now())
    return application.id


def about(call, application_id, mail_id, **values):
    """Queues a mail and answers its row."""
    with writing() as session:
        mail_words.queue_about(session.get(Application, application_id), call, mail_id, rules.now(), **values)
    return db.session.scalars(db.select(Mail).where(Mail.application_ref.is_not(None)).order_by(Mail.id.desc())).first()


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("mail_id", MAILS)
def test_every_mail_says_everything_in_the_language_of_its_reader(inside, call, mail_id, language):
    number = begin(call, language=language, zh="量子", en="Quantum")
    until = call.closes_at + timedelta(days=9)
    values = VALUES | {"until": until}
    row = about(call, number, mail_id, **{name: values[name] for name in MAILS[mail_id]})
    said = {
        "reasons": {"zh": "– 成果名称：请核对。\n– Please check {name}.", "en": "– 成果名称: 请核对。\n– Please check {name}."}[language],
        "reason": VALUES["reason"],
        "before": "June 1",
        "outcome": "Awarded",
        "until": {"zh": "2027年6月24日24:00（北京时间）", "en": "June 24, 2027, 24:00 Beijing time"}[language],
    }
    for name in MAILS[mail_id]:
        assert said[name] in row.text
    assert ("量子" in row.text, "Quantum" in row.text) == (language == "zh", language == "en")
    assert (row.recipient, row.language, row.application_ref) == ("a@example.org", language, db.session.get(Application, number).ref)
    assert f"\nhttp://127.0.0.1:8000/{language}/applications/{row.application_ref}\n" in row.text
    assert "{" not in row.subject
    assert lxml.html.document_fromstring(row.html).xpath("//a/@href") == [
        f"http://127.0.0.1:8000/{language}/applications/{row.application_ref}"
    ]


def test_what_people_typed_is_never_a_placeholder_a_header_or_markup(inside, call):
    number = begin(call, name="{link} <b>A</b>", en="{reasons} {name}\r\nBcc: x@example.org <script>")
    row = about(call, number, "returned", reasons=[("{until}", "{title}")], until=call.closes_at)
    assert "“{reasons} {name} Bcc: x@example.org <script>”" in row.text
    assert "Dear {link} <b>A</b>,\n" in row.text
    assert "\n– {until}: {title}\n" in row.text
    page = lxml.html.document_fromstring(row.html)
    assert page.xpath("//script | //b") == []
    assert about(call, number, "extended", until=call.closes_at, reason="").subject == (
        "More time for your application: {reasons} {name} Bcc: x@example.org <script>"
    )


def test_long_title_is_cut_in_the_subject_alone(inside, call):
    number = begin(call, en="Very " * 40 + "long")
    row = about(call, number, "extended", until=call.closes_at, reason="")
    assert row.subject == "More time for your application: " + ("Very " * 40)[:59].rstrip() + "…"
    assert "Very " * 40 + "long" in row.text


def test_title_in_the_other_language_or_none_at_all(inside, call):
    assert "“量子”" in about(call, begin(call, zh="量子"), "passed").text
    assert "“Untitled application” (no number yet)" in about(call, begin(call, email="b@example.org"), "passed").text


def test_nothing_is_queued_once_the_account_was_deleted(inside, call):
    number = begin(call)
    with writing() as session:
        # What deleting an account leaves of whoever has handed something in.
        session.get(Application, number).user.email = None
    assert about(call, number, "passed") is None


def test_call_without_words_uses_the_shipped_ones_and_one_with_them_its_own(inside, call):
    number = begin(call, en="Quantum")
    shipped = about(call, number, "passed")
    older = about(call.model_copy(update={"mails": ()}), number, "passed")
    assert (older.subject, older.text) == (shipped.subject, shipped.text)
    own = call.mail("passed").model_copy(update={"text": call.mail("passed").text.model_copy(update={"en": "Well done, {name}."})})
    assert about(call.model_copy(update={"mails": (own,)}), number, "passed").text == "Well done, Anna Muster.\n"


def test_templates_are_the_calls_own_or_the_shipped_ones(call):
    assert [text.id for text in mail_words.templates(call)] == ["unfinished", "date", "thanks"]
    assert [text.id for text in mail_words.templates(call.model_copy(update={"mails": ()}))] == ["unfinished", "date", "thanks"]
    assert mail_words.templates(call.model_copy(update={"mails": (call.mail("passed"),)})) == []


def test_deadline_is_the_later_one_that_an_application_was_given(inside, call):
    number = begin(call, en="Quantum")
    words = mail_words.Words({"zh": "", "en": "By {deadline}"}, {"zh": "", "en": "{deadline}"})

    def subject(days):
        with writing() as session:
            session.get(Application, number).extended_until = days and call.closes_at + timedelta(days=days)
        return mail_words.said(words, mail_words.about(db.session.get(Application, number), call))[0]

    assert [subject(days) for days in (None, -3, 3)] == [
        "By June 15, 2027, 24:00 Beijing time (= June 16, 00:00)",
        "By June 15, 2027, 24:00 Beijing time (= June 16, 00:00)",
        "By June 18, 2027, 24:00 Beijing time (= June 19, 00:00)",
    ]


def test_words_with_some_values_filled_in_keep_the_placeholders_of_the_application(call, app):
    with app.app_context():
        words = mail_words.words(call, "deadline-moved", before=call.closes_at - timedelta(days=1), reason="Rain.")
    assert "moved from June 14, 2027, 24:00 Beijing time (= June 15, 00:00) to {deadline}.\n\nRain.\n" in words.text["en"]
    assert "由2027年6月14日24:00（北京时间）延至{deadline}。" in words.text["zh"]
