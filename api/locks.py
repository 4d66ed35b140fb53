"""The locks of the API."""

from kit.locks import queue_alone, queue_is_mine


def try_idempotency_key(caller: int, key_hash: str) -> bool:
    """Take an idempotency key of a caller until the transaction ends, without waiting; return whether it was free."""
    return queue_is_mine(f"idempotency {key_hash}", caller)


def queue_form_key(caller: int, mark: str) -> None:
    """Wait until no other request of the same form of a caller runs; later ones wait until the transaction ends."""
    queue_alone(f"form {mark}", caller)
