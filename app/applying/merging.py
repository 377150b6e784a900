"""Merging two tabs: what changed on one side only is taken, what changed on both is asked about.

All three sides are `{input name: [strings]}` of one step: `base` as both pages began, `saved` as stored now, `mine` as posted.
"""


def merge(base, saved, mine):
    """(merged, conflicts): `conflicts` is the list of names changed on both sides and differently; `merged` keeps the saved one there.

    Rows never conflict: rows added on either side stay, mine come first; a row removed on one side goes, unless the other
    side typed into it meanwhile.
    """
    merged, conflicts = dict(saved), []
    names = dict.fromkeys([*saved, *mine, *base])
    revived = ()
    for name in (name for name in names if name.endswith("-row")):
        rows, back = _merge_rows(name.removesuffix("row"), base, saved, mine)
        revived += back
        merged[name] = rows
    for name in names:
        was, theirs, ours = (_value(side, name) for side in (base, saved, mine))
        if name.endswith("-row") or ours in (was, theirs) and not name.startswith(revived):
            continue
        if theirs == was or name.startswith(revived):
            if name in mine:
                merged[name] = mine[name]
            else:
                merged.pop(name, None)
        else:
            conflicts.append(name)
    return merged, conflicts


def changed(base, mine):
    """The part of `mine` that differs from `base`."""
    return {name: mine.get(name, []) for name in dict.fromkeys([*mine, *base]) if _value(mine, name) != _value(base, name)}


def _value(side, name):
    """What a name holds, where an input that was never there and an empty one are the same."""
    values = side.get(name)
    return values if values and values != [""] else None


def _merge_rows(prefix, base, saved, mine):
    """The merged row ids, and the prefixes of rows that come back because mine typed into them."""
    was, theirs, ours = (side.get(f"{prefix}row", []) for side in (base, saved, mine))
    back = tuple(f"{prefix}{row}-" for row in was if row not in theirs and row in ours and _touched(f"{prefix}{row}-", base, mine))
    stay = [row for row in was if row not in ours and row in theirs and _touched(f"{prefix}{row}-", base, saved)]
    gone = {row for row in was if row not in theirs or row not in ours} - set(stay) - {cell[len(prefix) : -1] for cell in back}
    order = [*theirs, *ours] if ours == was else [*ours, *theirs]
    return [row for row in dict.fromkeys(order) if row not in gone], back


def _touched(prefix, base, side):
    return any(name.startswith(prefix) for name in changed(base, side))
