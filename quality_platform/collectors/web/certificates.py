"""Certificates: which are trusted, and how long the one that a server shows is still valid.

Belongs here: TLS contexts and dates. Does not belong here: requests (`get.py`).
"""

from __future__ import annotations

import socket
import ssl
import time
from datetime import UTC, datetime
from functools import lru_cache

import httpx

from quality_platform.errors import ConfigurationError

DAY = 86_400.0


@lru_cache(maxsize=32)
def trusting(ca_file: str | None) -> ssl.SSLContext:
    """A context that trusts the certificates in `ca_file`, or the public authorities. Kept: one takes 20 ms."""
    if ca_file is None:
        return httpx.create_ssl_context()
    try:
        return ssl.create_default_context(cafile=ca_file)
    except OSError as error:
        raise ConfigurationError(f"{ca_file} holds no certificates that can be read.") from error


def days_left(connection: object) -> float | None:
    """Days until the certificate of a verified connection ends; None where there is none."""
    certificate = getattr(connection, "getpeercert", lambda: None)()
    ends = certificate.get("notAfter") if isinstance(certificate, dict) else None
    return (ssl.cert_time_to_seconds(ends) - time.time()) / DAY if isinstance(ends, str) else None


def days_left_unverified(host: str, port: int, seconds: float) -> float | None:
    """Days until the certificate ends that `host` shows, negative when it has; None when it shows none.

    For a certificate that was not trusted: the usual reason is that it ended, and that is worth a figure. Nothing is
    sent on this connection.
    """
    from cryptography import x509

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    try:
        with (
            socket.create_connection((host, port), timeout=seconds) as plain,
            context.wrap_socket(plain, server_hostname=host) as shown,
        ):
            content = shown.getpeercert(binary_form=True)
        ends = x509.load_der_x509_certificate(content or b"").not_valid_after_utc
    except (OSError, ValueError):
        return None
    return (ends - datetime.now(UTC)).total_seconds() / DAY
