"""Where a repository is: which kinds of address are accepted, and what git may do to get there.

Belongs here: reading the `url` of a configuration. Does not belong here: going there (`remote.py`).
"""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import SplitResult, unquote, urlsplit

from quality_platform.errors import SourceError
from quality_platform.settings import inherited

SHORT_SSH = re.compile(r"(?P<user>[A-Za-z0-9._-]+@)?(?P<host>[A-Za-z0-9][A-Za-z0-9.-]*):(?!//|:)(?P<path>\S+)")
PROTOCOLS = {"https": "https", "http": "http:https", "ssh": "ssh"}
SSH = "ssh -o BatchMode=yes -o ConnectTimeout=20"
HINT = "Accepted are a path, or an https, http, ssh or file URL."


@dataclass(frozen=True, slots=True)
class Location:
    """A place that git can read.

    `address` is what git is given, `shown` what people and the ledger see: neither holds a secret, because a
    process list shows the arguments of everybody's programs. `folder` is set where the repository is local.
    """

    address: str
    shown: str
    folder: Path | None = None
    environment: Mapping[str, str] = field(default_factory=dict, repr=False)

    @property
    def arguments(self) -> tuple[str, ...]:
        """Options for git's commands that talk to this place."""
        if self.folder is None:
            return ()
        # git refuses the repository of another user, unless told; -c does not reach the sending side
        return ("--upload-pack=git -c 'safe.directory=*' upload-pack",)


def locate(url: str) -> Location:
    """The place that `url` names. Raises SourceError when it is no accepted address or no such folder."""
    if "://" in url:
        return _from_url(url)
    path = Path(url).expanduser()
    if not path.exists() and (match := SHORT_SSH.fullmatch(url)):
        return Location(url, f"{match['host']}:{match['path']}", environment=_ssh())
    return _local(path, url)


def _from_url(url: str) -> Location:
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
        where = f"{host}:{parts.port}" if parts.port else host
    except ValueError as error:
        raise SourceError(f"repository.url is no valid address: {error}.", hint=HINT) from error
    if parts.scheme == "file":
        return _local(Path(unquote(parts.path)), url)
    if parts.scheme not in PROTOCOLS or not host or host.startswith("-"):
        raise SourceError(f"repository.url has the unknown form «{parts.scheme}://{where}».", hint=HINT)
    shown = f"{parts.scheme}://{where}{parts.path}"
    if parts.scheme == "ssh":
        user = f"{parts.username}@" if parts.username else ""
        return Location(f"ssh://{user}{where}{parts.path}", shown, environment=_ssh())
    environment = {"GIT_ALLOW_PROTOCOL": PROTOCOLS[parts.scheme], **_credentials(parts, where)}
    query = f"?{parts.query}" if parts.query else ""
    return Location(shown + query, shown, environment=environment)


def _local(path: Path, url: str) -> Location:
    folder = path.resolve()
    if not folder.is_dir():
        raise SourceError(f"{url} does not exist or is no folder.", hint=f"Correct repository.url. {HINT}")
    return Location(str(folder), str(folder), folder, {"GIT_ALLOW_PROTOCOL": "file"})


def _ssh() -> dict[str, str]:
    return {"GIT_ALLOW_PROTOCOL": "ssh", "GIT_SSH_COMMAND": SSH, **inherited(("SSH_AUTH_SOCK", "GIT_SSH_COMMAND"))}


def _credentials(parts: SplitResult, where: str) -> dict[str, str]:
    """User and password of a URL as a header that goes to its host alone."""
    if parts.username is None and parts.password is None:
        return {}
    plain = f"{unquote(parts.username or '')}:{unquote(parts.password or '')}"
    return {
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": f"http.{parts.scheme}://{where}/.extraHeader",
        "GIT_CONFIG_VALUE_0": f"Authorization: Basic {base64.b64encode(plain.encode()).decode()}",
    }
