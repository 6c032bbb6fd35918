"""The Apprise channel: the long tail of services, through a library that is not loaded here.

The library runs in a process of its own (`apprise_box.py`) that inherits no environment, may only connect where
webhooks may, starts nothing, and is ended when its time is up. Only services for people are let in, by name: others of
Apprise's write to files, to the system's log or to any port.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
from contextlib import suppress
from importlib.util import find_spec

import orjson

from quality_platform.errors import ConfigurationError, DeliveryError
from quality_platform.model.channels import AppriseChannel
from quality_platform.notifications.delivery import Delivery, Receipt, Sender
from quality_platform.notifications.formats import push
from quality_platform.notifications.network import Network
from quality_platform.notifications.plain import single_line
from quality_platform.notifications.secrets import Secrets, revealed
from quality_platform.notifications.tones import headline

FIXED = frozenset(
    {"bluesky", "brevo", "chanify", "clickatell", "clicksend", "dingtalk", "discord", "feishu", "flock",
     "gchat", "groupme", "guilded", "ifttt", "ilert", "incidentio", "join", "kook", "lark", "line",
     "mailersend", "msgbird", "o365", "onesignal", "opsgenie", "pagertree", "pbul", "plivo", "postmark",
     "pover", "prowl", "pushed", "pushme", "pushplus", "pushy", "qq", "resend", "revolt", "ryver", "schan",
     "sendgrid", "ses", "signl4", "simplepush", "sinch", "slack", "sns", "spike", "splunk", "spugpush",
     "squadcast", "telnyx", "tgram", "threema", "twilio", "twist", "victorops", "voipms", "vonage", "webex",
     "wecombot", "wxpusher", "wxteams", "zoom", "zulip"}
)  # fmt: skip
"""Services whose address is the service's own."""
HOSTED = frozenset({"gotifys", "mailgun", "matrixs", "mmosts", "nctalks", "rockets", "signals", "smtp2go", "workflows"})
"""Services that may run anywhere, here with encryption only; the box lets them reach what a webhook may."""
SCHEMES = FIXED | HOSTED
KNOWN_AMISS = frozenset(
    {"apprise://", "apprises://", "dbus://", "form://", "forms://", "json://", "jsons://", "macosx://", "mailto://",
     "mailtos://", "mqtt://", "mqtts://", "rsyslog://", "syslog://", "windows://", "xml://", "xmls://"}
)  # fmt: skip
LONGEST_BODY = 3500
# the library alone takes a second or two to load, more on a small machine
LOADING_SECONDS = 20.0
TYPES = {"critical": "failure", "warning": "warning", "good": "success"}
BOX = "quality_platform.notifications.channels.apprise_box"


def build(config: AppriseChannel, network: Network, secrets: Secrets) -> Sender:
    """A sender to the configured address. Raises ConfigurationError where the library or the service is not there."""
    url = revealed(config.configuration.url, secrets, channel=config.name, field="url")
    scheme = url.partition("://")[0].lower()
    if scheme not in SCHEMES:
        # not what may be a secret in the wrong place
        shown = f"{scheme}://" if f"{scheme}://" in KNOWN_AMISS else "what url begins with"
        raise ConfigurationError(
            f"Channel {config.name}: {shown} is no service that may be used through Apprise.",
            hint="For an address of your own use a webhook channel; docs/channels.md lists the services.",
        )
    if find_spec("apprise") is None:
        raise ConfigurationError(
            f"Channel {config.name}: the library Apprise is not installed.",
            hint="Install it with: pip install 'quality-platform[apprise]'",
        )
    return lambda delivery: send(delivery, url=url, network=network)


def send(delivery: Delivery, *, url: str, network: Network) -> Receipt:
    """Have the box notify once; the library says only whether it worked."""
    message = delivery.message
    order = {
        "url": url,
        "title": single_line(headline(message), 250),
        "body": push.render(message, LONGEST_BODY),
        "type": TYPES.get(message.tone, "info"),
        "allowed": [str(one) for one in network.allowed],
        "seconds": network.total_seconds,
    }
    said = _boxed([sys.executable, "-I", "-m", BOX], orjson.dumps(order), network.total_seconds + LOADING_SECONDS)
    if said == b"done":
        return Receipt(None, "accepted through Apprise")
    if said == b"unreadable":
        raise DeliveryError("Apprise cannot read the address.", retry=False, hint="Check the channel's url.")
    if said == b"forbidden":
        raise DeliveryError(
            "The service was not called: it wanted to go where messages may not.",
            retry=False,
            hint="QUALITY_PLATFORM_WEBHOOK_ALLOW_CIDRS lists the networks inside that may be reached.",
        )
    raise DeliveryError("The service did not accept it, as far as Apprise says.", retry=True)


def _boxed(command: list[str], order: bytes, seconds: float) -> bytes:
    """What the box says, in one word. What it prints besides is not read: it may repeat the address."""
    with tempfile.TemporaryDirectory(prefix="apprise-") as folder:
        # nothing of ours: no secrets, no proxies, no settings of the library
        environment = {"PATH": "/usr/bin:/bin", "HOME": folder, "TMPDIR": folder, "LANG": "C.UTF-8"}
        with subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, cwd=folder,
            env=environment, start_new_session=True,
        ) as process:  # fmt: skip
            try:
                return process.communicate(order, timeout=seconds)[0][-20:].strip()
            except subprocess.TimeoutExpired:
                raise DeliveryError(f"Apprise did not answer within {seconds:g} s.", retry=True) from None
            finally:
                # the whole group: what the library started must end with it
                with suppress(ProcessLookupError, PermissionError):
                    os.killpg(process.pid, signal.SIGKILL)
