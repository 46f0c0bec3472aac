"""Passwords, and the secrets that sign somebody in without one: how they are made, kept and compared.

A password is kept as an argon2id hash with argon2-cffi's parameters (RFC 9106, low memory). Sessions, links and keys
are 256 random bits, too many to guess, so that a plain SHA-256 keeps them and finds them by an index.
"""

from __future__ import annotations

import hashlib
import secrets
import unicodedata
from dataclasses import dataclass

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

__all__ = ["SHORTEST", "Secret", "digest_of", "hashed", "is_outdated", "matches", "new_secret"]

SHORTEST = 10
"""Characters that a password has at least."""

LONGEST = 1_000
"""Characters of a password that are looked at: hashing more would only serve to keep the server busy."""

_HASHER = PasswordHasher()

_NOBODY = "$argon2id$v=19$m=65536,t=3,p=4$9hFzBy93p6xdpYH0n7rDfA$X3vq/8S/THBHcQfZUafQwE4bsRxkspE+/LTWbodzVH8"
"""The hash of a password that was thrown away: checked where there is no user, so that both cases take equally long."""


@dataclass(frozen=True)
class Secret:
    """A new secret: ``text`` is shown once, ``digest`` is kept."""

    text: str
    digest: str


def new_secret(prefix: str = "") -> Secret:
    """Make a secret of 256 random bits, written with 43 letters, digits, ``-`` and ``_`` after the prefix."""
    text = prefix + secrets.token_urlsafe(32)
    return Secret(text, digest_of(text))


def digest_of(text: str) -> str:
    """Return what is kept of a secret: its SHA-256, in hexadecimal."""
    return hashlib.sha256(text.encode()).hexdigest()


def hashed(password: str) -> str:
    """Return what is kept of a password."""
    return _HASHER.hash(_plain(password))


def matches(kept: str | None, password: str) -> bool:
    """Tell whether a password is the one that was kept; takes as long where none was."""
    try:
        return _HASHER.verify(kept or _NOBODY, _plain(password)) and kept is not None
    except (VerificationError, InvalidHashError):
        return False


def is_outdated(kept: str) -> bool:
    """Tell whether a hash was made with weaker parameters than today's."""
    return _HASHER.check_needs_rehash(kept)


def _plain(password: str) -> str:
    """Write equal characters equally, however the keyboard composed them (NFKC, as RFC 8265 has it)."""
    return unicodedata.normalize("NFKC", password[:LONGEST])
