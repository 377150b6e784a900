"""What owners see of applications that were returned, refused, passed, or given more time: states of their pages."""

import io
from datetime import timedelta

from app import demo
from app.applying import drafts, saving, submitting
from app.desk import concerns, formal_check
from app.files import uploads

SENTENCE = {"zh": "请修改。", "en": "Please mend it."}
CONTINUE = "main button[value=continue]"


def checked_states(organizer, call, past, now, fill):
    """`{endpoint: [(path, button to press)]}`; `fill(call, number, now)` makes a draft of the owner's with everything in it."""

    def page(application):
        return f"/applications/{application.ref}"

    def checked(outcome, at, number, keys=(), until=None):
        then = now if at is call else at.closes_at - timedelta(days=9)
        application = fill(at, number, then)
        submitting.submit(application=application, call=at, expected=0, now=then)
        reasons = [concerns.columns(key.format(file=application.files[0].ref)) | SENTENCE for key in keys]
        for reason, missing in zip(reasons, ("zh", "en"), strict=False):
            reason[missing] = ""
        formal_check.check(
            application=application, call=at, organizer=organizer, outcome=outcome, snapshot_n=1, last_check_id=None, reasons=reasons,
            until=until, now=then,
        )  # fmt: skip
        return application

    keys = ("basics/title", "contributors/contributors/2", "basics/country", "basics/areas", "files/{file}", "files", "")
    asked = checked("returned", call, 6, keys, call.closes_at)
    improving = checked("returned", past, 7, keys, now + timedelta(days=14))
    lapsed = checked("returned", past, 8, keys[:1], past.closes_at)
    refused = checked("ineligible", past, 9, ("basics/title", ""))
    passed = checked("passed", call, 10)
    formal_check.extend(
        application=passed, call=call, organizer=organizer, until=call.closes_at + timedelta(days=1), reason="网络中断", now=now
    )
    _work_late(improving, past, now)
    steps = ("basics", "contributors", "materials")
    return {
        "apply.overview": [(page(application), None) for application in (asked, improving, lapsed, refused, passed)],
        "apply.step": [(f"{page(application)}/{step}", None) for application in (asked, improving) for step in steps]
        + [(f"{page(improving)}/basics", CONTINUE), (f"{page(lapsed)}/basics", None)],
        "apply.check": [(f"{page(improving)}/check", None), (f"{page(improving)}/check", "[value=submit]")],
        "files.manage": [(f"{page(application)}/files", None) for application in (asked, improving, lapsed)],
        "submitted.withdraw": [(f"{page(improving)}/withdraw", None)],
    }


def _work_late(application, past, now):
    """Improves what is open, badly, and types where nothing is open any more."""
    posted = drafts.raw_of(application)["basics"] | {"title-en": [""], "organization-en": ["Typed too late"]}
    saving.save(application=application, call=past, step=past.step("basics"), posted=posted, version=None, now=now)
    uploads.remove(application=application, call=past, ref=application.files[0].ref, now=now)
    content = io.BytesIO(demo.sample_pdf("Paper"))
    uploads.store(application=application, call=past, kind="papers", name="论文_A better scan.pdf", stream=content, now=now)
