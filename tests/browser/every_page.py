"""Every page of the site, in every state that looks different: empty, filled, in error, locked, closed."""

import io
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path

import pyotp

from app import demo, rules
from app.applying import drafts, saving, submitting
from app.desk import call_files, concerns, formal_check
from app.extensions import db, writing
from app.files import uploads
from app.mails import mail_to_many
from app.mails.mail_words import Words
from app.models import Application, Mail, Proposal
from app.people import accounts, mailed_links, second_factor
from app.review import proposing, transport
from tests.browser.certificate_pages import certificate_states
from tests.browser.checked_pages import checked_states
from tests.browser.driving import PASSWORD
from tests.browser.expert_pages import expert_states
from tests.browser.result_pages import result_states
from tests.browser.review_pages import review_states

VISITORS = ("nobody", "newcomer", "owner", "organizer", "expert", "halfway")
"""Each but the first has an account, `<visitor>@example.org`; the last one still owes the code after the password."""
CONTINUE, SEND = "main button[value=continue]", "main form.card button"


@dataclass
class State:
    """An address without its language, which of VISITORS looks at it, and a button to press there, which shows an error."""

    path: str
    who: str = "nobody"
    press: str | None = None

    def __str__(self):
        return f"{self.path}, {self.who}" + (f", after pressing {self.press}" if self.press else "")


DOWNLOADS = {
    "public.questions", "public.attachment", "public.calendar", "account.data", "files.one", "files.everything", "files.index_xlsx",
    "files.index_pdf", "submitted.draft_pdf", "submitted.receipt_pdf", "submitted.receipt_json", "desk.receipt_pdf",
    "desk.receipt_json", "desk.file", "desk.application_zip", "desk.expert_table", "desk.dossier", "desk.dossiers", "desk.export_csv",
    "desk.export_xlsx", "desk.export_zip", "desk.ranking_table", "desk.log_csv", "desk.log_xlsx", "panel.dossier", "panel.file",
    "second_factor.qr_code", "certificates.everything", "certificates.one", "names.certificate", "desk.certificate_pdf",
    "desk.certificate_sample", "desk.certificates_zip",
}  # fmt: skip
"""Endpoints that answer a file, not a page."""
BARE = {"bare.root", "bare.health", "certificates.short", "submitted.newest"}
"""Endpoints that answer a redirect or a word."""


def furnish(app):
    """Fills the site, and answers `{endpoint: [State]}` of all its pages; `None` holds those of no endpoint."""
    (Path(app.instance_path) / "calls" / "broken.toml").write_text("edition = 'soon'", "utf-8")
    with app.app_context():
        now = rules.now()
        call, past = app.calls.get("wic-awards-2099"), app.calls.get("wic-awards-2025")
        signed_in = {
            name: accounts.register(email=f"{name}@example.org", name=f"{name} 新人", password=PASSWORD, language="zh", now=now)
            for name in VISITORS[1:]
        }
        newcomer, owner = signed_in["newcomer"].user, signed_in["owner"].user
        with writing():
            links = [mailed_links.send(owner, purpose, owner.email, "confirm", now) for purpose in ("confirm", "reset")]
            owner.confirmed_at = now
            signed_in["organizer"].user.role = signed_in["halfway"].user.role = "organizer"
            signed_in["expert"].user.role = "expert"
        code = pyotp.TOTP(second_factor.proposed_secret(signed_in["halfway"])).at(now)
        second_factor.set_up(sign_in=signed_in["halfway"], password=PASSWORD, code=code, now=now)
        empty = drafts.create(user=newcomer, call=call, now=now)
        full, wrong, handed_in, reopened = (_fill(owner, call, number, now) for number in range(4))
        late = _fill(owner, past, 4, past.closes_at - timedelta(days=9))
        _spoil(wrong, call, now)
        for application in (handed_in, reopened):
            submitting.submit(application=application, call=call, expected=0, now=now)
        drafts.reopen(application=reopened, call=call, now=now)
        _type_twice(reopened, call, now)
        _type_twice(late, past, now)
        steps = ["category", "basics", "contributors", "partnership", "materials"]
        mails = _mail_states(signed_in["organizer"].user, [empty.id, handed_in.id], now)
        checks = _check_states(signed_in["organizer"].user, _fill(owner, call, 5, now), call, now)
        checks["desk.application"] += [State(f"/desk/applications/{application.ref}", "organizer") for application in (handed_in, empty)]
        calls = _call_states(signed_in["organizer"].user, now)
        people = _people_states(signed_in["halfway"].user, past)
        mine = _application_states(
            steps, *(f"/applications/{application.ref}" for application in (empty, full, wrong, handed_in, reopened, late))
        )
        checked = checked_states(signed_in["organizer"].user, call, past, now, partial(_fill, owner))
        for endpoint, states in checked.items():
            mine[endpoint] += [State(path, "owner", press) for path, press in states]
        given = _fill(owner, call, 1, now)
        submitting.submit(application=given, call=call, expected=0, now=now)
        seen = expert_states(signed_in["organizer"].user, signed_in["expert"].user, call, given, now)
        panel = {endpoint: [State(*state) for state in states] for endpoint, states in seen.items()}
        panel |= _matching_states(signed_in["organizer"].user, call, now)
        reviews = review_states(signed_in["organizer"].user, signed_in["expert"].user, call, past, partial(_fill, owner), now)
        checks["desk.application"] += [State(*state) for state in reviews.pop("desk.application")]
        panel |= {endpoint: [State(*state) for state in states] for endpoint, states in reviews.items()}
        results = result_states(signed_in["organizer"].user, signed_in["expert"].user, call, past, partial(_fill, owner), now)
        mine["apply.overview"] += [State(*state) for state in results.pop("apply.overview")]
        panel |= {endpoint: [State(*state) for state in states] for endpoint, states in results.items()}
        certified = certificate_states(signed_in["organizer"].user, call, past)
        mine["apply.overview"] += [State(*state) for state in certified.pop("apply.overview")]
        panel |= {endpoint: [State(*state) for state in states] for endpoint, states in certified.items()}
        return people | panel | calls | mails | checks | _account_states(*(link.rpartition("/")[2] for link in links)) | mine


