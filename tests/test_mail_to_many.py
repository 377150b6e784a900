"""A mail to many: each owner gets it once, whatever is pressed twice, ended in between or done at the same time."""

import threading

import pytest

from app import rules, worker
from app.extensions import db, writing
from app.mails import mail_to_many, mailing
from app.mails.mail_words import Words
from app.models import Application, Event, Mail, Mailing, User

WORDS = Words({"zh": "{title}", "en": "About {title}"}, {"zh": "{name}，您好", "en": "Dear {name}, {link}"})
PLAIN = Words({"zh": "通知", "en": "News"}, {"zh": "{name}，您好", "en": "Dear {name}"})


@pytest.fixture
def inside(app):
    with app.app_context():
        yield


def people(call, count, **columns):
    """The ids of the applications of so many people who read English, `p0@example.org` and so on, with one each."""
    now = rules.now()
    with writing() as session:
        users = [
            User(**{"email": f"p{n}@example.org", "name": f"P{n}", "language": "en", "created_at": now, "confirmed_at": now} | columns)
            for n in range(count)
        ]
        applications = [Application(user=user, call_id=call.id, created_at=now, changed_at=now) for user in users]
        session.add_all(applications)
        session.flush()
        ids = [application.id for application in applications]
    return ids


def organizer():
    now = rules.now()
    with writing() as session:
        user = User(email="o@example.org", name="Olga Secret", language="en", created_at=now, role="organizer")
        session.add(user)
        session.flush()
    return user


def send(ids, key="k", words=WORDS, user=None, **details):
    return mail_to_many.send(key=key, words=words, ids=ids, user=user or organizer(), now=rules.now(), **details)


def recipients():
    return sorted(db.session.scalars(db.select(Mail.recipient)))


def everybody(count):
    return sorted(f"p{n}@example.org" for n in range(count))


@pytest.fixture
def small(monkeypatch):
    monkeypatch.setattr(mail_to_many, "BATCH", 2)


def test_large_mailing_is_queued_in_batches_and_recorded_once(inside, call, small):
    ids = people(call, 5)
    user = organizer()
    sent = send(ids, user=user, selection="status=draft")
    assert (recipients(), sent.remaining) == (everybody(2), ids[2:])
    assert [mail_to_many.go_on(rules.now()), mail_to_many.go_on(rules.now())] == [3, 0]
    assert (recipients(), db.session.get(Mailing, sent.id).remaining) == (everybody(5), None)
    (event,) = db.session.scalars(db.select(Event).filter_by(what="mail written"))
    details = {"subject": "{title} / About {title}", "count": 5, "selection": "status=draft"}
    assert (event.user_id, event.application_id, event.details) == (user.id, None, details)


def test_mail_to_one_is_on_the_history_of_its_application(inside, call):
    (number,) = people(call, 1)
    send([number])
    assert db.session.scalars(db.select(Event.application_id).filter_by(what="mail written")).all() == [number]


def test_worker_finishes_what_was_begun(app, call, small):
    with app.app_context():
        ids = people(call, 5)
        mailing.waiting.clear()
        send(ids)
        assert mailing.waiting.is_set() is True
    worker._round(app)
    with app.app_context():
        assert recipients() == everybody(5)
        assert db.session.query(Mail).filter(Mail.sent_at.is_(None)).count() == 0


