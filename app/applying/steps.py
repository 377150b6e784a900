"""The order of the steps of one application: which are shown, the next, the previous."""


def chosen_category(call, raw):
    """The id of the category chosen in `raw` (`{step id: {input name: [strings]}}`), or "" when there is none."""
    step, field = call.find("category")
    value = first(raw, step, field)
    return value if call.category(value) else ""


def shown(call, raw):
    """The [Step] this application has: those for its category whose condition holds."""
    category = chosen_category(call, raw)
    return [step for step in call.steps if _applies(call, step, raw, category)]


def _applies(call, step, raw, category):
    if step.for_ and category not in step.for_:
        return False
    return not step.when or first(raw, *call.find(step.when)) == "yes"


def asked(call, raw):
    """{(step id, question id)} of every question this application is asked."""
    category = chosen_category(call, raw)
    return {
        (step.id, field.id)
        for step in shown(call, raw)
        for field in step.fields
        if (not field.for_ or category in field.for_) and (not field.when or first(raw, *call.find(field.when)) == "yes")
    }


def first(raw, step, field):
    """The first string stored for a plain question, or ""."""
    values = raw.get(step.id, {}).get(field.id) or [""]
    return values[0]


def around(steps, step):
    """The (previous, next) of `step` among the shown `steps`; None at either end."""
    place = [other.id for other in steps].index(step.id)
    return (steps[place - 1] if place else None, steps[place + 1] if place + 1 < len(steps) else None)