def _fill(owner, call, number, now):
    """A draft with everything in it: joint, with claims, some supported, and two files."""
    application = drafts.create(user=owner, call=call, now=now)
    answers = demo.sample_answers(call, demo.ACHIEVEMENTS[number])
    answers["basics"]["joint"] = ["yes"]
    row = {"organization-zh": "示例单位", "organization-en": "Example", "country": "DE"}
    row |= {"contribution-zh": "协议", "contribution-en": "Protocol"}
    answers["partnership"] = {"partners-row": ["a"]} | {f"partners-a-{name}": [value] for name, value in row.items()}
    answers["partnership"] |= {f"partnership_importance-{side}": [text] for side, text in (("zh", "世界首创。"), ("en", "World-leading."))}
    for zh, en, kind in (("论文", "Paper", "papers"), ("评测报告", "Evaluation report", "evaluation-reports")):
        content = io.BytesIO(demo.sample_pdf(en))
        stored = uploads.store(application=application, call=call, kind=kind, name=f"{zh}_{en}.pdf", stream=content, now=now)
    answers["partnership"]["partnership_importance-evidence"] = [stored.ref]
    answers["materials"]["influence-zh"] = ["达到国际领先水平。"]
    for step_id, posted in answers.items():
        saving.save(application=application, call=call, step=call.step(step_id), posted=posted, version=None, now=now)
    return application


def _spoil(application, call, now):
    """Makes every step wrong: too long, in the wrong language, no such country, too many, without a name."""
    raw = drafts.raw_of(application)
    spoiled = {
        "category": {"category": ["no-such-category"]},
        "basics": {
            "title-zh": ["量" * 60], "title-en": ["很多字 " * 40], "country": ["Atlantis"], "areas": [area.id for area in call.areas[:3]],
            "contact_email": ["nobody"], "contact_phone": ["12"], "contact_person-zh": ["Wang"], "organization-zh": [""],
        },
        "contributors": {"contributors-1-name-zh": [""], "contributors-1-email": ["nobody"], "contributors-2-role-en": ["word " * 50]},
        "partnership": {"partners-a-country": ["Atlantis"], "partners-a-contribution-zh": ["in English"]},
        "materials": {"summary-zh": ["in English only"], "summary-en": ["word " * 400], "website": ["example"]},
    }  # fmt: skip
    spoiled["contributors"]["contributors-row"] = [*raw["contributors"]["contributors-row"], *(f"r{number}" for number in range(20))]
    spoiled["contributors"] |= {f"contributors-r{number}-name-en": ["Somebody Else"] for number in range(20)}
    for step_id, posted in spoiled.items():
        # What the page sends beside it: an unticked box is not kept.
        saving.save(application=application, call=call, step=call.step(step_id), posted=raw[step_id] | posted, version=None, now=now)
    uploads.store(application=application, call=call, kind="others", name="scan.pdf", stream=io.BytesIO(demo.sample_pdf("scan")), now=now)


def _type_twice(application, call, now):
    """The same answer changed in two windows, or after the deadline: the text waits beside the draft for a choice."""
    basics = call.step("basics")
    for title in ("One name", "Another name"):
        posted = drafts.raw_of(application)["basics"] | {"title-en": [title]}
        with suppress(drafts.Refused):
            saving.save(application=application, call=call, step=basics, posted=posted, version=1, now=now)


