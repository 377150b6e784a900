"""the desk"""

import sqlalchemy as sa
from alembic import op

revision = '0002'
down_revision = '0001'


def upgrade():
    op.create_table('mailing',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('key', sa.String(), nullable=False),
    sa.Column('user_id', sa.Integer(), nullable=True),
    sa.Column('at', sa.DateTime(), nullable=False),
    sa.Column('subject_zh', sa.String(), nullable=False),
    sa.Column('subject_en', sa.String(), nullable=False),
    sa.Column('text_zh', sa.String(), nullable=False),
    sa.Column('text_en', sa.String(), nullable=False),
    sa.ForeignKeyConstraint(['user_id'], ['user.id'], name=op.f('fk_mailing_user_id_user')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_mailing')),
    sa.UniqueConstraint('key', name=op.f('uq_mailing_key'))
    )
    op.create_table('extension',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('application_id', sa.Integer(), nullable=False),
    sa.Column('until', sa.DateTime(), nullable=False),
    sa.Column('reason', sa.String(), nullable=False),
    sa.Column('given_at', sa.DateTime(), nullable=False),
    sa.Column('given_by', sa.Integer(), nullable=True),
    sa.ForeignKeyConstraint(['application_id'], ['application.id'], name=op.f('fk_extension_application_id_application')),
    sa.ForeignKeyConstraint(['given_by'], ['user.id'], name=op.f('fk_extension_given_by_user')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_extension'))
    )
    with op.batch_alter_table('extension', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_extension_application_id'), ['application_id'], unique=False)

    op.create_table('listed',
    sa.Column('application_id', sa.Integer(), nullable=False),
    sa.Column('ref', sa.String(), nullable=False),
    sa.Column('call_id', sa.String(), nullable=False),
    sa.Column('number', sa.String(), nullable=True),
    sa.Column('number_key', sa.String(), nullable=True),
    sa.Column('state', sa.String(), nullable=False),
    sa.Column('until', sa.DateTime(), nullable=True),
    sa.Column('extended_until', sa.DateTime(), nullable=True),
    sa.Column('released_at', sa.DateTime(), nullable=True),
    sa.Column('reopened', sa.Boolean(), nullable=False),
    sa.Column('answered', sa.Boolean(), nullable=False),
    sa.Column('title_zh', sa.String(), nullable=False),
    sa.Column('title_en', sa.String(), nullable=False),
    sa.Column('title_key_zh', sa.String(), nullable=False),
    sa.Column('title_key_en', sa.String(), nullable=False),
    sa.Column('organization_zh', sa.String(), nullable=False),
    sa.Column('organization_en', sa.String(), nullable=False),
    sa.Column('category', sa.String(), nullable=False),
    sa.Column('country', sa.String(), nullable=False),
    sa.Column('joint', sa.Boolean(), nullable=False),
    sa.Column('begun', sa.Integer(), nullable=False),
    sa.Column('steps', sa.Integer(), nullable=False),
    sa.Column('checked_by', sa.Integer(), nullable=True),
    sa.Column('created_at', sa.DateTime(), nullable=False),
    sa.Column('submitted_at', sa.DateTime(), nullable=True),
    sa.Column('changed_at', sa.DateTime(), nullable=False),
    sa.Column('created_on', sa.Date(), nullable=False),
    sa.Column('submitted_on', sa.Date(), nullable=True),
    sa.ForeignKeyConstraint(['application_id'], ['application.id'], name=op.f('fk_listed_application_id_application'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['checked_by'], ['user.id'], name=op.f('fk_listed_checked_by_user')),
    sa.PrimaryKeyConstraint('application_id', name=op.f('pk_listed')),
    sa.UniqueConstraint('ref', name=op.f('uq_listed_ref'))
    )
    filtered = [
        'application_id', 'call_id', 'state', 'until', 'extended_until', 'released_at', 'answered', 'category', 'country', 'joint', 'checked_by',
    ]
    for column in ('changed_at', 'submitted_at', 'number_key', 'title_key_zh', 'title_key_en'):
        op.create_index(f'ix_listed_{column}', 'listed', [column, *filtered], unique=False)
    op.create_index('ix_listed_country', 'listed', ['country'], unique=False)
    op.create_index('ix_listed_checked_by', 'listed', ['checked_by'], unique=False)
    op.create_index('ix_listed_created_on', 'listed', ['created_on', 'call_id'], unique=False)
    op.create_index('ix_listed_submitted_on', 'listed', ['submitted_on', 'call_id'], unique=False)
    op.create_index('ix_listed_answered', 'listed', ['answered', 'call_id', 'state', 'category', 'country'], unique=False)
    op.create_table('listed_text',
    sa.Column('application_id', sa.Integer(), nullable=False),
    sa.Column('ascii', sa.String(), nullable=False),
    sa.Column('other', sa.String(), nullable=False),
    sa.ForeignKeyConstraint(['application_id'], ['application.id'], name=op.f('fk_listed_text_application_id_application'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('application_id', name=op.f('pk_listed_text'))
    )
    op.create_table('listed_area',
    sa.Column('application_id', sa.Integer(), nullable=False),
    sa.Column('area', sa.String(), nullable=False),
    sa.Column('call_id', sa.String(), nullable=False),
    sa.ForeignKeyConstraint(['application_id'], ['application.id'], name=op.f('fk_listed_area_application_id_application'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('application_id', 'area', name=op.f('pk_listed_area'))
    )
    op.create_index('ix_listed_area_area', 'listed_area', ['area', 'call_id', 'application_id'], unique=False)
    op.create_table('note',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('application_id', sa.Integer(), nullable=False),
    sa.Column('user_id', sa.Integer(), nullable=True),
    sa.Column('text', sa.String(), nullable=False),
    sa.Column('at', sa.DateTime(), nullable=False),
    sa.ForeignKeyConstraint(['application_id'], ['application.id'], name=op.f('fk_note_application_id_application')),
    sa.ForeignKeyConstraint(['user_id'], ['user.id'], name=op.f('fk_note_user_id_user')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_note'))
    )
    with op.batch_alter_table('note', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_note_application_id'), ['application_id'], unique=False)

    op.create_table('reason',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('application_id', sa.Integer(), nullable=False),
    sa.Column('check_id', sa.Integer(), nullable=False),
    sa.Column('step', sa.String(), nullable=True),
    sa.Column('field', sa.String(), nullable=True),
    sa.Column('row', sa.String(), nullable=True),
    sa.Column('file_ref', sa.String(), nullable=True),
    sa.Column('zh', sa.String(), nullable=False),
    sa.Column('en', sa.String(), nullable=False),
    sa.Column('closed_at', sa.DateTime(), nullable=True),
    sa.Column('closed_by', sa.Integer(), nullable=True),
    sa.ForeignKeyConstraint(['application_id'], ['application.id'], name=op.f('fk_reason_application_id_application')),
    sa.ForeignKeyConstraint(['check_id'], ['formal_check.id'], name=op.f('fk_reason_check_id_formal_check')),
    sa.ForeignKeyConstraint(['closed_by'], ['user.id'], name=op.f('fk_reason_closed_by_user')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_reason'))
    )
    with op.batch_alter_table('reason', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_reason_application_id'), ['application_id'], unique=False)

    with op.batch_alter_table('application', schema=None) as batch_op:
        batch_op.add_column(sa.Column('extended_until', sa.DateTime(), nullable=True))
        batch_op.add_column(sa.Column('erased_at', sa.DateTime(), nullable=True))

    with op.batch_alter_table('user', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_user_role'), ['role'], unique=False)

    with op.batch_alter_table('event', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_event_at'), ['at'], unique=False)
        batch_op.create_index('ix_event_user_id', ['user_id', 'at'], unique=False)
        batch_op.create_index('ix_event_what', ['what', 'at'], unique=False)

    with op.batch_alter_table('formal_check', schema=None) as batch_op:
        batch_op.add_column(sa.Column('held', sa.JSON(), nullable=False, server_default='[]'))

    # Plain SQL: to add a column with its reference, Alembic would copy the table and drop the old one, and with it whatever
    # refers to it.
    op.execute('ALTER TABLE call_version ADD COLUMN user_id INTEGER REFERENCES "user" (id)')
    op.execute('ALTER TABLE formal_check ADD COLUMN checked_by INTEGER REFERENCES "user" (id)')
    op.execute('ALTER TABLE mail ADD COLUMN mailing_id INTEGER REFERENCES mailing (id)')
    with op.batch_alter_table('mail', schema=None) as batch_op:
        batch_op.add_column(sa.Column('application_ref', sa.String(), nullable=True))
        batch_op.create_index(batch_op.f('ix_mail_application_ref'), ['application_ref'], unique=False)
        batch_op.create_index('uq_mail_mailing_id', ['mailing_id', 'application_ref'], unique=True)
