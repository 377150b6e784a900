"""Certificates: names confirmed by links, what is issued, revoked, replaced and verified, and the design's pictures."""

import io
import re
import subprocess
import zipfile
from contextvars import Context
from datetime import timedelta

import pytest
from PIL import Image

from app import rules
from app.applying.drafts import Refused
from app.extensions import db, writing
from app.files import uploads
from app.honors import certificates, deciding, honoring, names
from app.keeping import auditing, erasing
from app.models import Application, Certificate, Decision, Event, Mail, NameConfirmation
from app.people import limits
from app.review import panels
from tests.handing_in import submit
from tests.honored import confirmed, honored, issued, organizer
from tests.site import Site

ADDRESSES = {"contributors-1-email": ["lin@example.org"], "contributors-3-email": ["mueller@example.org"]}
LATIN = {"contributors-3-name-zh": [""], "contributors-3-name-latin": ["yes"]}


@pytest.fixture
def ref(app, call):
    """An awarded application whose first and third contributor can be mailed; the third has no Chinese name."""
    return honored(app, call, contributors=ADDRESSES | LATIN)


@pytest.fixture
def user(app):
    with app.app_context():
        yield organizer()


def visitor(app):
    """A Site whose requests do not see the application context that its test is in."""
    site = Site(app)
    really_open = site.client.open
    site.client.open = lambda *args, **kwargs: Context().run(really_open, *args, **kwargs)
    return site


def states(call, ref):
    return [one.state for one in honoring.of_call(call, rules.now(), [ref])]


def path(link):
    return re.sub("^https?://[^/]+", "", link)


def mails(recipient):
    return db.session.scalars(db.select(Mail).filter_by(recipient=recipient).order_by(Mail.id)).all()


def picture(mode="RGB", format="PNG", size=(60, 60)):
    content = io.BytesIO()
    Image.new(mode, size, "red").save(content, format)
    return content.getvalue()


# -- who


def test_contributors_of_honored_released_applications_alone_receive_certificates(app, call, ref, user):
    collected = honored(app, call, "collected", email="b@example.org")
    for outcome, email in (("not-selected", "c@example.org"), ("awarded", "d@example.org"), ("awarded", "e@example.org")):
        other = honored(app, call, outcome, email=email)
    with writing() as session:
        unreleased, withdrawn = session.scalars(db.select(Application).order_by(Application.id.desc()).limit(2)).all()
        withdrawn.withdrawn_at = rules.now()
        unreleased.decision.released_at = rules.now() + timedelta(hours=1)
    found = honoring.of_call(call, rules.now())
    assert {one.application.ref for one in found} == {ref, collected}
    assert [(one.contributor.place, one.zh, one.en) for one in found if one.application.ref == ref] == [
        (1, "林晓雯", "Lin Xiaowen"), (2, "陈志远", "Chen Zhiyuan"), (3, "Anna Müller", "Anna Müller"),
    ]  # fmt: skip
    assert other not in {one.application.ref for one in found}


# -- names


def test_asking_mails_a_link_to_whoever_gave_an_address_and_tells_the_applicant_of_the_others(call, ref, user):
    assert names.ask(call, None, None, user, rules.now()) == 3
    (mail,) = mails("lin@example.org")
    one = honoring.find(ref, "1", call, rules.now())
    assert names.link(one.confirmation, "en") in mail.text
    assert mail.application_ref is None
    assert "Lin Xiaowen" in mail.text
    assert mails("a@example.org")[-1].subject == "Please pass on the links for the names on the certificates: WIC2027-0001"
    assert [names.to_pass_on(one, rules.now()) is not None for one in honoring.of_call(call, rules.now())] == [False, True, False]


def test_nobody_is_asked_twice_within_a_day_and_a_reminder_renews_the_same_link(call, ref, user):
    now = rules.now()
    names.ask(call, None, None, user, now)
    secret = names.link(honoring.find(ref, "1", call, now).confirmation, "en").rpartition("/")[2]
    assert names.ask(call, None, None, user, now + timedelta(hours=23)) == 0
    assert names.find(secret, now + timedelta(days=30)) is None
    assert names.ask(call, None, {(ref, "1")}, user, now + timedelta(days=31)) == 1
    assert names.find(secret, now + timedelta(days=60))[0].contributor.row == "1"
    assert len(mails("lin@example.org")) == 2


