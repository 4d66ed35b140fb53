"""The record's rows in words, for its page."""

from django import template

from accounts import record_words

register = template.Library()
register.filter("actor_words", record_words.actor_words)
register.filter("hat_words", record_words.hat_words)
register.filter("act_words", record_words.act_words)
register.filter("reason_words", record_words.reason_words)
register.filter("address_for", record_words.address_for)
