"""Experts, their reviews, decisions prepared in private, certificates."""

import sqlalchemy as sa
from alembic import op

revision = '0004'
down_revision = '0003'


def upgrade():
    op.create_table('certificate_design',
    sa.Column('call_id', sa.String(), nullable=False),
    sa.Column('date', sa.String(), nullable=True),
    sa.Column('signatory_zh', sa.String(), nullable=False),
    sa.Column('signatory_en', sa.String(), nullable=False),
    sa.Column('seal', sa.String(), nullable=True),
    sa.Column('signature', sa.String(), nullable=True),
    sa.PrimaryKeyConstraint('call_id', name=op.f('pk_certificate_design'))
    )
    op.create_table('panel',
    sa.Column('call_id', sa.String(), nullable=False),
    sa.Column('reviewers', sa.Integer(), nullable=False),
    sa.Column('closes_at', sa.DateTime(), nullable=True),
    sa.Column('blind', sa.Boolean(), nullable=False),
    sa.Column('discussion_at', sa.DateTime(), nullable=True),
    sa.Column('release_at', sa.DateTime(), nullable=True),
    sa.Column('announced_at', sa.DateTime(), nullable=True),
    sa.Column('published_at', sa.DateTime(), nullable=True),
    sa.PrimaryKeyConstraint('call_id', name=op.f('pk_panel'))
    )
    op.create_table('expert',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('call_id', sa.String(), nullable=False),
    sa.Column('user_id', sa.Integer(), nullable=False),
    sa.Column('name_zh', sa.String(), nullable=False),
    sa.Column('name_en', sa.String(), nullable=False),
    sa.Column('organization_zh', sa.String(), nullable=False),
    sa.Column('organization_en', sa.String(), nullable=False),
    sa.Column('aliases', sa.JSON(), nullable=False),
    sa.Column('areas', sa.JSON(), nullable=False),
    sa.Column('languages', sa.JSON(), nullable=False),
    sa.Column('capacity', sa.Integer(), nullable=False),
    sa.Column('state', sa.String(), nullable=False),
    sa.Column('invited_at', sa.DateTime(), nullable=False),
    sa.Column('answered_at', sa.DateTime(), nullable=True),
    sa.ForeignKeyConstraint(['user_id'], ['user.id'], name=op.f('fk_expert_user_id_user')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_expert')),
    sa.UniqueConstraint('call_id', 'user_id', name=op.f('uq_expert_call_id'))
    )
    op.create_index('ix_expert_user_id', 'expert', ['user_id'])

    op.create_table('certificate',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('code', sa.String(), nullable=False),
    sa.Column('number', sa.String(), nullable=False),
    sa.Column('application_id', sa.Integer(), nullable=False),
    sa.Column('call_id', sa.String(), nullable=False),
    sa.Column('row', sa.String(), nullable=False),
    sa.Column('zh', sa.String(), nullable=False),
    sa.Column('en', sa.String(), nullable=False),
    sa.Column('form', sa.String(), nullable=False),
    sa.Column('details', sa.JSON(), nullable=False),
    sa.Column('issued_at', sa.DateTime(), nullable=False),
    sa.Column('issued_by', sa.Integer(), nullable=True),
    sa.Column('revoked_at', sa.DateTime(), nullable=True),
    sa.Column('revoked_reason', sa.String(), nullable=True),
    sa.Column('replaced_by', sa.Integer(), nullable=True),
    sa.ForeignKeyConstraint(['application_id'], ['application.id'], name=op.f('fk_certificate_application_id_application')),
    sa.ForeignKeyConstraint(['issued_by'], ['user.id'], name=op.f('fk_certificate_issued_by_user')),
    sa.ForeignKeyConstraint(['replaced_by'], ['certificate.id'], name=op.f('fk_certificate_replaced_by_certificate')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_certificate')),
    sa.UniqueConstraint('code', name=op.f('uq_certificate_code')),
    sa.UniqueConstraint('number', name=op.f('uq_certificate_number'))
    )
    op.create_index('ix_certificate_application_id', 'certificate', ['application_id'])
    op.create_index('ix_certificate_call_id', 'certificate', ['call_id'])

    op.create_table('conflict',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('application_id', sa.Integer(), nullable=False),
    sa.Column('expert_id', sa.Integer(), nullable=False),
    sa.Column('source', sa.String(), nullable=False),
    sa.Column('details', sa.JSON(), nullable=False),
    sa.Column('at', sa.DateTime(), nullable=False),
    sa.Column('dismissed_at', sa.DateTime(), nullable=True),
    sa.Column('dismissed_by', sa.Integer(), nullable=True),
    sa.ForeignKeyConstraint(['application_id'], ['application.id'], name=op.f('fk_conflict_application_id_application'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['dismissed_by'], ['user.id'], name=op.f('fk_conflict_dismissed_by_user')),
    sa.ForeignKeyConstraint(['expert_id'], ['expert.id'], name=op.f('fk_conflict_expert_id_expert'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_conflict')),
    sa.UniqueConstraint('application_id', 'expert_id', 'source', name=op.f('uq_conflict_application_id'))
    )
    op.create_index('ix_conflict_application_id', 'conflict', ['application_id'])
    op.create_index('ix_conflict_expert_id', 'conflict', ['expert_id'])

    op.create_table('name_confirmation',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('application_id', sa.Integer(), nullable=False),
    sa.Column('row', sa.String(), nullable=False),
    sa.Column('secret_hash', sa.String(), nullable=False),
    sa.Column('asked_zh', sa.String(), nullable=False),
    sa.Column('asked_en', sa.String(), nullable=False),
    sa.Column('mailed_to', sa.String(), nullable=True),
    sa.Column('asked_at', sa.DateTime(), nullable=False),
    sa.Column('expires_at', sa.DateTime(), nullable=False),
    sa.Column('answered_at', sa.DateTime(), nullable=True),
    sa.Column('zh', sa.String(), nullable=True),
    sa.Column('en', sa.String(), nullable=True),
    sa.Column('form', sa.String(), nullable=True),
    sa.ForeignKeyConstraint(['application_id'], ['application.id'], name=op.f('fk_name_confirmation_application_id_application'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_name_confirmation')),
    sa.UniqueConstraint('application_id', 'row', 'asked_at', name=op.f('uq_name_confirmation_application_id')),
    sa.UniqueConstraint('secret_hash', name=op.f('uq_name_confirmation_secret_hash'))
    )
    op.create_index('ix_name_confirmation_application_id', 'name_confirmation', ['application_id'])

    op.create_table('proposal',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('application_id', sa.Integer(), nullable=False),
    sa.Column('expert_id', sa.Integer(), nullable=False),
    sa.Column('locked', sa.Boolean(), nullable=False),
    sa.ForeignKeyConstraint(['application_id'], ['application.id'], name=op.f('fk_proposal_application_id_application'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['expert_id'], ['expert.id'], name=op.f('fk_proposal_expert_id_expert'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_proposal')),
    sa.UniqueConstraint('application_id', 'expert_id', name=op.f('uq_proposal_application_id'))
    )
    op.create_index('ix_proposal_expert_id', 'proposal', ['expert_id'])

    op.create_table('review',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('assignment_id', sa.Integer(), nullable=False),
    sa.Column('raw', sa.JSON(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('saved_at', sa.DateTime(), nullable=False),
    sa.Column('submitted_at', sa.DateTime(), nullable=True),
    sa.ForeignKeyConstraint(['assignment_id'], ['assignment.id'], name=op.f('fk_review_assignment_id_assignment')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_review')),
    sa.UniqueConstraint('assignment_id', name=op.f('uq_review_assignment_id'))
    )
    op.create_table('earlier_review',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('review_id', sa.Integer(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('raw', sa.JSON(), nullable=False),
    sa.ForeignKeyConstraint(['review_id'], ['review.id'], name=op.f('fk_earlier_review_review_id_review'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_earlier_review')),
    sa.UniqueConstraint('review_id', 'version', name=op.f('uq_earlier_review_review_id'))
    )
    # Batch mode would copy these tables and drop the old ones, and with them what refers to them.
    op.execute('ALTER TABLE assignment ADD COLUMN ended_at DATETIME')
    op.create_index('ix_assignment_expert_id', 'assignment', ['expert_id'])
    op.execute("ALTER TABLE decision ADD COLUMN feedback_zh VARCHAR DEFAULT '' NOT NULL")
    op.execute("ALTER TABLE decision ADD COLUMN feedback_en VARCHAR DEFAULT '' NOT NULL")
    op.execute('ALTER TABLE decision ADD COLUMN prepared_at DATETIME')
    op.execute('ALTER TABLE decision ADD COLUMN prepared_by INTEGER CONSTRAINT fk_decision_prepared_by_user REFERENCES "user" (id)')
