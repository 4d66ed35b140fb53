"""The record's rows in words, for its page."""

from django import template

from accounts.presenters import audit_words

register = template.Library()
register.filter("actor_words", audit_words.actor_words)
register.filter("hat_words", audit_words.hat_words)
register.filter("act_words", audit_words.act_words)
register.filter("reason_words", audit_words.reason_words)
register.filter("address_for", audit_words.address_for)
