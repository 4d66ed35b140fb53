"""What forbids to merge two records of a person, and to enter a person from outside."""

from django.utils.translation import gettext_lazy as _

from kit.errors import Refusal


class MergeWithOneself(Refusal):
    sentence = _("These are one record. Choose the other record of the person.")


class MergeNotOneself(Refusal):
    sentence = _("Nobody merges the own record: please ask another operator.")
    status = 403


class MergeChain(Refusal):
    sentence = _(
        "One of the two is merged already. Merge with the record that is in use; undo the former merge first where the other one is to go."
    )


class MergeClosed(Refusal):
    sentence = _("%(name)s is closed. Reopen the person first.")


class PersonAnonymised(Refusal):
    sentence = _("Name, e-mail and numbers of this person were deleted for their age. Enter the person anew.")


class MergeIntoGuest(Refusal):
    sentence = _("A guest has no log-in. Merge the guest into the person instead.")


class MergeAccountsHeld(Refusal):
    sentence = _(
        "Business accounts are never handed on: %(numbers)s. Appoint the first record where needed, transfer the courses, and end these accounts before."
    )


class MergeRequestsWait(Refusal):
    sentence = _("%(number)s requests about the second record wait. Decide on them or take them back before.")


class NotMerged(Refusal):
    sentence = _("This person is not merged into another one.")


class MergedPerson(Refusal):
    sentence = _("This person was merged into another one. Undo the merge instead.")


class MayNotEnterGuests(Refusal):
    sentence = _(
        "People from outside are entered by the handlers and the lead of the unit whose course they attend."
    )
    status = 403


class GuestNeedsName(Refusal):
    sentence = _("Please give the name of the person from outside.")
    field = "guest_name"


class GuestWithNumber(Refusal):
    sentence = _("Leave the identity number out: the name and the unit are read by many people.")


class GuestNeedsUnit(Refusal):
    sentence = _("Please give the unit that the person comes from, or the place where they live.")
    field = "guest_unit"


class GuestMailWrong(Refusal):
    sentence = _("This is no e-mail address. Leave it empty if the person has none.")
    field = "guest_email"


class GuestMailTaken(Refusal):
    sentence = _("Your unit has entered %(name)s under this e-mail. Use another e-mail, or the same name.")
    field = "guest_email"


class GuestNameTooLong(Refusal):
    sentence = _("At most %(most)s characters.")


class NotAGuest(Refusal):
    sentence = _("This person is not a guest.")


class GuestHasNoMailbox(Refusal):
    sentence = _(
        "The unit gave no e-mail of this guest, so nobody can be invited. Merge the guest into the person instead."
    )


class GuestMailOfPerson(Refusal):
    sentence = _(
        "This e-mail belongs to a person who is known already. Merge the guest into that person instead."
    )
