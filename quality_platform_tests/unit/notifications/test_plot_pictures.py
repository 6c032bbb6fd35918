"""Pictures are looked into, not only made: gaps, thresholds, marks, colours, and no word that a user wrote."""

from __future__ import annotations

import io
import math
import re
import struct
import xml.etree.ElementTree as ET
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quality_platform.model.message import Outlook, Plot, Span, Tone
from quality_platform.notifications.plots.figure import colour, figure
from quality_platform.notifications.plots.pictures import png, svg
from quality_platform.notifications.plots.words import described
from quality_platform.notifications.tones import LIGHT
from quality_platform_tests.data.messages import GAPPY, HOSTILE, START, series

SVG = "{http://www.w3.org/2000/svg}"


def parsed(picture: str) -> ET.Element:
    return ET.fromstring(picture)


def words(picture: str) -> list[str]:
    return [text.text or "" for text in parsed(picture).iter(f"{SVG}text")]


def curves(picture: str, code: str) -> list[str]:
    """Drawing commands of the unfilled lines in a colour."""
    return [
        path.get("d", "")
        for path in parsed(picture).iter(f"{SVG}path")
        if f"stroke: {code}" in path.get("style", "") and "fill: none" in path.get("style", "")
    ]


def test_equal_plots_give_equal_bytes() -> None:
    assert svg(series()) == svg(series())
    assert png(series()) == png(series())
    assert svg(series()) != svg(series(89))


def test_a_gap_is_no_line() -> None:
    lines = curves(svg(GAPPY), colour(GAPPY))
    assert [line.count("M") for line in lines] == [2]
    assert [line.count("L") for line in lines] == [24 - 6 - 2]


def test_a_point_between_gaps_is_a_dot() -> None:
    values = (1.0, None, 2.0, None, 3.0, 4.0)
    lonely = Plot("t", "", tuple(START + timedelta(days=place) for place in range(6)), values)
    many = Plot("t", "", series(200).times, tuple(None if place in {50, 52} else 1.0 for place in range(200)))
    assert len(figure(lonely).axes[0].lines[1].get_xdata()) == 4
    assert list(figure(many).axes[0].lines[1].get_xdata()) == [START.timestamp() / 86400 + 51 / 4]


def test_the_threshold_is_drawn_and_named_even_far_away() -> None:
    with_line = figure(series(threshold=500.0)).axes[0]
    assert [list(line.get_ydata()) for line in with_line.lines if len(line.get_ydata()) == 2] == [[500.0, 500.0]]
    assert with_line.get_ylim()[1] > 500
    assert "threshold 500%" in words(svg(series(threshold=500.0)))
    assert not [word for word in words(svg(series())) if "threshold" in word]


def test_marks_are_numbers_and_neighbours_share_one_label() -> None:
    at = [START + timedelta(days=day) for day in (3, 10, 10.2, 10.4, 20, 400)]
    shown = words(svg(series(marks=tuple((moment, "word") for moment in at))))
    assert [word for word in shown if re.fullmatch(r"\d(-\d)?", word)] == ["1", "2-4", "5"]


def test_nothing_that_users_wrote_is_in_the_picture() -> None:
    hostile = Plot(HOSTILE, HOSTILE, series().times, series().values, marks=((START, HOSTILE),))
    for picture in (svg(hostile), svg(hostile, themed=True), svg(hostile, outlines=True)):
        assert not [part for part in ("onerror", "script", "evil", "channel", "panic") if part in picture]
        assert {element.tag.removeprefix(SVG) for element in parsed(picture).iter()} <= {
            "svg", "g", "defs", "style", "path", "text", "use", "clipPath", "rect",
        }  # fmt: skip


def test_a_page_may_hold_two_pictures() -> None:
    names = [re.findall(r' id="([^"]+)"', svg(plot)) for plot in (series(), GAPPY)]
    assert all(names)
    assert not [name for name in names[0] if re.match(r"figure|axes|text|patch|line2d", name)]
    used = re.findall(r'(?:url\(#|href="#)([\w-]+)', svg(GAPPY))
    assert set(used) <= set(names[1])


def test_nothing_is_fetched_or_dated() -> None:
    picture = svg(series(threshold=70.0))
    addresses = set(re.findall(r"https?://[^\"']+", picture))
    assert addresses <= {"http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"}
    assert "metadata" not in picture
    assert b"Software" not in png(series())
    assert b"tIME" not in png(series())


@pytest.mark.parametrize("tone", ["critical", "warning", "info", "good", "neutral"])
def test_a_themed_picture_takes_the_page_s_colours(tone: Tone) -> None:
    picture = svg(series(threshold=70.0, tone=tone), themed=True)
    assert {"line", "muted", "grid", "ink", "ground"} == set(re.findall(r"var\(--plot-(\w+), #\w{6}\)", picture))
    assert not re.findall(r"(?<!, )#[0-9a-f]{6}\b", picture)
    assert colour(series(tone=tone)) == LIGHT.tones["info" if tone == "neutral" else tone].text


