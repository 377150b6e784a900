"""Expert review: who judges what, what they say of it, and what was decided."""

from datetime import datetime

from sqlalchemy import JSON, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.extensions import db
from app.models.common import Instant
from app.models.people import User


class Panel(db.Model):
    """How one call is reviewed and announced; made when its organizers first set something."""

    __tablename__ = "panel"
    call_id: Mapped[str] = mapped_column(primary_key=True)
    reviewers: Mapped[int] = mapped_column(default=3)
    """Experts per application."""
    closes_at: Mapped[datetime | None] = mapped_column(Instant)
    """The exclusive instant after which no review is handed in or recalled; None: no such instant."""
    blind: Mapped[bool] = mapped_column(default=False)
    """Whether experts are spared the names of people and organizations."""
    discussion_at: Mapped[datetime | None] = mapped_column(Instant)
    """Since when the experts of an application see each other's reviews of it."""
    release_at: Mapped[datetime | None] = mapped_column(Instant)
    """When all decisions become known together; None while they are prepared."""
    announced_at: Mapped[datetime | None] = mapped_column(Instant)
    """When the mails of the release were all written."""
    published_at: Mapped[datetime | None] = mapped_column(Instant)
    """Since when the public page of results is there."""


class Expert(db.Model):
    """A person on the panel of one call. `state` is a key of `rules.EXPERT_STATES`."""

    __tablename__ = "expert"
    __table_args__ = (UniqueConstraint("call_id", "user_id"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    call_id: Mapped[str]
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"), index=True)
    name_zh: Mapped[str]
    name_en: Mapped[str]
    organization_zh: Mapped[str]
    organization_en: Mapped[str]
    aliases: Mapped[list] = mapped_column(JSON, default=list)
    """Other names of the organization, in either language."""
    areas: Mapped[list] = mapped_column(JSON, default=list)
    """Ids of areas of the call."""
    languages: Mapped[list] = mapped_column(JSON, default=list)
    """"zh", "en": what this person reads."""
    capacity: Mapped[int]
    """The most applications this person reviews."""
    state: Mapped[str] = mapped_column(default="invited")
    invited_at: Mapped[datetime] = mapped_column(Instant)
    answered_at: Mapped[datetime | None] = mapped_column(Instant)
    user: Mapped[User] = relationship()


class Conflict(db.Model):
    """Why an expert must not see an application. `source` is "expert" who declared it, "organizer", or "system" which found it."""

    __tablename__ = "conflict"
    __table_args__ = (UniqueConstraint("application_id", "expert_id", "source"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    application_id: Mapped[int] = mapped_column(ForeignKey("application.id", ondelete="CASCADE"), index=True)
    expert_id: Mapped[int] = mapped_column(ForeignKey("expert.id", ondelete="CASCADE"), index=True)
    source: Mapped[str]
    details: Mapped[dict] = mapped_column(JSON, default=dict)
    """What was said, `{"text": …}`, or found: `{"found": [{"rule": a key of `conflicts.RULES`, "theirs": …, "ours": …}]}`."""
    at: Mapped[datetime] = mapped_column(Instant)
    dismissed_at: Mapped[datetime | None] = mapped_column(Instant)
    """When an organizer found it to be none; only one that the system found can be dismissed."""
    dismissed_by: Mapped[int | None] = mapped_column(ForeignKey("user.id"))


class Proposal(db.Model):
    """One pair of the matching that is being prepared; nobody but the organizers sees it before it is confirmed."""

    __tablename__ = "proposal"
    __table_args__ = (UniqueConstraint("application_id", "expert_id"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    application_id: Mapped[int] = mapped_column(ForeignKey("application.id", ondelete="CASCADE"))
    expert_id: Mapped[int] = mapped_column(ForeignKey("expert.id", ondelete="CASCADE"), index=True)
    locked: Mapped[bool] = mapped_column(default=False)
    """Kept when the matching is run again."""


class Assignment(db.Model):
    """An application given to an expert to review."""

    __tablename__ = "assignment"
    id: Mapped[int] = mapped_column(primary_key=True)
    application_id: Mapped[int] = mapped_column(ForeignKey("application.id"), index=True)
    expert_id: Mapped[int] = mapped_column(ForeignKey("user.id"), index=True)
    """The expert's account."""
    assigned_at: Mapped[datetime] = mapped_column(Instant)
    ended_at: Mapped[datetime | None] = mapped_column(Instant)
    """Since when it does not count any more: a conflict came up, or somebody else reviews it."""
    review: Mapped["Review | None"] = relationship(back_populates="assignment", cascade="all, delete-orphan")


class Review(db.Model):
    """What an expert says of an application, stored as typed like an applicant's step; final once `submitted_at` is set."""

    __tablename__ = "review"
    id: Mapped[int] = mapped_column(primary_key=True)
    assignment_id: Mapped[int] = mapped_column(ForeignKey("assignment.id"), unique=True)
    raw: Mapped[dict] = mapped_column(JSON, default=dict)
    version: Mapped[int] = mapped_column(default=1)
    saved_at: Mapped[datetime] = mapped_column(Instant)
    submitted_at: Mapped[datetime | None] = mapped_column(Instant)
    assignment: Mapped[Assignment] = relationship(back_populates="review")


class EarlierReview(db.Model):
    """What `Review.raw` was at an earlier version, or text that lost against another tab's and waits for a choice (`version` 0)."""

    __tablename__ = "earlier_review"
    __table_args__ = (UniqueConstraint("review_id", "version"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    review_id: Mapped[int] = mapped_column(ForeignKey("review.id", ondelete="CASCADE"))
    version: Mapped[int]
    raw: Mapped[dict] = mapped_column(JSON)


class Decision(db.Model):
    """The result of an application; nobody but the organizer knows it before `released_at`."""

    __tablename__ = "decision"
    id: Mapped[int] = mapped_column(primary_key=True)
    application_id: Mapped[int] = mapped_column(ForeignKey("application.id"), unique=True)
    outcome: Mapped[str]
    """The id of a decision of the call: "awarded", "collected", "not-selected"."""
    feedback_zh: Mapped[str] = mapped_column(default="", server_default="")
    feedback_en: Mapped[str] = mapped_column(default="", server_default="")
    """To the applicant, without a name of any expert; either may be blank."""
    prepared_at: Mapped[datetime | None] = mapped_column(Instant)
    prepared_by: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    released_at: Mapped[datetime | None] = mapped_column(Instant)
