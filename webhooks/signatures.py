"""Signatures of Standard Webhooks (https://www.standardwebhooks.com, version 1, symmetric)."""

import base64
import hashlib
import hmac
import secrets
from collections.abc import Iterable

PREFIX = "whsec_"
BYTES = 32


def new_secret() -> str:
    """Return a new secret in the text form that is shown once."""
    return PREFIX + base64.b64encode(secrets.token_bytes(BYTES)).decode()


def headers(message_id: str, timestamp: int, body: str, signing_secrets: Iterable[str]) -> dict[str, str]:
    """Return the headers that carry number, Unix time and one signature for each secret in force."""
    marks = [_signature(secret, message_id, timestamp, body) for secret in signing_secrets]
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": " ".join(marks),
    }


def _signature(secret: str, message_id: str, timestamp: int, body: str) -> str:
    key = base64.b64decode(secret.removeprefix(PREFIX))
    digest = hmac.new(key, f"{message_id}.{timestamp}.{body}".encode(), hashlib.sha256).digest()
    return f"v1,{base64.b64encode(digest).decode()}"
