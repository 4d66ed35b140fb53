"""The forms of security keys and passkeys: what a browser sends is checked for its shape before the log-in library reads it.

The library takes any JSON value that is false for "nothing sent" and then stores it as a key, and its decoders raise errors of many
kinds. Here only an object of the shape that WebAuthn describes gets through, and nothing of it but the named members is kept.
"""

import contextlib
import json
import re
from collections.abc import Callable
from typing import Any

from allauth.mfa.webauthn import forms as library
from cryptography.exceptions import InvalidSignature
from django import forms
from django.utils.translation import gettext_lazy as _
from fido2.webauthn import AuthenticationResponse, RegistrationResponse

MOST_CHARACTERS = 20_000
BASE64URL = re.compile(r"[A-Za-z0-9_-]+\Z")
ATTACHMENTS = ("platform", "cross-platform")


class CredentialField(forms.JSONField):
    """One credential as `PublicKeyCredential.toJSON()` gives it. Cleans to a dict of known members, never to another kind of JSON."""

    default_error_messages = {"invalid": _("The browser's answer is not a security key. Please try again.")}

    def __init__(
        self, decode: Callable[[Any], Any], needed: tuple[str, ...], optional: tuple[str, ...] = ()
    ) -> None:
        super().__init__(required=True, widget=forms.HiddenInput)
        self.decode, self.needed, self.optional = decode, needed, optional

    def to_python(self, value: Any) -> Any:
        try:
            sent = json.loads(value) if isinstance(value, str) and len(value) <= MOST_CHARACTERS else None
            credential = self._of_known_shape(sent)
            self.decode(credential)
        except Exception:  # The decoders below it raise any exception on a forged byte.
            raise forms.ValidationError(self.error_messages["invalid"], code="invalid") from None
        return credential

    def validate(self, value: Any) -> None:
        """A credential that was read is never empty."""

    def bound_data(self, data: Any, initial: Any) -> Any:
        """What was sent is not shown again: the browser makes a new credential."""
        return initial

    def has_changed(self, initial: Any, data: Any) -> bool:
        return bool(data)

    def _of_known_shape(self, sent: Any) -> dict[str, Any]:
        """The known members of the object. Raise ValueError, TypeError or KeyError where one is missing or of another kind."""
        response = _object(sent)["response"]
        kept = {name: _base64url(_object(response)[name]) for name in self.needed}
        kept |= {name: _base64url(response[name]) for name in self.optional if response.get(name) is not None}
        if sent["type"] != "public-key":
            raise ValueError("type")
        credential = {
            "id": _base64url(sent["id"]),
            "rawId": _base64url(sent["rawId"]),
            "type": "public-key",
            "response": kept,
            "clientExtensionResults": _extensions(sent.get("clientExtensionResults") or {}),
        }
        if sent.get("authenticatorAttachment") in ATTACHMENTS:
            credential["authenticatorAttachment"] = sent["authenticatorAttachment"]
        return credential


def _object(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise TypeError("not an object")
    return value


def _base64url(value: Any) -> str:
    if not isinstance(value, str) or not BASE64URL.match(value):
        raise ValueError("not base64url")
    return value


def _extensions(results: Any) -> dict[str, Any]:
    """Return whether the key can be used without a password: the only extension that is requested."""
    told = _object(_object(results).get("credProps") or {}).get("rk")
    return {"credProps": {"rk": told}} if isinstance(told, bool) else {}


def _new_key(credential: dict[str, Any]) -> None:
    data = RegistrationResponse.from_dict(credential).response.attestation_object.auth_data
    if data.credential_data is None:
        raise ValueError("no key")
    # A key that cannot check a signature would break each later log-in: one that can refuses this one.
    with contextlib.suppress(InvalidSignature):
        data.credential_data.public_key.verify(b"", b"")


def _registration() -> CredentialField:
    return CredentialField(_new_key, ("clientDataJSON", "attestationObject"))


def _authentication() -> CredentialField:
    needed = ("clientDataJSON", "authenticatorData", "signature")
    return CredentialField(AuthenticationResponse.from_dict, needed, ("userHandle",))


class AddKeyForm(library.AddWebAuthnForm):
    name = forms.CharField(label=_("Name"), required=False, max_length=100)
    credential = _registration()


class LoginKeyForm(library.LoginWebAuthnForm):
    credential = _authentication()


class AuthenticateKeyForm(library.AuthenticateWebAuthnForm):
    credential = _authentication()


class ReauthenticateKeyForm(library.ReauthenticateWebAuthnForm):
    credential = _authentication()


class EditKeyForm(library.EditWebAuthnForm):
    name = forms.CharField(label=_("Name"), max_length=100)
