"""A minimal Django project: the reference of the figures over HTTP."""
