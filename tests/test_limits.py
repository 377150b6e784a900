"""Rate limits: for whom they hold, what they tell, that they outlive a restart; and the bounds of what is taken on at once."""

import io
import threading
import time
from datetime import timedelta

import pytest
from sqlalchemy import event

from app import create_app, demo, rules
from app.applying import saving
from app.extensions import db, writing
from app.files import uploads
from app.models import Attempts, EarlierAnswers, Event, Mail
from app.people import accounts, credentials, limits, staff
from app.people.limits import LIMITS, Limit, TooMany
from tests.inspecting import inspect
from tests.mailbox import OTHER_PASSWORD, mails, path, register
from tests.site import PASSWORD, Site
from tests.test_apply import begin

QUARTER = timedelta(minutes=15)
ADDRESS = "192.0.2.1"


@pytest.fixture
def inside(app):
    with app.app_context():
        yield


@pytest.fixture
def small(monkeypatch):
    """Two for an account, three for an address."""
    for what, whom in LIMITS:
        monkeypatch.setitem(LIMITS, (what, whom), Limit({"account": 2, "address": 3}[whom], QUARTER))


def fail(site, email="a@example.org", status=200):
    site.open("/en/account/sign-in")
    site.submit(form=site._form_with("password"), email=email, password=OTHER_PASSWORD, status=status)
    return site.errors()


def forget(app):
    with app.app_context(), writing() as session:
        session.execute(db.delete(Attempts))


def try_again(minutes):
    return f"Too many attempts. Please try again in {minutes} minutes."


# Counting


def test_account_has_so_many_tries_in_a_while(inside, small):
    now = rules.now()
    for _ in range(2):
        limits.take("sign-in", now, account="a@example.org")
    with pytest.raises(TooMany) as refused:
        limits.take("sign-in", now + QUARTER - timedelta(seconds=1), account="a@example.org")
    assert (refused.value.what, refused.value.until) == ("sign-in", now + QUARTER)
    limits.take("sign-in", now, account="b@example.org")
    limits.take("reset", now, account="a@example.org")
    limits.take("sign-in", now + QUARTER, account="a@example.org")


def test_refused_try_is_not_counted_for_anybody(inside, small):
    now = rules.now()
    for _ in range(2):
        limits.take("sign-in", now, account="a@example.org")
    for _ in range(5):
        with pytest.raises(TooMany):
            limits.take("sign-in", now, account="a@example.org", address=ADDRESS)
    limits.take("sign-in", now, account="b@example.org", address=ADDRESS)
    assert [row.count for row in db.session.scalars(db.select(Attempts).order_by(Attempts.id))] == [2, 1, 1]


def test_success_frees_the_account_and_gives_one_try_back_to_the_address(inside, small):
    now = rules.now()
    for account in ("a", "b", "b"):
        limits.take("sign-in", now, account=account, address=ADDRESS)
    with writing():
        limits.succeeded("sign-in", account="b", address=ADDRESS)
    limits.take("sign-in", now, account="b", address=ADDRESS)
    with pytest.raises(TooMany):
        limits.take("sign-in", now, account="c", address=ADDRESS)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("192.0.2.1", "192.0.2.2", False),
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", True),
        ("2001:db8:1:2::1", "2001:db8:1:3::1", False),
        ("::ffff:192.0.2.1", "192.0.2.1", True),
        ("unknown", "unknown", True),
    ],
)
def test_address_counts_as_its_network(one, other, same):
    assert (limits._network(one) == limits._network(other)) is same


def test_old_counts_are_removed(inside):
    now = rules.now()
    limits.take("reset", now - timedelta(hours=2), account="a@example.org", address=ADDRESS)
    limits.take("sign-in", now, account="b@example.org")
    assert [row.window_ends_at for row in db.session.scalars(db.select(Attempts))] == [now + QUARTER]


def test_counts_name_nobody(inside):
    limits.take("sign-in", rules.now(), account="a@example.org", address=ADDRESS)
    assert [key for key in db.session.scalars(db.select(Attempts.key)) if "example" in key or ADDRESS in key] == []


