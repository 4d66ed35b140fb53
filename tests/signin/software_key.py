"""A security key in software: makes and signs the credentials that a browser would send."""

from hashlib import sha256
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from fido2 import cbor
from fido2.cose import ES256
from fido2.utils import websafe_encode
from fido2.webauthn import (
    Aaguid,
    AttestationObject,
    AttestedCredentialData,
    AuthenticatorData,
    CollectedClientData,
)

ORIGIN, HOST = "http://testserver", "testserver"
FLAG = AuthenticatorData.FLAG


class SoftwareKey:
    def __init__(self) -> None:
        self.private = ec.generate_private_key(ec.SECP256R1())
        self.identifier = b"software-key-001"
        self.public: dict[int, Any] = ES256.from_cryptography_key(self.private.public_key())

    def created(self, challenge: str) -> dict[str, Any]:
        """What a browser sends when the key was made."""
        known = AttestedCredentialData(
            Aaguid.NONE + len(self.identifier).to_bytes(2) + self.identifier + _cbor(self.public)
        )
        data = AuthenticatorData.create(_host(), FLAG.UP | FLAG.UV | FLAG.AT, 0, known)
        return self._credential(
            clientDataJSON=CollectedClientData.create("webauthn.create", challenge, ORIGIN),
            attestationObject=AttestationObject.create("none", data, {}),
        )

    def signed(self, challenge: str, user_handle: bytes = b"") -> dict[str, Any]:
        """What a browser sends when the key was shown."""
        client = CollectedClientData.create("webauthn.get", challenge, ORIGIN)
        data = AuthenticatorData.create(_host(), FLAG.UP | FLAG.UV, 1)
        signature = self.private.sign(data + client.hash, ec.ECDSA(hashes.SHA256()))
        handle = {"userHandle": user_handle} if user_handle else {}
        return self._credential(clientDataJSON=client, authenticatorData=data, signature=signature, **handle)

    def _credential(self, **response: bytes) -> dict[str, Any]:
        name = websafe_encode(self.identifier)
        return {
            "id": name,
            "rawId": name,
            "type": "public-key",
            "authenticatorAttachment": "cross-platform",
            "clientExtensionResults": {"credProps": {"rk": True}},
            "response": {part: websafe_encode(value) for part, value in response.items()},
        }


def _host() -> bytes:
    return sha256(HOST.encode()).digest()


def _cbor(value: Any) -> bytes:
    return cbor.encode(dict(value))


def challenge_of(session: Any) -> str:
    """The challenge that the last page of this session gave."""
    return str(session["mfa.webauthn.state"]["challenge"])
