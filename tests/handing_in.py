"""Applications that were handed in, made without a browser."""

import io

from app import demo, rules
from app.applying import drafts, saving, submitting
from app.extensions import db
from app.files import uploads
from app.models import Application
from app.people import accounts
from tests.site import PASSWORD


def draft(app, call, *, email="a@example.org", achievement=demo.ACHIEVEMENTS[0], files=(), chosen=None, now=None, **changed):
    """The id of a draft with every answer. `files` are (`zh_en.ending`, kind, bytes), `changed` adds to the answers of a step;
    `chosen` are files, by their Chinese titles, that support claims: `{step: {input name: title}}`.
    """
    with app.app_context():
        now = now or rules.now()
        user = accounts.find(email) or accounts.register(email=email, name="Anna Muster", password=PASSWORD, language="en", now=now).user
        application = drafts.create(user=user, call=call, now=now)
        for name, kind, content in files:
            stored = uploads.store(application=application, call=call, kind=kind, name=name, stream=io.BytesIO(content), now=now)
            zh, en = name.rpartition(".")[0].split("_")
            uploads.describe(application=application, call=call, described={stored.ref: {"zh": zh, "en": en}}, now=now)
        refs = {file.title_zh: file.ref for file in application.files}
        for step_id, boxes in (chosen or {}).items():
            changed[step_id] = changed.get(step_id, {}) | {name: [refs[title]] for name, title in boxes.items()}
        answers = demo.sample_answers(call, achievement)
        for step_id in dict.fromkeys([*answers, *changed]):
            posted = answers.get(step_id, {}) | changed.get(step_id, {})
            saving.save(application=application, call=call, step=call.step(step_id), posted=posted, version=None, now=now)
        return application.id


def handed_in(app, call, **given):
    """The id of an application that was handed in, with what `draft` takes."""
    application_id = draft(app, call, **given)
    submit(app, call, application_id, given.get("now"))
    return application_id


def submit(app, call, application_id, now=None):
    with app.app_context():
        application = db.session.get(Application, application_id)
        submitting.submit(application=application, call=call, expected=len(application.snapshots), now=now or rules.now())
