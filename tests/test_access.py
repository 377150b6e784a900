"""Who may enter: every address by every kind of visitor. An address that is not in the table fails."""

import io
import re

import pytest

from app import demo, rules
from app.extensions import db, writing
from app.models import Application, Assignment, Conflict, Expert, StoredFile
from app.people import accounts
from tests.handing_in import handed_in
from tests.honored import honored, issued
from tests.site import Site
from tests.test_apply import begin, fill

# The answers to: nobody signed in, another applicant, the owner, an expert, an organizer. 302 for nobody: "sign in first".
EVERYBODY = (200, 200, 200, 200, 200)
SIGNED_IN = (302, 200, 200, 200, 200)
OWNER = (302, 404, 200, 404, 404)
ORGANIZER = (302, 404, 404, 404, 200)
EXPERT = (302, 404, 404, 200, 404)
STAFF = (302, 404, 404, 200, 200)
ONWARD = (302, 302, 302, 302, 302)
SIGNED_OUT = (200, 302, 302, 302, 302)
NO_LINK = (410, 410, 410, 410, 410)
REFUSED = (400, 400, 400, 400, 400)
NOT_YET = (302, 404, 404, 404, 404)
GETS = {
    "account.confirm": NO_LINK,
    "account.data": SIGNED_IN,
    "account.delete": SIGNED_IN,
    "account.email": SIGNED_IN,
    "account.forgot": EVERYBODY,
    "account.password": SIGNED_IN,
    "account.profile": SIGNED_IN,
    "account.register": SIGNED_OUT,
    "account.reset": NO_LINK,
    "account.settings": SIGNED_IN,
    "account.sign_in": SIGNED_OUT,
    "apply.check": OWNER,
    "apply.mine": SIGNED_IN,
    "apply.overview": OWNER,
    "apply.start": SIGNED_IN,
    "apply.step": OWNER,
    "bare.health": EVERYBODY,
    "bare.root": ONWARD,
    "certificates.everything": OWNER,
    "certificates.one": OWNER,
    "certificates.short": ONWARD,
    "certificates.verify": EVERYBODY,
    "desk.application": ORGANIZER,
    "desk.application_zip": ORGANIZER,
    "desk.applications": ORGANIZER,
    "desk.call_file": ORGANIZER,
    "desk.call_version": ORGANIZER,
    "desk.calls": ORGANIZER,
    "desk.certificate_design": ORGANIZER,
    "desk.certificate_pdf": ORGANIZER,
    "desk.certificate_sample": ORGANIZER,
    "desk.certificates": ORGANIZER,
    "desk.certificates_zip": ORGANIZER,
    "desk.changes": NOT_YET,
    "desk.check": ORGANIZER,
    "desk.conflict": ORGANIZER,
    "desk.conflicts": ORGANIZER,
    "desk.contributor": ORGANIZER,
    "desk.deadline": ORGANIZER,
    "desk.decision": ORGANIZER,
    "desk.decisions": ORGANIZER,
    "desk.dossier": ORGANIZER,
    "desk.dossiers": ORGANIZER,
    "desk.expert": ORGANIZER,
    "desk.expert_table": ORGANIZER,
    "desk.experts": ORGANIZER,
    "desk.export_csv": ORGANIZER,
    "desk.export_xlsx": ORGANIZER,
    "desk.export_zip": ORGANIZER,
    "desk.extension": ORGANIZER,
    "desk.file": ORGANIZER,
    "desk.import_experts": ORGANIZER,
    "desk.invite": ORGANIZER,
    "desk.log": ORGANIZER,
    "desk.log_csv": ORGANIZER,
    "desk.log_xlsx": ORGANIZER,
    "desk.mail": ORGANIZER,
    "desk.mail_new": ORGANIZER,
    "desk.mails": ORGANIZER,
    "desk.receipt_json": ORGANIZER,
    "desk.matching": ORGANIZER,
    "desk.matching_confirm": (302, 404, 404, 404, 302),
    "desk.matching_experts": ORGANIZER,
    "desk.matching_one": ORGANIZER,
    "desk.matching_settings": ORGANIZER,
    "desk.new_conflict": ORGANIZER,
    "desk.new_expert": ORGANIZER,
    "desk.overview": ORGANIZER,
    "desk.people": ORGANIZER,
    "desk.person": ORGANIZER,
    "desk.ranking": ORGANIZER,
    "desk.ranking_table": ORGANIZER,
    "desk.receipt_pdf": ORGANIZER,
    "desk.release": (302, 404, 404, 404, 302),
    "desk.remove_expert": ORGANIZER,
    "desk.remove_person": ORGANIZER,
    "desk.retention": ORGANIZER,
    "desk.reviews": ORGANIZER,
    "desk.retention_confirm": (302, 404, 404, 404, 302),
    "files.everything": OWNER,
    "files.index": OWNER,
    "files.index_pdf": OWNER,
    "files.index_xlsx": OWNER,
    "files.manage": OWNER,
    "files.one": OWNER,
    "names.certificate": NO_LINK,
    "names.confirm": NO_LINK,
    "panel.applications": EXPERT,
    "panel.declare": EXPERT,
    "panel.dossier": EXPERT,
    "panel.file": EXPERT,
    "panel.home": EXPERT,
    "panel.part": EXPERT,
    "panel.review": EXPERT,
    "public.attachment": EVERYBODY,
    "public.calendar": EVERYBODY,
    "public.call": EVERYBODY,
    "public.home": EVERYBODY,
    "public.privacy": EVERYBODY,
    "public.questions": EVERYBODY,
    "results.results_of": (404, 404, 404, 404, 404),
    "second_factor.manage": STAFF,
    "second_factor.qr_code": STAFF,
    "second_factor.step": ONWARD,
    "submitted.delete": (302, 404, 302, 404, 404),
    "submitted.draft_pdf": OWNER,
    "submitted.newest": (302, 404, 302, 404, 404),
    "submitted.receipt": OWNER,
    "submitted.receipt_json": OWNER,
    "submitted.receipt_pdf": OWNER,
    "submitted.withdraw": OWNER,
}
# What a POST without a token answers. Pages that hold typed text give it back; all others refuse.
POSTS = {
    "account.confirm": NO_LINK,
    "account.delete": SIGNED_IN,
    "account.email": SIGNED_IN,
    "account.forgot": EVERYBODY,
    "account.password": SIGNED_IN,
    "account.profile": SIGNED_IN,
    "account.register": SIGNED_OUT,
    "account.resend": REFUSED,
    "account.reset": NO_LINK,
    "account.sign_in": SIGNED_OUT,
    "account.sign_out": REFUSED,
    "account.sign_out_everywhere": REFUSED,
    "apply.check": REFUSED,
    "apply.resolve": REFUSED,
    "apply.start": REFUSED,
    "apply.step": (302, 404, 400, 404, 404),
    "desk.call_file": ORGANIZER,
    "desk.certificate_design": ORGANIZER,
    "desk.call_off_release": REFUSED,
    "desk.certificates_act": REFUSED,
    "desk.check": ORGANIZER,
    "desk.conflict": ORGANIZER,
    "desk.contributor": ORGANIZER,
    "desk.deadline": ORGANIZER,
    "desk.decision": ORGANIZER,
    "desk.decisions": REFUSED,
    "desk.expert": ORGANIZER,
    "desk.extension": ORGANIZER,
    "desk.import_experts": ORGANIZER,
    "desk.invite": ORGANIZER,
    "desk.invite_again": REFUSED,
    "desk.invite_expert": REFUSED,
    "desk.invite_experts": REFUSED,
    "desk.mail_new": ORGANIZER,
    "desk.mail_retry": REFUSED,
    "desk.matching_confirm": REFUSED,
    "desk.matching_one": REFUSED,
    "desk.matching_rows": REFUSED,
    "desk.matching_run": REFUSED,
    "desk.matching_settings": ORGANIZER,
    "desk.new_conflict": ORGANIZER,
    "desk.new_expert": ORGANIZER,
    "desk.notes": REFUSED,
    "desk.open_discussion": REFUSED,
    "desk.person": ORGANIZER,
    "desk.publish_results": REFUSED,
    "desk.release": ORGANIZER,
    "desk.remove_expert": ORGANIZER,
    "desk.remind_reviewers": REFUSED,
    "desk.remove_person": ORGANIZER,
    "desk.retention_confirm": (302, 404, 404, 404, 302),
    "desk.settle": REFUSED,
    "files.manage": (302, 404, 400, 404, 404),
    "names.confirm": NO_LINK,
    "panel.declare": EXPERT,
    "panel.part": EXPERT,
    "panel.recall": REFUSED,
    "panel.resolve_review": REFUSED,
    "panel.review": (302, 404, 404, 400, 404),
    "second_factor.manage": STAFF,
    "second_factor.step": ONWARD,
    "submitted.delete": REFUSED,
    "submitted.reopen": REFUSED,
    "submitted.restore": REFUSED,
    "submitted.withdraw": REFUSED,
}


