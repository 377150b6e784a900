"""The tables. Times are aware instants in UTC; texts people typed are stored as typed, never normalized."""

from app.models.applications import Answers, Application, CallVersion, EarlierAnswers, KeptText, Snapshot, StoredFile
from app.models.common import Instant, new_ref
from app.models.history import Event, Mail, Mailing, record
from app.models.honoring import Certificate, CertificateDesign, NameConfirmation
from app.models.judging import Extension, FormalCheck, Note, Reason
from app.models.listing import Listed, ListedArea, ListedText
from app.models.people import Attempts, RecoveryCode, SignIn, Token, User
from app.models.reviewing import Assignment, Conflict, Decision, EarlierReview, Expert, Panel, Proposal, Review

__all__ = [
    "Answers",
    "Application",
    "Assignment",
    "Attempts",
    "CallVersion",
    "Certificate",
    "CertificateDesign",
    "Conflict",
    "Decision",
    "EarlierAnswers",
    "EarlierReview",
    "Event",
    "Expert",
    "Extension",
    "FormalCheck",
    "Instant",
    "KeptText",
    "Listed",
    "ListedArea",
    "ListedText",
    "Mail",
    "Mailing",
    "NameConfirmation",
    "Note",
    "Panel",
    "Proposal",
    "Reason",
    "RecoveryCode",
    "Review",
    "SignIn",
    "Snapshot",
    "StoredFile",
    "Token",
    "User",
    "new_ref",
    "record",
]
