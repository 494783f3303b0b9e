"""Six-digit codes of the second factor (TOTP, RFC 6238: 30-second steps)."""

import hmac
import unicodedata
from datetime import datetime

import pyotp

_STEP_S = 30


def new_secret() -> str:
    """160 random bits in base32, as the phone's app wants them."""
    return pyotp.random_base32()


def address_of(secret: str, name: str, house: str) -> str:
    """The otpauth:// address that a QR code carries to the phone."""
    return pyotp.TOTP(secret).provisioning_uri(name=name, issuer_name=house)


def step_of_code(secret: str, code: str, now: datetime, last_step: int) -> int | None:
    """The step whose code this is, one step early or late allowed; None if wrong or not after `last_step`.

    A code works once: the caller keeps the step.
    """
    digits = "".join(unicodedata.normalize("NFKC", code).split())
    if not secret or len(digits) != 6 or not digits.isascii() or not digits.isdigit():
        return None
    totp = pyotp.TOTP(secret)
    current = int(now.timestamp()) // _STEP_S
    steps = [step for step in (current - 1, current, current + 1) if step > last_step]
    matching = [step for step in steps if hmac.compare_digest(totp.generate_otp(step), digits)]
    return matching[0] if matching else None
