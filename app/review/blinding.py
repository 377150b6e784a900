"""Blind review: what a version says without the names of the people and organizations behind it.

A question asks for such names where its field says `latin`; e-mail addresses, phones and links tell as much. What was typed
there is hidden, and blotted out wherever else it stands, in either language. Files are as they came, so they may tell still.
"""

import re

from app.forms.step import inputs_of, row_ids, row_list
from app.scripts import has_han

TELLING = ("email", "phone", "link")
BLOT = {"zh": "〔隐去〕", "en": "[hidden]"}
FEWEST = {True: 2, False: 3}
"""The characters a name has at least, in Han and otherwise: a shorter one would blot out half of a text."""


def is_telling(field):
    """Whether a question of the call asks who somebody is."""
    return field.latin or field.kind in TELLING


class Blot:
    """Hides the names that `answers`, `{step id: {input name: [strings]}}`, give to questions that ask for them."""

    def __init__(self, call, answers):
        names = {name.strip() for name in _names(call, answers)}
        # The family name may come first or last.
        names |= {" ".join(reversed(name.split())) for name in names if len(name.split()) == 2 and not has_han(name)}
        names = {name for name in names if len(name) >= FEWEST[has_han(name)]}
        longest_first = sorted(names, key=lambda name: (-len(name), name))
        self._pattern = re.compile("|".join(map(_whole, longest_first)), re.I) if names else None

    def __call__(self, text, language):
        return self._pattern.sub(BLOT[language], text) if self._pattern else text

    def file(self, entry):
        """An entry of `Snapshot.files` whose titles tell no names."""
        return entry | {side: self(entry[side], side) for side in ("zh", "en")}


def _names(call, answers):
    for step in call.steps:
        raw = answers.get(step.id, {})
        for field in step.fields:
            if field.kind == "rows":
                cells = [(sub, f"{field.id}-{row}-") for row in row_ids(raw.get(row_list(field.id), [])) for sub in field.fields]
            else:
                cells = [(field, "")]
            for asked, prefix in cells:
                if is_telling(asked):
                    for _side, name in inputs_of(asked):
                        yield from raw.get(prefix + name, [])


def _whole(name):
    """A pattern of the name: a Latin one as whole words, however its parts are set apart."""
    spaced = r"[\s,]+".join(map(re.escape, name.split()))
    return spaced if has_han(name) else rf"(?<!\w){spaced}(?!\w)"
