"""Signals about registers that other apps keep copies of. Sent inside the transaction of the change."""

from django.dispatch import Signal

# `units`: the renamed units, saved, with their new names.
units_renamed = Signal()
