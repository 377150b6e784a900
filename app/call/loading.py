"""Reads call files: a Call, or everything that is wrong with the file. Keeps the calls that serve; makes next year's edition."""

import logging
import re
import threading
import time
import tomllib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from pydantic import ValidationError

from app.call.checks import check
from app.call.lines import Lines, earlier_head, left_open
from app.call.problems import Problem, explain, explain_toml, place, say
from app.call.schema import Call
from app.call.values import parse_moment

SHIPPED = Path(__file__).with_name("wic-awards.toml")
"""The one call file whose name needs no year: editions are made from it."""
MOST_DOTS = 300
"""In the name of an entry."""
LARGEST = 1024 * 1024
"""Bytes of a call file, twenty times those of the shipped one."""
ROUNDS = 20
"""Lines that are no TOML, looked past to find the next."""
NOT_LOOKED_PAST = re.compile(r"\s*[\[\]]|.*(\"{3}|'{3})")
"""A line on which others depend: the head of a table, the end of a list, the begin or end of a long text."""
WAIT = 1.0
"""Seconds between two looks at the folder of calls."""
TOO_LARGE = say("文件超过1MB，不像是征集文件。", "The file is larger than 1 MB; this cannot be a call for entries.")
NEVER_CLOSED = say("从这一行开始的引号或括号没有结束，请补上。", "A quotation mark or bracket that begins on this line is never closed.")

log = logging.getLogger(__name__)


def read(path):
    """(Call, []), or (None, [Problem]) with all that is wrong in the file, in the order of its lines. Never raises."""
    path = Path(path)
    source, wrong = _source(path)
    if source is None:
        return None, [Problem(path.name, line, "", message) for line, message in wrong]
    return judge(path, source)


def judge(path, source):
    """The same of a text that is to stand in the file at `path`, whatever stands there now."""
    if len(source.encode()) > LARGEST:
        return None, [Problem(path.name, 1, "", TOO_LARGE)]
    try:
        call, problems = _read(path, source)
    except RecursionError:
        call, problems = None, [Problem(path.name, 1, "", say("括号嵌套过深。", "Brackets are nested too deeply."))]
    return call, sorted(problems, key=lambda problem: problem.line)


@lru_cache(maxsize=16)
def parse(source, call_id, kind=Call):
    """The call, a `kind`, of a source that was good when it was stored; ValueError if this program cannot read it any more."""
    call = kind.model_validate({**tomllib.loads(source), "id": call_id})
    call._source = source
    return call


def _read(path, source):
    document, readable, wrong = _document(source)
    problems = [Problem(path.name, line, where, message) for line, where, message in wrong]
    if document is None:
        return None, problems
    call, wrong = _judge(document, path, damaged=bool(problems))
    if wrong:
        lines = Lines(readable)
        problems += [Problem(path.name, lines.of(at), place(document, at), message) for at, message in dict.fromkeys(wrong)]
    if problems:
        return None, problems
    call._source = source
    return call, []


def _source(path):
    """(text, []) or (None, [(line, Text)])."""
    try:
        if not path.is_file():
            return None, [(1, say("没有这个文件。", "There is no such file."))]
        if path.stat().st_size > LARGEST:
            return None, [(1, TOO_LARGE)]
        data = path.read_bytes()
        return data.decode("utf-8-sig"), []
    except UnicodeDecodeError as error:
        message = say("这里不是UTF-8编码，请在编辑器中另存为UTF-8。", "This is not UTF-8; save the file as UTF-8 in your editor.")
        return None, [(data.count(b"\n", 0, error.start) + 1, message)]
    except OSError:
        return None, [(1, say("无法读取这个文件，请检查权限。", "The file cannot be read; check its permissions."))]


