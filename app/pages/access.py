"""Who may enter: loads and authorizes in one call. Somebody else's object answers exactly like one that does not exist."""

from functools import wraps

from flask import abort, current_app, g, redirect, request, session, url_for
from flask_babel import gettext as _
from flask_login import current_user
from flask_wtf.csrf import CSRFError
from sqlalchemy import bindparam
from sqlalchemy.orm import joinedload

from app import versions
from app.extensions import csrf, db
from app.models import Application

# Built once, because building a statement takes as long as running it; nearly every page needs the answers too.
_OWN = (
    db.select(Application)
    .where(Application.ref == bindparam("ref"), Application.user_id == bindparam("user_id"))
    .options(joinedload(Application.answers), joinedload(Application.kept))
)


def signed_in(view):
    """Lets only signed-in people in; others sign in first and come back."""

    @wraps(view)
    def guarded(*args, **kwargs):
        if not current_user.is_authenticated:
            return ask_to_sign_in()
        return view(*args, **kwargs)

    return guarded


def wants_json():
    """Whether a script of ours asks, instead of a button having been pressed."""
    return request.accept_mimetypes.best == "application/json"


def ask_to_sign_in():
    """A redirect to the sign-in page that leads back here, by GET; not to what can only be pressed. A script is told in words.

    What was typed into a form meanwhile comes back on a page that can send it again after signing in.
    """
    if wants_json():
        return {"ok": False, "message": _("You have been signed out. Reload this page, sign in, and try again.")}, 401
    if any(typed.strip() for name, typed in request.form.items(multi=True) if name not in ("csrf_token", "action")):
        abort(401)
    return lead_to_sign_in()


def lead_to_sign_in():
    """The redirect alone: for pages that have kept what was typed."""
    back = request.full_path.rstrip("?") if "GET" in request.url_rule.methods else None
    return redirect(url_for("account.sign_in", next=back))


def application_to_keep_for(ref):
    """The application to which text belongs that came from a browser nobody is signed in on; None when there is none."""
    return db.session.scalars(db.select(Application).filter_by(ref=ref, erased_at=None)).first()


def token_is_valid():
    """Whether the CSRF token of this request is ours; for pages that must not throw away what was typed when it is not."""
    try:
        csrf.protect()
    except CSRFError:
        return False
    return True


def organizer(view):
    """Lets only organizers in; to everybody else the page does not exist."""

    @wraps(view)
    def guarded(*args, **kwargs):
        if not current_user.is_authenticated:
            return ask_to_sign_in()
        if current_user.user.role != "organizer":
            abort(404)
        return view(*args, **kwargs)

    return guarded


def expert(view):
    """Lets only experts in; to everybody else the page does not exist."""

    @wraps(view)
    def guarded(*args, **kwargs):
        if not current_user.is_authenticated:
            return ask_to_sign_in()
        if current_user.user.role != "expert":
            abort(404)
        return view(*args, **kwargs)

    return guarded


def any_call(call_id):
    """The Call that serves now, or its last version, archived, when its file was removed; or 404."""
    return current_app.calls.get(call_id) or versions.archived(call_id) or abort(404)


def get_call(call_id):
    """The Call that serves now, or 404."""
    return current_app.calls.get(call_id) or abort(404)


def call_of(application):
    """The Call of an application, also one whose file was removed."""
    return any_call(application.call_id)


def own_application(ref):
    """The signed-in person's application with this ref and its Call, or 404."""
    application = db.session.scalars(_OWN, {"ref": ref, "user_id": current_user.user_id}).unique().first() or abort(404)
    if session.get("draft") != application.ref:
        session["draft"] = application.ref
    g.application = application
    return application, call_of(application)
