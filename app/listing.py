"""The list of applications: which of them, in what order. Reads the rows of `models.Listed` alone, never an application."""

from dataclasses import asdict, dataclass

from sqlalchemy import case

from app import countries, rules, versions
from app.extensions import db
from app.languages import current
from app.listed_rows import folded
from app.models import Listed, ListedArea, ListedText, User

PAGE = 50
MOST_WORDS = 8
FILTERS = ("call", "status", "answered", "category", "area", "country", "joint", "checked_by", "q", "sort")
SORTS = ("number", "title", "category", "country", "status", "checked_by", "submitted", "changed")
NEWEST_FIRST = ("submitted", "changed")
"""What is sorted by these the first time begins with the last."""


@dataclass(frozen=True)
class Selection:
    """Which applications, and in what order: made of the query of an address, and written into one.

    `status` is a key of `rules.STATUSES`, `country` an ISO 3166-1 code, `joint` "yes" or "no", `answered` "yes" for those
    handed in again after a check, `checked_by` the id of a User, `q` words that must all occur, `sort` one of SORTS, after a
    "-" from the end. Drafts answer to no question but `call` and `status`: nobody but their owner is to know more.
    """

    call: str = ""
    status: str = ""
    answered: str = ""
    category: str = ""
    area: str = ""
    country: str = ""
    joint: str = ""
    checked_by: str = ""
    q: str = ""
    sort: str = ""
    refs: tuple = ()
    """Those picked by hand, among the ones that match; empty: all that match."""

    @classmethod
    def from_args(cls, args):
        """Of a MultiDict; what makes no sense is left out."""
        given = {name: args.get(name, "").replace("\0", "").strip()[:200] for name in FILTERS}
        sound = {
            "status": given["status"] in rules.STATUSES,
            "answered": given["answered"] == "yes",
            "joint": given["joint"] in ("yes", "no"),
            "checked_by": given["checked_by"].isascii() and given["checked_by"].isdecimal() and len(given["checked_by"]) < 10,
            "sort": given["sort"].removeprefix("-") in SORTS,
        }
        refs = tuple(dict.fromkeys(ref.replace("\0", "") for ref in args.getlist("pick")))
        return cls(**{name: value for name, value in given.items() if sound.get(name, True)}, refs=refs)

    def args(self):
        """What is set, for `url_for(endpoint, **selection.args())`."""
        return {"pick" if name == "refs" else name: value for name, value in asdict(self).items() if value}

    @property
    def sorted_by(self):
        """(one of SORTS, whether from the end)."""
        return (self.sort.removeprefix("-"), self.sort.startswith("-")) if self.sort else ("changed", True)


@dataclass(frozen=True)
class Page:
    """A page of the list: `rows` are Listed, `first` and `last` count from 1 among the `total` that match."""

    rows: list
    total: int
    number: int

    @property
    def pages(self):
        return _pages(self.total)

    @property
    def first(self):
        return (self.number - 1) * PAGE + 1

    @property
    def last(self):
        return self.first + len(self.rows) - 1


def ids(selection, calls, now):
    """The ids of the applications, in order. `calls` is `current_app.calls`."""
    found = _Found(selection, calls, now)
    order = found.keys
    if found.group is not None:
        places = {value: place for place, (value, _size) in enumerate(found.groups())}
        order = [case(places, value=found.group, else_=len(places)), *order]
    return list(db.session.scalars(found.query.order_by(*order)))


def count(selection, calls, now):
    """How many applications."""
    return _Found(selection, calls, now).count()


def page(selection, calls, now, number):
    """The Page with this number, counted from 1; the last one where there are not that many."""
    found = _Found(selection, calls, now)
    chosen, total = found.window(max(number, 1))
    if not chosen:
        number = _pages(total)
        chosen, total = found.window(number)
    rows = {row.application_id: row for row in db.session.scalars(db.select(Listed).where(Listed.application_id.in_(chosen)))}
    return Page([rows[application_id] for application_id in chosen], total, max(number, 1))


