"""The token of a configured address, as the header that carries it.

Does not belong here: the request (`get.py`).
"""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import SecretStr

from quality_platform.errors import ConfigurationError
from quality_platform.settings import variable

_REFERENCE = "env:"


def bearer(name: str, token: SecretStr | None) -> Mapping[str, str]:
    """The header for the value of the setting `name`, none without one; `env:NAME` reads the variable NAME.

    Raises ConfigurationError where that is not set.
    """
    if token is None:
        return {}
    written = token.get_secret_value()
    if not written.startswith(_REFERENCE):
        return {"Authorization": f"Bearer {written}"}
    variable_name = written.removeprefix(_REFERENCE)
    found = variable(variable_name)
    if not found:
        raise ConfigurationError(f"{name} refers to {variable_name}, which is not set.")
    return {"Authorization": f"Bearer {found}"}
