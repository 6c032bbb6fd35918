"""A conversation with an SMTP server: encrypted as configured, bounded in time, failures in sentences.

Belongs here: the connection and what the server's codes mean. Does not belong here: who has got a mail already
(`email.py`).
"""

from __future__ import annotations

import smtplib
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from socket import SHUT_RDWR, gethostname

from quality_platform.errors import DeliveryError
from quality_platform.model.channel_settings import EmailSettings
from quality_platform.notifications.network import Network
from quality_platform.notifications.plain import single_line

Refused = Mapping[str, tuple[int, bytes]]
# A mail takes some ten answers, each with the network's patience; a server that drips them would hold the channel.
LONGEST_TALK = 4.0


@contextmanager
def connected(settings: EmailSettings, network: Network) -> Iterator[smtplib.SMTP]:
    """A server that is greeted, and encrypted as configured. It is hung up on after four times the network's limit."""
    server = _client(settings, network)
    rang = threading.Event()
    alarm = threading.Timer(network.total_seconds * LONGEST_TALK, _hang_up, (server, rang))
    alarm.daemon = True
    alarm.start()
    try:
        code, words = server.connect(settings.host, settings.port)
        if code != 220:
            raise smtplib.SMTPConnectError(code, words)
        if settings.security == "starttls":
            server.starttls(context=network.new_tls())
        yield server
        # The mail is accepted by now; a failing farewell must not make it sent again.
        with suppress(smtplib.SMTPException, OSError):
            server.quit()
    except (smtplib.SMTPException, OSError) as error:
        if rang.is_set():
            raise TimeoutError(f"the mail took longer than {alarm.interval:g} s") from error
        raise
    finally:
        alarm.cancel()
        server.close()


def _client(settings: EmailSettings, network: Network) -> smtplib.SMTP:
    # Without a name smtplib asks DNS for one, which can take long where there is no DNS.
    name, seconds = gethostname(), network.total_seconds
    if settings.security == "tls":
        server: smtplib.SMTP = smtplib.SMTP_SSL(local_hostname=name, timeout=seconds, context=network.new_tls())
    else:
        server = smtplib.SMTP(local_hostname=name, timeout=seconds)
    # smtplib sets it only when it connects by itself; the certificate is checked against it
    server._host = settings.host  # type: ignore[attr-defined]  # noqa: SLF001
    return server


def _hang_up(server: smtplib.SMTP, rang: threading.Event) -> None:
    rang.set()  # first: who waits for the server wakes at once, and asks why
    with suppress(OSError, AttributeError):
        server.sock.shutdown(SHUT_RDWR)  # type: ignore[union-attr]


@contextmanager
def explained(host: str) -> Iterator[None]:
    """Turns smtplib's exceptions into sentences; codes from 400 to 499 mean later (RFC 5321, 4.2.1)."""
    try:
        yield
    except smtplib.SMTPRecipientsRefused as error:
        raise refusal(host, error.recipients, rest="") from error
    except smtplib.SMTPAuthenticationError as error:
        # The server's words are left out: they may repeat what was sent.
        raise DeliveryError(
            f"{host} refused user name and password.", retry=later(error.smtp_code), status=error.smtp_code
        ) from None
    except smtplib.SMTPResponseException as error:
        words = single_line(_decoded(error.smtp_error), 200)
        raise DeliveryError(
            f"{host} answered {error.smtp_code}: {words}", retry=later(error.smtp_code), status=error.smtp_code
        ) from error
    except smtplib.SMTPNotSupportedError as error:
        raise DeliveryError(
            f"{host} cannot do it: {single_line(str(error), 200)}", retry=False, hint="Check security and port."
        ) from error
    except OSError as error:  # includes what is left of SMTPException: the server hung up
        raise DeliveryError(f"{host} cannot be reached: {single_line(str(error), 200)}.", retry=True) from error


def refusal(host: str, refused: Refused, *, rest: str) -> DeliveryError:
    """What to say of refused recipients; tried again where one of them is refused only for now."""
    named = "; ".join(f"{to} ({code} {_decoded(words)})" for to, (code, words) in sorted(refused.items()))
    codes = [code for code, _ in refused.values()]
    retry = any(map(later, codes))
    return DeliveryError(
        f"{host} refused {single_line(named, 1000)}.{rest}",
        retry=retry,
        status=next(code for code in codes if later(code)) if retry else max(codes),
    )


def later(code: int) -> bool:
    """Whether the server says that another time may do."""
    return 400 <= code < 500


def _decoded(words: bytes | str) -> str:
    return words if isinstance(words, str) else words.decode("utf-8", "replace")
