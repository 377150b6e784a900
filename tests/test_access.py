"""Who may enter: every address by every kind of visitor. An address that is not in the table fails."""

import io

import pytest

from app import demo
from app.extensions import db, writing
from app.models import Application, StoredFile, User
from tests.site import Site
from tests.test_apply import begin, fill

# The answers to: nobody signed in, another applicant, the owner. 302 for nobody means "sign in first".
EVERYBODY = (200, 200, 200)
SIGNED_IN = (302, 200, 200)
OWNER = (302, 404, 200)
NOBODY = (302, 404, 404)
GETS = {
    "account.confirm": (410, 410, 410),
    "account.data": SIGNED_IN,
    "account.delete": SIGNED_IN,
    "account.email": SIGNED_IN,
    "account.forgot": EVERYBODY,
    "account.password": SIGNED_IN,
    "account.profile": SIGNED_IN,
    "account.register": (200, 302, 302),
    "account.reset": (410, 410, 410),
    "account.settings": SIGNED_IN,
    "account.sign_in": (200, 302, 302),
    "apply.check": OWNER,
    "apply.mine": SIGNED_IN,
    "apply.overview": OWNER,
    "apply.start": SIGNED_IN,
    "apply.step": OWNER,
    "bare.health": EVERYBODY,
    "bare.root": (302, 302, 302),
    "desk.application": NOBODY,
    "desk.applications": NOBODY,
    "desk.file": NOBODY,
    "desk.files_zip": NOBODY,
    "desk.receipt_pdf": NOBODY,
    "files.everything": OWNER,
    "files.index": OWNER,
    "files.index_pdf": OWNER,
    "files.index_xlsx": OWNER,
    "files.manage": OWNER,
    "files.one": OWNER,
    "public.attachment": EVERYBODY,
    "public.calendar": EVERYBODY,
    "public.call": EVERYBODY,
    "public.home": EVERYBODY,
    "public.privacy": EVERYBODY,
    "public.questions": EVERYBODY,
    "submitted.delete": (302, 404, 302),
    "submitted.draft_pdf": OWNER,
    "submitted.newest": (302, 404, 302),
    "submitted.receipt": OWNER,
    "submitted.receipt_json": OWNER,
    "submitted.receipt_pdf": OWNER,
    "submitted.withdraw": OWNER,
}
# What a POST without a token answers. Pages that hold typed text give it back; all others refuse.
POSTS = {
    "account.confirm": (410, 410, 410),
    "account.delete": (302, 200, 200),
    "account.email": (302, 200, 200),
    "account.forgot": (200, 200, 200),
    "account.password": (302, 200, 200),
    "account.profile": (302, 200, 200),
    "account.register": (200, 302, 302),
    "account.resend": (400, 400, 400),
    "account.reset": (410, 410, 410),
    "account.sign_in": (200, 302, 302),
    "account.sign_out": (400, 400, 400),
    "account.sign_out_everywhere": (400, 400, 400),
    "apply.check": (400, 400, 400),
    "apply.resolve": (400, 400, 400),
    "apply.start": (400, 400, 400),
    "apply.step": (302, 404, 400),
    "files.manage": (400, 400, 400),
    "submitted.delete": (400, 400, 400),
    "submitted.reopen": (400, 400, 400),
    "submitted.restore": (400, 400, 400),
    "submitted.withdraw": (400, 400, 400),
}


@pytest.fixture
def visitors(app):
    return (Site(app), Site(app).register("other@example.org"), Site(app).register("owner@example.org"))


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
            "token": "no-such-token",
        }
    rules = {rule.endpoint: rule for rule in app.url_map.iter_rules()}

    def build(endpoint, **changed):
        return rules[endpoint].build({name: changed.get(name, values[name]) for name in rules[endpoint].arguments})[1]

    return build


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


def test_foreign_and_missing_objects_answer_alike(visitors, address_of):
    other, ref = visitors[1], address_of("apply.overview").rsplit("/", 1)[1].encode()
    for endpoint in (endpoint for endpoint, answer in GETS.items() if answer[1] == 404):
        foreign, missing = other.client.get(address_of(endpoint)), other.client.get(address_of(endpoint, ref="no-such-thing"))
        assert foreign.status_code == missing.status_code == 404
        assert foreign.data.replace(ref, b"") == missing.data.replace(b"no-such-thing", b"")


def test_posts_to_foreign_applications_answer_as_if_there_were_none(visitors, address_of):
    other = visitors[1]
    other.open("/en/account/settings")
    for endpoint in ("apply.check", "files.manage", "submitted.delete", "submitted.reopen", "submitted.restore", "submitted.withdraw"):
        other.post(address_of(endpoint), {"action": "save"}, status=404)
        other.open("/en/account/settings")


def test_organizer_sees_what_was_handed_in(app, visitors, address_of):
    organizer = Site(app).register("organizer@example.org")
    with app.app_context(), writing():
        db.session.scalars(db.select(User).filter_by(email="organizer@example.org")).one().role = "organizer"
    answers = {endpoint: organizer.client.get(address_of(endpoint)).status_code for endpoint in GETS if endpoint.startswith("desk.")}
    assert answers == dict.fromkeys(answers, 200)
    organizer.open(address_of("desk.applications"))
    assert "owner@example.org address not confirmed" in organizer.text()
    organizer.open(address_of("desk.application"))
    assert "Quantum key distribution for metropolitan networks" in organizer.text()