def _document(source):
    """(the raw document or None, the part of the source that is TOML, [(line, place, Text)] of what is not).

    Looks past single lines that are no TOML, so that one slip does not hide the next.
    """
    rows, wrong = source.split("\n"), []
    for n, row in enumerate(rows):
        # The time that a dotted key takes to read grows with the square of its parts.
        if row.partition("=")[0].count(".") > MOST_DOTS:
            wrong.append((n + 1, "", say("这一行的名称太长。", "The name on this line is far too long.")))
            rows[n] = ""
    while True:
        readable = "\n".join(rows)
        try:
            return tomllib.loads(readable), readable, wrong
        except ValueError as error:
            at = re.search(r"\(at line (\d+), column \d+\)$", str(error))
            line = int(at[1]) if at else len(rows)
            opened = left_open(readable, line)
            if opened:
                return None, readable, [*wrong, (opened, "", NEVER_CLOSED)]
            wrong.append((line, *_explained(str(error), rows, line)))
            if len(wrong) == ROUNDS or NOT_LOOKED_PAST.match(rows[line - 1]):
                return None, readable, wrong
            rows[line - 1] = ""


def _explained(message, rows, line):
    """(place, Text) of what tomllib says of this line."""
    head, earlier = earlier_head(rows, line)
    if not message.startswith("Cannot") or not earlier:
        return "", explain_toml(message)
    zh = f"表头[{head}]与第{earlier}行冲突：只有一条的写一次[{head}]，有多条的每条写[[{head}]]，并写在自己的下级表之前。"
    en = f"[{head}] clashes with line {earlier}: a single group has one [{head}]; a list has [[{head}]] for each item, before its parts."
    return head, say(zh, en)


def _judge(document, path, damaged):
    """(Call or None, [(path in the document, Text)]). In a damaged document, what is missing is no news."""
    call, wrong = None, []
    try:
        call = Call.model_validate({**document, "id": path.stem})
    except ValidationError as errors:
        for error in errors.errors(include_url=False, include_input=False):
            at = _path(error, document)
            if error["loc"] == ("id",):
                wrong.append(((), _rename(path)))
            elif not damaged or error["type"] not in ("missing", "too_short"):
                wrong.append((at, explain(error, at, document)))
    if not damaged:
        wrong += check(document, path.stem, path.parent / path.stem, dated=path.resolve() != SHIPPED)
    return call, wrong


def _rename(path):
    return say(
        "请重命名文件：只用小写字母、数字和连字符，以字母开头，如wic-awards-2027.toml。",
        "Rename the file: small letters, digits and hyphens, beginning with a letter, such as wic-awards-2027.toml.",
    )


def _path(error, document):
    """Where pydantic's error stands in the document: its `loc` without the names of unions' branches."""
    path, here = (), document
    for part in error["loc"]:
        if isinstance(here, dict) and part in here or isinstance(here, list) and isinstance(part, int) and part < len(here):
            path, here = (*path, part), here[part]
    return (*path, error["loc"][-1]) if error["type"] == "missing" else path


@dataclass(frozen=True)
class Entry:
    """One call file as it was last seen. `call` is what serves: the file's, or the last good one, or None."""

    stamp: tuple
    call: Call | None
    problems: tuple