def test_promise_06_button_pressed_twice_at_once_sends_once(app, call, small):
    with app.app_context():
        ids, user = people(call, 5), organizer()
    together = threading.Barrier(2)

    def press():
        with app.app_context():
            together.wait()
            send(ids, user=user)
            mail_to_many.go_on(rules.now())

    threads = [threading.Thread(target=press) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with app.app_context():
        assert recipients() == everybody(5)
        assert db.session.query(Mailing).count() == db.session.query(Event).filter_by(what="mail written").count() == 1


def test_promise_06_site_that_ended_after_the_first_batch_goes_on_and_doubles_nothing(inside, call, small, monkeypatch):
    ids, user = people(call, 5), organizer()
    send(ids, user=user)
    add, calls = mail_to_many._add, []

    def fail_at_the_second(mails, sent):
        calls.append(mails)
        add(mails, sent)
        if len(calls) == 2:
            raise RuntimeError

    with monkeypatch.context() as patched:
        patched.setattr(mail_to_many, "_add", fail_at_the_second)
        with pytest.raises(RuntimeError):
            mail_to_many.go_on(rules.now())
    assert recipients() == everybody(4)
    assert send(ids, user=user).remaining == ids[4:]
    mail_to_many.go_on(rules.now())
    assert recipients() == everybody(5)


def test_site_that_ended_during_the_first_batch_has_sent_nothing(inside, call, monkeypatch):
    ids, user = people(call, 2), organizer()
    with monkeypatch.context() as patched:
        patched.setattr(mail_to_many, "record", lambda *args, **kwargs: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            send(ids, user=user)
    assert (recipients(), db.session.query(Mailing).count()) == ([], 0)
    send(ids, user=user)
    assert recipients() == everybody(2)


def test_another_key_sends_again(inside, call):
    ids, user = people(call, 1), organizer()
    send(ids, user=user)
    send(ids, user=user, key="another")
    assert recipients() == ["p0@example.org"] * 2


def test_plan_says_who_gets_it_and_who_does_not(inside, call):
    readers = people(call, 2)
    chinese = people(call, 1, email="z@example.org", language="zh", confirmed_at=None)
    deleted = people(call, 1, email=None, deleted_at=rules.now())
    plan = mail_to_many.plan(WORDS, [*readers, *chinese, *deleted])
    assert (plan.ids, plan.languages, plan.unconfirmed, plan.deleted, plan.same) == (
        [*readers, *chinese], {"en": 2, "zh": 1}, 1, deleted, 0,
    )  # fmt: skip
    assert {language: about.email for language, about in plan.readers.items()} == {"en": "p0@example.org", "zh": "z@example.org"}


def test_owner_of_two_applications_gets_two_mails_only_where_they_differ(inside, call):
    (first,) = people(call, 1)
    now = rules.now()
    with writing() as session:
        second = Application(user_id=session.get(Application, first).user_id, call_id=call.id, created_at=now, changed_at=now)
        session.add(second)
    plans = [mail_to_many.plan(words, [first, second.id]) for words in (WORDS, PLAIN)]
    assert [(plan.ids, plan.same) for plan in plans] == [([first, second.id], 0), ([first], 1)]


def test_plan_of_the_same_people_has_the_same_fingerprint(inside, call):
    ids = people(call, 3)
    prints = [mail_to_many.plan(WORDS, chosen).fingerprint for chosen in (ids, ids[::-1], ids[:2])]
    assert prints[0] == prints[1] != prints[2]


def test_reader_of_a_language_without_words_gets_the_other(inside, call):
    ids = people(call, 1, language="zh")
    send(ids, words=Words({"zh": "", "en": "News"}, {"zh": "", "en": "Dear {name}"}))
    row = db.session.scalars(db.select(Mail)).one()
    assert (row.language, row.subject, row.text) == ("en", "News", "Dear P0\n")


def test_account_or_application_gone_before_its_batch_is_left_out(inside, call, small):
    ids = people(call, 5)
    send(ids)
    with writing() as session:
        session.delete(session.get(Application, ids[2]))
        session.get(Application, ids[3]).user.email = None
    assert mail_to_many.go_on(rules.now()) == 1
    assert recipients() == ["p0@example.org", "p1@example.org", "p4@example.org"]


def test_promise_13_mail_names_no_organizer(inside, call):
    ids = people(call, 1)
    send(ids)
    row = db.session.scalars(db.select(Mail)).one()
    assert ("Olga" in row.text + row.html + row.subject, "o@example.org" in row.html) == (False, False)
