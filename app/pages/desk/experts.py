"""The experts of a call at the desk: the list, one of them, the invitations."""

from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from flask_login import current_user

from app import languages, rules
from app.applying.drafts import Refused
from app.extensions import csrf, db
from app.forms.account import PressForm
from app.forms.experts import ExpertForm, NewExpertForm
from app.models import Expert
from app.pages.access import call_of, organizer
from app.pages.desk.asking import asked_call, window
from app.pages.desk.blueprint import blueprint
from app.pages.entering import page
from app.review import conflicts, rosters
from app.review import experts as verbs

TONES = {"accepted": "good", "invited": "warn", "declined": "bad"}


def words():
    """What the pages of experts know."""
    return {"name_of": verbs.name, "organization_of": verbs.organization, "states": rules.EXPERT_STATES, "tones": TONES}


@blueprint.get("/experts")
@organizer
def experts():
    (call, calls), now = asked_call(), rules.now()
    everyone = verbs.of_call(call.id)
    state, area = request.args.get("state", ""), request.args.get("area", "")
    chosen = [expert for expert in everyone if state in ("", expert.state) and (not area or area in expert.areas)]
    shown, number, pages = window(chosen)
    mailable = [expert.state for expert in everyone if rules.may_invite(expert, now) is None]
    return render_template(
        "desk/experts.html",
        call=call,
        calls=calls,
        everyone=everyone,
        counts={key: sum(expert.state == key for expert in everyone) for key in rules.EXPERT_STATES},
        capacity=sum(expert.capacity for expert in everyone if expert.state == "accepted"),
        chosen=chosen,
        shown=shown,
        number=number,
        pages=pages,
        state=state,
        area=area,
        loads=verbs.loads(call.id),
        uninvited=mailable.count("listed"),
        silent=mailable.count("invited"),
        **words(),
    )


@blueprint.post("/experts/invite")
@organizer
def invite_experts():
    """Invites all who are not yet (`state` "listed"), or reminds all who have not answered ("invited")."""
    call, _calls = asked_call()
    state = "invited" if request.form.get("state") == "invited" else "listed"
    count = verbs.invite_all(call=call, state=state, by=current_user.user, now=rules.now())
    flash(ngettext("%(num)s mail is on its way.", "%(num)s mails are on their way.", count), "success")
    return redirect(url_for("desk.experts", call=call.id))


# The forms judge their token themselves, hence `exempt`: so the page comes back with what was typed, not an error page.
@blueprint.route("/experts/new", methods=["GET", "POST"])
@csrf.exempt
@organizer
def new_expert():
    call, _calls = asked_call()
    form = NewExpertForm(language=languages.current(), languages=list(languages.LANGUAGES), capacity=rosters.USUAL_CAPACITY).offer(call)
    if form.validate_on_submit():
        try:
            values = form.values(verbs.VALUES)
            expert = verbs.add(
                call=call, email=form.email.data, language=form.language.data, values=values, by=current_user.user, now=rules.now()
            )
            flash(_("%(name)s is on the list now, and not invited yet.", name=verbs.name(expert)), "success")
            return redirect(url_for("desk.expert", expert_id=expert.id))
        except Refused as refused:
            form.email.errors.append(refused.args[0])
    return page("expert_new", form, folder="desk", call=call)


@blueprint.route("/experts/<int(max=999999999):expert_id>", methods=["GET", "POST"])
@csrf.exempt
@organizer
def expert(expert_id):
    expert, call = find(expert_id)
    form = ExpertForm(obj=expert).offer(call)
    if form.validate_on_submit():
        verbs.change(expert=expert, call=call, values=form.values(verbs.VALUES), by=current_user.user, now=rules.now())
        flash(_("What is known of %(name)s has been saved.", name=verbs.name(expert)), "success")
        return redirect(url_for("desk.experts", call=call.id))
    return page(
        "expert",
        form,
        folder="desk",
        expert=expert,
        call=call,
        load=verbs.loads(call.id).get(expert.user_id, verbs.Load()),
        said=verbs.said(call.id).get(expert.user_id),
        mailable=rules.may_invite(expert, rules.now()),
        conflicting=conflicts.count(expert),
        **words(),
    )


@blueprint.post("/experts/<int(max=999999999):expert_id>/invite")
@organizer
def invite_expert(expert_id):
    expert, call = find(expert_id)
    verbs.invite(expert=expert, call=call, by=current_user.user, now=rules.now())
    flash(_("A mail is on its way to %(email)s.", email=expert.user.email), "success")
    return redirect(url_for("desk.expert", expert_id=expert_id))


@blueprint.route("/experts/<int(max=999999999):expert_id>/remove", methods=["GET", "POST"])
@csrf.exempt
@organizer
def remove_expert(expert_id):
    expert, call = find(expert_id)
    form, name = PressForm(), verbs.name(expert)
    if form.validate_on_submit():
        verbs.remove(expert=expert, by=current_user.user, now=rules.now())
        flash(_("%(name)s is no longer among the experts of this call.", name=name), "success")
        return redirect(url_for("desk.experts", call=call.id))
    load = verbs.loads(call.id).get(expert.user_id, verbs.Load())
    return page("expert_remove", form, folder="desk", expert=expert, call=call, load=load, **words())


def find(expert_id):
    """The Expert with this id and its Call, or 404."""
    expert = db.session.get(Expert, expert_id) or abort(404)
    return expert, call_of(expert)
