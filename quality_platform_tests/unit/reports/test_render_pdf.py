"""The report's PDF, read back: its numbers and words, its links, its size."""

from __future__ import annotations

import io
import re
import time
from datetime import datetime, timedelta
from importlib import resources

import pytest
from pypdf import PdfReader

from quality_platform.model.message import Cell, Facts, Grid, Heading, Item, Items, Message, Paragraph, Plot
from quality_platform.notifications.plain import printable
from quality_platform.reports.render_pdf import breakable, render_pdf
from quality_platform_tests.data.messages import ALERT, HOSTILE, MOMENT, REPORT, hostile, series


def read(message: Message, created_at: datetime | None = MOMENT) -> PdfReader:
    return PdfReader(io.BytesIO(render_pdf(message, created_at)))


def text(reader: PdfReader) -> str:
    """All text, as one reads it: invisible places to break taken out."""
    return " ".join(" ".join(page.extract_text().replace("\u200b", "") for page in reader.pages).split())


def links(reader: PdfReader) -> set[str]:
    found = (note.get_object() for page in reader.pages for note in page.get("/Annots", ()))
    return {note["/A"]["/URI"] for note in found if note.get("/Subtype") == "/Link" and "/URI" in note.get("/A", {})}


def test_the_numbers_and_words_are_there() -> None:
    shown = text(read(REPORT))
    for fact in (
        "Quality of flask", "12 metrics got better", "1,204", "45.3%", "78.2", "Needs attention", "Critical",
        "Test coverage fell from 86% to 45.3%", "commit 1a2b3c4", "Nothing got worse.", "Memory available",
        "Latest 4.94 GiB", "release 2.1", "src/flask/app.py", "300", "All checks passed.", "No check failed.",
        "Made on 2026-03-23 07:00 UTC",
    ):  # fmt: skip
        assert fact in shown


def test_links_lead_to_the_evidence() -> None:
    assert links(read(REPORT)) == {"https://example.org/e/1", "https://example.org/f", "http://127.0.0.1:3000/"}


def test_hostile_text_is_text() -> None:
    shown = re.sub(r"\s+", "", text(read(hostile())))
    expected = re.sub(r"\s+", "", printable(HOSTILE))
    assert shown.count(expected) >= 12
    assert {link.partition("?")[0] for link in links(read(hostile()))} == {
        "https://e.example/", "https://e.example/a", "https://e.example/ok",
    }  # fmt: skip


@pytest.mark.parametrize(
    "value",
    ["#panic()", "#import \"@preview/x:0.1.0\": *", "#read(\"/etc/passwd\")", "\\", "\"", "]#[", "$", "```", "{", "*/",
     "//", "\\u{41}", "= h", "#sys.inputs", "", "😀 中文 عربى", "\n\n\n"],
)  # fmt: skip
def test_no_text_is_markup(value: str) -> None:
    shown = re.sub(r"\s+", "", text(read(hostile(value))))
    if value.isascii():
        assert re.sub(r"\s+", "", value) in shown


def test_it_is_small_quick_and_the_same_each_time() -> None:
    render_pdf(ALERT)
    begun = time.process_time()
    document = render_pdf(REPORT, MOMENT)
    assert time.process_time() - begun < 20
    assert len(document) < 200_000
    assert document == render_pdf(REPORT, MOMENT)
    assert document != render_pdf(REPORT, MOMENT + timedelta(days=1))


def test_a_long_report_stays_below_a_megabyte() -> None:
    rows = tuple((Cell(f"src/package/module_{place}.py"), Cell(str(place))) for place in range(400))
    message = Message(
        "Long", "s", "info", (Heading("Plots"), *[series(400) for _ in range(12)], Grid(("File", "N"), rows, (1,)))
    )
    document = render_pdf(message, MOMENT)
    assert len(document) < 1_000_000
    reader = PdfReader(io.BytesIO(document))
    assert len(reader.pages) > 8
    # the header comes again on every page of the table
    assert sum("File N" in " ".join(page.extract_text().split()) for page in reader.pages) > 5


def test_title_date_and_language_are_set_and_it_is_tagged() -> None:
    reader = read(REPORT)
    assert reader.metadata is not None
    assert reader.metadata.title == "Quality of flask"
    assert reader.metadata.creation_date == MOMENT
    assert reader.root_object["/Lang"] == "en"
    assert "/StructTreeRoot" in reader.root_object


def test_no_word_runs_out_of_its_column() -> None:
    word = "src/" + "a_very_long_package_name/" * 6 + "f" * 64
    cells = tuple(Cell(word) for _ in range(3))
    message = Message(
        word,
        word,
        "info",
        (Facts(((word, word),) * 4), Paragraph(word), Items((Item(word),)), Grid(("a", "b", "c"), (cells,))),
    )
    widest = []

    def note(_text: str, _cm: object, tm: list[float], _font: object, _size: object) -> None:
        widest.append(tm[4])

    for page in read(message).pages:
        page.extract_text(visitor_text=note)
    assert max(widest) < 595 - 57


def test_breakable() -> None:
    assert breakable("a short sentence of words 45.3%") == "a short sentence of words 45.3%"
    broken = breakable("see src/package/sub_package/module.py and " + "f" * 64)
    assert broken.replace("\u200b", "") == "see src/package/sub_package/module.py and " + "f" * 64
    assert max(len(part) for part in re.split("[\u200b ]", broken)) <= 25
    assert max(len(part) for part in breakable("/" * 500 + "=" * 500).split("\u200b")) <= 25
    assert "src/\u200bpackage/\u200bsub_\u200bpackage/" in broken


def test_plots_that_follow_each_other_stand_side_by_side() -> None:
    one = Plot("Only", "", series().times, series().values)
    assert len(read(Message("t", "s", "info", (one, one))).pages) == 1
    assert len(read(Message("t", "s", "info", (one,) * 10)).pages) == 2


def test_the_template_asks_for_no_package() -> None:
    template = (resources.files("quality_platform.reports") / "templates" / "report.typ").read_text()
    assert "@preview" not in template
    assert "import" not in template


def test_without_a_date() -> None:
    assert "Made on" not in text(read(REPORT, None))


@pytest.mark.parametrize("value", ["word " * 2000, "a" * 10_000, "\n" * 3000, "a\n" * 3000])
def test_long_text_makes_no_endless_document(value: str) -> None:
    begun = time.process_time()
    assert len(read(hostile(value)).pages) < 50
    assert time.process_time() - begun < 30
