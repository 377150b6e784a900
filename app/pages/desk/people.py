"""Organizers and experts: who they are, invite one, change a role, remove one."""

from flask import abort, current_app, flash, redirect, url_for
from flask_babel import gettext as _
from flask_login import current_user

from app import languages, rules
from app.applying.drafts import Refused
from app.desk import events
from app.extensions import csrf
from app.forms.people import InviteForm, RemoveForm, RoleForm
from app.pages.access import organizer
from app.pages.desk.blueprint import blueprint
from app.pages.entering import leave, limited, page
from app.people import staff
from app.people.limits import TooMany


@blueprint.get("/people")
@organizer
def people():
    required = current_app.config["SETTINGS"]["require_second_factor"]
    return page("people", folder="desk", members=staff.members(rules.now()), required=required, roles=events.ROLES)


# The forms judge their token themselves, hence `exempt`: so the page comes back with what was typed, not an error page.
@blueprint.route("/people/invite", methods=["GET", "POST"])
@csrf.exempt
@organizer
def invite():
    form = InviteForm(language=languages.current())
    if form.validate_on_submit():
        given = {name: form[name].data for name in ("email", "name", "role", "language")}
        with limited(form):
            try:
                staff.invite(**given, by=current_user.user, now=rules.now())
                flash(_("A mail is on its way to %(email)s.", email=form.email.data.strip()), "success")
                return redirect(url_for("desk.people"))
            except Refused as refused:
                form.email.errors.append(refused.args[0])
    return page("people_invite", form, folder="desk")


@blueprint.route("/people/<int(max=999999999):user_id>", methods=["GET", "POST"])
@csrf.exempt
@organizer
def person(user_id):
    member = _member(user_id)
    form = RoleForm(role=member.user.role)
    form.own = member.user.id == current_user.user_id
    if form.validate_on_submit():
        try:
            staff.change_role(user=member.user, role=form.role.data, by=current_user.user, now=rules.now())
            return _done(form, _("The role of %(name)s has been saved.", name=member.user.name))
        except Refused as refused:
            form.role.errors.append(refused.args[0])
    return page("people_one", form, folder="desk", member=member, roles=events.ROLES)


@blueprint.post("/people/<int(max=999999999):user_id>/invite")
@organizer
def invite_again(user_id):
    member = _member(user_id)
    try:
        staff.invite_again(user=member.user, by=current_user.user, now=rules.now())
        flash(_("A mail is on its way to %(email)s.", email=member.user.email), "success")
    except TooMany:
        flash(_("Several mails have been sent to %(email)s already. Look into the spam folder too.", email=member.user.email), "warn")
    return redirect(url_for("desk.person", user_id=user_id))


@blueprint.route("/people/<int(max=999999999):user_id>/remove", methods=["GET", "POST"])
@csrf.exempt
@organizer
def remove_person(user_id):
    member = _member(user_id)
    form = RemoveForm()
    form.own = member.user.id == current_user.user_id
    if form.validate_on_submit():
        try:
            staff.remove(user=member.user, by=current_user.user, now=rules.now())
            return _done(form, _("%(name)s is no longer an organizer or expert.", name=member.user.name))
        except Refused as refused:
            form.form_errors.append(refused.args[0])
    return page("people_remove", form, folder="desk", member=member, roles=events.ROLES)


def _member(user_id):
    return next((member for member in staff.members(rules.now()) if member.user.id == user_id), None) or abort(404)


def _done(form, said):
    """Back to the list; whoever did it to the own account is signed out, and cannot see it any more."""
    if form.own:
        leave()
    flash(said, "success")
    return redirect(url_for("account.sign_in" if form.own else "desk.people"))