class Calls:
    """The calls of the files `<call id>.toml` in `folder`; may be asked at every request, from any thread.

    Looks at the folder at most once a second and reads only what changed. `last_good`, a function of a call's id, gives the
    source that served last, or None; it is asked when a file is wrong and this process has not seen a good one. Whatever
    it raises reaches whoever asked for a call.
    """

    def __init__(self, folder, last_good=lambda call_id: None):
        self._folder = Path(folder)
        self._last_good = last_good
        self._entries = {}
        self._due = 0.0
        self._lock = threading.Lock()

    def all(self):
        """Every Call that serves, the earliest deadline first."""
        calls = [entry.call for entry in self._look().values() if entry.call]
        return sorted(calls, key=lambda call: (call.closes_at, call.id))

    def get(self, call_id):
        """The Call that serves under this id, the same object until it changes, or None."""
        entry = self._look().get(call_id)
        return entry.call if entry else None

    def problems(self):
        """{name of a file: [Problem]} of the files that are wrong now."""
        return {f"{call_id}.toml": list(entry.problems) for call_id, entry in self._look().items() if entry.problems}

    def files(self):
        """{call id: Entry} of every call file there is."""
        return dict(self._look())

    def look_now(self):
        """Looks at the folder at once: what was written to it before serves from now on."""
        with self._lock:
            self._read()

    def rival(self, call):
        """The Problem of a call that is to serve and has the number prefix of another one that does, or None."""
        first = next((other.id for other in self.all() if other.number_prefix == call.number_prefix and other.id != call.id), None)
        return _taken(call, first) if first else None

    def _look(self):
        # Whoever comes while another thread reads takes what there is; only the very first waits.
        if time.monotonic() >= self._due and self._lock.acquire(blocking=not self._due):
            try:
                if time.monotonic() >= self._due:
                    self._read()
            finally:
                self._lock.release()
        return self._entries

    def _read(self):
        self._entries = self._read_all()
        self._due = time.monotonic() + WAIT

    def _read_all(self):
        try:
            paths = [path for path in self._folder.iterdir() if path.suffix == ".toml" and path.name[0] != "." and path.is_file()]
        except OSError:
            log.exception("The folder of calls cannot be read; the calls stay as they were")
            return self._entries
        entries = self._numbered_apart({path.stem: self._entry(path) for path in sorted(paths)})
        for call_id, entry in entries.items():
            old = self._entries.get(call_id)
            if entry.problems and (not old or old.problems != entry.problems):
                state = "keeps serving as it last was" if entry.call else "does not serve"
                log.error("%s.toml %s:\n%s", call_id, state, "\n".join(map(str, entry.problems)))
        return entries

    def _entry(self, path):
        old, stamp = self._entries.get(path.stem), _stamp(path)
        if old and old.stamp == stamp:
            return old
        call, problems = read(path)
        if call is None:
            call = old.call if old and old.call else self._stored(path.stem)
        return Entry(stamp, call, tuple(problems))

    def _stored(self, call_id):
        source = self._last_good(call_id)
        try:
            return parse(source, call_id) if source else None
        except ValueError:
            log.exception("The stored version of %s cannot be read", call_id)
            return None

    def _numbered_apart(self, entries):
        # Two calls with one prefix would give two applications the same number. The call that served first goes on.
        def came_later(call_id):
            old = self._entries.get(call_id)
            return not (old and old.call and old.call.number_prefix == entries[call_id].call.number_prefix), call_id

        taken = {}
        for call_id in sorted((call_id for call_id, entry in entries.items() if entry.call), key=came_later):
            call, old = entries[call_id].call, self._entries.get(call_id)
            first = taken.setdefault(call.number_prefix, call_id)
            if first != call_id:
                entries[call_id] = Entry(None, old.call if old else None, (*entries[call_id].problems, _taken(call, first)))
        return entries


def _taken(call, first):
    line = Lines(call.source).of(("number_prefix",))
    message = say(f"{first}.toml已使用这个编号前缀，请换一个。", f"{first}.toml has this prefix already; choose another one.")
    return Problem(f"{call.id}.toml", line, "number_prefix", message)


def _stamp(path):
    """What changes when the file, or the folder of its attachments, does."""
    try:
        status, folder = path.stat(), path.with_suffix("")
        return status.st_mtime_ns, status.st_size, status.st_ino, folder.stat().st_mtime_ns if folder.is_dir() else 0
    except OSError:
        return None


def next_edition_year(now):
    """The year of the first deadline of the shipped call, in whatever year, that is still to come at the aware instant `now`."""
    shipped = tomllib.loads(SHIPPED.read_text("utf-8"))
    year = now.year
    while parse_moment(f"{year}{shipped['deadline'][4:]}", shipped["zone"]) <= now:
        year += 1
    return year


def source_for_edition(source, old_year, new_year):
    """The source of a call file with the number of one year replaced by another's wherever it stands by itself or in a name."""
    return re.sub(rf"(?<!\d){old_year}(?!\d)", str(new_year), source)