def _mail_states(organizer, ids, now):
    """The outbox with a mail in every state, and the page on which one is written."""
    words = Words({"zh": "关于{title}", "en": "About {title}"}, {"zh": "{name}，您好", "en": "Dear {name}"})
    mailing = mail_to_many.send(key="key", words=words, ids=ids, user=organizer, now=now)
    failed = {"error": "ConnectionRefusedError(111, 'refused')", "tries": 3}
    with writing() as session:
        mails = session.scalars(db.select(Mail).order_by(Mail.id)).all()
        for mail, columns in zip(mails, ({"sent_at": now, "due_at": None}, failed, failed | {"due_at": None}), strict=False):
            for name, value in columns.items():
                setattr(mail, name, value)
    new = "/desk/mail/new"
    return {
        "desk.mails": [State("/desk/mail", "organizer"), State(f"/desk/mail?mailing={mailing.id}", "organizer")],
        "desk.mail": [State(f"/desk/mail/{mail.id}", "organizer") for mail in (*mails[:3], mails[-1])],
        "desk.mail_new": [
            *(State(f"{new}?{query}", "organizer") for query in ("template=thanks", "ref=none")),
            State(new, "organizer", "main [value=preview]"),
        ],
    }  # fmt: skip


def _check_states(organizer, application, call, now):
    """The desk's pages of an application that was returned with reasons of every kind, mended and handed in again."""
    submitting.submit(application=application, call=call, expected=0, now=now)
    keys = ["", "basics/title", "contributors/contributors/2", "materials/theory", "files", f"files/{application.files[0].ref}"]
    formal_check.check(
        application=application, call=call, organizer=organizer, outcome="returned", snapshot_n=1, last_check_id=None, held=["title"],
        reasons=[concerns.columns(key) | {"zh": "请修改。", "en": "Please mend it."} for key in keys], until=call.closes_at, now=now,
    )  # fmt: skip
    for step, answers in {"basics": {"title-en": ["Limits of graph learning"]}, "contributors": {"contributors-row": ["3", "1"]}}.items():
        raw = drafts.raw_of(application)[step] | answers
        saving.save(application=application, call=call, step=call.step(step), posted=raw, version=None, now=now)
    uploads.remove(application=application, call=call, ref=application.files[0].ref, now=now)
    submitting.submit(application=application, call=call, expected=1, now=now)
    until = call.closes_at + timedelta(days=1)
    formal_check.extend(application=application, call=call, organizer=organizer, until=until, reason="网络中断", now=now)
    formal_check.add_note(application=application, organizer=organizer, text="打过电话 by phone", now=now)
    page = f"/desk/applications/{application.ref}"
    return {
        "desk.application": [State(page, "organizer"), State(f"{page}?n=1", "organizer")],
        "desk.check": [State(f"{page}/check", "organizer"), State(f"{page}/check", "organizer", "[value=decide]")],
        "desk.changes": [State(f"{page}/changes", "organizer")],
        "desk.extension": [State(f"{page}/extension", "organizer"), State(f"{page}/extension", "organizer", SEND)],
    }


def _people_states(somebody, past):
    """Who runs the site, what they have done, and what of a past call is erased."""
    person, mine = f"/desk/people/{somebody.id}", "organizer"
    erase = f"?call={past.id}&drafts=y&drafts_after=90&applications=keep&applications_after=365"
    return {
        "desk.people": [State("/desk/people", mine)],
        "desk.person": [State(person, mine)],
        "desk.invite": [State("/desk/people/invite", mine), State("/desk/people/invite", mine, SEND)],
        "desk.remove_person": [State(f"{person}/remove", mine)],
        "desk.log": [State("/desk/log", mine), State("/desk/log?who=all&what=checks", mine), State("/desk/log?number=none", mine)],
        "desk.retention": [State("/desk/retention", mine), State(f"/desk/retention{erase}", mine)],
        "desk.retention_confirm": [State(f"/desk/retention/confirm{erase}", mine), State(f"/desk/retention/confirm{erase}", mine, SEND)],
    }


def _matching_states(organizer, call, now):
    """Who reviews what, where one application has too few experts, and what is proposed can be confirmed."""
    proposing.propose(call=call, organizer_id=organizer.id, now=now, flow=transport.flow)
    proposed = db.session.scalars(db.select(Application.ref).join(Proposal, Proposal.application_id == Application.id)).first()
    page, mine = "/desk/matching", "organizer"
    return {
        "desk.matching": [State(f"{page}?call={query}", mine) for query in (call.id, f"{call.id}&show=gaps", "wic-awards-2025")],
        "desk.matching_confirm": [State(f"{page}/confirm?call={call.id}", mine)],
        "desk.matching_experts": [State(f"{page}/experts?call={call.id}", mine)],
        "desk.matching_one": [State(f"{page}/{proposed}", mine), State(f"{page}/{proposed}", mine, "[value=add]")],
        "desk.matching_settings": [State(f"{page}/settings?call={call.id}", mine)],
    }


