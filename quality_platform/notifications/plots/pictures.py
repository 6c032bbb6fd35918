"""A plot's picture as SVG or PNG. Equal plots give equal bytes.

matplotlib is used through its objects, never through pyplot, which keeps every figure alive.
"""

from __future__ import annotations

import io
import re
import threading
from collections.abc import Mapping
from typing import Any

from quality_platform.model.message import Plot
from quality_platform.notifications.plots.figure import colour, figure
from quality_platform.notifications.tones import LIGHT

_STYLE: Mapping[str, object] = {
    "font.family": ["DejaVu Sans"],
    "font.size": 9.0,
    "text.parse_math": False,
    "axes.unicode_minus": True,
    "svg.hashsalt": "quality-platform",
}
# matplotlib's settings and font cache belong to the whole process.
_LOCK = threading.Lock()
# Names of groups would stand twice on a page with two plots, and nothing refers to them.
_GROUP_NAME = re.compile(
    r' id="(?:figure|axes|patch|line2d|text|xtick|ytick|matplotlib\.axis|[A-Za-z]+Collection)_\d+"'
)


def svg(plot: Plot, *, themed: bool = False, outlines: bool = False) -> str:
    """The picture as an `<svg>` element without prologue and with a transparent ground.

    `themed` turns its colours into CSS variables (`--plot-line`, `-muted`, `-grid`, `-ink`, `-ground`) that a
    page may set; `outlines` draws letters as shapes, for readers without the font.
    """
    from matplotlib.backends.backend_svg import FigureCanvasSVG

    sheet = io.StringIO()
    with _LOCK, _style({"svg.fonttype": "path" if outlines else "none"}):
        canvas: Any = FigureCanvasSVG(figure(plot))
        canvas.print_svg(sheet, metadata=dict.fromkeys(("Date", "Creator", "Format", "Type")))
    text = sheet.getvalue()
    text = _GROUP_NAME.sub("", text[text.index("<svg") :].rstrip())
    return _with_variables(text, plot) if themed else text


def png(plot: Plot) -> bytes:
    """The picture on white, 1,000 by 420 pixels: sharp when shown at half that width."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    sheet = io.BytesIO()
    with _LOCK, _style({}):
        canvas: Any = FigureCanvasAgg(figure(plot, ground=LIGHT.panel))
        canvas.print_png(sheet, metadata={"Software": None})
    return sheet.getvalue()


def _style(more: Mapping[str, object]) -> Any:
    from matplotlib import style

    # after_reset: what a matplotlibrc on this machine says is not ours
    return style.context([{**_STYLE, **more}], after_reset=True)


def _with_variables(text: str, plot: Plot) -> str:
    roles = {
        "line": colour(plot),
        "muted": LIGHT.muted,
        "grid": LIGHT.hairline,
        "ink": LIGHT.ink,
        "ground": LIGHT.panel,
    }
    for role, code in roles.items():
        text = text.replace(code, f"var(--plot-{role}, {code})")
    return text
