"""The master key: from the environment, or a file only its owner can read, made on first use. Never in the database."""

import base64
import binascii
import fcntl
import hashlib
import hmac
import os
import secrets
import stat
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

KEY_BYTES = 32
NONCE_BYTES = 12
FORM = b"\x01"
"""The first byte of everything sealed: which form it has."""
FILE_NAME = "secret.key"


class KeyProblem(Exception):
    """The master key is missing, malformed or not the one this database was made with. The text says what to do."""


class Box:
    """AES-GCM with one key. What is sealed opens only with the same `bound_to`, so rows cannot be swapped."""

    def __init__(self, key: bytes) -> None:
        self._cipher = AESGCM(key)

    def seal(self, plain: bytes, bound_to: str) -> bytes:
        """Form byte, 12 bytes of nonce, ciphertext with its tag."""
        nonce = secrets.token_bytes(NONCE_BYTES)
        return FORM + nonce + self._cipher.encrypt(nonce, plain, bound_to.encode())

    def unseal(self, sealed: bytes, bound_to: str) -> bytes:
        """The plain bytes. Raises KeyProblem when key, text or `bound_to` do not fit."""
        if sealed[:1] != FORM or len(sealed) < 1 + NONCE_BYTES + 16:
            raise KeyProblem("A sealed text has a form this version does not know.")
        try:
            return self._cipher.decrypt(sealed[1 : 1 + NONCE_BYTES], sealed[1 + NONCE_BYTES :], bound_to.encode())
        except InvalidTag:
            raise KeyProblem(
                "A sealed text does not open with this key: it was changed, or it was sealed with another key. "
                "Check WIZQBO_SECRET_KEY, or the key file in WIZQBO_HOME."
            ) from None


class MasterKey:
    """Seals the keys of streams, tokens and raw deliveries; makes fingerprints. Each use has a key derived for it."""

    def __init__(self, secret: bytes) -> None:
        if len(secret) != KEY_BYTES:
            raise KeyProblem(f"The master key must be {KEY_BYTES} bytes long, not {len(secret)}.")
        self._box = Box(_derived(secret, "wizqbo seal 1"))
        self._fingerprint_key = _derived(secret, "wizqbo fingerprint 1")

    @classmethod
    def find_or_make(cls, home: Path, secret_key: str | None) -> "MasterKey":
        """The key in `secret_key` (base64 of 32 bytes, the text of WIZQBO_SECRET_KEY) if that is not empty, else the
        one in `home`, made there with mode 0600 on first use. Two processes at once get the same. Raises KeyProblem."""
        if secret_key:
            return cls(_from_text(secret_key, "WIZQBO_SECRET_KEY"))
        return cls(_from_file(home))

    def seal(self, plain: bytes, bound_to: str) -> bytes:
        """`plain` encrypted; it opens only with the same `bound_to`."""
        return self._box.seal(plain, bound_to)

    def unseal(self, sealed: bytes, bound_to: str) -> bytes:
        """Raises KeyProblem when it does not fit."""
        return self._box.unseal(sealed, bound_to)

    def fingerprint(self, text: str) -> str:
        """A keyed hash (HMAC-SHA256, 32 hex digits): the same for the same text under this key, meaningless without
        it."""
        return hmac.new(self._fingerprint_key, text.encode(), hashlib.sha256).hexdigest()[:32]


def _derived(secret: bytes, use: str) -> bytes:
    return HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=use.encode()).derive(secret)


def _from_text(text: str, where: str) -> bytes:
    try:
        secret = base64.b64decode(text.strip(), validate=True)
    except (binascii.Error, ValueError):
        secret = b""
    if len(secret) != KEY_BYTES:
        raise KeyProblem(
            f"{where} must be the base64 text of {KEY_BYTES} bytes, as `openssl rand -base64 32` prints it."
        )
    return secret


def _from_file(home: Path) -> bytes:
    """Read under a lock that the maker holds too, so nobody ever sees half a file."""
    path = home / FILE_NAME
    try:
        home.mkdir(parents=True, exist_ok=True)
        lock = os.open(home / f"{FILE_NAME}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as problem:
        raise KeyProblem(f"The key file cannot be kept in WIZQBO_HOME ({problem.strerror}): {home}") from None
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not path.exists():
            _make(path)
        if stat.S_IMODE(path.stat().st_mode) & 0o077:
            raise KeyProblem(f"Others can read the key file. Close it with `chmod 600 {path}`.")
        return _from_text(path.read_text(encoding="ascii"), f"The key file {path}")
    except (OSError, UnicodeDecodeError) as problem:
        raise KeyProblem(f"The key file cannot be read or made ({type(problem).__name__}): {path}") from None
    finally:
        os.close(lock)


def _make(path: Path) -> None:
    """A new key, on the disk before anybody can use it: a key lost after something was sealed with it loses that
    too."""
    draft = path.with_name(f"{path.name}.new")
    draft.unlink(missing_ok=True)  # left by a process that was killed; the lock is ours
    new = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        os.write(new, base64.b64encode(secrets.token_bytes(KEY_BYTES)) + b"\n")
        os.fsync(new)
    finally:
        os.close(new)
    draft.rename(path)
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
