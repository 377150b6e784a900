"""The clock, dates and statuses: who may do what now, and if not, why not.

Every `may_…` answers None when it is allowed, else a sentence for the page. Nothing else compares dates or statuses.
"""

from app.rules.applying import *
from app.rules.checking import *
from app.rules.honoring import *
from app.rules.reviewing import *
from app.rules.statuses import *
