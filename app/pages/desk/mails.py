"""Mail at the desk: written to one or to many, looked at before it goes, and the outbox."""

import secrets
from dataclasses import replace
from urllib.parse import urlencode

from flask import abort, current_app, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from flask_login import current_user

from app import rules, versions
from app.desk import listing
from app.extensions import csrf, db
from app.forms.mail import EXPLAINED, MailForm
from app.languages import LANGUAGES
from app.mails import mail_to_many, mail_words, mailing, outbox
from app.mails.mail_words import Words
from app.models import Listed
from app.pages.access import organizer
from app.pages.desk.blueprint import blueprint

LARGEST_ID = 2**31 - 1
MOST_NAMED = 20
"""Of those who are left out, on a page."""
TONES = {"waiting": "", "retrying": "warn", "given-up": "bad", "sent": "good"}


# The form judges its token itself: hours may pass over a mail, and what was typed has to come back.
@blueprint.route("/mail/new", methods=["GET", "POST"])
@csrf.exempt
@organizer
def mail_new():
    selection, now = _selection(), rules.now()
    ids = listing.ids(selection, current_app.calls, now)
    form = MailForm(data={"key": secrets.token_urlsafe(16)} | _begun(ids))
    plan = mail_to_many.plan(form.words, ids)
    if not plan.ids:
        return render_template("desk/mail_nobody.html", selection=selection, deleted=bool(ids))
    form.needed = plan.languages
    action = request.form.get("action")
    shown = form.expected.data
    if not form.is_submitted() or action == "edit" or action == "language" and not shown or not form.validate():
        return _composer(form, selection, plan)
    sent = mail_to_many.find(form.key.data)
    again = sent is not None and Words.of(sent) == form.words
    if action == "send" and (again or sent is None and shown == plan.fingerprint):
        mailing = sent or mail_to_many.send(
            key=form.key.data, words=form.words, ids=plan.ids, user=current_user.user, now=now, selection=_recorded(selection)
        )
        flash(_("This mail was sent already, and has not been sent again.") if again else _("The mail is in the outbox."), "success")
        return redirect(url_for("desk.mails", mailing=mailing.id))
    if sent:
        form.key.data = secrets.token_urlsafe(16)
    return _preview(form, selection, plan, changed=action == "send")


@blueprint.get("/mail")
@organizer
def mails():
    state = request.args.get("state")
    state = state if state in outbox.STATES else None
    mailing_id = request.args.get("mailing", type=int)
    number = min(max(request.args.get("page", 1, type=int), 1), 10_000)
    if mailing_id is not None and not 0 < mailing_id <= LARGEST_ID:
        abort(404)
    mailings = outbox.mailings(mailing_id)
    if mailing_id is not None and not mailings:
        abort(404)
    lines, more = outbox.page(state, mailing_id, number)
    return render_template(
        "desk/mails.html",
        newest=next(iter(listing.newest_first(current_app.calls.all())), None),
        lines=lines,
        more=more,
        number=number,
        state=state,
        states=outbox.STATES,
        unsent=outbox.unsent(),
        mailings=mailings,
        mailing=mailings[0][0] if mailing_id is not None else None,
        explain=outbox.explain,
        tones=TONES,
    )


@blueprint.get(f"/mail/<int(max={LARGEST_ID}):mail_id>")
@organizer
def mail(mail_id):
    line = outbox.find(mail_id) or abort(404)
    return render_template("desk/mail.html", line=line, state_words=outbox.STATES[line.state], explain=outbox.explain, tones=TONES)


@blueprint.post("/mail/retry")
@organizer
def mail_retry():
    chosen = request.form.get("mail", type=int)
    if chosen is not None and not 0 < chosen <= LARGEST_ID:
        abort(404)
    count = mailing.retry([chosen] if chosen else [], rules.now(), current_user.user)
    flash(ngettext("%(num)s mail is tried again now.", "%(num)s mails are tried again now.", count), "success")
    return redirect(url_for("desk.mails"))


def _selection():
    """Of the address: one application, or those of the list."""
    ref = request.args.get("ref", "").replace("\0", "")
    return listing.Selection(refs=(ref,)) if ref else listing.Selection.from_args(request.args)


def _recorded(selection):
    """What the Event says of a Selection; those picked by hand are only counted."""
    return urlencode({name: value for name, value in selection.args().items() if name != "pick"})


def _begun(ids):
    """What the form holds before anything is typed: the words of the template that was chosen."""
    chosen = next((text for text in _templates(ids) if text.id == request.args.get("template")), None)
    parts = ((part, language) for part in ("subject", "text") for language in LANGUAGES)
    return {f"{part}_{language}": getattr(chosen, part)[language].strip() for part, language in parts} if chosen else {}


def _templates(ids):
    """Those of the call of the first application; all of them may be of it."""
    listed = db.session.get(Listed, ids[0]) if ids else None
    call = listed and versions.every_call(current_app.calls).get(listed.call_id)
    return mail_words.templates(call) if call else []


def _composer(form, selection, plan):
    return render_template(
        "desk/mail_new.html",
        form=form,
        errors=form.problems,
        selection=selection,
        plan=plan,
        templates=_templates(plan.ids),
        chosen=request.args.get("template"),
        kept=[(name, value) for name, value in request.args.items(multi=True) if name != "template"],
        explained=EXPLAINED,
        language_form="mail",
        language_at_twin=True,
    )


def _preview(form, selection, plan, changed):
    form.expected.data = plan.fingerprint
    anybody = next(iter(plan.readers.values()))
    previews = [
        (
            language,
            plan.languages[language],
            *mail_words.said(form.words, plan.readers.get(language) or replace(anybody, language=language)),
        )
        for language in LANGUAGES
        if form.words.text[language].strip()
    ]
    query = db.select(Listed).where(Listed.application_id.in_(plan.deleted[:MOST_NAMED]))
    return render_template(
        "desk/mail_preview.html",
        form=form,
        selection=selection,
        plan=plan,
        previews=previews,
        changed=changed,
        left_out=db.session.scalars(query).all(),
        language_form="mail",
        language_at_twin=True,
    )
