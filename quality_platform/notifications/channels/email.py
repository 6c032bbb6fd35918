"""The e-mail channel: hands a mail to an SMTP server and reads its answers.

A mail that some recipients got is not sent again: a repeat to all, because one address is refused, would be
worse than one address that the error names.
"""

from __future__ import annotations

import smtplib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from email.utils import parseaddr
from socket import gethostname

from quality_platform.errors import ConfigurationError, DeliveryError
from quality_platform.model.channels import EmailChannel, EmailSettings
from quality_platform.notifications.delivery import Delivery, Receipt, Sender
from quality_platform.notifications.mail import composed
from quality_platform.notifications.network import Network
from quality_platform.notifications.plain import single_line
from quality_platform.notifications.secrets import Secrets, revealed


def build(config: EmailChannel, network: Network, secrets: Secrets) -> Sender:
    """A sender through the configured server."""
    settings, password = config.configuration, None
    if settings.password is not None:
        password = revealed(settings.password, secrets, channel=config.name, field="password")
    if password is not None and settings.username is None:
        raise ConfigurationError(f"Channel {config.name}: password needs username.")
    for field, address in (("sender", settings.sender), *(("recipients", to) for to in settings.recipients)):
        if "@" not in parseaddr(address)[1] or address != single_line(address):
            raise ConfigurationError(f"Channel {config.name}: {field} has {address!r}, which is no mail address.")
    return lambda delivery: send(delivery, settings=settings, password=password, network=network)


def send(delivery: Delivery, *, settings: EmailSettings, password: str | None, network: Network) -> Receipt:
    """Deliver once to all recipients."""
    mail = composed(delivery, settings.sender, settings.recipients)
    with _explained(settings.host), _connected(settings, network) as server:
        if settings.username is not None and password is not None:
            server.login(settings.username, password)
        refused = server.send_message(mail)
    if refused:
        raise _refusal(settings.host, refused, all_of_them=False)
    return Receipt(250, f"accepted for {', '.join(settings.recipients)}")


@contextmanager
def _connected(settings: EmailSettings, network: Network) -> Iterator[smtplib.SMTP]:
    """A conversation with the server, encrypted as configured."""
    # Without a name smtplib asks DNS for one, which can take long where there is no DNS.
    name, seconds = gethostname(), network.total_seconds
    server: smtplib.SMTP
    if settings.security == "tls":
        server = smtplib.SMTP_SSL(settings.host, settings.port, name, timeout=seconds, context=network.new_tls())
    else:
        server = smtplib.SMTP(settings.host, settings.port, name, timeout=seconds)
    try:
        if settings.security == "starttls":
            server.starttls(context=network.new_tls())
        yield server
        # The mail is accepted by now; a failing farewell must not make it sent again.
        with suppress(smtplib.SMTPException, OSError):
            server.quit()
    finally:
        server.close()


@contextmanager
def _explained(host: str) -> Iterator[None]:
    """Turns smtplib's exceptions into sentences; codes from 400 to 499 mean later (RFC 5321, 4.2.1)."""
    try:
        yield
    except smtplib.SMTPRecipientsRefused as error:
        raise _refusal(host, error.recipients, all_of_them=True) from error
    except smtplib.SMTPAuthenticationError as error:
        # The server's words are left out: they may repeat what was sent.
        raise DeliveryError(
            f"{host} refused user name and password.", retry=_later(error.smtp_code), status=error.smtp_code
        ) from error
    except smtplib.SMTPResponseException as error:
        words = single_line(_decoded(error.smtp_error), 200)
        raise DeliveryError(
            f"{host} answered {error.smtp_code}: {words}", retry=_later(error.smtp_code), status=error.smtp_code
        ) from error
    except smtplib.SMTPNotSupportedError as error:
        raise DeliveryError(
            f"{host} cannot do it: {single_line(str(error), 200)}", retry=False, hint="Check security and port."
        ) from error
    except OSError as error:  # includes what is left of SMTPException: the server hung up
        raise DeliveryError(f"{host} cannot be reached: {single_line(str(error), 200)}.", retry=True) from error


def _refusal(host: str, refused: Mapping[str, tuple[int, bytes]], *, all_of_them: bool) -> DeliveryError:
    named = "; ".join(f"{to} ({code} {_decoded(words)})" for to, (code, words) in sorted(refused.items()))
    rest = "" if all_of_them else " The other recipients got it."
    return DeliveryError(
        f"{host} refused {single_line(named, 1000)}.{rest}",
        retry=all_of_them and any(_later(code) for code, _ in refused.values()),
        status=max(code for code, _ in refused.values()),
    )


def _later(code: int) -> bool:
    return 400 <= code < 500


def _decoded(words: bytes | str) -> str:
    return words if isinstance(words, str) else words.decode("utf-8", "replace")
