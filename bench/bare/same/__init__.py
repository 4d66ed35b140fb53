"""The view that sends the statements of our enrolment, on our tables: no rules, templates or middleware beyond session, CSRF and log-in."""