def _call_states(organizer, now):
    """The call files at the desk: one in order, one with a mistake, one that is to be made; one was changed."""
    review = call_files.review("wic-awards-2025", call_files.on_disk("wic-awards-2025").data.replace(b"Ms. Zhao", b"Ms. Qian"), now)
    call_files.accept(review, base=review.disk.sha256, confirmed="", user=organizer, now=now, reason="新的联系人 Ms. Qian")
    served, changed = "/desk/calls/wic-awards-2099", "/desk/calls/wic-awards-2025"
    new, broken = "/desk/calls/wic-awards-2100?from=wic-awards-2099", "/desk/calls/broken"
    deadline = f"{served}/deadline"
    return {
        "desk.calls": [State("/desk/calls", "organizer")],
        "desk.call_file": [*(State(path, "organizer") for path in (served, new, broken)), State(broken, "organizer", "main [value=check]")],
        "desk.call_version": [State(f"{changed}/history/{n}", "organizer") for n in (1, 2)],
        "desk.deadline": [State(deadline, "organizer"), State(deadline, "organizer", "#desk-deadline button:not(.first)")],
    }


def _account_states(confirm, reset):
    call, past = "/calls/wic-awards-2099", "/calls/wic-awards-2025"
    account = {
        f"account.{name}": [State(f"/account/{name.replace('_', '-')}", who), State(f"/account/{name.replace('_', '-')}", who, SEND)]
        for who, names in (("nobody", ("register", "sign_in", "forgot")), ("owner", ("email", "password", "delete")))
        for name in names
    }
    return account | {
        "public.home": [State("/"), State("/", "newcomer")],
        "public.call": [State(call), State(call, "owner"), State(past)],
        "public.privacy": [State(f"{call}/privacy")],
        "account.profile": [State("/account/profile", "owner")],
        "second_factor.manage": [State("/account/second-factor", "organizer"), State("/account/second-factor", "organizer", SEND)],
        "second_factor.step": [State("/account/second-step", "halfway"), State("/account/second-step", "halfway", SEND)],
        "account.settings": [State("/account/settings", "newcomer"), State("/account/settings", "owner")],
        "account.confirm": [State(f"/account/confirm/{confirm}"), State("/account/confirm/used", "owner")],
        "account.reset": [State(f"/account/reset/{reset}"), State(f"/account/reset/{reset}", "nobody", SEND), State("/account/reset/used")],
        "apply.start": [State(f"{call}/applications", who) for who in ("newcomer", "owner")] + [State(f"{past}/applications", "owner")],
        None: [State("/nothing"), State("/account/sign-out"), State("/applications/somebody-elses", "owner")],
    }


def _application_states(steps, empty, full, wrong, handed_in, reopened, late):
    filled = (full, handed_in, reopened, late)
    return {
        "apply.mine": [State("/applications", "newcomer"), State("/applications", "owner")],
        "apply.overview": [State(empty, "newcomer"), State(wrong, "owner"), *(State(path, "owner") for path in filled)],
        "apply.step": [State(f"{full}/{step}", "owner") for step in steps]
        + [State(f"{path}/contributors", "owner") for path in (handed_in, late)]
        + [State(f"{path}/basics", "owner") for path in (reopened, late)]
        + [State(f"{empty}/{step}", "newcomer", press) for press in (None, CONTINUE) for step in steps]
        + [State(f"{wrong}/{step}", "owner", CONTINUE) for step in steps],
        "apply.check": [
            State(f"{empty}/check", "newcomer"), State(f"{empty}/check", "newcomer", "[value=submit]"), State(f"{wrong}/check", "owner"),
            *(State(f"{path}/check", "owner") for path in (full, handed_in)), State(f"{full}/check", "owner", "[value=submit]"),
        ],
        "files.manage": [
            State(f"{empty}/files", "newcomer"), State(f"{wrong}/files", "owner", CONTINUE),
            *(State(f"{path}/files", "owner") for path in (full, handed_in)),
        ],
        "files.index": [State(f"{empty}/index", "newcomer"), State(f"{full}/index", "owner")],
        "submitted.receipt": [State(f"{handed_in}/receipt/1", "owner"), State(f"{reopened}/receipt/1", "owner")],
        "desk.overview": [State("/desk/", "organizer"), State("/desk/?call=wic-awards-2025", "organizer")],
        "desk.applications": [
            State(f"/desk/applications{query}", "organizer") for query in ("", "?q=量子&status=submitted&sort=title", "?q=nothing")
        ],
        "submitted.withdraw": [State(f"{handed_in}/withdraw", "owner")],
        "submitted.delete": [State(f"{full}/delete", "owner")],
    }  # fmt: skip
