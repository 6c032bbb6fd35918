"""The pipeline end to end: first full run, second run, and how much of a run is imports.

    python benchmarks/pipeline.py [REPOSITORY]

To reach: first full run on some hundred files under 60 s, second under 20 s.
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from measure import repository, run


def main() -> None:
    url = repository()
    os.environ["QUALITY_PLATFORM_REPOSITORY"] = url
    with tempfile.TemporaryDirectory() as name:
        home = Path(name) / "home"
        first = run(["quality_platform", "up", "--once", "--repo", url], home)
        second = run(["quality_platform", "up", "--once", "--repo", url], home)
        refresh = run(["quality_platform", "run"], home)
        imports = run(["quality_platform.definitions"], home)
    print(f"first full run (with checks and report)  {first}  goal 60 s: {first.wall / 60:.2f} of it")
    print(f"second run                               {second}  goal 20 s: {second.wall / 20:.2f} of it")
    print(f"refresh alone                            {refresh}")
    share = imports.wall / refresh.wall
    print(f"loading the definitions                  {imports}  {share:.0%} of a refresh")


if __name__ == "__main__":
    main()
