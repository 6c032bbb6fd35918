"""Every change of the configuration is in the audit, without its secrets."""

from __future__ import annotations

from quality_platform_tests.data.asking import Asking
from quality_platform_tests.data.configuring import THRESHOLD, audit, name
from quality_platform_tests.data.live import Live


def test_every_change_is_in_the_audit(live: Live, admin: Asking) -> None:
    rule = {**THRESHOLD, "name": name()}
    admin("PUT", "/thresholds", rule)
    admin("PUT", "/thresholds", {**rule, "warning_threshold": 71.0})
    admin("DELETE", f"/rules/{rule['name']}")

    found = [each for each in audit(live)["changes"] if each["subject"] == rule["name"]]

    assert [each["action"] for each in found] == ["rule.delete", "rule.change", "rule.create"]
    changed = found[1]["details"]
    assert (changed["before"]["warning_threshold"], changed["after"]["warning_threshold"]) == (70.0, 71.0)
    assert all(each["actor"].startswith("token admin") for each in found)
