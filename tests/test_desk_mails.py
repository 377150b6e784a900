"""Mail at the desk: written, looked at, sent once; and the outbox, which never shows a link that opens an account."""

from datetime import timedelta

import pytest

from app import rules
from app.applying import drafts
from app.extensions import db, writing
from app.mails import mailing, outbox
from app.models import Application, Event, Mail, Mailing
from app.people import accounts
from tests.test_mail_to_many import people

NEW = "/en/desk/mail/new"
ENGLISH = {"subject__en": "News about {title}", "text__en": "Dear {name},\n\n{link}"}
BOTH = ENGLISH | {"subject__zh": "通知", "text__zh": "{name}，您好"}


@pytest.fixture
def desk(app, site):
    """An organizer's browser."""
    site.register("organizer@example.org")
    with app.app_context(), writing():
        accounts.find("organizer@example.org").role = "organizer"
    return site


@pytest.fixture
def ids(app, call):
    """Three applications whose owners read English."""
    with app.app_context():
        return people(call, 3)


def preview(desk, address=NEW, **words):
    desk.open(address)
    desk.submit("preview", form="mail", **words)


def mails(app):
    """(to, subject) of the mails about applications, oldest first."""
    with app.app_context():
        rows = db.session.scalars(db.select(Mail).where(Mail.application_ref.is_not(None)).order_by(Mail.id)).all()
        return [(row.recipient, row.subject) for row in rows]


def ref_of(app, number):
    with app.app_context():
        return db.session.get(Application, number).ref


NEWS = [(f"p{n}@example.org", "News about Untitled application") for n in range(3)]


def test_mail_is_looked_at_then_sent_to_everybody_in_the_selection(app, call, desk, ids):
    preview(desk, f"{NEW}?status=draft", **ENGLISH)
    assert mails(app) == []
    assert "To: the owners of 3 applications · 0 in Chinese, 3 in English" in desk.text()
    assert f"Dear P2, http://127.0.0.1:8000/en/applications/{ref_of(app, ids[2])}" in desk.text()
    desk.submit("send", form="mail")
    assert sorted(mails(app)) == NEWS
    assert "The mail is in the outbox." in desk.text()
    assert "Waiting: 3" in desk.text()
    with app.app_context():
        (event,) = db.session.scalars(db.select(Event).filter_by(what="mail written"))
        assert (event.user_id, event.details["count"], event.details["selection"]) == (
            accounts.find("organizer@example.org").id, 3, "status=draft",
        )  # fmt: skip


def test_button_pressed_again_sends_nothing_again(app, desk, ids):
    preview(desk, **ENGLISH)
    page, address = desk.page, desk.address
    desk.submit("send", form="mail")
    desk.page, desk.address = page, address
    desk.submit("send", form="mail")
    assert "has not been sent again" in desk.text()
    assert len(mails(app)) == 3


def test_form_sent_before_with_other_words_is_shown_again_and_can_be_sent(app, desk, ids):
    preview(desk, **ENGLISH)
    page, address = desk.page, desk.address
    desk.submit("send", form="mail")
    desk.page, desk.address = page, address
    desk.submit("edit", form="mail")
    desk.submit("preview", form="mail", subject__en="More news")
    desk.submit("send", form="mail")
    assert [subject for _recipient, subject in mails(app)][3:] == ["More news"] * 3


def test_selection_that_changed_meanwhile_is_shown_before_anything_is_sent(app, call, desk, ids):
    preview(desk, **ENGLISH)
    with app.app_context():
        people(call, 1, email="late@example.org")
    desk.submit("send", form="mail")
    assert mails(app) == []
    assert "has changed meanwhile" in desk.text()
    desk.submit("send", form="mail")
    assert len(mails(app)) == 4


def test_mail_to_one_application_asks_for_its_owners_language_alone(app, desk, ids):
    preview(desk, f"{NEW}?ref={ref_of(app, ids[1])}", **ENGLISH)
    assert "To: P1 p1@example.org" in desk.text()
    desk.submit("send", form="mail")
    assert mails(app) == [NEWS[1]]


def test_template_fills_the_form_in(desk, ids):
    desk.open(f"{NEW}?status=draft&template=thanks")
    assert desk.page.get_element_by_id("subject-en").get("value") == "Thank you for applying"
    assert desk.page.get_element_by_id("text-zh").text.startswith("{name}，您好")
    assert desk.page.xpath("//form[@class='choice']/input/@name") == ["status"]