@pytest.fixture
def visitors(app):
    signed_in = [Site(app).register(f"{name}@example.org") for name in ("other", "owner", "expert", "organizer")]
    with app.app_context(), writing():
        for role in ("expert", "organizer"):
            accounts.find(f"{role}@example.org").role = role
    return (Site(app), *signed_in)


@pytest.fixture
def address_of(app, call, visitors):
    """Builds the address of an endpoint for the owner's application, which has one file and one submission."""
    owner = visitors[2]
    address = begin(owner, call)
    owner.open(f"{address}/files")
    owner.submit("upload", kind="papers", files=(io.BytesIO(demo.sample_pdf("Paper")), "论文_Paper.pdf"))
    fill(owner, address, call)
    owner.open(f"{address}/check")
    owner.submit("submit", form="submit", declaration="yes")
    with app.app_context():
        values = {
            "language": "en",
            "ref": db.session.scalars(db.select(Application.ref)).one(),
            "file_ref": db.session.scalars(db.select(StoredFile.ref)).one(),
            "call_id": call.id,
            "step_id": "basics",
            "name": call.attachments[0].name,
            "n": 1,
            "mail_id": 1,
            "conflict_id": 1,
            "reason_id": 1,
            "user_id": accounts.find("expert@example.org").id,
            "token": "no-such-token",
        }
    on_the_panel, values["expert_id"] = _on_the_panel(app, call)
    certified = _certified(app, call)
    addresses = {rule.endpoint: rule for rule in app.url_map.iter_rules()}

    def build(endpoint, **changed):
        about = {"panel": on_the_panel, "certificates": certified} | dict.fromkeys(("desk.contributor", "desk.certificate_pdf"), certified)
        known = values | about.get(endpoint, about.get(endpoint.partition(".")[0], {})) | changed
        return addresses[endpoint].build({name: known[name] for name in addresses[endpoint].arguments})[1]

    return build


