"""How Alembic reaches our database; run by Flask-Migrate, inside the application's context."""

from alembic import context
from flask import current_app

extension = current_app.extensions["migrate"]

# A connection of its own, outside our write helper: nobody else is served while the tables change.
with extension.db.engine.connect() as connection:
    context.configure(connection=connection, target_metadata=extension.db.metadata, **extension.configure_args)
    with context.begin_transaction():
        context.run_migrations()
    connection.commit()
