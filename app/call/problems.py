"""What is wrong in a call file, in words an organizer understands: file, line, place, and what was expected."""

import re
from dataclasses import dataclass
from difflib import get_close_matches
from typing import get_args, get_origin

from pydantic import BaseModel

from app.call import schema
from app.languages import Text


@dataclass(frozen=True)
class Problem:
    """`where` is the place in the file's own terms, such as `steps[basics].fields[title].label.zh`; "" for the file as a whole."""

    file: str
    line: int
    where: str
    message: Text

    def __str__(self):
        place = f"{self.file}:{self.line}: " + (f"{self.where}: " if self.where else "")
        return f"{place}{self.message.zh}\n{place}{self.message.en}"


def say(zh, en):
    return Text(zh=zh, en=en)


def place(document, path):
    """`path` as an organizer would write it: an item of a list by its id or name, else by its number, counted from 1."""
    written, here = "", document
    for part in path:
        here = get(here, (part,))
        if isinstance(part, int):
            known = here.get("id", here.get("name")) if isinstance(here, dict) else None
            written += f"[{known if isinstance(known, str) and known else part + 1}]"
        else:
            written += f".{part}" if written else str(part)
    return written


def get(document, path):
    """What stands at `path` of a raw document, or None."""
    for part in path:
        if isinstance(document, dict):
            document = document.get(part)
        elif isinstance(document, list) and isinstance(part, int) and part < len(document):
            document = document[part]
        else:
            return None
    return document


# -- what TOML itself says: the beginning of its message, and ours

SYNTAX = (
    ("Cannot overwrite|Duplicate inline", "这一项写了两次，请只保留一处。", "This entry stands twice; keep one of them."),
    (
        "Cannot declare|Cannot redefine|Cannot mutate",
        "这一组的表头写了两次，或与上文冲突，请只保留一处。",
        "This group is opened twice, or clashes with one above; keep one of them.",
    ),
    (
        "Unterminated string|Illegal character '.?n'|Expected \"'''\"|Expected '\"\"\"'",
        "引号没有成对：文字的开头和结尾都要有英文引号\"，多行文字都用\"\"\"。",
        'A quotation mark is missing: a text begins and ends with ", a text of several lines with """.',
    ),
    (
        "Unescaped|Invalid hex|Escaped character",
        "文字中的反斜杠 \\ 不能单独使用，请写成 \\\\。",
        "A backslash \\ in a text has to be written twice: \\\\.",
    ),
    (
        "Expected '='|Invalid statement|Invalid initial character|Empty",
        "这一行看不懂：应为“名称 = 值”、[表名]、[[表名]]，或以#开头的说明。",
        "This line is not understood: it should be key = value, [table], [[table]], or a note that begins with #.",
    ),
    (
        r"Expected '\]|Unclosed|Expected ','",
        "括号没有成对，或列表各项之间缺少逗号。",
        "A bracket is missing, or a comma between the items of a list.",
    ),
    (
        "Expected newline|Expected end",
        "这一行的值后面还有多余的内容：每行只写一项；文字中的引号请用“”。",
        "Something follows the value on this line: write one entry a line, and use “ ” for quotation marks inside a text.",
    ),
    (
        "Invalid value|Invalid date",
        '等号后面的值看不懂：文字和日期写在英文引号""中，数字直接写，是否写true或false，列表写在[]中。',
        "The value after = is not understood: texts and dates stand in \"\", numbers bare, yes or no is true or false, lists stand in [].",
    ),
    ("Illegal character|Found invalid", "这里有一个看不见的控制字符，请删去。", "There is an invisible control character here; remove it."),
)


def explain_toml(message):
    """The Text for a message of tomllib."""
    for pattern, zh, en in SYNTAX:
        if re.match(pattern, message):
            return say(zh, en)
    return say("从这里起不符合TOML格式。", "From here on this is not TOML.")


# -- what the schema says

COMPARED = 60
"""Characters of a misspelt word that are compared with the right ones; a bound on work."""

VALUES = {
    "blank": ("这里是空的，请填写文字。", "This is empty; write the text."),
    "one line": ("这里只能写一行，请去掉换行。", "This has to be one line; remove the line breaks."),
    "zone": ("没有这个时区，请写如“Asia/Shanghai”的名称。", "There is no such time zone; write a name such as Asia/Shanghai."),
    "moment": ("日期和时间请写作“2027-06-15 24:00”。", "Write the date and time as 2027-06-15 24:00."),
}
PATTERNS = {
    "[a-z0-9-]": (
        "只能用小写字母、数字和连字符，以字母开头，至多40个字符，如key-technology。",
        "Use small letters, digits and hyphens, beginning with a letter, at most 40 characters, such as key-technology.",
    ),
    "[a-z0-9_]": (
        "只能用小写字母、数字和下划线，以字母开头，至多40个字符，如contact_email。",
        "Use small letters, digits and underscores, beginning with a letter, at most 40 characters, such as contact_email.",
    ),
    "[A-Z0-9]": (
        "只能用大写字母和数字，以字母开头，2到16个字符，如WIC2027。",
        "Use capital letters and digits, beginning with a letter, 2 to 16 characters, such as WIC2027.",
    ),
    "[A-Z]{2}": ("国家和地区请写ISO两位大写代码，如NL。", "Write the two capital letters of the ISO code, such as NL."),
    "\\S": ("这里须写一行文字，不能为空。", "This has to be one line of text, and not empty."),
}


