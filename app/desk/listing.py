"""The list of applications: which of them, in what order. Reads the rows of `models.Listed` alone, never an application."""

from dataclasses import asdict, dataclass
from functools import cached_property

from sqlalchemy import case

from app import countries, rules, versions
from app.desk.listed_rows import folded
from app.extensions import db
from app.languages import current
from app.models import Listed, ListedArea, ListedText, User

PAGE = 50
MOST_WORDS = 8
FILTERS = ("call", "status", "answered", "category", "area", "country", "joint", "checked_by", "q", "sort")
FACETS = ("category", "country", "status", "checked_by")
"""What many have in common."""
SORTS = ("number", "title", "submitted", "changed", *FACETS)
# Columns that have an index to themselves, as expressions: SQLite would take that index for the best one, look every row up and
# sort them all, while the index of the order asked for holds everything (see models.Listed).
_COUNTRY, _CHECKED_BY = Listed.country + "", Listed.checked_by + 0


@dataclass(frozen=True)
class Selection:
    """Which applications, and in what order: made of the query of an address, and written into one.

    `status` is a key of `rules.STATUSES`, `country` an ISO 3166-1 code, `joint` "yes" or "no", so is `answered`, which
    asks whether it was handed in again after a check, `checked_by` the id of a User, `q` words that must all occur, `sort`
    one of SORTS, after a "-" from the end. Of drafts only call, status and title are known.
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
            "answered": given["answered"] in ("yes", "no"),
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
    return _Found(selection, calls, now).ids()


def count(selection, calls, now):
    """How many applications."""
    return _Found(selection, calls, now).count()


def page(selection, calls, now, number):
    """The Page with this number, counted from 1; the last one where there are not that many."""
    found = _Found(selection, calls, now)
    number = max(number, 1)
    chosen, total = found.window(number)
    if not chosen:
        number = _pages(total)
        chosen = found.window(number)[0] if total else []
    rows = {row.application_id: row for row in db.session.scalars(db.select(Listed).where(Listed.application_id.in_(chosen)))}
    return Page([rows[application_id] for application_id in chosen], total, number)


def _pages(total):
    return max(1, -(-total // PAGE))


class _Found:
    """The query of a Selection. Its order is that of a key, which an index gives, or first that of the `values` of a column."""

    def __init__(self, selection, calls, now):
        self._calls, self._now = calls, now
        self.words = folded(selection.q).split()[:MOST_WORDS]
        self.conditions = list(self._conditions(selection))
        self.query = db.select(Listed.application_id).where(*self.conditions)
        self.by, descending = selection.sorted_by
        self.column, values, key = self._sorting(self.by)
        self.values = list(reversed(values)) if descending and self.by in FACETS else list(values)
        # Among those of one country, say, what changed last comes first, whichever way the countries are sorted.
        last_first = descending or self.by in FACETS
        self.keys = [column.desc() if last_first else column.asc() for column in (key, Listed.application_id)]

    @cached_property
    def calls(self):
        return newest_first(versions.every_call(self._calls).values())

    @cached_property
    def statuses(self):
        return rules.statuses_in(Listed, self.calls, self._now)

    def _conditions(self, selection):
        compared = {
            "call": (Listed.call_id, selection.call),
            "category": (Listed.category, selection.category),
            "country": (_COUNTRY, selection.country),
            "checked_by": (_CHECKED_BY, selection.checked_by and int(selection.checked_by)),
            "joint": (Listed.joint, selection.joint == "yes"),
        }
        yield from (column == value for name, (column, value) in compared.items() if getattr(selection, name))
        if selection.answered:
            yield Listed.answered if selection.answered == "yes" else Listed.answered.is_distinct_from(True)
        if selection.joint or selection.answered:
            yield Listed.state != "draft"
        if selection.status:
            yield self.statuses[selection.status]
        if selection.refs:
            yield Listed.ref.in_(selection.refs)
        if selection.area:
            yield _among(db.select(ListedArea.application_id).where(ListedArea.area == selection.area))
        if self.words:
            yield _among(db.select(self.found.c.application_id))

    @cached_property
    def found(self):
        """The ids that the words lead to; named, so that a statement that asks for them twice looks through the texts once."""
        contained = (_searched(word).contains(word, autoescape=True) for word in self.words)
        return db.select(ListedText.application_id).where(*contained).cte("found")

    def _sorting(self, by):
        """(column or None, its values in order; all others come after them, key)."""
        if by in ("number", "submitted"):
            # Drafts have neither.
            return Listed.state != "draft", [True], {"number": Listed.number_key, "submitted": Listed.submitted_at}[by]
        if by == "title":
            return None, [], {"zh": Listed.title_key_zh, "en": Listed.title_key_en}[current()]
        columns = {
            "status": lambda: (case(*((condition, status) for status, condition in self.statuses.items())), rules.STATUSES),
            "category": lambda: (Listed.category, dict.fromkeys(category.id for call in self.calls for category in call.categories)),
            "country": lambda: (_COUNTRY, countries_listed(self.calls)),
            "checked_by": lambda: (_CHECKED_BY, checkers()),
        }
        column, values = columns[by]() if by in columns else (None, {})
        return column if values else None, list(values), Listed.changed_at

    def ids(self):
        return list(db.session.scalars(self.query.order_by(*self._order())))

    def _order(self):
        if self.column is None:
            return self.keys
        places = {value: place for place, value in enumerate(self.values)}
        return [case(places, value=self.column, else_=len(places)), *self.keys]

    def count(self):
        return db.session.scalar(self._counted())

    def _counted(self):
        if self.words and len(self.conditions) == 1:
            return db.select(db.func.count()).select_from(self.found)
        return db.select(db.func.count()).select_from(Listed).where(*self.conditions)

    def window(self, number):
        """(ids of the page with this number, how many there are in all)."""
        start = (number - 1) * PAGE
        if self.column is not None and not self.words:
            return self._window_in_parts(start)
        query = self.query.add_columns(self._counted().scalar_subquery())
        rows = db.session.execute(query.order_by(*self._order()).limit(PAGE).offset(start)).all()
        total = rows[0][1] if rows else self.count() if start else 0
        return [row[0] for row in rows], total

    def _window_in_parts(self, start):
        # Each value by itself, in the order of an index: to sort by both at once would take many times as long.
        chosen, total = [], 0
        for condition, size in self._parts:
            if total + size > start and len(chosen) < PAGE:
                part = self.query.where(condition).order_by(*self.keys)
                chosen += db.session.scalars(part.limit(PAGE - len(chosen)).offset(max(0, start - total)))
            total += size
        return chosen, total

    @cached_property
    def _parts(self):
        """[(condition, size)] of each value in order, and of all that has another or none."""
        if self.by == "status":
            sizes = count_each(self.statuses, *self.conditions)
            return [(self.statuses[status], sizes[status]) for status in self.values]
        column = self.column.label("grouped")
        sizes = dict(map(tuple, db.session.execute(db.select(column, db.func.count()).where(*self.conditions).group_by(column))))
        parts = [(self.column == value, sizes.pop(value, 0)) for value in self.values]
        return [*parts, (self.column.in_(sizes) | self.column.is_(None), sum(sizes.values()))]


def count_each(statuses, *conditions):
    """`{status: how many}` of the rows that meet `conditions`; `statuses` as `rules.statuses_in` makes them."""
    query = db.select(*(db.func.count().filter(condition) for condition in statuses.values())).where(*conditions)
    return dict(zip(statuses, db.session.execute(query).one(), strict=True))


def _among(application_ids):
    return (Listed.application_id + 0).in_(application_ids)


def _searched(word):
    return ListedText.ascii if word.isascii() else ListedText.other


# -- what can be asked for


def newest_first(calls):
    return sorted(calls, key=lambda call: (call.closes_at, call.id), reverse=True)


def _distinct(column):
    """A query for the values of an indexed column, which goes from each to the next instead of through all the rows."""
    value = db.select(db.func.min(column).label("value")).cte("value", recursive=True)
    following = db.select(db.func.min(column)).where(column > value.c.value).scalar_subquery()
    value = value.union_all(db.select(following).where(value.c.value.is_not(None)))
    return db.select(value.c.value).where(value.c.value.is_not(None))


_COUNTRIES, _CHECKERS = _distinct(Listed.country), db.select(User.id, User.name).where(User.id.in_(_distinct(Listed.checked_by)))


def countries_listed(calls):
    """`{code: name}` of the countries and regions that occur, in the order of the language, as the first of `calls` names them."""
    listed = set(db.session.scalars(_COUNTRIES))
    return {code: name for call in calls[:1] for code, name in countries.names(call).items() if code in listed}


def checkers():
    """`{id: name}` of those who have checked what is listed, in the order of their names."""
    return dict(sorted(map(tuple, db.session.execute(_CHECKERS)), key=lambda person: person[1].casefold()))


def next_to_check(application):
    """The Listed of another application of the same call that waits for its formal check, the earliest number first; or None."""
    others = (Listed.call_id == application.call_id, rules.unchecked(Listed), Listed.application_id != application.id)
    return db.session.scalars(db.select(Listed).where(*others).order_by(Listed.number_key).limit(1)).first()
