"""Every event that the code records, and each of its details, has words; the log and the timeline take theirs from one table."""

import ast
from pathlib import Path

from app.desk import events

APP = Path(__file__).parent.parent / "app"
GIVEN = {"at", "user", "user_id", "application"}
"""What `record` takes beside the details."""


def recorded():
    """{what} and {name of a detail} of every call of `record` in the code; a name of an event is looked up where it stands."""
    whats, details = set(), set()
    for path in APP.rglob("*.py"):
        tree = ast.parse(path.read_text("utf-8"))
        for function in (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)):
            for call in calls(function, "record"):
                details |= {keyword.arg for keyword in call.keywords if keyword.arg} - GIVEN
                found = strings(call.args[0], tree, function)
                assert found, f"{path.name}:{call.lineno} records what nobody can look up"
                whats |= found
    return whats, details


def calls(tree, name):
    return [node for node in ast.walk(tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == name]


def strings(node, tree, function):
    """The texts an expression may stand for: its own, those of a constant of the module, or those its function is called with."""
    if isinstance(node, ast.IfExp):
        return strings(node.body, tree, function) | strings(node.orelse, tree, function)
    if isinstance(node, ast.Subscript):
        node = node.value
    if isinstance(node, ast.Name):
        for statement in tree.body:
            if isinstance(statement, ast.Assign) and statement.targets[0].id == node.id:
                value = statement.value.values if isinstance(statement.value, ast.Dict) else [statement.value]
                return {text.value for text in value}
        parameters = [argument.arg for argument in function.args.args]
        if node.id not in parameters:
            return set()
        place = parameters.index(node.id)
        return {text for call in calls(tree, function.name) for text in strings(call.args[place], tree, function)}
    return {node.value} if isinstance(node, ast.Constant) else set()


def test_every_event_of_the_code_has_words_and_no_other_has():
    whats, _details = recorded()
    assert (sorted(whats - events.WORDS.keys()), sorted(events.WORDS.keys() - whats)) == ([], [])


def test_every_detail_of_the_code_has_words_and_no_other_has():
    _whats, details = recorded()
    assert (sorted(details - events.DETAILS.keys()), sorted(events.DETAILS.keys() - details)) == ([], [])


def test_every_group_of_kinds_has_a_name():
    assert list(events.GROUPS) == list(events.KINDS)


def test_applicants_see_kinds_of_applications_alone():
    seen = events.KINDS["applications"].keys() | events.KINDS["formal check"].keys() | {"deadline moved"}
    assert set(events.THEIRS) <= seen
