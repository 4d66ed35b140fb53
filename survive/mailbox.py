"""The mail sink: a server that takes every mail, notes its Message-ID, and may be away, slow or refuse for a while."""

import contextlib
import email
import threading
import time
from collections import Counter
from collections.abc import Iterator

from tests.servers import free_port
from tests.smtp_sink import Session, Sink


class NotingSession(Session):
    server: "NotingSink"

    def handle(self) -> None:
        self.server.connections.add(self.connection)
        with contextlib.suppress(OSError):
            super().handle()

    def take(self) -> None:
        lines = []
        while (line := self.rfile.readline()) not in (b".\r\n", b""):
            lines.append(line)
        if not line:  # the worker died in the middle of the mail: nothing was acknowledged
            return
        time.sleep(self.server.pause)
        if self.server.refuses_all:
            self.say("451 try again later")
            return
        found = email.message_from_bytes(b"".join(lines))
        with self.server.lock:
            self.server.received[str(found["Message-ID"])] += 1
        self.server.count["mails"] += 1
        self.say("250 taken")


class NotingSink(Sink):
    """`received` has the number of times that each Message-ID came."""

    def __init__(self, port: int) -> None:
        super().__init__(session=NotingSession, port=port)
        self.received: Counter[str] = Counter()
        self.lock = threading.Lock()
        self.connections: set[object] = set()
        self.pause, self.refuses_all = 0.0, False


class Mailbox:
    """The running sink at a port that it keeps. `away` closes it, `back` opens it again with what it has received."""

    def __init__(self) -> None:
        self.port = free_port()
        self.sink: NotingSink | None = None
        self.received: Counter[str] = Counter()
        self.back()

    def back(self) -> None:
        if self.sink is None:
            self.sink = NotingSink(self.port)
            self.sink.received = self.received
            threading.Thread(target=self.sink.serve_forever, args=(0.05,), daemon=True).start()

    def away(self) -> None:
        if self.sink is not None:
            self.sink.shutdown()
            self.sink.server_close()
            for line in list(self.sink.connections):
                with contextlib.suppress(OSError):
                    line.close()  # type: ignore[attr-defined]
        self.sink = None

    @contextlib.contextmanager
    def closed(self) -> Iterator[None]:
        self.away()
        try:
            yield
        finally:
            self.back()

    @contextlib.contextmanager
    def slow(self, seconds: float) -> Iterator[None]:
        assert self.sink
        self.sink.pause = seconds
        try:
            yield
        finally:
            self.sink.pause = 0.0

    @contextlib.contextmanager
    def refusing(self) -> Iterator[None]:
        assert self.sink
        self.sink.refuses_all = True
        try:
            yield
        finally:
            self.sink.refuses_all = False

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.port}"