def test_counts_outlive_a_restart(app, small):
    with app.app_context():
        for _ in range(2):
            accounts.sign_in(email="a@example.org", password=PASSWORD, now=rules.now())
        db.engine.dispose()
    again = create_app(app.instance_path, TESTING=True)
    with again.app_context():
        with pytest.raises(TooMany):
            accounts.sign_in(email="a@example.org", password=PASSWORD, now=rules.now())
        db.session.remove()
        db.engine.dispose()


# What pages say


def test_sign_in_too_often_is_refused_in_words_and_keeps_what_was_typed(app, small):
    Site(app).register("a@example.org")
    site = Site(app)
    assert [fail(site), fail(site)] == [["The e-mail address and the password do not match."]] * 2
    assert fail(site, status=429) == [try_again(15), "You can also choose a new password by mail; that signs you in right away."]
    assert site.value("email") == "a@example.org"
    assert 14 * 60 < int(site.response.headers["Retry-After"]) <= 15 * 60
    # Nor is the right password heard, from whatever address.
    site = Site(app)
    site.open("/zh/account/sign-in")
    site.submit(form=site._form_with("password"), email="A@Example.org", password=PASSWORD, status=429)
    assert site.errors()[0] == "尝试次数过多，请在15分钟后再试。"


def test_unknown_account_is_refused_like_a_known_one(app, small):
    Site(app).register("a@example.org")
    answers = []
    for email in ("a@example.org", "nobody@example.org"):
        forget(app)
        answers.append([fail(Site(app), email, status) for status in (200, 200, 429)])
    assert answers[0] == answers[1]


def test_locked_account_opens_by_mail_at_once(app, small):
    Site(app).register("a@example.org")
    site = Site(app)
    for status in (200, 200, 429):
        fail(site, status=status)
    site.open("/en/account/forgot")
    site.submit(form=site._form_with("email"), email="a@example.org")
    site.open(path(app, "A new password"))
    site.submit(form=site._form_with("password"), password=OTHER_PASSWORD)
    assert site.address == "/en/applications"
    assert Site(app).sign_in("a@example.org", password=OTHER_PASSWORD).address == "/en/applications"


def test_registering_does_not_go_round_the_limit_of_signing_in(app, small):
    Site(app).register("a@example.org")
    site = Site(app)
    for status in (200, 200, 429):
        site.open("/en/account/register")
        site.submit(form=site._form_with("password"), email="a@example.org", name="B", password=OTHER_PASSWORD, status=status)


def test_sign_ups_from_one_address_are_limited_and_the_text_kept(app, small):
    for n in range(3):
        Site(app).register(f"a{n}@example.org")
    site = Site(app)
    site.open("/en/account/register")
    site.submit(form=site._form_with("password"), email="a3@example.org", name="Ana", password=PASSWORD, status=429)
    assert site.errors() == [try_again(15)]
    assert (site.value("email"), site.value("name")) == ("a3@example.org", "Ana")


def test_reset_too_often_is_refused_alike_for_anybody(app, small):
    Site(app).register("a@example.org")
    said = []
    for email in ("a@example.org", "nobody@example.org"):
        site = Site(app)
        forget(app)
        for status in (200, 200, 429):
            site.open("/en/account/forgot")
            site.submit(form=site._form_with("email"), email=email, status=status)
        said.append(site.errors())
    assert said == [[try_again(15)]] * 2


@pytest.mark.parametrize(("name", "field"), [("email", "password"), ("password", "current"), ("delete", "password")])
def test_password_asked_for_in_the_settings_cannot_be_guessed(applicant, small, name, field):
    given = {"email": "new@example.org"} if name == "email" else {"password": OTHER_PASSWORD} if name == "password" else {}
    for status in (200, 200, 429):
        applicant.open(f"/en/account/{name}")
        applicant.submit(form=applicant._form_with(field), **given | {field: "wrong wrong wrong 1"}, status=status)
    assert applicant.errors() == [try_again(15)]


# The same work, whether or not there is an account


class Counting:
    """The hasher `real`, noting each of its hashes in `hashes`."""

    def __init__(self, real, hashes):
        self.real, self.hashes = real, hashes

    def verify(self, *args):
        self.hashes.append("verify")
        return self.real.verify(*args)


