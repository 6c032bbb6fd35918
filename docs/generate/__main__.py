"""`python -m docs.generate` writes every page whose text has changed, and names it."""

from __future__ import annotations

import sys
from pathlib import Path

from docs.generate.pages import PAGES, render

FOLDER = Path(__file__).resolve().parents[1]


def main() -> None:
    """Write the pages."""
    for page in PAGES:
        path, text = FOLDER / page.file, render(page)
        if not path.is_file() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")
            sys.stdout.write(f"wrote docs/{page.file}\n")


if __name__ == "__main__":
    main()
