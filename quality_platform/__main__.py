"""`python -m quality_platform` is `quality-platform`."""

from quality_platform.cli.main import main

main()
