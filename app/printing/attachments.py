"""Attachments of strangers made ready to be bound into a dossier, in a process of their own that may be ended at any time."""

import json
import logging
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, replace
from pathlib import Path

from flask_babel import gettext as _

MERGED = {"pdf": "clean", "png": "fit", "jpg": "fit", "jpeg": "fit"}
"""Types of files that are bound in, and what `merging.py` does to them."""
MOST_PAGES = 200
"""Of one attachment."""
MOST_IN_ALL = {"pages": 1000, "objects": 200_000, "bytes": 100 * 1024 * 1024}
"""Of all attachments of one dossier together."""
PATIENCE, PATIENCE_IN_ALL, PATIENCE_AT_END = 20, 60, 60
"""Seconds for one attachment, for all of one dossier, and for putting them together."""
_PROGRAM = Path(__file__).with_name("merging.py")

log = logging.getLogger(__name__)


class Failed(Exception):
    """The process gave no answer, in time or at all."""


class Merger:
    """`with Merger() as merger: merger.ask("clean", 20, source=…, target=…, most=…)`, see `merging.py`.

    Its process takes a tenth of a second to start, so one serves many dossiers; it is started anew where it had to be ended.
    """

    _process = None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._end()

    def ask(self, what, seconds, **given):
        """What the function `what` of `merging.py` says; Failed where it does not within so many seconds."""
        if self._process is None:
            self._process = _started()
        timer = threading.Timer(seconds, self._process.kill)
        timer.start()
        try:
            self._process.stdin.write(json.dumps({"do": what} | given) + "\n")
            self._process.stdin.flush()
            return json.loads(self._process.stdout.readline())
        except (OSError, ValueError) as error:
            self._end()
            raise Failed(what) from error
        finally:
            timer.cancel()

    def _end(self):
        if self._process is not None:
            self._process.kill()
            self._process.communicate()
            self._process = None


def _started():
    # `-P`: the modules beside it are not what it imports.
    command = [sys.executable, "-P", str(_PROGRAM)]
    try:
        return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)  # noqa: S603 - ours
    except OSError as error:
        raise Failed("it could not be started") from error


@dataclass
class Attachment:
    """A file of a snapshot on its way into a dossier. `part` is the Path of its harmless pages, `pages` how many they are;
    `remark` says what is missing of them. Without a `sheet` it is but named in the index.
    """

    file: dict
    part: Path | None = None
    pages: int = 0
    remark: str = ""
    sheet: bool = True


def prepare(files, folder, merger):
    """The [Attachment] of `files`, [(dict as `uploads.listed` makes them, Path)]; their pages are written into `folder`."""
    prepared, left, until = [], dict(MOST_IN_ALL), time.monotonic() + PATIENCE_IN_ALL
    for place, (file, path) in enumerate(files):
        seconds = min(PATIENCE, until - time.monotonic())
        prepared.append(_prepared(file, path, folder / f"{place}.pdf", left, seconds, merger))
    return prepared


def bind(base, attachments, target, merger):
    """Writes the PDF at `base` with the pages of the attachments, each behind its sheet, and answers `target`. Raises Failed."""
    parts = [str(attachment.part) if attachment.part else None for attachment in attachments if attachment.sheet]
    said = merger.ask("merge", PATIENCE_AT_END, base=str(base), parts=parts, target=str(target))
    if "problem" in said:
        log.warning("A dossier could not be put together: %s", said)
        raise Failed(said["problem"])
    return target


def unbound(attachments):
    """The same without their pages, for when they cannot be put together."""
    return [replace(attachment, part=None, pages=0, remark=attachment.remark or _REMARKS["complex"]()) for attachment in attachments]


def _too_much(file):
    return Attachment(file, remark=_("Not bound in, because the dossier would become too large: see the file"), sheet=False)


def _prepared(file, path, target, left, seconds, merger):
    if file["type"] not in MERGED:
        return Attachment(file, remark=_("Not bound in: see the file"), sheet=False)
    if not path.is_file():
        return Attachment(file, remark=_("This file could not be found on the server."))
    if left["pages"] < 1 or seconds <= 0:
        return _too_much(file)
    try:
        said = merger.ask(MERGED[file["type"]], seconds, source=str(path), target=str(target), most=min(left["pages"], MOST_PAGES))
    except Failed:
        said = {"problem": "complex", "why": "it took too long, or too much memory"}
    if "problem" in said:
        log.warning("An attachment could not be bound in: %s %s", path, said)
        return Attachment(file, remark=_REMARKS[said["problem"]]())
    used = {"pages": said["pages"], "objects": said["objects"], "bytes": target.stat().st_size}
    if any(used[name] > left[name] for name in used):
        target.unlink()
        return _too_much(file)
    left.update({name: left[name] - used[name] for name in used})
    remark = ""
    if said["pages"] < said["of"]:
        remark = _("The first %(count)s of %(all)s pages; for the others see the file", count=said["pages"], all=said["of"])
    return Attachment(file, target, said["pages"], remark)


_REMARKS = {
    "damaged": lambda: _("This file could not be bound in, for it seems to be damaged: see the file"),
    "locked": lambda: _("This file could not be bound in, for it needs a password to open"),
    "complex": lambda: _("This file could not be bound in, for it is too complex: see the file"),
}