def _pages(total):
    return max(1, -(-total // PAGE))


class _Found:
    """The query of a Selection. Its order is that of a key, which an index gives, or that of groups, and of a key within each."""

    def __init__(self, selection, calls, now):
        self.calls = sorted(versions.every_call(calls).values(), key=lambda call: call.closes_at, reverse=True)
        self.statuses = rules.statuses_in(Listed, self.calls, now)
        self.conditions = list(self._conditions(selection))
        self.query = db.select(Listed.application_id).where(*self.conditions)
        by, self.descending = selection.sorted_by
        self.group, self._order, key = self._sorting(by)
        # Groups such as countries follow the order asked for; within each, what changed last comes first.
        last_first = key is Listed.changed_at if self._order else self.descending
        self.keys = [column.desc() if last_first else column.asc() for column in (key, Listed.application_id)]

    def _conditions(self, selection):
        # Of columns that have an index to themselves, as expressions: SQLite would take that for the best one, look every row
        # up and sort them all, while the index of the order asked for holds all it needs (see models.Listed).
        compared = {
            "call": (Listed.call_id, selection.call),
            "category": (Listed.category, selection.category),
            "country": (Listed.country + "", selection.country),
            "checked_by": (Listed.checked_by + 0, selection.checked_by and int(selection.checked_by)),
            "joint": (Listed.joint, selection.joint == "yes"),
        }
        yield from (column == value for name, (column, value) in compared.items() if getattr(selection, name))
        if selection.joint:
            yield Listed.state != "draft"
        if selection.answered:
            yield Listed.answered
        if selection.status:
            yield self.statuses[selection.status]
        if selection.refs:
            yield Listed.ref.in_(selection.refs)
        if selection.area:
            yield _among(db.select(ListedArea.application_id).where(ListedArea.area == selection.area))
        words = folded(selection.q).split()[:MOST_WORDS]
        if words:
            found = db.select(ListedText.application_id).where(*(_searched(word).contains(word, autoescape=True) for word in words))
            # A name, so that a statement that uses it twice looks through the texts once.
            yield _among(db.select(found.cte("found").c.application_id))

    def _sorting(self, by):
        """(what it is grouped by or None, order of the groups, key)."""
        if by in ("number", "submitted"):
            # Drafts have neither: they come last.
            return Listed.number_key.is_not(None), (), {"number": Listed.number_key, "submitted": Listed.submitted_at}[by]
        if by == "title":
            return None, (), {"zh": Listed.title_key_zh, "en": Listed.title_key_en}[current()]
        grouped = {
            "status": lambda: (case(*((condition, status) for status, condition in self.statuses.items())), rules.STATUSES),
            "category": lambda: (Listed.category, [category.id for call in self.calls for category in call.categories]),
            "country": lambda: (Listed.country, [code for call in self.calls[:1] for code in countries.names(call)]),
            "checked_by": lambda: (Listed.checked_by, checkers()),
        }
        return (*grouped[by](), Listed.changed_at) if by in grouped else (None, (), Listed.changed_at)

    def count(self):
        return db.session.scalar(db.select(db.func.count()).select_from(Listed).where(*self.conditions))

    def window(self, number):
        """(ids of the page with this number, how many there are in all)."""
        start = (number - 1) * PAGE
        if self.group is None:
            total = db.select(db.func.count()).select_from(Listed).where(*self.conditions).scalar_subquery()
            rows = db.session.execute(self.query.add_columns(total).order_by(*self.keys).limit(PAGE).offset(start)).all()
            return [row[0] for row in rows], rows[0][1] if rows else self.count()
        chosen, groups = [], self.groups()
        for value, size in groups:
            if start < size and len(chosen) < PAGE:
                part = self.query.where(self.group == value) if value is not None else self.query.where(self.group.is_(None))
                chosen += db.session.scalars(part.order_by(*self.keys).limit(PAGE - len(chosen)).offset(start))
            start = max(0, start - size)
        return chosen, sum(size for _value, size in groups)

    def groups(self):
        """[(value, size)] in order; what is blank comes last in any case."""
        grouped = db.select(self.group.label("grouped"), db.func.count()).where(*self.conditions).group_by("grouped")
        places = {value: place for place, value in reversed(list(enumerate(self._order)))}
        ranked = sorted(db.session.execute(grouped).all(), key=lambda group: places.get(group[0], len(places)), reverse=self.descending)
        return sorted(ranked, key=lambda group: not group[0])


def _among(application_ids):
    # An expression, for the reason above: looking up the row of each and sorting them would take longer.
    return (Listed.application_id + 0).in_(application_ids)


def _searched(word):
    return ListedText.ascii if word.isascii() else ListedText.other


# -- what can be asked for


def listed_countries():
    """The codes of the countries and regions that occur."""
    return [code for code in _distinct(Listed.country) if code]


def checkers():
    """`{id: name}` of those who have checked what is listed, in the order of their names."""
    people = db.select(User.id, User.name).where(User.id.in_(_distinct(Listed.checked_by)))
    return dict(sorted(map(tuple, db.session.execute(people)), key=lambda person: person[1].casefold()))


def _distinct(column):
    """The values of an indexed column, found by going from each to the next instead of through all the rows."""
    value = db.select(db.func.min(column).label("value")).cte("value", recursive=True)
    following = db.select(db.func.min(column)).where(column > value.c.value).scalar_subquery()
    value = value.union_all(db.select(following).where(value.c.value.is_not(None)))
    return [found for found in db.session.scalars(db.select(value.c.value)) if found is not None]