def explain(error, path, document):
    """The Text for one of pydantic's errors at `path` of the raw `document`."""
    kind, context = error["type"], error.get("ctx", {})
    if kind in EXPLAIN:
        return EXPLAIN[kind](path, context, document)
    if kind.endswith(("_type", "_parsing")) or kind == "int_from_float":
        zh, en = shape(_annotation(path), path)
        return say(f"这里应为{zh}。", f"This should be {en}.")
    return say("这里的值不合要求。", "This value does not fit here.")


def _missing(path, context, document):
    zh, en = shape(_annotation(path), path)
    return say(f"缺少“{path[-1]}”，应为{zh}。", f"“{path[-1]}” is missing; it should be {en}.")


def _unknown(path, context, document):
    known = keys(_model(path[:-1]) or schema.Call)
    close = get_close_matches(str(path[-1])[:COMPARED], known, 1)
    if close:
        return say(f"没有“{path[-1]}”这一项，是不是“{close[0]}”？", f"There is no “{path[-1]}” here; did you mean “{close[0]}”?")
    return say(
        f"没有“{path[-1]}”这一项。这里可用的有：{'、'.join(known)}。",
        f"There is no “{path[-1]}” here. What may stand here: {', '.join(known)}.",
    )


def _pattern(path, context, document):
    return say(*next((words for part, words in PATTERNS.items() if part in context["pattern"]), VALUES["blank"]))


def _one_of(path, context, document):
    known = re.findall(r"'([^']*)'", context["expected"])
    value = get(document, path)
    close = get_close_matches(value[:COMPARED], known, 1) if isinstance(value, str) else []
    zh = f"应为以下之一：{'、'.join(known)}。" + (f"是不是“{close[0]}”？" if close else "")
    return say(zh, f"This should be one of: {', '.join(known)}." + (f" Did you mean “{close[0]}”?" if close else ""))


EXPLAIN = {
    "missing": _missing,
    "extra_forbidden": _unknown,
    "string_pattern_mismatch": _pattern,
    "literal_error": _one_of,
    "value_error": lambda path, context, document: say(*VALUES.get(str(context.get("error")), VALUES["moment"])),
    "greater_than_equal": lambda path, context, document: say(f"不能小于{context['ge']}。", f"This must be at least {context['ge']}."),
    "less_than_equal": lambda path, context, document: say(f"不能大于{context['le']}。", f"This must be at most {context['le']}."),
    "too_short": lambda path, context, document: say("这里至少要有一项。", "At least one item is needed here."),
}


def keys(model):
    """The names of a model's entries as they are written in the file; the id of a call is the name of its file."""
    return [field.alias or name for name, field in model.model_fields.items() if (model, name) != (schema.Call, "id")]


def shape(annotation, path):
    """(zh, en): in words, what kind of value stands at `path`."""
    key = next((part for part in reversed(path) if isinstance(part, str)), "")
    model = _part(annotation)
    if model is not None and issubclass(model, Text) and get_origin(annotation) is not tuple:
        return f"中英文两种文字，即{key}.zh和{key}.en", f"a text in both languages, {key}.zh and {key}.en"
    if get_origin(annotation) is tuple:
        if model is None or issubclass(model, Text):
            return f"写在[]中的列表：{key} = [ … ]", f"a list in brackets: {key} = [ … ]"
        return f"逐条写出的列表，每条以[[…{key}]]开头", f"a list of groups, each begun with [[…{key}]]"
    if model is schema.Longest:
        return f"整数，或{key}.zh和{key}.en两个整数", f"a whole number, or two of them, {key}.zh and {key}.en"
    if model is schema.Option:
        return "“categories”“areas”或[ … ]中的列表", "\"categories\", \"areas\" or a list in brackets [ … ]"
    if model is not None:
        return f"以[{key}]开头的一组内容", f"a group that begins with [{key}]"
    kinds = [annotation, *get_args(annotation)]
    if bool in kinds:
        return "true或false，不加引号", "true or false, without quotation marks"
    if int in kinds:
        return "不加引号的整数", "a whole number without quotation marks"
    return '写在英文引号""中的文字', 'a text in quotation marks ""'


def _part(annotation):
    """The model that an annotation names or holds, or None."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((part for argument in get_args(annotation) if (part := _part(argument))), None)


def _annotation(path):
    """What the schema says of `path`, or None where it knows no such key."""
    annotation = schema.Call
    for part in path:
        model = _part(annotation)
        if isinstance(part, int):
            annotation = next((argument for argument in get_args(annotation) if argument is not type(None)), None)
            annotation = model or annotation
        elif get_origin(annotation) is dict:
            annotation = model
        elif model:
            annotation = next((field.annotation for name, field in model.model_fields.items() if part in (name, field.alias)), None)
    return annotation


def _model(path):
    return _part(_annotation(path))
