"""Signals about courses that other apps pass on. Sent inside the transaction of the change."""

from django.dispatch import Signal

# `courses`: registered, withdrawn or closed courses whose public data have just been saved; `what`: a
# `courses.enums.PublicChange`.
course_announced = Signal()

# `course`: one that was copied; `to`: the draft that was just made of it. Other apps copy what is theirs.
course_copied = Signal()
