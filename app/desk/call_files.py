"""The verbs that write a call file: judge a new text, say what it would mean, put it in the place of the old one.

The file on the disk is the truth: what was changed there meanwhile is never written over unawares.
"""

import difflib
import hashlib
import os
import shutil
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from flask import current_app
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext

from app import rules, versions
from app.applying.drafts import Refused, refuse
from app.call.lines import Lines
from app.call.loading import LARGEST, judge, read
from app.call.places import with_deadline
from app.call.schema import Call
from app.desk import call_effects, deadlines
from app.extensions import db, writing
from app.mails import mailing
from app.models import Application

MOST_COMPARED = 20_000
"""Lines of a text whose changes are looked for; a bound on work, fifteen times those of the shipped call."""
BOM = b"\xef\xbb\xbf"

CHANGED = _l("The file was changed meanwhile. Look at both versions before you decide; nothing was written.")
CONFIRM = _l("Confirm below that these answers will not be shown any more; nothing was written yet.")
WRONG = _l("The file has mistakes; nothing was written.")


@dataclass(frozen=True)
class OnDisk:
    """The bytes of a call file, or None where there is none."""

    data: bytes | None

    @property
    def sha256(self):
        """"" where there is no file."""
        return hashlib.sha256(self.data).hexdigest() if self.data is not None else ""

    @property
    def text(self):
        return (self.data or b"").decode("utf-8-sig", "replace")

    def encoded(self, text):
        """The bytes of a text that came from a browser, with the line ends and the byte order mark this file has."""
        lines = "\r\n" if b"\r\n" in (self.data or b"") else "\n"
        text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\n", lines)
        return (BOM if (self.data or b"").startswith(BOM) else b"") + text.encode()


@dataclass
class Review:
    """What it would mean to put `data` into the file of a call."""

    call_id: str
    data: bytes
    disk: OnDisk
    before: Call | None
    """The call as it serves now, or served last."""
    call: Call | None
    """As it would be; None when `wrong` says why it cannot be."""
    wrong: list = field(default_factory=list)
    """[(line, place in the file, sentence)] of all that stands against it."""
    losses: list = field(default_factory=list)
    """[call_effects.Loss] to be confirmed."""

    @property
    def text(self):
        return self.data.decode("utf-8-sig")

    @property
    def to_confirm(self):
        """Names what has to be confirmed, so that a tick for less does not count; "" where nothing has to be."""
        named = sorted(f"{loss.kind} {loss.where} {loss.option and loss.option.zh}" for loss in self.losses)
        return hashlib.sha256("\n".join(named).encode()).hexdigest()[:16] if named else ""

    @property
    def unchanged(self):
        return self.data == self.disk.data


def path_of(call_id):
    return Path(current_app.instance_path) / "calls" / f"{call_id}.toml"


def on_disk(call_id):
    """The OnDisk of a call; of a file that is too large, only so much that it shows."""
    try:
        with path_of(call_id).open("rb") as file:
            return OnDisk(file.read(LARGEST + 1))
    except FileNotFoundError:
        return OnDisk(None)


def review(call_id, data, now):
    """The Review of `data`, the bytes of a text in UTF-8. Reads every application where something that was asked goes."""
    current_app.calls.look_now()
    disk, before = on_disk(call_id), current_app.calls.get(call_id) or versions.archived(call_id)
    call, problems = judge(path_of(call_id), data.decode("utf-8-sig"))
    if call and (rival := current_app.calls.rival(call)):
        problems = [rival]
    found = Review(call_id, data, disk, before, call, [(problem.line, problem.where, problem.message) for problem in problems])
    if call and before and not problems:
        found.wrong = _refused(before, call, now)
        found.losses = [] if found.wrong else call_effects.losses(before, call)
    return found