def test_link_lapses_when_a_later_submission_changes_the_name(app, call, ref, user):
    now = rules.now()
    names.ask(call, None, None, user, now)
    secrets = [names.link(one.confirmation, "en").rpartition("/")[2] for one in honoring.of_call(call, now)]
    application = db.session.scalars(db.select(Application).filter_by(ref=ref)).one()
    with writing():
        application.reopened_at = now
        raw = next(answers for answers in application.answers if answers.step == "contributors")
        raw.raw = raw.raw | {"contributors-1-name-en": ["Lin Hsiao-wen"]}
        decision, application.decision = application.decision.outcome, None
    submit(app, call, application.id)
    with writing():
        db.session.get(Application, application.id).decision = Decision(outcome=decision, released_at=now)
    assert [names.find(secret, rules.now()) is not None for secret in secrets] == [False, True, True]
    assert states(call, ref) == ["unasked", "waiting", "waiting"]
    visitor(app).open(f"/en/names/{secrets[0]}", 410)


@pytest.mark.parametrize(
    ("zh", "en"),
    [
        ("𠮷田㛃", "Yoshida Kiyoshi"), ("𨭎", "Xi"), ("阿卜杜拉·买买提", "Abdulla Memet"), ("マリア・サントス", "María Santos‑Núñez"),
        ("苏加诺", "Sukarno"),
    ],
)
def test_name_is_stored_as_typed(app, call, ref, user, zh, en):
    names.ask(call, None, None, user, rules.now())
    site = visitor(app)
    site.open(path(names.link(honoring.find(ref, "2", call, rules.now()).confirmation, "zh")))
    site.submit(form="name", answers={"zh": zh, "en": en, "form": "JP"})
    db.session.rollback()
    one = honoring.find(ref, "2", call, rules.now())
    assert (one.zh, one.en, one.form, one.state) == (zh, en, "JP", "confirmed")


def test_page_of_a_link_judges_names_like_the_application_and_is_open_until_the_certificate_is_issued(app, call, ref, user):
    names.ask(call, None, None, user, rules.now())
    site, address = visitor(app), path(names.link(honoring.find(ref, "3", call, rules.now()).confirmation, "en"))
    site.open(address)
    assert site.response.headers["X-Robots-Tag"] == "noindex"
    assert [(site.value("zh"), site.value("en"))] == [("", "Anna Müller")]
    site.submit(form="name", answers={"en": "", "form": "XX"})
    assert site.errors() == ["Fill in “Name” in English.", "Choose one of these."]
    # Opening it, as mail scanners do, uses nothing up.
    assert states(call, ref)[2] == "waiting"
    site.submit(form="name", answers={"en": "Anna Mueller", "form": "SC"})
    assert "Thank you. Your name will be printed like this." in site.text()
    site.submit(form="name", answers={"en": "Anna Müller-Lang", "form": "SC"})
    db.session.rollback()
    certificates.issue(call, None, None, user, rules.now())
    (certificate,) = db.session.scalars(db.select(Certificate)).all()
    assert (certificate.zh, certificate.en, certificate.number) == ("Anna Müller-Lang", "Anna Müller-Lang", "WIC2027-C-0001-03")
    site.submit(form="name", answers={"en": "Somebody Else", "form": "SC"})
    assert "The certificate has been issued already." in site.page.text_content()
    assert db.session.get(Certificate, certificate.id).en == "Anna Müller-Lang"


def test_links_that_do_not_exist_are_tried_only_so_often(app, user):
    address = {"environ_base": {"REMOTE_ADDR": "203.0.113.9"}}
    client = visitor(app).client
    limits.LIMITS["name", "address"], before = limits.Limit(2, limits.QUARTER), limits.LIMITS["name", "address"]
    try:
        assert [client.get("/en/names/nothing", **address).status_code for _ in range(4)] == [410, 410, 429, 429]
    finally:
        limits.LIMITS["name", "address"] = before


