"""An expert's part on the panel: the invitation, what is asked, areas and capacity, conflicts of interest."""

from flask import abort, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_login import current_user

from app import rules
from app.applying.drafts import Refused
from app.applying.working_copy import call_at
from app.extensions import csrf, db
from app.forms.experts import ConflictForm, PartForm
from app.models import Application, Assignment, Expert, Listed
from app.pages.access import call_of, expert
from app.pages.entering import page
from app.pages.panel.blueprint import blueprint
from app.review import conflicts, panels
from app.review import experts as verbs
from app.review.blinding import Blot
from app.review.reviewing import COUNTING


@blueprint.get("/")
@expert
def home():
    parts = [(one, call_of(one), panels.of(one.call_id)) for one in verbs.of_user(current_user.user_id)]
    loads = {one.id: verbs.loads(one.call_id).get(one.user_id, verbs.Load()) for one, _call, _panel in parts}
    return render_template("panel/home.html", parts=parts, loads=loads, states=rules.EXPERT_STATES)


# The forms judge their token themselves, hence `exempt`: so the page comes back with what was typed, not an error page.
@blueprint.route("/calls/<call_id>", methods=["GET", "POST"])
@csrf.exempt
@expert
def part(call_id):
    """The invitation to one call and its answer; once applications were given, only more organizations can be named."""
    expert, call = _membership(call_id)
    form, busy = PartForm(obj=expert).offer(call), verbs.is_busy(expert)
    if busy:
        # What cannot be changed any more is not asked.
        for name in ("areas", "capacity", "said"):
            delattr(form, name)
    if form.validate_on_submit():
        try:
            return _answered(expert, call, form, busy)
        except Refused as refused:
            form.form_errors.append(refused.args[0])
    return page("part", form, folder="panel", expert=expert, call=call, panel=panels.of(call.id), busy=busy, states=rules.EXPERT_STATES)


def _answered(expert, call, form, busy):
    now = rules.now()
    if busy:
        verbs.add_organizations(expert=expert, call=call, names=form.aliases.data, now=now)
        flash(_("What you have entered has been saved."), "success")
        return redirect(url_for("panel.part", call_id=call.id))
    before, accepted = expert.state, form.accepts
    verbs.answer(expert=expert, call=call, accepted=accepted, values=form.values(verbs.THEIRS), said=form.said.data.strip(), now=now)
    if not accepted:
        flash(_("You have declined. Thank you for telling us."), "success")
    elif before == "accepted":
        flash(_("What you have entered has been saved."), "success")
    else:
        flash(_("Thank you for accepting. You will get a mail when applications have been given to you."), "success")
    return redirect(url_for("panel.home"))


@blueprint.route("/applications/<ref>/conflict", methods=["GET", "POST"])
@csrf.exempt
@expert
def declare(ref):
    """Says that there is a conflict of interest, knowing no more of the application than its title."""
    application, expert, call = _given(ref)
    form = ConflictForm()
    if form.validate_on_submit():
        conflicts.declare(expert=expert, application=application, text=form.text.data.strip(), now=rules.now())
        flash(_("Thank you for telling us. The application is not yours to review any more."), "success")
        return redirect(url_for("panel.applications"))
    row = db.session.get(Listed, application.id)
    title = {"zh": row.title_zh, "en": row.title_en}
    if panels.of(call.id).blind:
        blot = Blot(call_at(application.snapshot, call), application.snapshot.answers)
        title = {side: blot(text, side) for side, text in title.items()}
    return page("declare", form, folder="panel", application=application, expert=expert, call=call, title=title)


def _membership(call_id):
    """The signed-in person's Expert of this call and the Call, or 404."""
    found = next((one for one in verbs.of_user(current_user.user_id) if one.call_id == call_id), None) or abort(404)
    return found, call_of(found)


def _given(ref):
    """An Application that the signed-in person has been given to review, their Expert and the Call; 404 for every other."""
    query = (
        db.select(Application, Expert)
        .join(Assignment, Assignment.application_id == Application.id)
        .join(Expert, (Expert.call_id == Application.call_id) & (Expert.user_id == Assignment.expert_id))
        .where(Application.ref == ref.replace("\0", ""), Assignment.expert_id == current_user.user_id, COUNTING)
    )
    application, expert = db.session.execute(query).first() or abort(404)
    return application, expert, call_of(application)
