"""A mail server that takes everything and keeps nothing, for measuring: SMTP on loopback, one thread a connection."""

import socketserver
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager


class Session(socketserver.StreamRequestHandler):
    server: "Sink"

    def handle(self) -> None:
        self.server.count["connections"] += 1
        self.say("220 sink")
        while line := self.rfile.readline():
            word = line.split(b":")[0].split()[0].upper() if line.split() else b""
            if word == b"QUIT":
                self.say("221 bye")
                return
            if word == b"RCPT" and self.server.refuses and self.server.refuses in line.decode():
                self.say("550 no such mailbox")
            elif word == b"DATA":
                self.say("354 go on")
                self.take()
            else:
                self.say("250 ok")

    def take(self) -> None:
        size = 0
        while (line := self.rfile.readline()) not in (b".\r\n", b""):
            size += len(line)
        self.server.count["mails"] += 1
        self.server.count["bytes"] += size
        self.say("250 taken")

    def say(self, text: str) -> None:
        self.wfile.write(text.encode() + b"\r\n")


class Sink(socketserver.ThreadingTCPServer):
    daemon_threads = allow_reuse_address = True

    def __init__(self, refuses: str = "", session: type[Session] = Session, port: int = 0) -> None:
        super().__init__(("127.0.0.1", port), session)
        self.count: Counter[str] = Counter()
        self.refuses = refuses

    @property
    def port(self) -> int:
        return int(self.server_address[1])


@contextmanager
def sink(refuses: str = "", session: type[Session] = Session) -> Iterator[Sink]:
    """A running sink; `refuses` is a piece of the addresses that it does not know."""
    with Sink(refuses, session) as server:
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        yield server
        server.shutdown()