def test_applicant_sees_the_links_to_pass_on_and_no_other(app, call, ref, user):
    names.ask(call, None, None, user, rules.now())
    links = [path(names.link(one.confirmation, "en")) for one in honoring.of_call(call, rules.now())]
    site = visitor(app).sign_in("a@example.org")
    site.open(f"/en/applications/{ref}")
    shown = [path(code.text_content()) for code in site.page.xpath("//main//code")]
    assert shown == [links[1]]


# -- certificates


def test_issuing_takes_confirmed_names_once_and_freezes_what_is_printed(call, ref, user):
    confirmed(call, ref, user)
    now = rules.now()
    assert certificates.issue(call, None, None, user, now) == 1
    assert certificates.issue(call, None, None, user, now) == 0
    assert states(call, ref) == ["issued", "waiting", "waiting"]
    certificate = db.session.scalars(db.select(Certificate)).one()
    before = certificates.pdf(certificate)
    certificates.save_design(call, date="2027-11-10", signatory_zh="张三", signatory_en="Zhang San", images={}, user=user, now=now)
    assert certificates.pdf(db.session.get(Certificate, certificate.id)) == before
    assert re.fullmatch("([0-9A-HJKMNP-TV-Z]{4}-){3}[0-9A-HJKMNP-TV-Z]{4}", certificate.code)
    theirs = Event.what.like("%name%") | Event.what.like("%certificate%")
    events = db.session.scalars(db.select(Event.what).where(theirs).order_by(Event.id)).all()
    assert events == ["names asked", "name confirmed", "certificate issued", "certificate design changed"]


def test_code_is_found_however_it_was_typed(call, ref, user):
    certificate = issued(call, ref, user)
    typed = certificate.code.lower().replace("-", " ").replace("0", "o").replace("1", "l")
    assert [found and found.id for found in map(certificates.find, (certificate.code, typed, "", "0000", certificate.code[:-1]))] == [
        certificate.id, certificate.id, None, None, None,
    ]  # fmt: skip


def test_replaced_certificate_says_by_which_and_revoked_one_that_it_is(app, call, ref, user):
    old, now = issued(call, ref, user), rules.now()
    one = honoring.find(ref, "1", call, now)
    new = certificates.replace(one, call, old, zh="王喆", en="Wang Zhe", form="TC", reason="misspelt quirk", user=user, now=now)
    assert (old.number, new.number) == ("WIC2027-C-0001-01", "WIC2027-C-0001-01-2")
    site = visitor(app)
    site.open(f"/en/certificates/{old.code}")
    assert "It is no longer valid; the one that took its place is WIC2027-C-0001-01-2." in site.text()
    site.open(f"/en/certificates/{new.code}")
    assert "This certificate is genuine and valid." in site.text()
    with pytest.raises(Refused):
        certificates.replace(one, call, old, zh="王", en="Wang", form="SC", reason="again", user=user, now=now)
    certificates.revoke(new, "withdrawn quirk", user, now)
    for language in ("en", "zh"):
        site.open(f"/{language}/certificates/{new.code}")
        assert "quirk" not in site.response.get_data(as_text=True)
    site.open(f"/en/certificates/{new.code}")
    assert "This certificate has been revoked. It is no longer valid." in site.text()
    assert states(call, ref)[0] == "revoked"
    assert certificates.issue(call, None, None, user, now) == 0


def test_decision_corrected_to_one_without_honors_revokes_what_was_issued(call, ref, user):
    certificate, now = issued(call, ref, user), rules.now()
    one = honoring.find(ref, "1", call, now)
    with writing():
        panels.for_write(call.id).release_at = now
    given = {"call": call, "organizer": user, "application": one.application, "feedback": {"zh": "", "en": ""}, "mail": False, "now": now}
    for outcome, reason in (("collected", None), ("not-selected", "Plagiarism")):
        known = deciding.seen(one.application.decision)
        deciding.correct(**given, outcome=outcome, known=known, reason="Plagiarism")
        assert db.session.get(Certificate, certificate.id).revoked_reason == reason
    (event,) = db.session.scalars(db.select(Event).filter_by(what="certificate revoked")).all()
    assert event.details["number"] == certificate.number
    with pytest.raises(Refused):
        certificates.replace(one, call, certificate, zh="王", en="Wang", form="SC", reason="again", user=user, now=now)