def _on_the_panel(app, call):
    """What the addresses of the panel hold, and the id of the Expert: another application of the owner's was given to them."""
    application_id = handed_in(app, call, email="owner@example.org", files=[("专利_Patent.pdf", "patents", demo.sample_pdf("Patent"))])
    names = {"name_zh": "韩梅梅", "name_en": "Han Meimei", "organization_zh": "清华大学", "organization_en": "Tsinghua University"}
    with app.app_context():
        user, now = accounts.find("expert@example.org"), rules.now()
        with writing() as session:
            expert = Expert(call_id=call.id, user_id=user.id, state="accepted", invited_at=now, capacity=9, areas=["ai"], **names)
            session.add_all([expert, Assignment(application_id=application_id, expert_id=user.id, assigned_at=now)])
            session.flush()
            about = {"expert_id": expert.id, "application_id": session.scalars(db.select(db.func.min(Application.id))).one()}
            session.add(Conflict(**about, source="organizer", details={"text": "x"}, at=now))
        application = db.session.get(Application, application_id)
        return {"ref": application.ref, "file_ref": application.files[0].ref}, expert.id


def _certified(app, call):
    """What the addresses of certificates hold: a contributor of a third application of the owner's has one."""
    ref = honored(app, call, email="owner@example.org")
    with app.app_context():
        certificate = issued(call, ref, accounts.find("organizer@example.org"))
        return {"ref": ref, "row": certificate.row, "number": certificate.number, "code": certificate.code}


def test_table_lists_every_address(app):
    by_method = {"GET": set(), "POST": set()}
    for rule in app.url_map.iter_rules():
        for method in by_method.keys() & rule.methods:
            by_method[method].add(rule.endpoint)
    assert (by_method["GET"], by_method["POST"]) == (set(GETS), set(POSTS))


def test_every_page_lets_in_whom_the_table_says(visitors, address_of):
    answers = {endpoint: tuple(visitor.client.get(address_of(endpoint)).status_code for visitor in visitors) for endpoint in GETS}
    assert answers == GETS


def test_every_post_without_a_token_changes_nothing(visitors, address_of):
    answers = {endpoint: tuple(visitor.client.post(address_of(endpoint)).status_code for visitor in visitors) for endpoint in POSTS}
    assert answers == POSTS


def test_promise_14_foreign_and_missing_objects_answer_alike(visitors, address_of):
    other, known = visitors[1], [_ref(address_of(endpoint)) for endpoint in ("apply.overview", "panel.declare", "certificates.one")]
    refs = re.compile("|".join([*known, "no-such-thing"]).encode())
    for endpoint in (endpoint for endpoint, answer in GETS.items() if answer[1] == 404):
        foreign, missing = other.client.get(address_of(endpoint)), other.client.get(address_of(endpoint, ref="no-such-thing"))
        assert foreign.status_code == missing.status_code == 404
        # The token holds the second it was made in.
        pages = [re.sub(rb'name="csrf_token" value="[^"]+"', b"", refs.sub(b"", page.data)) for page in (foreign, missing)]
        assert pages[0] == pages[1]


def _ref(address):
    return address.split("/applications/")[1].split("/")[0]


def test_posts_to_foreign_applications_answer_as_if_there_were_none(visitors, address_of):
    other = visitors[1]
    other.open("/en/account/settings")
    for endpoint in ("apply.check", "files.manage", "submitted.delete", "submitted.reopen", "submitted.restore", "submitted.withdraw"):
        other.post(address_of(endpoint), {"action": "save"}, status=404)
        other.open("/en/account/settings")


def test_organizer_sees_what_was_handed_in(visitors, address_of):
    organizer = visitors[4]
    organizer.open(address_of("desk.applications"))
    assert "Quantum key distribution for metropolitan networks" in organizer.text()
    organizer.open(address_of("desk.application"))
    assert "Quantum key distribution for metropolitan networks" in organizer.text()
