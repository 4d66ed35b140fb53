"""The views of the REST API: the same acts through the same actions as the pages."""