def test_zip_with_a_lost_seal_is_refused_before_it_begins_and_reads_no_database_while_it_is_sent(app, call, ref, user):
    seal = uploads.store_image(name="seal.png", stream=io.BytesIO(picture()))
    certificates.save_design(call, date=None, signatory_zh="", signatory_en="", images={"seal": seal}, user=user, now=rules.now())
    number = issued(call, ref, user).number
    made = certificates.pdfs([honoring.find(ref, "1", call, rules.now())])
    assert [(name, content[:4]) for name, content in made] == [(f"{number}.pdf", b"%PDF")]
    assert not db.session().in_transaction()
    (uploads.folder() / seal).unlink()
    visitor(app).sign_in("a@example.org").open(f"/en/applications/{ref}/certificates.zip", 503)


def test_sample_is_made_for_a_call_without_honors(call, user):
    plain = [outcome for outcome in call.decisions if not outcome.honored]
    assert "Notselected" in text_of(certificates.sample(call.model_copy(update={"decisions": plain}), rules.now()))


def test_public_page_says_nothing_but_what_is_printed(app, call, ref, user):
    certificate = issued(call, ref, user)
    printed = text_of(certificates.pdf(certificate))
    site = visitor(app)
    site.open(f"/en/certificates/{certificate.code}")
    assert site.response.headers["X-Robots-Tag"] == "noindex"
    said = [" ".join(value.text_content().split()) for value in site.page.xpath("//dd | //*[@class='bearer']/*")]
    assert [value for value in said if value.replace(" ", "") not in printed and value != "Basic Research" and value not in TOGETHER] == []
    page = site.response.get_data(as_text=True)
    assert [known for known in ("陈志远", "lin@example.org", "a@example.org", ref, "Anna Muster", "WIC2027-0001") if known in page] == []


TOGETHER = ("面向城域网的量子密钥分发Quantum key distribution for metropolitan networks",)
"""Both titles stand in one answer."""


def test_tell_mails_each_contributor_and_the_applicant_once(app, call, ref, user):
    issued(call, ref, user)
    now = rules.now()
    assert [certificates.tell(call, user, now) for _ in range(2)] == [1, 0]
    mail = mails("lin@example.org")[-1]
    assert mail.subject.startswith("Your certificate is ready")
    link = path(re.search(r"https?://\S+/names/\S+", mail.text)[0])
    assert mails("a@example.org")[-1].subject == "The certificates are ready: WIC2027-0001"
    response = visitor(app).client.get(f"{link}/certificate.pdf")
    assert response.data.startswith(b"%PDF")


def test_applicant_downloads_what_stands_one_by_one_and_as_a_zip(app, call, ref, user):
    rows = (("1", "林晓雯", "Lin Xiaowen"), ("2", "陈志远", "Chen Z"))
    numbers = [issued(call, ref, user, row, zh=zh, en=en).number for row, zh, en in rows]
    site = visitor(app).sign_in("a@example.org")
    site.open(f"/en/applications/{ref}/certificates.zip")
    with zipfile.ZipFile(io.BytesIO(site.response.data)) as archive:
        assert archive.namelist() == [f"{number}.pdf" for number in numbers]
        assert "ChenZ" in text_of(archive.read(f"{numbers[1]}.pdf"))
    site.open(f"/en/applications/{ref}/certificates/{numbers[0]}.pdf")
    certificates.revoke(db.session.scalars(db.select(Certificate).filter_by(number=numbers[0])).one(), "wrong", user, rules.now())
    site.open(f"/en/applications/{ref}/certificates/{numbers[0]}.pdf", 404)


def text_of(content):
    """What a PDF says, without white space, for lines break where they may."""
    return "".join(subprocess.run(["pdftotext", "-", "-"], input=content, capture_output=True, check=True).stdout.decode().split())


# -- the desk


@pytest.fixture
def desk(app, user):
    site = visitor(app).register("desk@example.org")
    with writing() as session:
        session.execute(db.text("UPDATE user SET role = 'organizer' WHERE email = 'desk@example.org'"))
    return site