def test_sign_in_costs_one_hash_and_the_same_statements_for_anybody(app, monkeypatch):
    hashes, statements, taken = [], [], []
    with app.app_context():
        register("a@example.org")
        staff.make_organizer(email="invited@example.org", now=rules.now())
        # What is compared with for nobody is made once.
        credentials.matches(None, PASSWORD)
        monkeypatch.setattr(credentials, "_hasher", Counting(credentials._hasher, hashes))
        event.listen(db.engine, "before_cursor_execute", lambda *args: args[2].startswith("PRAGMA") or statements.append(args[2]))
        for email in ("a@example.org", "invited@example.org", "nobody@example.org"):
            hashes.clear()
            statements.clear()
            assert accounts.sign_in(email=email, password=OTHER_PASSWORD, now=rules.now(), address=ADDRESS) is None
            taken.append((list(hashes), list(statements)))
            with writing() as session:
                session.execute(db.delete(Attempts))
    assert taken[0][0] == ["verify"]
    assert taken == [taken[0]] * 3


def test_reset_mails_somebody_whether_or_not_there_is_an_account(inside):
    register("a@example.org")
    for email in ("a@example.org", "nobody@example.org"):
        accounts.request_reset(email=email, language="en", now=rules.now())
    rows = db.session.scalars(db.select(Mail).order_by(Mail.id.desc()).limit(2)).all()
    assert [(mail.recipient, mail.subject) for mail in rows] == [
        ("nobody@example.org", "There is no account with this address"),
        ("a@example.org", "A new password for your account"),
    ]
    assert "/reset/" not in mails("There is no account")[0].text


# The address of the client


@pytest.mark.parametrize(("proxies", "counted"), [("0", [4]), ("1", [2, 2])])
def test_forwarded_address_counts_only_behind_a_trusted_proxy(instance, monkeypatch, proxies, counted):
    monkeypatch.setenv("LAUREL_TRUSTED_PROXIES", proxies)
    app = create_app(instance, TESTING=True)
    for n in range(4):
        site = Site(app)
        # The first is what the client claims, the last what the proxy has seen.
        site.client.environ_base["HTTP_X_FORWARDED_FOR"] = f"203.0.113.{n}, 192.0.2.{n % 2}"
        fail(site, f"{n}@example.org")
    with app.app_context():
        assert db.session.scalars(db.select(Attempts.count).where(Attempts.key.like("sign-in:address:%"))).all() == counted
        db.session.remove()
        db.engine.dispose()


# Bounded work


def test_uploads_leave_a_reserve_of_the_disk(applicant, call, app, monkeypatch):
    address = begin(applicant, call)
    monkeypatch.setattr(uploads, "RESERVE", 2**80)
    applicant.open(f"{address}/files")
    applicant.submit("upload", kind="papers", files=(io.BytesIO(demo.sample_pdf("Paper")), "论文_Paper.pdf"))
    assert applicant.errors() == [
        "“论文_Paper.pdf” was not stored. There is no room for more files on the server just now. Nothing else was lost; "
        "please try again later."
    ]
    applicant.open(f"{address}/basics")
    applicant.submit("save", title__en="Still saved")
    assert applicant.value("title-en") == "Still saved"


def test_applications_a_day_are_limited_for_each_account(app, applicant, call, monkeypatch):
    monkeypatch.setitem(limits.DONE, "application started", Limit(2, limits.DAY))
    addresses = [begin(applicant, call) for _ in range(2)]
    # Deleting one does not give it back.
    applicant.open(f"{addresses[0]}/delete")
    applicant.post(f"{addresses[0]}/delete", {})
    sentences = {
        "en": "You have started 2 applications within a day; this site takes no more from one account. "
        "Go on with one of them, or try again tomorrow.",
        "zh": "您一天内已新建2份申报，达到每个账号的上限。请继续填写已有的申报，或明天再试。",
    }
    for language, sentence in sentences.items():
        assert begin(applicant, call, language) == f"/{language}/calls/{call.id}"
        assert sentence in applicant.text()
    assert begin(Site(app).register("b@example.org"), call).startswith("/en/applications/")
    with app.app_context(), writing() as session:
        session.execute(db.update(Event).values(at=rules.now() - limits.DAY))
    assert begin(applicant, call).startswith("/en/applications/")


def upload(site, *names):
    site.submit("upload", kind="papers", files=[(io.BytesIO(demo.sample_pdf("Paper")), name) for name in names])
    return site.errors()


