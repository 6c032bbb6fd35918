"""Reads git repositories without ever running anything that they hold.

`COLLECTOR` is the entry for the registry. It is loaded when it is asked for: worker processes import this
package too, and Arrow and pydantic would cost each of them 0.3 s and 60 MB.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from quality_platform.collectors.repository.collector import COLLECTOR

__all__ = ["COLLECTOR"]


def __getattr__(name: str) -> object:
    if name != "COLLECTOR":
        raise AttributeError(f"{__name__} has no {name}")
    from quality_platform.collectors.repository.collector import COLLECTOR

    return COLLECTOR
