"""Signals about registers that other apps keep copies of. Sent inside the transaction of the change."""

from django.dispatch import Signal

# `units`: the renamed units, saved, with their new names.
units_renamed = Signal()
# `changed`: an `accounts.actions.identities.Was` for each person whose name, e-mail or numbers have just been saved.
identity_changed = Signal()
# `person`: a person who may no longer log in; `why`: for the record.
access_ended = Signal()
# `person`: a person who has just been closed, saved; `by`: the actor; `reason`; `announce`: whether the person gets notices. The person is
# locked, so a receiver may lock courses.
person_closed = Signal()
# `accounts`: business accounts whose last day has just been set, or has passed, saved. Sent once for all that end in one act.
accounts_ended = Signal()
# `people`: people who are to be invited to log in for the first time; `unit_of`: the unit that the mail names, by primary key; `by`: the
# actor. A receiver returns how many were invited.
people_invited = Signal()
# `people`: people who have just been added, saved.
people_added = Signal()
# `people`: people whose name and contacts are about to be removed for good, as they are before it.
person_anonymised = Signal()