@pytest.mark.parametrize(("words", "sentence"), [
    ({}, "Subject in English: Write the subject."),
    ({"subject__en": "News"}, "Text in English: Write the text."),
    (ENGLISH | {"subject__zh": "通知"}, "Text in Chinese: Write the text."),
    (ENGLISH | {"text__en": "until {until}"}, "Text in English: There is no “{until}”. There are: {name}, {number}, {title}, "),
    (ENGLISH | {"subject__en": "On ____"}, "Subject in English: There is still a blank to fill in: ____"),
    (ENGLISH | {"subject__en": "x" * 201}, "Subject in English: The subject has more than 200 characters."),
    (ENGLISH | {"text__en": "a\x00b"}, "Text in English: There is a character that cannot be shown."),
])  # fmt: skip
def test_what_is_wrong_is_said_and_what_was_typed_comes_back(app, desk, ids, words, sentence):
    preview(desk, **words)
    assert sentence in desk.text()
    assert desk.page.get_element_by_id("subject-en").get("value") == words.get("subject__en", "")
    desk.submit("send", form="mail")
    assert mails(app) == []


def test_reader_of_chinese_needs_chinese(app, call, desk, ids):
    with app.app_context():
        people(call, 1, email="z@example.org", language="zh")
    preview(desk, **ENGLISH)
    assert "Subject in Chinese: Write the subject." in desk.text()
    desk.submit("preview", form="mail", **BOTH)
    assert "In Chinese" in desk.text()
    assert "P0，您好" in desk.text()


def test_switching_the_language_keeps_what_was_typed(desk, ids):
    desk.open(NEW)
    desk.submit("language", form="mail", **BOTH)
    assert desk.page.get_element_by_id("text-en").text == "Dear {name},\n\n{link}"
    desk.submit("preview", form="mail")
    desk.submit("language", form="mail")
    assert desk.page.xpath("//button[@value='send']") != []


def test_expired_page_gives_the_text_back(desk, ids):
    desk.open(NEW)
    desk.submit("preview", form="mail", csrf_token="old", **ENGLISH)
    assert "open for too long" in desk.text()
    assert desk.page.get_element_by_id("subject-en").get("value") == "News about {title}"


def test_unconfirmed_deleted_and_the_same_are_said(app, call, desk):
    with app.app_context():
        (first,) = people(call, 1, confirmed_at=None)
        people(call, 1, email=None, deleted_at=rules.now())
        user, now = db.session.get(Application, first).user, rules.now()
        drafts.create(user=user, call=call, now=now)
    preview(desk, subject__en="News", text__en="Dear {name}")
    assert "1 address has not been confirmed" in desk.text()
    assert "1 application is left out: the account of its owner was deleted. Draft" in desk.text()
    assert "1 application is left out: its owner gets the very same text" in desk.text()
    assert desk.page.xpath("//button[@value='send']")[0].text_content() == "Send 1 mail"


def test_nobody_to_write_to(app, call, desk):
    for address in (NEW, f"{NEW}?ref=nobody", f"{NEW}?ref=%00", f"{NEW}?pick=%00&sort=x"):
        desk.open(address)
        assert "no application matches" in desk.text()
    with app.app_context():
        people(call, 1, email=None, deleted_at=rules.now())
    desk.open(NEW)
    assert "the account was deleted" in desk.text()


# -- the outbox


def put(app, **columns):
    """A mail about no application, with a secret in its text."""
    now = rules.now()
    with app.app_context(), writing() as session:
        values = {"recipient": "x@example.org", "language": "en", "subject": "Reset", "text": "http://x/reset/secret"}
        mail = mailing.row(**values, now=now)
        for name, value in columns.items():
            setattr(mail, name, value)
        session.add(mail)
        session.flush()
        return mail.id


