"""What no type can say about a call file: names that must agree, sums, order, what belongs to which kind of question.

Works on the raw document, so that everything wrong is found at once, whatever else is wrong in it.
"""

import re

import phonenumbers
from email_validator import EmailNotValidError, validate_email

from app.call import form_checks, mail_checks, schema
from app.call.problems import say
from app.call.view import View, every_field, ids, unknown
from app.languages import LOCALES

CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ufffe\uffff]")


def check(document, call_id, folder, dated=True):
    """Every (path, Text) that is wrong in a raw document.

    `folder` is where the files of its attachments lie; `dated` asks that the edition's year stand in `call_id`.
    """
    call = View(document, ())
    for part in (_characters, _names, _dates, _contact, _countries, _categories, _attachments, _checklist):
        yield from part(call)
    yield from form_checks.check(call)
    yield from mail_checks.check(call)
    yield from _edition(call, call_id, dated)
    yield from _own_files(call, folder)


def _characters(call):
    waiting = [((), call.value)]
    while waiting:
        path, value = waiting.pop()
        if isinstance(value, dict):
            waiting += [((*path, key), item) for key, item in value.items()]
        elif isinstance(value, list):
            waiting += [((*path, n), item) for n, item in enumerate(value)]
        elif isinstance(value, str) and CONTROL.search(value):
            yield path, say("文字中有看不见的控制字符，请删去。", "The text holds an invisible control character; remove it.")


def _twice(views, key="id"):
    seen = set()
    for view in views:
        name = view.text(key)
        if name and name in seen:
            yield view.at(key), say(f"“{name}”用了两次，每个名称只能用一次。", f"“{name}” is used twice; every name may be used once.")
        seen.add(name)


def _names(call):
    yield from _twice(call.groups("steps"))
    yield from _twice([field for step in call.groups("steps") for field in step.groups("fields")])
    yield from _twice(call.groups("categories"))
    yield from _twice(call.groups("areas"))
    yield from _twice(call.groups("attachments"), "name")
    yield from _twice(call.group("files").groups("kinds"))
    yield from _twice(call.groups("mails"))
    yield from _twice(call.groups("decisions"))
    for category in call.groups("categories"):
        yield from _twice(category.groups("criteria"))
    yield from _twice(call.groups("checklist"))
    for field in every_field(call):
        yield from _twice(field.groups("options"))
        yield from _twice(field.groups("fields"))


def _moment(call, key):
    try:
        return schema.parse_moment(call.text(key), "UTC")
    except ValueError:
        return None


def _dates(call):
    opens, deadline = _moment(call, "opens"), _moment(call, "deadline")
    if opens and deadline and deadline <= opens:
        yield call.at("deadline"), say("截止时间应晚于开始时间（opens）。", "The deadline must be later than the opening (opens).")


def _edition(call, call_id, dated):
    edition = call.number("edition")
    if "id" in call.value:
        yield call.at("id"), say("请删去这一行：征集的名称就是文件名。", "Delete this line: the name of a call is the name of its file.")
    if dated and edition and str(edition) not in re.findall(r"\d+", call_id):
        yield (
            call.at("edition"),
            say(
                f"文件名中应有届次{edition}，如wic-awards-{edition}.toml。",
                f"The name of the file should hold the edition {edition}, as in wic-awards-{edition}.toml.",
            ),
        )


def _contact(call):
    contact = call.group("contact")
    phone, email = contact.text("phone"), contact.text("email")
    if phone and not _a_phone(phone):
        yield (
            contact.at("phone"),
            say("电话号码有误，请写作如+86-15011376251。", "This is no telephone number; write it like +86-15011376251."),
        )
    try:
        if email:
            validate_email(email, check_deliverability=False)
    except EmailNotValidError:
        yield contact.at("email"), say("电子邮箱地址有误。", "This is no e-mail address.")


def _a_phone(text):
    try:
        return phonenumbers.is_valid_number(phonenumbers.parse(text, "CN"))
    except phonenumbers.NumberParseException:
        return False


def _countries(call):
    countries = call.group("countries")
    for code in countries.value:
        if re.fullmatch(r"[A-Z]{2}", code) and code not in LOCALES["en"].territories:
            yield countries.at(code), say(f"没有代码为{code}的国家或地区。", f"No country or region has the code {code}.")


def _categories(call):
    for category in call.groups("categories"):
        weights = [criterion.number("weight") for criterion in category.groups("criteria")]
        if weights and None not in weights and sum(weights) != 100:
            name = category.text("id")
            yield (
                category.path,
                say(
                    f"类别“{name}”各项标准的权重之和应为100，现在是{sum(weights)}。",
                    f"The weights of the category “{name}” should add up to 100; they add up to {sum(weights)}.",
                ),
            )


def _attachments(call):
    categories = ids(call.groups("categories"))
    for attachment in call.groups("attachments"):
        kind, category = attachment.text("kind"), attachment.text("category")
        wanted = {"slides": "slides", "criteria": "category", "file": "file"}.get(kind)
        if wanted and not attachment.value.get(wanted):
            yield attachment.path, say(f"种类为{kind}的附件须有“{wanted}”。", f"An attachment of the kind {kind} needs “{wanted}”.")
        for other in {"slides", "category", "file"} & set(attachment.value) - {wanted}:
            if wanted:
                yield (
                    attachment.at(other),
                    say(f"种类为{kind}的附件没有“{other}”，请删去。", f"An attachment of the kind {kind} has no “{other}”; delete it."),
                )
        if kind == "criteria" and category and category not in categories:
            yield unknown(attachment.at("category"), category, categories)
    known = ids(call.groups("attachments"), "name")
    for step in call.groups("steps"):
        for path, name in step.names("attachments"):
            if name not in known:
                yield unknown(path, name, known)


def _checklist(call):
    categories = ids(call.groups("categories"))
    fields = [name for step in call.groups("steps") for name in ids(step.groups("fields"))]
    points = call.groups("checklist")
    for point in points:
        for path, category in point.names("for"):
            if category not in categories:
                yield unknown(path, category, categories)
    for reason in [*(reason for point in points for reason in point.groups("reasons")), *call.groups("ineligible")]:
        for path, name in reason.names("fields"):
            if name not in fields:
                yield unknown(path, name, fields)


def _own_files(call, folder):
    for attachment in call.groups("attachments"):
        name = attachment.text("file")
        if not name or attachment.text("kind") != "file":
            continue
        if re.search(r"[/\\\x00]", name) or name in (".", ".."):
            yield attachment.at("file"), say("只写文件名，不带文件夹。", "Write the name of the file alone, without a folder.")
        elif not _is_file(folder / name):
            yield (
                attachment.at("file"),
                say(
                    f"找不到文件，请放入文件夹{folder.name}。",
                    f"There is no such file; put it into the folder {folder.name} beside the call file.",
                ),
            )


def _is_file(path):
    try:
        return path.is_file()
    except (OSError, ValueError):
        return False
