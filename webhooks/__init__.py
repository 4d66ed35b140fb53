"""Messages to partners' systems when a course is published, changed or closed (docs/adr/0039)."""