def test_uploads_an_hour_are_limited_for_each_account_and_titles_kept(app, applicant, call, monkeypatch):
    monkeypatch.setitem(limits.DONE, "file uploaded", Limit(2, limits.HOUR))
    address = begin(applicant, call)
    applicant.open(f"{address}/files")
    sentence = (
        "“3.pdf” was not stored. You have uploaded 2 files within an hour; this site takes no more from one account. Everything stored "
        "before is still there; please go on in an hour."
    )
    assert upload(applicant, "1.pdf", "2.pdf", "3.pdf") == [sentence]
    # Another application is no way round it.
    applicant.open(f"{begin(applicant, call)}/files")
    assert upload(applicant, "3.pdf") == [sentence]
    with app.app_context(), writing() as session:
        session.execute(db.update(Event).values(at=rules.now() - limits.HOUR))
    applicant.open(applicant.address)
    assert upload(applicant, "3.pdf") == []


def test_files_of_an_application_are_limited(app, applicant, call, monkeypatch):
    monkeypatch.setattr(limits, "MOST_FILES", 2)
    address = begin(applicant, call, "zh")
    applicant.open(f"{address}/files")
    assert upload(applicant, "1.pdf", "2.pdf", "3.pdf") == [
        "“3.pdf”未能保存。本申报已有2个文件，达到上限。请将多个文件合并为一个PDF，或移除部分文件。"
    ]
    applicant.submit(applicant.page.xpath("string(//button[starts-with(@value, 'remove-')]/@value)"))
    assert upload(applicant, "3.pdf") == []


@pytest.fixture
def small_step(monkeypatch):
    monkeypatch.setattr(saving, "MOST_CHARACTERS", 1000)


TOO_MUCH = "This step holds 1001 characters; the site can store at most 1000. Nothing was cut and nothing was stored; please shorten it."


def test_text_of_a_step_is_bounded_in_words_and_stays_on_the_page(applicant, call, small_step):
    address = begin(applicant, call)
    applicant.open(f"{address}/basics")
    applicant.submit("save", title__en="w" * 1001, status=409)
    assert TOO_MUCH in applicant.text()
    assert applicant.value("title-en") == "w" * 1001
    applicant.submit("save", title__en="w" * 1000)
    applicant.open(f"{address}/basics")
    assert applicant.value("title-en") == "w" * 1000


def test_text_typed_signed_out_is_bounded_and_handed_back(applicant, call, small_step):
    applicant.open(f"{begin(applicant, call)}/basics")
    applicant.client.delete_cookie("session")
    applicant.submit("save", title__en="w" * 1001, status=409)
    assert TOO_MUCH in applicant.text()
    assert dict(applicant.page.forms[-1].form_values())["title-en"] == "w" * 1001


def test_rows_pasted_again_and_again_are_bounded(applicant, call, small_step):
    applicant.open(f"{begin(applicant, call)}/contributors")
    pasted = "\n".join(f"张{n}\tZhang {n}\t甲大学\tUniversity A" for n in range(20))
    applicant.submit("save", contributors__paste=pasted)
    applicant.submit("save", contributors__paste=pasted, status=409)


def test_fewer_versions_of_a_long_text_are_kept(app, applicant, call, small_step):
    applicant.open(f"{begin(applicant, call)}/basics")
    for n in range(15):
        applicant.submit("save", title__en=f"{n:02d}" + "w" * 900)
    with app.app_context():
        assert sorted(db.session.scalars(db.select(EarlierAnswers.version))) == list(range(7, 15))


@pytest.mark.parametrize("body", [b"email=" + b"x" * 1024 * 1024, b"&" * 5000, b"email=" + b"%E4" * 350_000])
def test_form_without_files_is_bounded_like_one_with_files(site, body):
    response = site.client.post("/en/account/sign-in", data=body, content_type="application/x-www-form-urlencoded")
    assert response.status_code == 413
    assert inspect(response).xpath("string(//h1)") == "Too much at once"


def test_at_most_two_passwords_are_hashed_at_once(monkeypatch):
    running, most = [], []

    class Slow:
        def hash(self, password):
            running.append(password)
            most.append(len(running))
            time.sleep(0.05)
            running.pop()
            return password

    monkeypatch.setattr(credentials, "_hasher", Slow())
    threads = [threading.Thread(target=credentials.hashed, args=(PASSWORD,)) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(most), max(most)) == (6, 2)
