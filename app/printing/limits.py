"""How much of a text is printed. What is stored may be a hundred times longer than any question asks for, and setting it
would take minutes and gigabytes in which nobody else gets a PDF."""

from flask_babel import gettext as _

LONGEST = 10_000
"""Characters of one side of one answer."""
LONGEST_OF_ALL = 150_000
"""Characters of all answers of a document together, three times what a full application needs."""
LONGEST_TITLE = 500


def cut(text, most):
    """`text`, or as many characters of its beginning and a remark that says so."""
    return text if len(text) <= most else _("%(beginning)s… (shortened in this PDF)", beginning=text[:most])


def shortened(steps):
    """The dicts of `answers.as_dicts` with every text within the limits above."""
    left = LONGEST_OF_ALL

    def fit(value):
        nonlocal left
        if isinstance(value, list):
            return [fit(item) for item in value]
        if "zh" not in value:
            return value | {key: fit(value[key]) for key in ("answers", "rows") if key in value}
        said = {}
        for side in ("zh", "en"):
            most = min(LONGEST, left)
            said[side] = cut(value[side], most)
            left -= min(most, len(value[side]))
        return value | said

    return fit(steps)
