"""A table of experts, compared with the list of a call: what is new, what would change, what is wrong, row by row."""

import hashlib
import re
from dataclasses import dataclass, field

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.datastructures import MultiDict

from app.applying.drafts import Refused
from app.extensions import db, writing
from app.forms.experts import LABELS, NewExpertForm
from app.languages import LANGUAGES
from app.models import Expert, User, record
from app.people import staff
from app.people.credentials import email_key
from app.review import conflicts, experts
from app.review.affinity import plain

COLUMNS = tuple(LABELS)
HEADINGS = {
    "name_zh": "姓名 中文姓名 姓名(中文) 专家姓名 | name in Chinese, Chinese name, name (Chinese), name zh, name (zh)",
    "name_en": "英文姓名 姓名(英文) 外文姓名 姓名拼音 | name in English, English name, name (English), name, name en, name (en), full name",
    "organization_zh": "单位 工作单位 所在单位 单位名称 单位中文名称 单位(中文) 中文单位 机构 "
    "| organization in Chinese, organization (Chinese), organization zh, organization (zh)",
    "organization_en": "单位英文名称 单位(英文) 英文单位 机构(英文) "
    "| organization in English, organization (English), organization, organization en, organization (en), affiliation, institution",
    "aliases": "单位的其他名称 单位别名 别名 其他名称 单位简称 简称 曾用名 "
    "| other names of the organization, organization aliases, aliases, alias, other names",
    "areas": "领域 评审领域 专业领域 成果领域 研究领域 | areas, area, areas of expertise, fields",
    "languages": "阅读语言 语言 评审语言 | languages read, languages, language, reads",
    "capacity": "评审数量上限 评审数量 评审上限 数量 最多评审 评审量 | reviews at most, capacity, reviews, most reviews, maximum",
    "email": "电子邮箱 邮箱 电子邮件 邮件 邮件地址 电子邮件地址 | e-mail address, e-mail, email, email address, mail",
}
"""What headings of columns may say: in Chinese between spaces, in English between commas."""
USUAL_CAPACITY = 10
BATCH = 100
LIST_MARKS = re.compile(r"[;；\n|、]")
TONGUES = {"zh": ("zh", "chinese", "中文", "汉语", "中", "华文"), "en": ("en", "english", "英文", "英语", "英")}


@dataclass
class Row:
    """A row of the table, as it will be. `state` is "new", "changed", "same" or "wrong"; `problems` are (heading of the cell,
    sentence), `changes` (label, before, after) of an expert who is on the list; `number` is that of the row in the file.
    """

    number: int
    email: str
    values: dict
    language: str
    state: str = "new"
    problems: list = field(default_factory=list)
    changes: list = field(default_factory=list)
    expert: Expert | None = None


def template(call, language):
    """[[text]] of a table to fill in: headings, and one made-up row."""
    area = [area.name[language] for area in call.areas[:2]]
    example = {
        "name_zh": "张三", "name_en": "Zhang San", "organization_zh": "示例大学", "organization_en": "Example University",
        "aliases": "示例大; EU", "areas": "; ".join(area), "languages": "zh, en", "capacity": str(USUAL_CAPACITY),
        "email": "zhang.san@example.org",
    }  # fmt: skip
    return [[str(LABELS[column]) for column in COLUMNS], [example[column] for column in COLUMNS]]


def fingerprint(plan):
    """Of what a plan says, so that nothing is done that was not shown."""
    said = [(row.number, row.state, row.email, sorted(row.values.items()), row.changes) for row in plan]
    return hashlib.sha256(repr(said).encode()).hexdigest()[:32]


def columns_of(headings):
    """`{column: place}` of the headings that are known. Raises Refused where there is no column of e-mail addresses."""
    known = {_folded(word): column for column, words in HEADINGS.items() for word in _each(words)}
    found = {}
    for place, heading in enumerate(headings):
        column = known.get(_folded(heading))
        if column and column not in found:
            found[column] = place
    if "email" not in found:
        names = "、".join(str(LABELS[column]) for column in COLUMNS) if not found else str(LABELS["email"])
        raise Refused(_l("The first row must hold headings. This one is missing: %(names)s", names=names))
    return found


def _each(words):
    zh, _bar, en = words.partition("|")
    return [*zh.split(), *(word.strip() for word in en.split(","))]


def _folded(text):
    return "".join(re.findall(r"[^\W_]+", plain(text)))


def plan(call, rows):
    """The [Row] that the rows of a file come to, its headings first; nothing is stored. Raises Refused."""
    headings, *body = rows
    places = columns_of(headings)
    on_the_list = {expert.user.email_key: expert for expert in experts.of_call(call.id)}
    organizers = set(db.session.scalars(db.select(User.email_key).where(User.role == "organizer")))
    planned, seen = [], set()
    for number, cells in enumerate(body, 2):
        typed = {column: cells[place].strip() for column, place in places.items() if place < len(cells)}
        if any(typed.values()):
            row = _row(call, number, typed, on_the_list)
            key = email_key(row.email)
            if key and key in seen:
                row.problems.append((LABELS["email"], _l("This address stands in an earlier row as well.")))
            if key in organizers:
                row.problems.append((LABELS["email"], experts.ORGANIZES))
            seen.add(key)
            row.state = "wrong" if row.problems else row.state
            planned.append(row)
    return planned


