"""When decisions become known, and who may be asked for a name, certified, revoked."""

from datetime import timedelta

from flask_babel import lazy_gettext as _l

from app.rules.reviewing import UNREMINDED
from app.rules.statuses import only_in, status

RANKED = ("passed", "under-review")
RELEASE_BEGINS = timedelta(minutes=2)
"""How long before the chosen time the release begins: from then on it cannot be stopped any more."""


def is_ranked(columns):
    """The condition under which a row of the list takes part in ranking and decisions."""
    return columns.state.in_((*RANKED, "decided"))


def is_decidable(columns):
    """The same before its decision was released."""
    return columns.state.in_(RANKED)


def is_being_released(panel, now):
    """Whether the release of the decisions has begun, or is over."""
    return panel.release_at is not None and panel.release_at - RELEASE_BEGINS <= now


def is_released(panel, now):
    return panel.release_at is not None and panel.release_at <= now


def is_overdue(panel, now):
    """Whether the decisions should have been known already."""
    return panel.announced_at is None and is_released(panel, now)


def may_prepare(application, call, panel, now):
    """Decide on an application, or change what was prepared, while nobody else knows."""
    if is_being_released(panel, now):
        return _l("The decisions are being released or have been, so nothing can be prepared any more.")
    return only_in(RANKED, application, call, now)


def may_correct(application, call, panel, now):
    """Change a decision that is known, or decide on an application that had no decision at the release."""
    if not is_released(panel, now):
        return _l("The decisions have not been released yet.")
    return only_in(("result", *RANKED), application, call, now)


def may_release(panel, decided, undecided, now, at=None):
    """Set or move the time of the release; `at`, once it was chosen."""
    if is_being_released(panel, now):
        return _l("The decisions are being released or have been, so the time cannot be changed any more.")
    if undecided:
        return _l("Some applications have no decision yet. All decisions are released together, so decide on each of them first.")
    if not decided:
        return _l("Nothing has been decided yet.")
    if at is not None and at <= now:
        return _l("The time of the release must lie ahead.")
    return None


def may_call_off(panel, now):
    """Take back the time of the release."""
    if panel.release_at is None:
        return _l("No time has been set for the release.")
    if is_being_released(panel, now):
        return _l("The decisions are being released or have been: this cannot be called off any more.")
    return None


def may_publish(panel, now):
    """Open the public page of results, once their owners may know them."""
    return None if is_released(panel, now) else _l("The decisions have not been released yet.")


def results_are_public(panel, now):
    return panel.published_at is not None and is_released(panel, now)


def known_decision(application, call, now):
    """The Decision that its owner may know, or None."""
    return application.decision if status(application, call, now) == "result" else None


NAME_STATES = {
    "unasked": _l("Not asked yet"),
    "waiting": _l("Waiting for an answer"),
    "confirmed": _l("Name confirmed"),
    "issued": _l("Issued"),
    "revoked": _l("Revoked"),
}
NAME_OPEN = timedelta(days=30)
"""How long a link to confirm a name is good, each time it was sent."""


def honored(applications, decisions, call, now):
    """The condition under which contributors of an application of this call receive certificates."""
    outcomes = [outcome.id for outcome in call.decisions if outcome.honored]
    announced = decisions.outcome.in_(outcomes) & (decisions.released_at <= now)
    return announced & (applications.call_id == call.id) & applications.withdrawn_at.is_(None) & applications.erased_at.is_(None)


def name_state(confirmation, certificate):
    """A key of NAME_STATES; either may be None."""
    if certificate is not None:
        return "revoked" if certificate.revoked_at else "issued"
    if confirmation is None:
        return "unasked"
    return "confirmed" if confirmation.answered_at else "waiting"


def name_is_open(confirmation, now):
    """Whether the link of a confirmation is good."""
    return now < confirmation.expires_at


def may_ask_name(confirmation, certificate, now):
    """Ask a contributor how their name is written, or remind them, which renews their link."""
    if name_state(confirmation, certificate) not in ("unasked", "waiting"):
        return _l("This name has been confirmed already.")
    if confirmation is not None and now < confirmation.expires_at - NAME_OPEN + UNREMINDED:
        return _l("This contributor was asked less than a day ago.")
    return None


def may_confirm_name(one):
    """Confirm the name of an Honored, or change what was confirmed; None where it is none any more."""
    if one is None:
        return _l("This contributor receives no certificate any more.")
    return _l("The certificate has been issued already. Write to the organizer if a name is wrong on it.") if one.certificate else None


def may_issue(confirmation, certificate):
    """Issue the first certificate of a contributor."""
    if name_state(confirmation, certificate) == "confirmed":
        return None
    return _l("Certificates are issued once, and only when the name has been confirmed.")


def may_revoke(certificate):
    return _l("This certificate has been revoked already.") if certificate.revoked_at else None


def may_replace(certificate):
    """Issue another certificate in the place of this one, which is revoked thereby, if it was not already."""
    return _l("This certificate has been replaced already.") if certificate.replaced_by else None