def _refused(before, call, now):
    """[(line, place, sentence)] of what may not change because of the applications there are."""
    if db.session.scalar(db.select(Application.id).filter_by(call_id=call.id).limit(1)) is None:
        return []
    changed = [key for key in ("deadline", "zone", "grace_minutes") if getattr(before, key) != getattr(call, key)]
    stands = [(key, rules.may_move_deadline(before, call)) for key in changed[:1]]
    stands.append(("opens", rules.may_open_later(before, call, now)))
    stands += [("categories", _in_use(*lost)) for lost in call_effects.lost_categories(before, call)]
    lines = Lines(call.source)
    return [(lines.of((key,)), key, sentence) for key, sentence in stands if sentence]


def _in_use(category, count):
    return ngettext(
        "The category “%(name)s” (%(id)s) cannot be removed: %(num)s application is in it.",
        "The category “%(name)s” (%(id)s) cannot be removed: %(num)s applications are in it.",
        count, name=category.name, id=category.id,
    )  # fmt: skip


def accept(review, *, base, confirmed, user, now, reason="", why_moved=None, mailed=False):
    """Puts the reviewed text into its file; the very next request serves it. False when it stands there already.

    `base` is the SHA-256 of the file its author had before their eyes, `confirmed` the `to_confirm` they ticked. `why_moved`,
    a Text, tells applicants why the deadline moves; `mailed` mails it to whom it concerns. Raises Refused, with nothing written.
    """
    if review.unchanged:
        return False
    if review.wrong:
        raise Refused(WRONG)
    if review.to_confirm not in ("", confirmed):
        raise Refused(CONFIRM)
    with writing() as session:
        if on_disk(review.call_id).sha256 != base or base != review.disk.sha256:
            raise Refused(CHANGED)
        for _line, _where, sentence in _refused(review.before, review.call, now) if review.before else ():
            refuse(sentence)
        versions.change(review.call, now, user, reason)
        if review.before:
            deadlines.record_move(review.before, review.call, now=now, user=user, reason=why_moved, mailed=mailed)
        session.flush()
        # A short file, and the last that can fail but the commit: there is no history of what was not written.
        _replace(path_of(review.call_id).resolve(), review.data)
    current_app.calls.look_now()
    mailing.waiting.set()
    return True


def _replace(path, data):
    """Puts `data` into the file at once and for good, whatever happens meanwhile; keeps its mode."""
    new = path.with_name(f".{path.name}.new")
    try:
        with new.open("wb") as target:
            target.write(data)
            target.flush()
            os.fsync(target.fileno())
        if path.exists():
            shutil.copymode(path, new)
        new.replace(path)
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
    except OSError as error:
        current_app.logger.exception("The call file %s could not be written", path)
        with suppress(OSError):
            new.unlink()
        raise Refused(
            _l(
                "The server could not write the file: the folder of calls may be read-only, or the disk full. Nothing was changed; "
                "ask whoever runs the server, and keep your text meanwhile."
            )
        ) from error


def moved(call_id, moment):
    """The bytes of a call's file with `moment` ("2027-06-30 24:00") for its deadline, and nothing else changed.

    Raises Refused where the file has mistakes or gives its deadline in an unusual way.
    """
    call, _problems = read(path_of(call_id))
    disk = on_disk(call_id)
    text = with_deadline(disk.text, moment) if call else None
    if text is None:
        raise Refused(_l("The deadline cannot be changed here, because of how the file stands now. Change it in the text of the file."))
    return (BOM if disk.data.startswith(BOM) else b"") + text.encode()


def changes(old, new):
    """What changed from one text to the other: [(line in the new one, [(" ", "-" or "+", text of a line)])], a piece for each place.

    None when they are too long to compare.
    """
    before, after = old.splitlines(), new.splitlines()
    if max(len(before), len(after)) > MOST_COMPARED:
        return None
    pieces = []
    for group in difflib.SequenceMatcher(None, before, after).get_grouped_opcodes(2):
        rows = []
        for kind, first, last, begin, end in group:
            if kind == "equal":
                rows += [(" ", line) for line in after[begin:end]]
            else:
                rows += [("-", line) for line in before[first:last]] + [("+", line) for line in after[begin:end]]
        pieces.append((group[0][3] + 1, rows))
    return pieces
