"""What the program sees by itself of a handed-in version, beside the points of the checklist that it can judge in part.

A hint is (tone, sentence): "good" where nothing was found, "warn" where somebody should look, "" for a mere fact. None of
them decides anything.
"""

from flask_babel import gettext as _
from flask_babel import ngettext

from app import scripts
from app.forms.step import inputs_of
from app.languages import LANGUAGES, Text


def of(call, states, files):
    """{id of a point: [hint]}; `states` are the StepStates of a snapshot, `files` its entries, `call` as it was then."""
    forms = [state.form for state in states if state.form is not None]
    return {
        "languages": _languages(states),
        "category": [("", answer) for answer in _answers(forms, "category")],
        "areas": [("", answer) for answer in _answers(forms, "areas")],
        "names": _names(forms),
        "contributors": _contributors(call, forms),
        "claims": _claims(forms, files),
        "files": _files(files),
        "file-names": _file_names(files),
    }


def _languages(states):
    judged = [state for state in states if state.form is not None]
    total = sum(state.total["zh"] for state in judged)
    empty = {language: total - sum(state.filled[language] for state in judged) for language in LANGUAGES}
    hints = []
    if empty["zh"]:
        hints.append(("warn", _("In Chinese, %(num)s of %(total)s are empty.", num=empty["zh"], total=total)))
    if empty["en"]:
        hints.append(("warn", _("In English, %(num)s of %(total)s are empty.", num=empty["en"], total=total)))
    if not hints:
        all_filled = ngettext("The one pair is filled in both languages.", "All %(num)s pairs are filled in both languages.", total)
        hints.append(("good", all_filled))
    found = [message for state in states for _name, message, _missing in state.problems]
    return hints + [("warn", message) for message in found]


def _answers(forms, name):
    return [
        Text(zh=answer.zh, en=answer.en) for form in forms for answer in form.answers() if answer.id == name and answer.zh and answer.en
    ]


def _names(forms):
    """Names that stand in the script of the other language: often right, for a name may have only one form."""
    hints = []
    for form in forms:
        for spec in form.specs:
            parts = form[spec.id].filled if spec.kind == "rows" else [form]
            for part in parts:
                for sub in spec.fields if spec.kind == "rows" else [spec]:
                    if sub.kind == "line" and sub.both:
                        hints += [("warn", sentence) for sentence in _foreign(part, sub)]
    return hints or [("good", _("Every name stands in the script of its language."))]


def _foreign(part, spec):
    for side, name in inputs_of(spec):
        question = part[name]
        if question.blank and part.excuses(question):
            yield _("“%(name)s” has no Chinese name; the Latin one is used.", name=part[f"{spec.id}-en"].raw)
        elif question.warnings and side == "zh":
            yield _("“%(name)s” stands in Chinese without a Chinese character.", name=question.raw)
        elif question.warnings:
            yield _("“%(name)s” stands in English without Latin letters.", name=question.raw)


def _contributors(call, forms):
    _step, spec = call.find("contributors")
    count = sum(len(form["contributors"].filled) for form in forms if "contributors" in form)
    tone = "warn" if spec.most and count > spec.most else "good"
    return [(tone, ngettext("%(num)s contributor.", "%(num)s contributors.", count))]


def _claims(forms, files):
    refs = [(file["ref"], "") for file in files]
    hints = []
    for form in forms:
        form.evidence_files = lambda: refs
        for spec, evidence in form.claimed():
            if evidence.unsupported:
                hints.append(("warn", _("“%(phrase)s” in “%(label)s” has no evidence.", phrase=evidence.phrases[0], label=spec.label)))
            else:
                hints.append(("", _("“%(phrase)s” in “%(label)s” names evidence.", phrase=evidence.phrases[0], label=spec.label)))
    return hints or [("good", _("No claim to be the largest, the first or leading was found."))]


def _files(files):
    if not files:
        return [("warn", _("There are no files."))]
    core = sum(file["core"] for file in files)
    hint = ngettext("%(num)s file, %(core)s of core material.", "%(num)s files, %(core)s of core material.", len(files), core=core)
    return [("good" if core else "warn", hint)]


def _file_names(files):
    fits = {"zh": scripts.has_han, "en": scripts.mostly_latin}
    foreign = [file[language] for file in files for language in LANGUAGES if not fits[language](file[language])]
    hints = [("warn", _("“%(name)s” does not look like the language it stands for.", name=name)) for name in foreign]
    return hints or ([("good", _("Every file is named in both languages."))] if files else [])
