"""The raw document of a call file, looked at tolerantly: what is not as it should be is simply not there."""

from dataclasses import dataclass

from app.call.problems import say


@dataclass(frozen=True)
class View:
    """One group of entries, and where it stands."""

    value: dict
    path: tuple

    def text(self, key):
        value = self.value.get(key)
        return value if isinstance(value, str) else ""

    def number(self, key):
        value = self.value.get(key)
        return value if isinstance(value, int) and not isinstance(value, bool) else None

    def flag(self, key, default=False):
        return self.value.get(key, default) is True

    def names(self, key):
        """(path, text) of every text in the list `key`."""
        value = self.value.get(key)
        items = enumerate(value) if isinstance(value, list) else ()
        return [((*self.path, key, n), item) for n, item in items if isinstance(item, str)]

    def group(self, key):
        value = self.value.get(key)
        return View(value if isinstance(value, dict) else {}, (*self.path, key))

    def groups(self, key):
        value = self.value.get(key)
        items = enumerate(value) if isinstance(value, list) else ()
        return [View(item, (*self.path, key, n)) for n, item in items if isinstance(item, dict)]

    def at(self, key):
        return (*self.path, key)


def every_field(call):
    for step in call.groups("steps"):
        for field in step.groups("fields"):
            yield field
            yield from field.groups("fields")


def unknown(path, name, known):
    return path, say(f"没有“{name}”。可用的有：{'、'.join(known)}。", f"There is no “{name}”. There are: {', '.join(known)}.")


def ids(views, key="id"):
    return [view.text(key) for view in views if view.text(key)]