def test_outlines_need_no_font() -> None:
    assert not words(svg(series(), outlines=True))
    assert words(svg(series()))


def test_png_has_the_promised_size() -> None:
    picture = png(series())
    assert picture[:8] == b"\x89PNG\r\n\x1a\n"
    assert struct.unpack(">II", picture[16:24]) == (1000, 420)
    assert len(picture) < 100_000


def test_bytes_have_round_steps() -> None:
    assert {"3 GiB", "4 GiB"} <= set(words(svg(GAPPY)))


def test_a_hundred_thousand_points_stay_small() -> None:
    values = tuple(math.sin(place / 500) for place in range(100_000))
    times = tuple(START + timedelta(minutes=place) for place in range(100_000))
    assert len(svg(Plot("t", "", times, values))) < 80_000


@pytest.mark.parametrize(
    "plot",
    [
        Plot("t", "", (), ()),
        Plot("t", "%", (START,), (None,), threshold=5.0),
        Plot("t", "", (START,), (5.0,)),
        Plot("t", "", (START, START), (5.0, 6.0)),
        Plot("t", "", series().times, (5.0,) * 90),
        Plot("t", "", series().times, (0.0,) * 90),
        Plot("t", "bytes", series().times, (1e-9,) * 89 + (1e18,)),
        Plot("t", "", (START, START + timedelta(days=1)), (1e300, -1e150)),
        Plot("t", "", (START, START + timedelta(days=1)), (5e-324, 1.0)),
        Plot("t", "", (datetime(1, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, 23, tzinfo=UTC)), (1.0, 2.0)),
        Plot("t", "", (datetime(9999, 12, 31, 23, 59, tzinfo=UTC),), (1.0,)),
        Plot("t", "", (START, START + timedelta(microseconds=1)), (1.0, 2.0)),
    ],
)
def test_odd_plots_are_drawn(plot: Plot) -> None:
    parsed(svg(plot))
    assert png(plot)


def test_no_data_is_said() -> None:
    assert words(svg(Plot("t", "", (START,), (None,)))) == ["no data"]


moments = st.datetimes(timezones=st.just(UTC))
levels = st.none() | st.floats()


@given(st.lists(st.tuples(moments, levels), max_size=5), st.none() | st.floats(-1e100, 1e100))
@settings(max_examples=40, deadline=None)
def test_any_plot_is_drawn(pairs: list[tuple[datetime, float | None]], threshold: float | None) -> None:
    times, values = tuple(moment for moment, _ in pairs), tuple(value for _, value in pairs)
    parsed(svg(Plot("t", "%", times, values, threshold, tuple((moment, "m") for moment in times))))


def test_threads_do_not_disturb_each_other() -> None:
    plots = [series(count) for count in (10, 20, 30, 40)]
    expected = [svg(plot) for plot in plots]
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(svg, plots * 3)) == expected * 3


def test_a_matplotlibrc_is_not_obeyed(monkeypatch: pytest.MonkeyPatch) -> None:
    import matplotlib as mpl

    expected = svg(series())
    monkeypatch.setitem(mpl.rcParams, "lines.linewidth", 30.0)
    monkeypatch.setitem(mpl.rcParams, "text.usetex", True)
    monkeypatch.setitem(mpl.rcParams, "savefig.format", "pdf")
    assert svg(series()) == expected
    assert io.BytesIO(png(series())).read(4) == b"\x89PNG"


def test_levels_and_outlook_are_within_the_axes() -> None:
    noon = datetime(2026, 3, 2, 12, tzinfo=UTC)
    hours = [noon + timedelta(hours=hour) for hour in range(6)]
    plain = Plot("Latency", "ms", tuple(hours[:4]), (1.0, 1.0, 2.0, 2.0))
    outlook = Outlook(tuple(hours[4:]), (2.0, 2.5), (1.5, 1.0), (2.5, 9.0))
    told = replace(plain, levels=(Span(hours[0], hours[2], 1.0), Span(hours[2], hours[3], 2.0)), outlook=outlook)

    before, after = figure(plain).axes[0], figure(told).axes[0]

    assert after.get_ylim()[1] > 9 > before.get_ylim()[1]
    assert after.get_xlim()[1] > before.get_xlim()[1]
    assert len(after.collections) == len(before.collections) + 3, "two levels and one band"
    assert "levels 1, 2" in described(told)
    assert "expected 2.5 (1 to 9) on 2026-03-02" in described(told)


def test_an_empty_outlook_draws_nothing() -> None:
    noon = datetime(2026, 3, 2, 12, tzinfo=UTC)
    plain = Plot("Latency", "ms", (noon, noon + timedelta(hours=1)), (1.0, 2.0))
    assert png(replace(plain, outlook=Outlook((), (), (), ()))) == png(plain)
