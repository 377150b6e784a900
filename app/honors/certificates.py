"""Certificates: how those of a call look, and one for each contributor: issued, revoked, replaced, found by its code.

What is printed is frozen when it is issued: the same certificate prints the same for ever.
"""

import functools
import secrets
from datetime import date

from babel.dates import format_date
from flask_babel import lazy_gettext as _l

from app import printing, rules, times
from app.applying.drafts import Refused, refuse
from app.call.organizing import fill
from app.extensions import db, writing
from app.files import uploads
from app.honors import honoring, names
from app.languages import LANGUAGES, LOCALES
from app.mails import mail_words, mailing
from app.models import Application, Certificate, CertificateDesign, Event, record

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's: nothing in it is mistaken for something else when a code is typed from paper."""
MISREAD = str.maketrans("ILOU", "110V")
GROUPS = 4
"""Of four characters: 80 bits."""
SAMPLE_CODE = "-".join(["0000"] * GROUPS)


def design_of(call_id):
    """The CertificateDesign of a call; an empty one, not stored, where nothing has been set yet."""
    return db.session.get(CertificateDesign, call_id) or CertificateDesign(call_id=call_id, signatory_zh="", signatory_en="")


def save_design(call, *, date, signatory_zh, signatory_en, images, user, now):
    """`date` is ISO 8601 or None; `images` are {"seal" or "signature": path, or None to take it away}."""
    with writing() as session:
        design = design_of(call.id)
        before = {design.seal, design.signature} - {None}
        design.date, design.signatory_zh, design.signatory_en = date, signatory_zh, signatory_en
        for name, path in images.items():
            setattr(design, name, path)
        session.add(design)
        record("certificate design changed", at=now, user=user, call=call.id)
    uploads.discard(before - uploads.images())


def issue(call, refs, picks, user, now):
    """Issues the certificates of all contributors who have confirmed; only those in `picks` ((ref, row), …) where that is not
    None, of the applications `refs` where they are given. Answers how many. A write for each application.
    """
    issued = 0
    for ref in dict.fromkeys(one.application.ref for one in honoring.of_call(call, now, refs)):
        with writing():
            for one in honoring.of_call(call, now, [ref]):
                chosen = picks is None or (ref, one.contributor.row) in picks
                if chosen and rules.may_issue(one.confirmation, one.certificate) is None:
                    certificate = _issue(one, call, one.zh, one.en, one.form, user, now)
                    record("certificate issued", at=now, user=user, application=one.application, number=certificate.number)
                    issued += 1
    return issued


def _issue(one, call, zh, en, form, user, now):
    code = "-".join("".join(secrets.choice(ALPHABET) for _ in range(4)) for _ in range(GROUPS))
    decision = call.decision(one.application.decision.outcome)
    certificate = Certificate(
        code=code, number=_number(one), application_id=one.application.id, call_id=call.id, row=one.contributor.row,
        zh=zh, en=en, form=form, issued_at=now, issued_by=user.id,
        details=_details(call, code, now, achievement=one.title, category=one.category, decision=decision),
    )  # fmt: skip
    db.session.add(certificate)
    db.session.flush()
    return certificate


def _number(one):
    """`WIC2027-C-0042-03` for the third contributor; `-2` behind it when it replaces the first one with that number."""
    head, _dash, sequence = one.application.number.rpartition("-")
    number = f"{head}-C-{sequence}-{one.contributor.place:02d}"
    taken = db.select(Certificate.number).where(Certificate.application_id == one.application.id)
    used, again = set(db.session.scalars(taken)), 1
    while (said := f"{number}-{again}" if again > 1 else number) in used:
        again += 1
    return said


def _details(call, code, now, *, achievement, category, decision):
    design = design_of(call.id)
    day = date.fromisoformat(design.date) if design.date else now.astimezone(call.closes_at.tzinfo).date()
    details = {
        "title": call.certificate.title.model_dump(),
        "award": call.name.model_dump(),
        "edition": call.edition,
        "organizer": call.organizer.model_dump(),
        "achievement": achievement,
        "category": category.name.model_dump(),
        "decision": decision.name.model_dump(),
        "date": {language: format_date(day, times.DAY[language], locale=LOCALES[language]) for language in LANGUAGES},
        "signatory": {"zh": design.signatory_zh, "en": design.signatory_en},
        "seal": design.seal,
        "signature": design.signature,
        "address": mailing.absolute_url("certificates.short", code=code),
    }
    return details | {"text": _text(call, details)}


def _text(call, details):
    values = {name: details[name] for name in ("achievement", "category", "decision", "award", "organizer")}
    said = {}
    for language in LANGUAGES:
        known = {name: value[language] for name, value in values.items()} | {"edition": str(details["edition"])}
        said[language] = fill(call.certificate.text[language], known)
    return said


def revoke(certificate, reason, user, now):
    """Takes a certificate back for good: its page says so. The `reason` is for the organizers. Raises Refused."""
    with writing():
        refuse(rules.may_revoke(certificate))
        _revoke(certificate, db.session.get(Application, certificate.application_id), reason, user, now)


