"""What the acts of people and accounts are called in the record."""

from django.utils.translation import gettext_lazy as _

ACTS = {
    "account.appoint": _("business account given"),
    "account.end": _("business account ended"),
    "account.ended": _("last day of a business account passed"),
    "account.resume": _("business account in force again"),
    "account.review": _("accounts of the unit confirmed"),
    "account.suspend": _("business account suspended"),
    "affiliation.added": _("place of service added"),
    "affiliation.changed": _("place of service changed"),
    "affiliation.ended": _("place of service ended"),
    "application.approved": _("application approved"),
    "application.asked": _("applied for a business account"),
    "application.refused": _("application refused"),
    "application.taken_back": _("application taken back"),
    "identity.approved": _("name or e-mail changed"),
    "identity.asked": _("asked for another name or e-mail"),
    "identity.refused": _("change of name or e-mail refused"),
    "identity.taken_back": _("change of name or e-mail taken back"),
    "mail.again": _("undelivered e-mail sent again"),
    "person.added": _("person added"),
    "person.changed": _("name, e-mail or number changed"),
    "unit.recoded": _("another code or level of a unit"),
    "read.accounts": _("business accounts looked at"),
    "place.accepted": _("offered place of service accepted"),
    "place.declined": _("offered place of service declined"),
    "place.offered": _("place of service offered"),
    "place.taken_back": _("offered place of service taken back"),
    "read.staff": _("staff list looked at"),
    "read.staff_look_up": _("person looked up for the staff list"),
    "read.desk": _("rows looked at in the look-up desk"),
    "read.id_lookup": _("person looked up by national ID"),
    "read.mail": _("list of undelivered e-mail looked at"),
    "read.national_id": _("whole national ID shown"),
    "read.paper": _("uploaded paper opened"),
    "read.person": _("person looked at"),
    "read.requests": _("requests looked at"),
    "read.search": _("found in a search for people"),
    "record.export": _("record downloaded"),
    "unit.added": _("unit added"),
    "unit.changed": _("unit changed"),
}

# Kept in the chain of log-in and security.
SECURITY = {
    "refused.bad_request": _("refused: not readable"),
    "refused.forbidden": _("refused: not allowed"),
    "refused.identity": _("refused: a file would have made this person another one"),
    "refused.not_found": _("refused: not within reach"),
}
