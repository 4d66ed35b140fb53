"""The two points of a request at which a kill is named by a word, and not by the number of a statement (`survive.wsgi`)."""

# Everything is committed, and nothing was sent.
COMMITTED = "committed"
# The response was sent.
SENT = "sent"