def revoke_all(application, reason, user, now):
    """Takes back whatever stands of an application that is honored no more, within the write that is open."""
    for certificate in db.session.scalars(db.select(Certificate).filter_by(application_id=application.id, revoked_at=None)):
        _revoke(certificate, application, reason, user, now)


def _revoke(certificate, application, reason, user, now):
    certificate.revoked_at, certificate.revoked_reason = now, reason
    record("certificate revoked", at=now, user=user, application=application, number=certificate.number, reason=reason)


def replace(one, call, certificate, *, zh, en, form, reason, user, now):
    """Issues another one with the name put right, and answers it; the page of the old one leads to it. Raises Refused."""
    with writing():
        refuse(rules.may_replace(certificate))
        one = honoring.find(one.application.ref, certificate.row, call, now)
        if one is None:
            raise Refused(_l("This contributor is not among those honored any more, so nothing can be issued."))
        new = _issue(one, call, zh, en, form, user, now)
        if not certificate.revoked_at:
            certificate.revoked_at, certificate.revoked_reason = now, reason
        certificate.replaced_by = new.id
        record(
            "certificate replaced", at=now, user=user, application=one.application, number=certificate.number, by=new.number, reason=reason
        )
    return new


def tell(call, user, now):
    """Mails every contributor with an address, and the applicants, whose certificates were issued and who have not been told
    of them; answers how many certificates. A write for each application.
    """
    told = 0
    for ref in dict.fromkeys(one.application.ref for one in untold(call, now)):
        with writing():
            ready = untold(call, now, [ref])
            for one in ready:
                _renew(one, now)
                if one.contributor.email:
                    names.queue_to(one, call, "certificate", now, link=_own_page(one), number=one.certificate.number)
            if ready:
                application = ready[0].application
                mail_words.queue_about(application, call, "certificates", now)
                numbers = [one.certificate.number for one in ready]
                record("certificates mailed", at=now, user=user, application=application, count=len(numbers), numbers=", ".join(numbers))
        told += len(ready)
    return told


def _renew(one, now):
    """Their own page is where contributors find the PDF."""
    if one.confirmation:
        one.confirmation.expires_at = now + rules.NAME_OPEN


def _own_page(one):
    language = names.language_of(one)
    own = one.confirmation and names.link(one.confirmation, language)
    return own or mailing.absolute_url("certificates.verify", language=language, code=one.certificate.code)


def untold(call, now, refs=None):
    """The [Honored] whose newest certificate stands, and nobody was mailed that it is there."""
    ready = [one for one in honoring.of_call(call, now, refs) if one.state == "issued"]
    ids = {one.application.id for one in ready}
    mailed = db.select(Event.details).where(Event.what == "certificates mailed", Event.application_id.in_(ids))
    known = {number for details in db.session.scalars(mailed) for number in details["numbers"].split(", ")}
    return [one for one in ready if one.certificate.number not in known]


def find(code):
    """The Certificate with this code, however it was typed, or None."""
    plain = "".join(character for character in code.upper().translate(MISREAD) if character in ALPHABET)
    grouped = "-".join(plain[place : place + 4] for place in range(0, len(plain), 4))
    return db.session.scalars(db.select(Certificate).filter_by(code=grouped)).first()


def replacement(certificate):
    """The Certificate that took its place, or None."""
    return certificate.replaced_by and db.session.get(Certificate, certificate.replaced_by)


def pdf(certificate, image=uploads.image):
    """The bytes of its PDF, every time the same; `image` reads a picture. Raises printing.Unavailable, FileNotFoundError."""
    return printing.certificate(certificate, _images(certificate, image))


def _images(certificate, image):
    return {name: image(certificate.details[name]) for name in ("seal", "signature")}


def sample(call, now):
    """The PDF of a certificate that nobody received, as the design stands now. Raises printing.Unavailable."""
    decision = next((outcome for outcome in call.decisions if outcome.honored), call.decisions[0])
    details = _details(
        call, SAMPLE_CODE, now, achievement={"zh": "成果名称", "en": "Name of the achievement"}, category=call.categories[0],
        decision=decision,
    )  # fmt: skip
    number = f"{call.number_prefix}-C-0000-00"
    return pdf(Certificate(number=number, zh="姓名", en="Full Name", form="SC", details=details | {"sample": True}, issued_at=now))


def pdfs(chosen):
    """A generator of (file name, bytes) of the newest certificates of these Honored, which reads the database no more.

    Ends the request's read. Raises printing.Unavailable and FileNotFoundError at once, while an answer can still say so.
    """
    refused = printing.missing()
    if refused is not None:
        raise printing.Unavailable(refused)
    ready, image = [one.certificate for one in chosen], functools.cache(uploads.image)
    for certificate in ready:
        _images(certificate, image)
        db.session.expunge(certificate)
    db.session.rollback()
    return ((f"{certificate.number}.pdf", pdf(certificate, image)) for certificate in ready)
