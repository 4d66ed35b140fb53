"""`{{ person|mailbox }}`: where a person can be reached by mail."""

from django import template

from accounts.queries.guests import mailbox_of

register = template.Library()
register.filter("mailbox", mailbox_of)
