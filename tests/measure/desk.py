"""What a page of the desk costs when there are many applications.

    python -m tests.measure.desk [--sizes 400 4000 40000] [--runs 20] [--folder FOLDER]

Fills a site with made-up applications (`tests.measure.crowd`; 40,000 take some minutes), then asks for the list with every
filter, every sort and both searches, first page and last, in both languages, and for the overview. Prints for each the median
of the server's time in milliseconds, and the kilobytes of HTML. With a folder, what was filled in is kept there and used again.
"""

import argparse
import statistics
import tempfile
import time
from pathlib import Path
from urllib.parse import parse_qsl

from werkzeug.datastructures import MultiDict

from app import create_app, rules
from app.desk import listing
from app.extensions import db, writing
from app.models import Application, Listed
from app.people import accounts
from tests.measure import crowd
from tests.measure.costs import machine
from tests.site import Site

ORGANIZER = "benchmark@example.org"
GOAL_MILLISECONDS, GOAL_KILOBYTES = 40, 60


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", type=int, nargs="+", default=[400, 4000, 40000])
    parser.add_argument("--runs", type=int, default=20)
    parser.add_argument("--folder", type=Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        columns = [measured(filled((options.folder or Path(folder)) / str(size), size), options.runs) for size in options.sizes]
    print(f"{machine()}; the median of {options.runs}; goal {GOAL_MILLISECONDS} ms and {GOAL_KILOBYTES} KB")
    print(f"{'':52}" + "".join(f"{size:>14,}      " for size in options.sizes))
    # What fills several pages of the most applications may fill but one of the fewest.
    for words in columns[-1]:
        figures = ("{:11.1f} ms {:5.1f} KB".format(*column[words]) if words in column else " " * 23 for column in columns)
        print(f"{words:52}" + "".join(figures))
    for size, column in zip(options.sizes, columns, strict=True):
        listed = [figures for words, figures in column.items() if not words.startswith("overview")]
        slow = sum(1 for milliseconds, kilobytes in listed if milliseconds > GOAL_MILLISECONDS or kilobytes > GOAL_KILOBYTES)
        worst = max(milliseconds for milliseconds, _kilobytes in listed)
        print(f"{size:,}: {len(listed)} pages of the list, {slow} miss the goal; the slowest {worst:.1f} ms")


def filled(folder, size):
    """The site in `folder` with `size` applications, and an organizer."""
    app = create_app(folder)
    with app.app_context():
        there = db.session.scalar(db.select(db.func.count()).select_from(Application))
    assert there in (0, size), f"{folder} holds {there} applications"
    if not there:
        crowd.fill(app, size)
    return app


def measured(app, runs):
    """`{what: (milliseconds, kilobytes)}`."""
    site = signed_in(app)
    return {words: cost(site, address, runs) for words, address in addresses(app)}


def signed_in(app):
    site = Site(app)
    with app.app_context():
        known = accounts.find(ORGANIZER)
    if known:
        return site.sign_in(ORGANIZER)
    site.register(ORGANIZER)
    with app.app_context(), writing():
        accounts.find(ORGANIZER).role = "organizer"
    return site


def cost(site, address, runs):
    taken = []
    for _ in range(runs + 1):
        began = time.perf_counter()
        response = site.client.get(address)
        taken.append(time.perf_counter() - began)
        assert response.status_code == 200, address
    # The first one fills caches.
    return statistics.median(taken[1:]) * 1000, len(response.data) / 1000


def addresses(app):
    """(words, address) of all that is measured."""
    with app.app_context():
        newest, *_ = listing.newest_first(app.calls.all())
        checker = next(iter(listing.checkers()))
        country = db.session.execute(
            db.select(Listed.country, db.func.count()).where(Listed.country != "").group_by(Listed.country).order_by(db.func.count().desc())
        ).first()[0]
        last = listing.page(listing.Selection(), app.calls, rules.now(), 10**6).pages
        filters = {"call": newest.id, "category": newest.categories[1].id, "area": newest.areas[0].id, "country": country, "joint": "yes"}
        filters |= {"checked_by": checker, "answered": "yes"}
        asked = [
            *(f"status={status}" for status in rules.STATUSES),
            *(f"{name}={value}" for name, value in filters.items()),
            *(f"q={words}" for words in ("量子", "satellite", "量子 密钥 wang", f"{newest.number_prefix}-0042", "大学")),
            f"call={newest.id}&status=submitted&category={newest.categories[0].id}&country={country}&joint=no",
            f"q=quantum&status=submitted&category={newest.categories[0].id}",
            f"country={country}&sort=title", "q=satellite&sort=country", "status=submitted&sort=submitted",
        ]  # fmt: skip
        lasts = {query: _last(app, query) for query in asked}
    page = "/en/desk/applications"
    yield "list", page
    yield "list, in Chinese", "/zh/desk/applications"
    yield "list, last page", f"{page}?page={last}"
    for query in asked:
        yield query, f"{page}?{query}"
        if lasts[query] > 1:
            yield f"{query}, last page", f"{page}?{query}&page={lasts[query]}"
    for sort in listing.SORTS:
        for direction in ("", "-"):
            yield f"sort={direction}{sort}", f"{page}?sort={direction}{sort}"
            yield f"sort={direction}{sort}, last page", f"{page}?sort={direction}{sort}&page={last}"
    yield "sort=title, in Chinese, middle", f"/zh/desk/applications?sort=title&page={last // 2 + 1}"
    yield "overview", "/en/desk/"
    yield "overview, in Chinese", "/zh/desk/"


def _last(app, query):
    selection = listing.Selection.from_args(MultiDict(parse_qsl(query)))
    return listing.page(selection, app.calls, rules.now(), 10**6).pages


if __name__ == "__main__":
    main()
