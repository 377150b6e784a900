"""The forms by which organizers invite people and change what they may do."""

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, SelectField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import AnyOf, StopValidation

from app.desk import events
from app.forms.account import AccountForm, email_field, language_field, name_field
from app.people.second_factor import ROLES


def _role():
    return SelectField(
        _l("Role"),
        [AnyOf(ROLES, message=_l("Choose one of the two roles."))],
        choices=[SelectChoice(role, events.ROLES[role]) for role in reversed(ROLES)],
        validate_choice=False,
    )


class InviteForm(AccountForm):
    email = email_field(_l("E-mail address"))
    name = name_field(_l("Name"), _l("Enter the name."))
    role = _role()
    language = language_field(_l("Language of the mail"))


class OwnRoleForm(AccountForm):
    """What somebody does to others, and, having said so, to the own account as well: `own` says whether it is that."""

    aware = BooleanField(_l("This is my own account; I know that I cannot come back to the desk by myself."))
    own = False

    def validate_aware(self, field):
        if self.own and not field.data:
            raise StopValidation(_l("Tick this to go on: it is your own account."))


class RoleForm(OwnRoleForm):
    role = _role()


class RemoveForm(OwnRoleForm):
    """Nothing but a button, and the tick for the own account."""
