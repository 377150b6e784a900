"""The words of history: what each Event and each of its details is called. One table for the log and the applicant's timeline."""

from flask_babel import lazy_gettext as _l

KINDS = {
    "people": {
        "made organizer": _l("Made an organizer"),
        "made expert": _l("Made an expert"),
        "removed from staff": _l("Removed from the organizers and experts"),
        "invitation sent again": _l("Invitation sent again"),
        "invitation accepted": _l("Invitation accepted"),
    },
    "mail": {
        "mail written": _l("Mail written at the desk"),
        "mail tried again": _l("Mails that failed tried again"),
    },
    "calls": {
        "call changed": _l("Call file changed"),
        "deadline moved": _l("Deadline moved"),
    },
    "exports": {
        "exported": _l("Exported"),
        "log exported": _l("Log exported"),
    },
    "retention": {
        "drafts erased": _l("Drafts erased after their time"),
        "application anonymized": _l("Application anonymized after its time"),
        "application erased": _l("Application erased after its time"),
    },
    "accounts": {
        "registered": _l("Registered"),
        "signed in": _l("Signed in to the account"),
        "signed out": _l("Signed out"),
        "signed out everywhere": _l("Signed out on every device"),
        "confirmation requested": _l("Asked to confirm the e-mail address again"),
        "email confirmed": _l("E-mail address confirmed"),
        "email change requested": _l("Asked for another e-mail address"),
        "email changed": _l("E-mail address changed"),
        "reset requested": _l("Asked for a new password"),
        "password reset": _l("New password set by a mailed link"),
        "password changed": _l("Password changed"),
        "profile changed": _l("Name or language of mails changed"),
        "second factor set up": _l("Two-factor sign-in turned on"),
        "second factor turned off": _l("Two-factor sign-in turned off"),
        "second factor reset": _l("Two-factor sign-in reset"),
        "recovery code used": _l("Signed in by a recovery code"),
        "recovery codes renewed": _l("Recovery codes renewed"),
        "account deleted": _l("Account deleted"),
    },
    "applications": {
        "application started": _l("Application started"),
        "application deleted": _l("Draft deleted"),
        "file uploaded": _l("File uploaded"),
        "file removed": _l("File removed"),
        "submitted": _l("Application handed in"),
        "reopened": _l("Reopened"),
        "withdrawn": _l("Withdrawn"),
        "restored": _l("Restored"),
        "reminded": _l("Reminder of the deadline mailed"),
    },
    "formal check": {
        "passed": _l("Formal check passed"),
        "returned": _l("Returned for improvement"),
        "found ineligible": _l("Found ineligible"),
        "reason closed": _l("Reason settled"),
        "reason reopened": _l("Reason opened again"),
        "extended": _l("Deadline extended for this application"),
        "note added": _l("Note added"),
        "note removed": _l("Note removed"),
    },
}
"""`{group: {what: words}}` of everything that is recorded."""
GROUPS = {
    "people": _l("Organizers and experts"),
    "mail": _l("Mail"),
    "calls": _l("Calls for entries"),
    "exports": _l("Exports"),
    "retention": _l("Retention"),
    "accounts": _l("Accounts and signing in"),
    "applications": _l("Applicants’ work"),
    "formal check": _l("Formal check"),
}
WORDS = {what: words for kinds in KINDS.values() for what, words in kinds.items()}
THEIRS = (
    "application started", "file uploaded", "file removed", "submitted", "reopened", "withdrawn", "restored", "reminded",
    "passed", "returned", "found ineligible", "extended", "reason closed", "deadline moved",
)  # fmt: skip
TIMELINE = {what: WORDS[what] for what in THEIRS}
"""What applicants see in the history of their own application."""
DETAILS = {
    "after": _l("Days after the deadline"),
    "before": _l("Before"),
    "call": _l("Award"),
    "copy_of": _l("Copied from an earlier application"),
    "count": _l("How many"),
    "deadline": _l("Deadline"),
    "format": _l("Format"),
    "hours": _l("Hours before the deadline"),
    "n": _l("Number of the submission"),
    "name": _l("File"),
    "reason": _l("Reason"),
    "ref": _l("Application"),
    "said": _l("In words"),
    "selection": _l("Which applications"),
    "sha256": _l("Fingerprint (SHA-256)"),
    "subject": _l("Subject"),
    "until": _l("Until"),
    "whom": _l("Whom"),
}
"""What each of the details recorded with an Event is called."""
ROLES = {"organizer": _l("Organizer"), "expert": _l("Expert"), "applicant": _l("Applicant")}
