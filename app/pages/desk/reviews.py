"""How far the reviews are: who has handed in, reminders to those who have not, and the discussion among the experts."""

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from flask_login import current_user

from app import rules
from app.applying.drafts import Refused
from app.pages.access import organizer
from app.pages.desk.asking import asked_call
from app.pages.desk.blueprint import blueprint
from app.review import panels, review_progress, reviewing


@blueprint.get("/reviews")
@organizer
def reviews():
    (call, calls), now = asked_call(), rules.now()
    panel = panels.of(call.id)
    done, wanted, count = review_progress.counts(call.id)
    pages = max(1, -(-count // review_progress.PAGE))
    number = min(max(1, request.args.get("page", 1, type=int)), pages)
    late = [load for load in review_progress.loads(call.id) if load.done < load.total]
    return render_template(
        "desk/reviews.html",
        call=call,
        calls=calls,
        panel=panel,
        discussing=rules.may_discuss(panel, now),
        done=done,
        wanted=wanted,
        rows=review_progress.page(call.id, number),
        number=number,
        pages=pages,
        late=[(load, rules.may_remind_reviewer(panel, now, load.reminded_at)) for load in late],
        states=reviewing.STATES,
    )


@blueprint.post("/reviews/discussion")
@organizer
def open_discussion():
    """Opens the discussion, or closes it (`action` "close")."""
    call, _calls = asked_call()
    if request.form.get("action") == "close":
        review_progress.close_discussion(call=call, organizer=current_user.user, now=rules.now())
        flash(_("The discussion has been closed."), "success")
    else:
        review_progress.open_discussion(call=call, organizer=current_user.user, now=rules.now())
        flash(_("The discussion has been opened."), "success")
    return redirect(url_for("desk.reviews", call=call.id))


@blueprint.post("/reviews/remind")
@organizer
def remind_reviewers():
    """Reminds one expert, `whom`, or all who are late."""
    call, _calls = asked_call()
    whom = request.form.get("whom", type=int)
    ids = [load.user.id for load in review_progress.loads(call.id) if load.done < load.total and whom in (None, load.user.id)]
    sent, refusal = 0, None
    for user_id in ids:
        try:
            sent += review_progress.remind(call=call, organizer=current_user.user, user_id=user_id, now=rules.now())
        except Refused as refused:
            refusal = refused.args[0]
    if sent or refusal is None:
        flash(ngettext("%(num)s mail is on its way.", "%(num)s mails are on their way.", sent), "success")
    else:
        flash(str(refusal), "warn")
    return redirect(url_for("desk.reviews", call=call.id))
