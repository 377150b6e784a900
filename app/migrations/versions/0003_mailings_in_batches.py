"""Mailings are written in batches; what has not been sent is found without looking at what has."""

import sqlalchemy as sa
from alembic import op

revision = '0003'
down_revision = '0002'


def upgrade():
    op.add_column('mailing', sa.Column('remaining', sa.JSON(none_as_null=True), nullable=True))
    unsent = sa.text('sent_at IS NULL')
    op.create_index('ix_mail_unsent', 'mail', ['due_at', 'id'], sqlite_where=unsent, postgresql_where=unsent)
