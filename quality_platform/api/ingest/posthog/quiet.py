"""What clients ask for before they send: flags, configuration. There are none here, and they must take it calmly.

Belongs here: the answers. Does not belong here: events.
"""

from __future__ import annotations

import orjson

from quality_platform.api.ingest import answers
from quality_platform.api.ingest.contract import Answer

# "surveys" is left out: told that there are none, clients load their script all the same
CONFIG = {
    "supportedCompression": ["gzip", "gzip-js"],
    "hasFeatureFlags": False,
    "sessionRecording": False,
    "heatmaps": False,
    "captureDeadClicks": False,
    "capturePerformance": False,
    "autocaptureExceptions": False,
    "siteApps": [],
    "autocapture_opt_out": False,
}
FLAGS = {
    "flags": {}, "featureFlags": {}, "featureFlagPayloads": {}, "errorsWhileComputingFlags": False, **CONFIG,
}  # fmt: skip
SCRIPT = "text/javascript"
EXTENSIONS = ("exception-autocapture", "dead-clicks-autocapture", "web-vitals", "lazy-recorder", "surveys")


def flags() -> Answer:
    """No flag is set; clients log an error where anything of it is missing."""
    return answers.as_json(FLAGS)


def config(path: str) -> Answer:
    """The configuration that a browser asks for, as JSON or as the script that sets it."""
    if not path.endswith(".js"):
        return answers.as_json(CONFIG)
    token = orjson.dumps(path.split("/")[2]).decode().replace("<", "\\u003c")
    value = orjson.dumps({"config": CONFIG, "siteApps": []}).decode()
    script = f"(window._POSTHOG_REMOTE_CONFIG=window._POSTHOG_REMOTE_CONFIG||{{}})[{token}]={value};"
    return Answer(200, script.encode(), SCRIPT)


def extension() -> Answer:
    """In place of a script that the browser's client loads for what its configuration asks for: where to have it."""
    hint = "This extension is not served here; import posthog-js/dist/module.full.no-external, which brings it along."
    return Answer(200, f"console.info({orjson.dumps(hint).decode()});".encode(), SCRIPT)