def test_outbox_says_what_waits_what_failed_and_why(app, desk):
    now = rules.now()
    put(app, subject="First")
    put(app, subject="Second", error="ConnectionRefusedError(111, 'x')", tries=2, due_at=now + timedelta(hours=1))
    put(app, subject="Third", error="SMTPRecipientsRefused({})", tries=9, due_at=None)
    put(app, subject="Fourth", sent_at=now, due_at=None, text="", html="")
    subjects = {}
    for state in outbox.STATES:
        desk.open(f"/en/desk/mail?state={state}")
        subjects[state] = desk.page.xpath("//tbody//a[contains(@href, '/desk/mail/')]/text()")
    assert subjects == {
        "waiting": ["First", "Please confirm your e-mail address"], "retrying": ["Second"], "given-up": ["Third"], "sent": ["Fourth"],
    }  # fmt: skip
    desk.open("/en/desk/mail")
    assert "The mail server does not answer.Next try: " in desk.text()
    assert "The mail server does not accept this address." in desk.text()
    assert "Waiting: 2 Being tried again: 1 Given up: 1 Sent" in desk.text()


def test_one_that_was_given_up_is_tried_again(app, desk):
    first, second = (put(app, error="TimeoutError()", due_at=None) for _ in range(2))
    desk.open("/en/desk/mail?state=given-up")
    desk.post("/en/desk/mail/retry", {"mail": first})
    assert "1 mail is tried again now." in desk.text()
    with app.app_context():
        assert db.session.get(Mail, first).due_at is not None
        assert db.session.get(Mail, second).due_at is None
    desk.post("/en/desk/mail/retry", {})
    assert "2 mails are tried again now." in desk.text()
    with app.app_context():
        assert db.session.get(Mail, second).due_at is not None
        events = db.session.scalars(db.select(Event).filter_by(what="mail tried again").order_by(Event.id)).all()
        assert [(event.user_id, event.details) for event in events] == [
            (accounts.find("organizer@example.org").id, {"count": count}) for count in (1, 2)
        ]


def test_text_of_a_mail_about_an_account_is_never_shown(app, desk):
    for columns in ({}, {"error": "TimeoutError()", "due_at": None}):
        desk.open(f"/en/desk/mail/{put(app, **columns)}")
        assert "so its text is not shown" in desk.text()
        assert b"secret" not in desk.response.data


def test_text_of_a_mail_about_an_application_is_shown_until_it_is_sent(app, desk, ids):
    preview(desk, **ENGLISH)
    desk.submit("send", form="mail")
    with app.app_context():
        row = db.session.scalars(db.select(Mail).filter_by(recipient="p0@example.org")).one()
        mail_id, mailing_id = row.id, row.mailing_id
    desk.open(f"/en/desk/mail/{mail_id}")
    assert "Dear P0, http://" in desk.text()
    with app.app_context():
        mailing.send_waiting(rules.now())
    desk.open(f"/en/desk/mail/{mail_id}")
    assert "not kept once it has been sent" in desk.text()
    desk.open(f"/en/desk/mail?mailing={mailing_id}")
    assert "Sent: 3" in desk.text()
    assert "Dear {name}, {link}" in desk.text()


def test_mailing_that_is_still_being_queued_says_so(app, desk, ids):
    with app.app_context(), writing() as session:
        session.add(
            Mailing(key="k", at=rules.now(), subject_zh="通知", subject_en="", text_zh="您好", text_en="", remaining=ids)
        )  # fmt: skip
    desk.open("/en/desk/mail")
    assert "Still to be queued: 3" in desk.text()
    assert desk.page.xpath("//td//span[@lang='zh']/text()") == ["通知"]


def test_outbox_turns_pages(app, desk):
    for number in range(outbox.PAGE + 1):
        put(app, subject=f"Mail {number}")
    desk.open("/en/desk/mail?state=waiting")
    assert len(desk.page.xpath("//tbody/tr")) == outbox.PAGE
    desk.open(desk.page.xpath("//a[text()='Older']/@href")[0])
    assert desk.page.xpath("//tbody//a/text()") == ["Mail 0", "Please confirm your e-mail address"]


@pytest.mark.parametrize(("address", "status"), [
    ("?page=-1", 200), ("?page=99999999999999999999", 200), ("?state=%00", 200), ("?mailing=x", 200),
    ("?mailing=0", 404), ("?mailing=99999999999999999999", 404), ("?mailing=7", 404), ("/0", 404), ("/99999999999999999999", 404),
])  # fmt: skip
def test_nonsense_in_the_address(desk, address, status):
    desk.open(f"/en/desk/mail{address}", status=status)


@pytest.mark.parametrize("mail", ["-1", "99999999999999999999"])
def test_nonsense_to_be_tried_again(desk, mail):
    desk.open("/en/desk/mail")
    desk.post("/en/desk/mail/retry", {"mail": mail}, status=404)