def _row(call, number, typed, on_the_list):
    expert = on_the_list.get(email_key(typed.get("email", "")))
    problems, posted = [], MultiDict()
    for column in ("name_zh", "name_en", "organization_zh", "organization_en", "email", "capacity"):
        posted[column] = typed.get(column) or _before(expert, column)
    posted["aliases"] = "\n".join(_listed(typed.get("aliases", ""))) or _before(expert, "aliases")
    posted.setlist("areas", _areas(call, typed.get("areas", ""), problems) or _before(expert, "areas"))
    languages = _languages(typed.get("languages", ""), problems) or _before(expert, "languages")
    posted.setlist("languages", languages)
    posted["language"] = "zh" if "zh" in languages else "en"
    form = NewExpertForm(posted, meta={"csrf": False}).offer(call)
    form.validate()
    broken = {label for label, _sentence in problems}
    problems += [(LABELS[name], error) for name in COLUMNS if LABELS[name] not in broken for error in form[name].errors]
    values = form.values(experts.VALUES)
    row = Row(number, typed.get("email", ""), values, posted["language"], problems=problems, expert=expert)
    if expert is not None:
        changed = [name for name in experts.VALUES if getattr(expert, name) != values[name]]
        row.changes = [(LABELS[name], said(call, name, getattr(expert, name)), said(call, name, values[name])) for name in changed]
        row.state = "changed" if changed else "same"
    return row


def _before(expert, column):
    """What holds where a cell is empty."""
    if expert is None:
        return {"areas": [], "languages": list(LANGUAGES), "capacity": str(USUAL_CAPACITY)}.get(column, "")
    if column == "email":
        return expert.user.email
    value = getattr(expert, column)
    return "\n".join(value) if column == "aliases" else value if isinstance(value, list) else str(value)


def _listed(text):
    return [part.strip() for part in LIST_MARKS.split(text) if part.strip()]


def _areas(call, text, problems):
    known = {_folded(word): area.id for area in call.areas for word in (area.id, area.name.zh, area.name.en)}
    found = []
    for part in _listed(text):
        # A comma parts areas, unless it belongs to the name of one.
        for word in [part] if _folded(part) in known else re.split("[,，]", part):
            area = known.get(_folded(word))
            if area is None and word.strip():
                problems.append((LABELS["areas"], _l("“%(area)s” is not one of the areas of this call.", area=word.strip())))
            elif area and area not in found:
                found.append(area)
    return found


def _languages(text, problems):
    words = [word for word in re.split(r"[\s,，;；、/|&+和及与]+|\band\b", text.casefold()) if word]
    if words in (["中英"], ["中英文"], ["双语"], ["both"]):
        return list(LANGUAGES)
    found = [language for language in LANGUAGES if any(word in TONGUES[language] for word in words)]
    for word in words:
        if not any(word in TONGUES[language] for language in LANGUAGES):
            problems.append((LABELS["languages"], _l("“%(word)s” is neither Chinese nor English.", word=word)))
    return found


def said(call, name, value):
    """A value in words."""
    if name == "areas":
        return _(", ").join(str(area.name) for area in call.areas if area.id in value)
    if name == "languages":
        return _(", ").join({"zh": _("Chinese"), "en": _("English")}[language] for language in value)
    return "; ".join(value) if isinstance(value, list) else str(value)


def carry_out(*, call, plan, update, by, now):
    """Puts on the list whoever is new, and with `update` changes those who are on it, as the plan says; the rows that are wrong
    are left out. Answers how many of each, and finds conflicts of interest anew. In several writes, so that nobody waits for
    long; done once more after a crash, it does what is left.
    """
    rows = [row for row in plan if row.state == "new" or row.state == "changed" and update]
    touched = []
    try:
        for start in range(0, len(rows), BATCH):
            with writing() as session:
                staff.refuse_others(by)
                for row in rows[start : start + BATCH]:
                    if row.state == "new":
                        experts.put(call=call, email=row.email, language=row.language, values=row.values, by=by, now=now)
                    elif (expert := session.get(Expert, row.expert.id)) is not None:
                        experts.alter(expert, row.values, by, now)
                        touched.append(row.expert.id)
        if rows:
            with writing():
                record("experts imported", at=now, user=by, call=call.id, count=len(rows))
    finally:
        # Also for what earlier writes changed where a later one is refused.
        if touched:
            conflicts.refresh(call, now, experts=[expert for expert in experts.of_call(call.id) if expert.id in touched])
    return sum(row.state == "new" for row in rows), len(touched)
