"""How long it takes to find every conflict of interest of a large call.

    python -m tests.measure.conflicts [--applications 6700] [--experts 400]

Of the made-up applications (`tests.measure.crowd`) six in ten are handed in and belong to the newest call. Prints seconds: the
first finding, which stores what it finds, and the next one, which finds the same.
"""

import argparse
import random
import resource
import tempfile
import time
from pathlib import Path

from app import create_app, rules
from app.extensions import db, writing
from app.models import Expert, User
from app.review import conflicts, ties
from tests.measure import crowd
from tests.measure.costs import machine


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--applications", type=int, default=6700)
    parser.add_argument("--experts", type=int, default=400)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        app = create_app(Path(folder))
        crowd.fill(app, options.applications)
        with app.app_context():
            call = app.calls.all()[-1]
            _experts(call, options.experts)
            handed_in = len(ties.handed_in(call).all())
            print(f"{machine()}; {handed_in:,} applications, {options.experts} experts")
            for words in ("first", "again"):
                began = time.perf_counter()
                conflicts.refresh(call, rules.now())
                print(f"{words}: {time.perf_counter() - began:.1f} s")
            began = time.perf_counter()
            pairs = len(conflicts.standing(call))
            print(f"standing: {time.perf_counter() - began:.2f} s, {pairs:,} pairs")
            print(f"at most {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")
            db.engine.dispose()


def _experts(call, number):
    made = crowd.Crowd([call], {}, random.Random(7), rules.now())
    with writing() as session:
        for n in range(number):
            name, organization, at = made.name(), made.organization(), rules.now()
            email = f"e{n}@lab{n}.edu.cn"
            user = User(email=email, email_key=email, name=name[0], language="zh", created_at=at, role="expert")
            session.add(user)
            session.flush()
            sides = {f"{what}_{side}": said for what, pair in (("name", name), ("organization", organization))
                     for side, said in zip(("zh", "en"), pair, strict=True)}  # fmt: skip
            session.add(Expert(call_id=call.id, user_id=user.id, state="accepted", invited_at=at, capacity=30, areas=["ai"], **sides))


if __name__ == "__main__":
    main()
