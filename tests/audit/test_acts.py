"""The apps register what their acts are called, and which of them concern log-in and security."""

from audit import log
from audit.acts import ACTS, SECURITY
from audit.models import EventKind

SECURITY_WORDS = {"login", "session", "password", "mfa", "device", "token", "refused", "support"}


def test_each_act_has_the_kind_that_decides_how_long_it_is_kept() -> None:
    for name in ACTS:
        word = name.split(".")[0]
        expected = (
            EventKind.SECURITY
            if word in SECURITY_WORDS
            else EventKind.READ
            if word == "read"
            else EventKind.ACT
        )
        assert log.kind_of(name) == expected, name
    assert len(SECURITY) > 10
