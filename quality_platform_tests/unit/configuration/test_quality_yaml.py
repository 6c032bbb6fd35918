"""`quality.yaml`: the example is right, mistakes are named with line and field, nothing is guessed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import get_args

import pytest

from quality_platform.configuration import loader, template
from quality_platform.configuration.effective import SELF, effective, project_id
from quality_platform.errors import ConfigurationError, UsageError
from quality_platform.model.alerts import AlertType
from quality_platform.model.configuration import QualityConfig
from quality_platform.model.live_sources import Quota
from quality_platform.model.tables_live import CATEGORIES
from quality_platform.settings import Settings


def problems(tmp_path: Path, text: str) -> list[str]:
    path = tmp_path / "quality.yaml"
    path.write_text(text)
    return [str(problem) for problem in loader.read(path)[1]]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("projects:\n  - id: a\n    repo: x\n", ["line 3: projects[0].repo: Extra inputs are not permitted"]),
        ("projects:\n  - name: a\n", ["line 2: projects[0].id: Field required"]),
        ("\nsystem:\n  enabled: perhaps\n", ["line 3: system.enabled:"]),
        (
            "rules:\n  - metric_name: x\n    warning_threshold: 1\n",
            ["line 2: rules[0].operator: give above or below"],
        ),
        (
            "rules:\n  - {metric_name: x, warning_threshold: 1, critical_threshold: 2, warning_clear: 3}\n",
            ["line 2: rules[0].warning_clear: must lie on the safe side"],
        ),
        (
            "rules:\n  - metric_name: x\n    operator: above\n    warning_threshold: .nan\n",
            ["line 4: rules[0].warning_threshold: Input should be a finite number"],
        ),
        (
            "channels:\n  - {name: a, channel_type: pigeon, configuration: {}}\n",
            ["line 2: channels[0]: Input tag 'pigeon'"],
        ),
        (
            "projects:\n  - id: a\n    probes:\n      - {name: x, http: 'http://h/', tcp: 'h:1'}\n",
            ["line 4: projects[0].probes[0]: give one of http, tcp and process"],
        ),
        (
            "projects:\n  - id: a\n    scrape:\n      - {name: x, url: 'http://h/'}\n      - {name: x, url: 'http://i/'}\n",
            ["line 2: projects[0]: scrape: the name 'x' is there twice"],
        ),
        ("projects:\n  - id: a\n    quota:\n      errors: 5\n", ["line 4: projects[0].quota.errors: Extra inputs"]),
        ("report:\n  at: 25:99\n", ["line 2: report.at:"]),
        ("a: [1\nb: 2\n", ["line 2: "]),
        ("", []),
    ],
)
def test_mistakes_are_named_with_their_line(tmp_path: Path, text: str, expected: list[str]) -> None:
    found = problems(tmp_path, text)
    assert len(found) == len(expected), found
    for message, start in zip(found, expected, strict=True):
        assert message.startswith(start)


def test_loading_a_wrong_file_raises_every_problem(tmp_path: Path) -> None:
    path = tmp_path / "quality.yaml"
    path.write_text("projects:\n  - name: a\nbad: 1\n")
    with pytest.raises(ConfigurationError) as caught:
        loader.load(path)
    assert "line 2" in str(caught.value)
    assert "line 3" in str(caught.value)


def test_the_written_example_is_right_commented_lines_included(tmp_path: Path) -> None:
    path = tmp_path / "quality.yaml"
    template.write_example(path)
    assert loader.read(path)[1] == ()
    with pytest.raises(UsageError, match="already"):
        template.write_example(path)
    lines = template.example().splitlines()
    uncommented = [line.replace("# ", "", 1) if _is_code(line) else line for line in lines]
    path.write_text("\n".join(uncommented))
    config, found = loader.read(path)
    assert found == ()
    assert config.rules is not None
    assert {rule.type for rule in config.rules} == set(get_args(AlertType)) - {"external"}, "an example of every type"
    assert [channel.channel_type for channel in config.channels] == ["email", "slack", "webhook"]
    assert config.routing is not None
    assert len(config.routing.routes) == 2
    assert (len(config.mute_windows), len(config.inhibitions), len(config.escalations)) == (1, 1, 1)
    project = config.projects[0]
    assert project.logs
    assert project.access_logs
    assert [probe.name for probe in project.probes] == ["home page", "database", "worker"]
    assert project.scrape
    assert project.quota.limits == {"total": 60000, "log": 6000}


def _is_code(line: str) -> bool:
    """A commented line that is configuration: indented entries, or one of the commented sections."""
    text = line.lstrip()
    return text.startswith(
        (
            "# rules:",
            "# channels:",
            "# routing:",
            "# mute_windows:",
            "# inhibitions:",
            "# escalations:",
            "#   ",
            "# logs:",
            "# events:",
            "# access_logs:",
            "# probes:",
            "# scrape:",
            "# quota:",
            "#   - ",
        )
    )


def test_examples_of_the_public_contract_are_accepted_as_they_stand() -> None:
    rule = json.loads(
        '{"metric_name": "code_coverage", "warning_threshold": 70.0, "critical_threshold": 50.0,'
        ' "trend_window_minutes": 60, "min_samples": 3, "enabled": true}'
    )
    channel = json.loads(
        '{"name": "Team Slack Channel", "channel_type": "slack",'
        ' "configuration": {"webhook_url": "https://hooks.slack.com/services/..."}, "enabled": true,'
        ' "alert_types": ["threshold_violation", "regression"], "severity_levels": ["critical", "warning"]}'
    )
    config = QualityConfig.model_validate({"rules": [rule], "channels": [channel]})
    assert config.rules is not None
    assert config.rules[0].side == "below"


def test_without_a_file_the_platform_watches_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    config = effective(Settings(home=tmp_path / "home", repository=str(tmp_path / "some-repo")))
    assert [project.id for project in config.projects] == ["some-repo", SELF]
    own = config.projects[1]
    assert own.logs[0].paths == (str(tmp_path / "home" / "logs" / "*.jsonl"),)
    assert own.events[0].paths == (str(tmp_path / "home" / "events" / "*.jsonl"),)
    assert config.system.project == SELF


def test_paths_are_meant_from_the_folder_of_the_file(tmp_path: Path) -> None:
    path = tmp_path / "conf" / "quality.yaml"
    path.parent.mkdir()
    path.write_text("projects:\n  - {id: a, repository: {url: ../code}, logs: [{paths: [logs/*.log, /abs/*.log]}]}\n")
    config = effective(Settings(home=tmp_path / "home", config=path))
    assert config.projects[0].repository is not None
    assert config.projects[0].repository.url == str(tmp_path / "code")
    assert config.projects[0].logs[0].paths == (str(path.parent / "logs/*.log"), "/abs/*.log")


def test_certificates_and_access_logs_are_meant_from_that_folder_too(tmp_path: Path) -> None:
    path = tmp_path / "quality.yaml"
    path.write_text(
        "projects:\n  - id: a\n    access_logs: [{paths: [access.log]}]\n"
        "    probes: [{name: p, http: 'https://h/', ca_file: ca.pem}]\n"
        "    scrape: [{name: s, url: 'https://h/', ca_file: /etc/ca.pem}]\n"
    )
    project = effective(Settings(home=tmp_path / "home", config=path)).projects[0]
    assert project.access_logs[0].paths == (str(tmp_path / "access.log"),)
    assert project.probes[0].ca_file == str(tmp_path / "ca.pem")
    assert project.scrape[0].ca_file == "/etc/ca.pem"


def test_a_quota_has_every_category_of_the_ledger() -> None:
    assert set(Quota.model_fields) == {*CATEGORIES, "total"}


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://example.com/team/shop.git", "shop"),
        ("git@example.com:team/shop.git", "shop"),
        ("ssh://git@example.com/shop/", "shop"),
        ("/nowhere/with space/my repo", "my-repo"),
        ("https://example.com/..", "repository"),
    ],
)
def test_a_project_is_named_after_its_repository(url: str, expected: str) -> None:
    assert project_id(url) == expected
