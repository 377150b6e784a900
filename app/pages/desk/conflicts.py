"""Conflicts of interest at the desk: all of a call, one of them, and what an organizer enters or dismisses."""

from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from wtforms.fields.choices import SelectChoice

from app import rules
from app.applying.drafts import Refused
from app.extensions import csrf, db
from app.forms.account import PressForm
from app.forms.experts import DismissForm, EnteredForm
from app.models import Application, Conflict, Expert, Listed, User
from app.pages.access import call_of, organizer
from app.pages.desk.asking import PAGE, asked_call
from app.pages.desk.blueprint import blueprint
from app.pages.entering import page
from app.review import conflicts as verbs
from app.review import experts

_WORDS = {"name_of": experts.name, "rule_words": verbs.RULES, "sources": verbs.SOURCES}


@blueprint.get("/conflicts")
@organizer
def conflicts():
    call, calls = asked_call()
    everyone = experts.of_call(call.id)
    number = min(max(1, request.args.get("page", 1, type=int)), 10_000)
    chosen = {name: request.args.get(name, "").replace("\0", "").strip()[:60] for name in ("state", "source", "expert", "number")}
    expert_id = next((expert.id for expert in everyone if str(expert.id) == chosen["expert"]), None)
    if number == 1:
        verbs.refresh(call, rules.now())
    rows, total = verbs.listed(
        call,
        state=chosen["state"] if chosen["state"] in ("standing", "dismissed") else "",
        source=chosen["source"] if chosen["source"] in verbs.SOURCES else "",
        expert_id=expert_id,
        number=chosen["number"],
        start=(number - 1) * PAGE,
        limit=PAGE,
    )
    return render_template(
        "desk/conflicts.html",
        call=call,
        calls=calls,
        everyone=everyone,
        rows=rows,
        total=total,
        number=number,
        pages=max(1, -(-total // PAGE)),
        chosen=chosen,
        **_WORDS,
    )


@blueprint.route("/conflicts/new", methods=["GET", "POST"])
@csrf.exempt
@organizer
def new_conflict():
    call, _calls = asked_call()
    form = EnteredForm(expert=request.args.get("expert"), number=request.args.get("number"))
    form.expert.choices = [SelectChoice(str(expert.id), experts.name(expert)) for expert in experts.of_call(call.id)]
    if form.validate_on_submit():
        known = {str(expert.id): expert for expert in experts.of_call(call.id)}
        application = db.session.scalars(
            db.select(Application).filter_by(call_id=call.id, number=form.number.data.upper(), erased_at=None)
        ).first()
        if application is None:
            form.number.errors.append(_("No application of this call has this number."))
        elif form.expert.data not in known:
            form.expert.errors.append(_("Choose an expert."))
        else:
            try:
                given = {"expert": known[form.expert.data], "application": application, "text": form.text.data.strip()}
                verbs.enter(**given, by=current_user.user, now=rules.now())
                flash(_("The conflict of interest has been entered."), "success")
                return redirect(url_for("desk.conflicts", call=call.id))
            except Refused as refused:
                form.number.errors.append(refused.args[0])
    return page("conflict_new", form, folder="desk", call=call)


@blueprint.route("/conflicts/<int(max=999999999):conflict_id>", methods=["GET", "POST"])
@csrf.exempt
@organizer
def conflict(conflict_id):
    """One of them, with what can be done about it: dismiss it, take the dismissal back, or delete what an organizer entered."""
    conflict = db.session.get(Conflict, conflict_id) or abort(404)
    expert = db.session.get(Expert, conflict.expert_id)
    call, action = call_of(expert), _action(conflict)
    form = DismissForm() if action == "dismiss" else PressForm()
    if action and form.validate_on_submit():
        given = {"conflict": conflict, "by": current_user.user, "now": rules.now()}
        if action == "dismiss":
            verbs.dismiss(**given, reason=form.reason.data.strip())
            flash(_("The conflict of interest has been dismissed."), "success")
        elif action == "uphold":
            verbs.uphold(**given)
            flash(_("The conflict of interest stands again."), "success")
        else:
            verbs.take_back(**given)
            flash(_("The conflict of interest has been removed."), "success")
        return redirect(url_for("desk.conflicts", call=call.id))
    return page(
        "conflict",
        form,
        folder="desk",
        conflict=conflict,
        expert=expert,
        call=call,
        row=db.session.get(Listed, conflict.application_id) or abort(404),
        action=action,
        reason=verbs.dismissal(conflict) if conflict.dismissed_at else None,
        dismissed_by=conflict.dismissed_by and db.session.get(User, conflict.dismissed_by),
        **_WORDS,
    )


def _action(conflict):
    if conflict.source == "system":
        return "uphold" if conflict.dismissed_at else "dismiss"
    return "remove" if conflict.source == "organizer" else None
