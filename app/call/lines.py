"""Where things stand in a TOML source: the line of a key path, and the mark left open where TOML cannot be read."""

import re

TOKEN = re.compile(
    r"""
    (?P<skip>[ \t\r]+ | \#[^\n]*)
  | (?P<text>\"{3}(?:[^\\]|\\.)*?\"{3,5} | '{3}.*?'{3,5} | "(?:[^"\\\n]|\\[^\n])*" | '[^'\n]*')
  | (?P<open>\"{3} | '{3})
  | (?P<end>\n)
  | (?P<mark>[\[\]{},=.])
  | (?P<bare>[\w+:-]+)
  | (?P<other>.)
    """,
    re.VERBOSE | re.DOTALL,
)
STATEMENT = re.compile(r"^[ \t]*(\[\[?[\w.-]+\]|[\w.-]+[ \t]*=)")
"""How a line begins that opens a table or gives a key its value."""
HEAD = re.compile(r"\s*\[\[?\s*([\w.-]+)\s*\]")
SWALLOWED = re.compile(r"\n[ \t]*[\w.-]+[ \t]*=[ \t]*(\"{3}|'{3})$")
"""How a text ends that was never closed: where the next one should begin."""


class Lines:
    """The line, from 1, of every key path in a TOML source that parses: `lines.of(("steps", 2, "label", "zh"))`."""

    def __init__(self, source):
        self._lines = {(): 1}
        self._last = {}
        self._tokens = list(_tokens(source))
        self._at = 0
        table = ()
        while self._at < len(self._tokens):
            kind, value, _ = self._tokens[self._at]
            if kind == "end":
                self._at += 1
            elif value == "[" and kind == "mark":
                table = self._header()
            else:
                self._pair(table)

    def of(self, path):
        """The line of this path, or of the nearest thing around it that stands in the source."""
        while path not in self._lines:
            path = path[:-1]
        return self._lines[path]

    def _header(self):
        line = self._tokens[self._at][2]
        double = self._tokens[self._at + 1][1] == "["
        self._at += 2 if double else 1
        parts = self._key("]")
        self._at += 1 if double else 0
        path = ()
        for n, part in enumerate(parts, 1):
            path += (part,)
            self._lines.setdefault(path, line)
            if double and n == len(parts):
                self._last[path] = self._last.get(path, -1) + 1
            if path in self._last:
                path += (self._last[path],)
        self._lines.setdefault(path, line)
        return path

    def _key(self, end):
        parts = []
        while (token := self._next())[1] != end:
            if token[0] == "text":
                parts.append(token[1][1:-1])
            elif token[0] == "bare":
                parts.append(token[1])
        return parts

    def _pair(self, path):
        line = self._tokens[self._at][2]
        for part in self._key("="):
            path += (part,)
            self._lines.setdefault(path, line)
        self._value(path)

    def _value(self, path):
        kind, value, _ = self._tokens[self._at]
        if kind == "mark" and value == "[":
            self._at += 1
            self._items(path, "]")
        elif kind == "mark" and value == "{":
            self._at += 1
            self._items(path, "}")
        else:
            while self._at < len(self._tokens) and self._tokens[self._at][1] not in ("\n", ",", "]", "}"):
                self._at += 1

    def _items(self, path, end):
        item = 0
        while (token := self._tokens[self._at])[1] != end or token[0] != "mark":
            if token[1] in ("\n", ","):
                self._at += 1
            elif end == "}":
                self._pair(path)
            else:
                self._lines.setdefault((*path, item), token[2])
                self._value((*path, item))
                item += 1
        self._at += 1

    def _next(self):
        self._at += 1
        return self._tokens[self._at - 1]


def left_open(source, line):
    """The line of a quotation mark or bracket that was opened before `line` and apparently forgotten, or None."""
    brackets = []
    for kind, value, start in _tokens(source):
        if start >= line:
            begins_anew = STATEMENT.match(source.split("\n")[line - 1])
            return brackets[0] if brackets and begins_anew else None
        if kind == "open" or kind == "text" and SWALLOWED.search(value):
            return start
        if kind == "mark" and value in "[{":
            brackets.append(start)
        elif kind == "mark" and value in "]}" and brackets:
            brackets.pop()
    return brackets[0] if brackets else None


def earlier_head(rows, line):
    """(name of the table whose head stands on `line`, the nearest line before it with a head of that table or of one inside it).

    `rows` are the lines of the source. Both are None where there is none.
    """
    head = HEAD.match(rows[line - 1])
    if not head:
        return None, None
    for number in range(line - 1, 0, -1):
        other = HEAD.match(rows[number - 1])
        if other and (other[1] + ".").startswith(head[1] + "."):
            return head[1], number
    return head[1], None


def _tokens(source):
    line = 1
    for token in TOKEN.finditer(source):
        kind, value = token.lastgroup, token[0]
        if kind != "skip":
            yield kind, value, line
        if kind in ("end", "text"):
            line += value.count("\n")
