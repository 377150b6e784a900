"""What several tables share: instants, names nobody can guess."""

import secrets
from datetime import UTC

from sqlalchemy import DateTime, TypeDecorator


class Instant(TypeDecorator):
    """An aware datetime, stored in UTC; refuses naive ones."""

    impl = DateTime
    cache_ok = True

    def process_bind_param(self, value, dialect):
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time needs its zone")
        return value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value, dialect):
        return None if value is None else value.replace(tzinfo=UTC)


def new_ref():
    """A name nobody can guess (96 bits), made of URL-safe characters."""
    return secrets.token_urlsafe(12)