def test_desk_asks_confirms_on_somebodys_behalf_issues_replaces_and_revokes(app, call, ref, desk):
    list_of = f"/en/desk/certificates?call={call.id}"
    desk.open(list_of)
    desk.submit("ask", form="certificates")
    assert "3 contributors have been asked." in desk.page.text_content()
    desk.submit("ask", form="certificates")
    assert "There is nobody to ask" in desk.page.text_content()
    one = f"/en/desk/certificates/{ref}/2"
    desk.open(one)
    desk.submit("confirm", form="name", zh="陈志远", en="Chen Zhiyuan")
    assert desk.errors() == ["Give the reason."]
    desk.submit("confirm", form="name", zh="陈志遠", en="Chen Zhiyuan", reason="By telephone")
    assert "陈志遠" in desk.text()
    desk.open(list_of)
    desk.submit("issue-ticked", form="certificates", pick=[f"{ref}/1"])
    assert "There is nothing to issue" in desk.page.text_content()
    desk.submit("issue-ticked", form="certificates", pick=[f"{ref}/1", f"{ref}/2"])
    assert "1 certificate has been issued." in desk.page.text_content()
    desk.open(one)
    desk.submit("replace", form="name", zh="陈志远", reason="As he writes it")
    assert "WIC2027-C-0001-02-2 is issued in the place of WIC2027-C-0001-02." in desk.page.text_content()
    desk.submit("revoke", form="name", zh="", en="", reason="Not a contributor")
    assert "The certificate is revoked, and its page says so." in desk.page.text_content()
    desk.open("/en/desk/certificates/WIC2027-C-0001-02.pdf")
    assert desk.response.mimetype == "application/pdf"
    desk.open(f"{list_of}&state=revoked")
    assert len(desk.page.xpath("//input[@name='pick']")) == 1


def test_design_takes_pictures_and_keeps_those_of_issued_certificates(app, call, ref, user, desk):
    address = f"/en/desk/certificates/design/{call.id}"

    def save(**given):
        desk.open(address)
        desk.submit(form="design", **given)
        return desk.errors()

    assert save(date="soon", seal=(io.BytesIO(b"<svg/>"), "seal.svg")) == ["Write the date like 2027-11-10."]
    assert save(date="soon", seal=(io.BytesIO(picture(size=(40, 40))), "seal.png"), signature=(io.BytesIO(b"?"), "s.png")) != []
    assert save(seal=(io.BytesIO(picture(size=(40, 40))), "seal.png"), signature=(io.BytesIO(b"?"), "s.png")) != []
    assert save(seal=(io.BytesIO(b"no picture"), "seal.png")) != []
    drawn = {"seal": (io.BytesIO(picture()), "印章.png"), "signature": (io.BytesIO(picture(format="JPEG")), "s.jpg")}
    assert save(date="2027-11-10", signatory_zh="张三", **drawn) == []
    design = certificates.design_of(call.id)
    seal, signature = design.seal, design.signature
    assert uploads.images() == {seal, signature} == uploads.on_disk() - set(db.session.scalars(db.text("SELECT path FROM stored_file")))
    certificate = issued(call, ref, user)
    assert certificate.details["date"] == {"zh": "2027年11月10日", "en": "November 10, 2027"}
    assert save(seal=(io.BytesIO(picture(size=(30, 30))), "new.png"), no_signature="y") == []
    db.session.rollback()
    db.session.expire_all()
    assert uploads.images() == {seal, signature, certificates.design_of(call.id).seal}
    assert [str(finding.wrong) for finding in auditing.audit(settle=0).findings] == []
    uploads.sweep()
    before = certificates.pdf(certificate)
    (uploads.folder() / seal).write_bytes(picture(size=(10, 10)))
    said = [finding.wrong.en for finding in auditing.audit(settle=0).findings]
    assert said == [f"The picture uploads/{seal} of certificates is lost or was changed."]
    assert len(before) > 10_000
    desk.open(f"{address}/sample.pdf")
    assert "WIC2027-C-0000-00" in text_of(desk.response.data)


def test_what_is_erased_takes_the_questions_about_names_and_their_mails_along(app, call, ref, user):
    names.ask(call, None, None, user, rules.now())
    application = db.session.scalars(db.select(Application).filter_by(ref=ref)).one()
    with writing():
        erasing.contents([application.id])
    assert (mails("lin@example.org"), db.session.scalars(db.select(NameConfirmation)).all()) == ([], [])
