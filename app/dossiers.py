"""The dossier: one PDF for each application, its answers side by side and its attachments bound in behind them."""

from pathlib import Path
from tempfile import TemporaryDirectory

from app import exporting
from app.applying.steps import chosen_category
from app.files import uploads
from app.forms.step import judge
from app.languages import current
from app.printing import Unavailable, missing
from app.printing.attachments import Failed, Merger, bind, prepare, unbound
from app.printing.dossier import dossier, visible


def make(standing, folder, merger, *, for_experts=True):
    """Writes the dossier of an `exporting.Standing` into `folder`, an empty one, and answers its Path.

    Headings are in the language spoken now. Answers that experts may not see are left out unless `for_experts` is False.
    `merger` is a `Merger`, which may serve one after the other. Takes some seconds where there are many attachments; does
    nothing with the database. The same snapshot makes the same bytes. Raises Unavailable where no PDF can be made.
    """
    call = standing.call
    receipt = visible(standing.receipt, call) if for_experts else standing.receipt
    files = [(file, uploads.folder() / standing.paths.get(file["ref"], "lost")) for file in standing.files]
    attachments = prepare(files, folder, merger)
    claimed = claims(standing, call, for_experts)
    base = folder / "base.pdf"
    base.write_bytes(dossier(call, receipt, claimed, attachments, current(), for_experts))
    try:
        return bind(base, attachments, folder / "dossier.pdf", merger)
    except Failed:
        base.write_bytes(dossier(call, receipt, claimed, unbound(attachments), current(), for_experts))
        return base


def zip_as_made(application_ids, folder, *, for_experts=True):
    """A ZIP of the dossiers of these applications, as a generator of bytes; each is made when those before are through.

    `folder`, an empty one, has to stay until all is sent. Raises Unavailable, at once, where no PDF can be made.
    """
    reason = missing()
    if reason is not None:
        raise Unavailable(reason)
    return exporting.zip_as_made(_one_by_one(application_ids, folder, for_experts))


def _one_by_one(application_ids, folder, for_experts):
    with Merger() as merger:
        for application_id in application_ids:
            standing = exporting.handed_in(application_id)
            if standing is None:
                continue
            with TemporaryDirectory(dir=folder) as inner:
                yield f"{exporting.folder_name(standing)}.pdf", make(standing, Path(inner), merger, for_experts=for_experts)


def claims(standing, call, for_experts):
    """[{"label", "phrases", "files"}] of every answer that claims something, with the files chosen to support it."""
    category = chosen_category(call, standing.answers)
    files = [(file["ref"], file) for file in standing.files]
    found = []
    for step_id, raw in standing.answers.items():
        step = call.step(step_id)
        if not step.fields:
            continue
        form = judge(call, step, category, raw)
        form.evidence_files = lambda: files
        for question, evidence in form.claimed():
            if for_experts and question.private:
                continue
            support = [{name: file[name] for name in ("order", "zh", "en")} for ref, file in files if ref in evidence.chosen]
            found.append({"label": question.label.model_dump(), "phrases": evidence.phrases, "files": support})
    return found
