"""Registers from files: units and people, with a report of each line. Commands and pages use the same functions."""
