"""The list of applications: which of them, in what order. Reads the rows of `models.Listed` alone, never an application."""

from dataclasses import asdict, dataclass

from app import rules, versions
from app.extensions import db
from app.listed_rows import folded
from app.models import Listed, ListedArea, ListedText

PAGE = 50
MOST_WORDS = 8
FILTERS = ("call", "status", "category", "area", "country", "joint", "checked_by", "q", "sort")
SORTS = {
    "changed": (Listed.changed_at,),
    "number": (Listed.number,),
}


@dataclass(frozen=True)
class Selection:
    """Which applications, and in what order: made of the query of an address, and written into one.

    `status` is a key of `rules.STATUSES`, `country` an ISO 3166-1 code, `joint` "yes" or "no", `checked_by` the id of a
    User, `q` words that must all occur, `sort` a key of SORTS, after a "-" from the end. Without `refs`, all that match.
    """

    call: str = ""
    status: str = ""
    category: str = ""
    area: str = ""
    country: str = ""
    joint: str = ""
    checked_by: str = ""
    q: str = ""
    sort: str = ""
    refs: tuple = ()
    """Those picked by hand, among the ones that match."""

    @classmethod
    def from_args(cls, args):
        """Of a MultiDict; what makes no sense is left out."""
        given = {name: args.get(name, "").replace("\0", "").strip()[:200] for name in FILTERS}
        sound = {
            "status": given["status"] in rules.STATUSES,
            "joint": given["joint"] in ("yes", "no"),
            "checked_by": given["checked_by"].isascii() and given["checked_by"].isdecimal() and len(given["checked_by"]) < 10,
            "sort": given["sort"].removeprefix("-") in SORTS,
        }
        refs = tuple(dict.fromkeys(ref.replace("\0", "") for ref in args.getlist("pick")))
        return cls(**{name: value for name, value in given.items() if sound.get(name, True)}, refs=refs)

    def args(self):
        """What is set, for `url_for(endpoint, **selection.args())`."""
        values = asdict(self)
        return {"pick" if name == "refs" else name: value for name, value in values.items() if value}


@dataclass(frozen=True)
class Page:
    """A page of the list: `rows` are Listed, `first` and `last` count from 1 among the `total` that match."""

    rows: list
    total: int
    number: int
    pages: int

    @property
    def first(self):
        return (self.number - 1) * PAGE + 1

    @property
    def last(self):
        return self.first + len(self.rows) - 1


def ids(selection, calls, now):
    """The ids of the applications, in order. `calls` is `current_app.calls`."""
    query = db.select(Listed.application_id).where(*_conditions(selection, calls, now))
    return list(db.session.scalars(query.order_by(*_order(selection))))


def count(selection, calls, now):
    """How many applications."""
    return db.session.scalar(db.select(db.func.count()).select_from(Listed).where(*_conditions(selection, calls, now)))


def page(selection, calls, now, number):
    """The Page with this number, counted from 1; the last one where there are not that many."""
    conditions = _conditions(selection, calls, now)
    total = db.session.scalar(db.select(db.func.count()).select_from(Listed).where(*conditions))
    pages = max(1, -(-total // PAGE))
    number = min(max(number, 1), pages)
    query = db.select(Listed).where(*conditions).order_by(*_order(selection)).limit(PAGE).offset((number - 1) * PAGE)
    return Page(list(db.session.scalars(query)), total, number, pages)


def _conditions(selection, calls, now):
    conditions = []
    for name, column in (("call", Listed.call_id), ("category", Listed.category), ("country", Listed.country)):
        if getattr(selection, name):
            conditions.append(column == getattr(selection, name))
    if selection.status:
        known = versions.every_call(calls).values()
        conditions.append(rules.statuses_in(Listed, known, now)[selection.status])
    if selection.area:
        chosen = db.select(ListedArea.application_id).where(ListedArea.area == selection.area)
        conditions.append(Listed.application_id.in_(chosen))
    if selection.joint:
        conditions += [Listed.joint.is_(selection.joint == "yes"), Listed.number.is_not(None)]
    if selection.checked_by:
        conditions.append(Listed.checked_by == int(selection.checked_by))
    if selection.refs:
        conditions.append(Listed.ref.in_(selection.refs))
    words = folded(selection.q).split()[:MOST_WORDS]
    if words:
        found = db.select(ListedText.application_id).where(*(ListedText.text.contains(word, autoescape=True) for word in words))
        conditions.append(Listed.application_id.in_(found))
    return conditions


def _order(selection):
    name = selection.sort.removeprefix("-") or "changed"
    descending = selection.sort.startswith("-") or not selection.sort
    return [column.desc() if descending else column.asc() for column in (*SORTS[name], Listed.application_id)]
