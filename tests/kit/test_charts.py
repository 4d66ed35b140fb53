"""Pictures: whatever the data, well-formed SVG with its text, without anything cut off, covered or shown by colour alone."""

import re
from typing import Any
from xml.etree import ElementTree

import pytest
from django.http import Http404

from kit import charts
from kit.charts import Chart, Limit, Part, Row, Text, responses
from kit.charts.bar_charts import LINE_CELLS, cells_of
from kit.charts.step_charts import LEFT, RIGHT
from kit.charts.svg import TONES

NASTY = '<script>alert("1")</script>&\''
SVG = "{http://www.w3.org/2000/svg}"


def text(**changes: Any) -> Text:
    facts = {"name": "x", "title": "標題", "description": "說明", "header": ("A", "B"), "rows": [("甲", 1)]}
    return Text(**{**facts, **changes})


def row(*values: float, label: str = "甲") -> Row:
    return Row(label, [Part("量", value) for value in values])


def drawings() -> list[Chart]:
    """Each kind of picture with nasty words, no data, one point and large numbers."""
    words = text(title=NASTY, description=NASTY)
    return [
        charts.bars(words, [Row(NASTY, [Part(NASTY, 3, "red", NASTY)])]),
        charts.bars(words, [row(0), row(10**9, 0.5), row(-3)]),
        charts.stacked(words, [Row(NASTY, [Part(NASTY, 1, "red"), Part(NASTY, 0, "green")])]),
        charts.stacked(words, [row(0, 0)]),
        charts.steps(words, [7], [Limit(NASTY, 5, "red")], [(0, NASTY)], 0.01),
        charts.steps(words, [0, 0, 0]),
        charts.steps(
            words, list(range(10**6, 10**6 + 53)), [Limit("紅", 5, "red"), Limit("黃", 1, "yellow")]
        ),
    ]


@pytest.mark.parametrize("number", range(len(drawings())))
def test_page_and_file_are_well_formed_and_escaped_and_say_title_and_description(number: int) -> None:
    chart = drawings()[number]
    for svg in (chart.svg, chart.file()):
        root = ElementTree.fromstring(svg)
        kinds = [element.tag.removeprefix(SVG) for element in root.iter()]
        assert root.get("role") == "img" and "script" not in kinds
        assert {"title", "desc"} <= set(kinds)
        assert NASTY in [element.text for element in root.iter()]
        assert not re.search(r"\s(style|on\w+)=", svg)


@pytest.mark.parametrize("number", range(len(drawings())))
def test_no_mark_leaves_the_picture(number: int) -> None:
    chart = drawings()[number]
    for element in ElementTree.fromstring(chart.svg).iter():
        for name, least, most in (("x", 0, 100), ("x1", 0, 100), ("x2", 0, 100), ("width", 0, 100)):
            value = element.get(name, "0")
            if value.endswith("%"):
                assert least <= float(value[:-1]) <= most
        for name in ("y", "y1", "y2"):
            assert -5 <= float(element.get(name, 0)) <= chart.height
        assert not element.get("height", "0").startswith("-")


def test_the_page_is_coloured_by_classes_and_the_file_by_itself() -> None:
    chart = charts.bars(text(), [Row("甲", [Part("量", 1, "red")])])
    assert 'class="chart-fill-red"' in chart.svg and TONES["red"] not in chart.svg
    assert f'fill="{TONES["red"]}"' in chart.file() and "class=" not in chart.file()


def test_every_tone_has_its_colour_in_the_page() -> None:
    css = open("static/css/charts.css", encoding="utf-8").read()  # noqa: SIM115
    used = set(re.findall(r"chart-(?:fill|line)-\w+", "".join(chart.svg for chart in drawings())))
    assert {"chart-fill-red", "chart-line-primary"} <= used
    assert not [name for name in used if f".{name} " not in css]


def test_no_data_is_no_picture() -> None:
    for empty in (charts.bars(text(), []), charts.stacked(text(), []), charts.steps(text(), [])):
        assert empty.is_empty
    assert charts.sparkline([], "x") == ""


def test_the_longest_bar_leaves_room_for_its_number_and_the_others_are_in_proportion() -> None:
    svg = charts.bars(text(), [row(10), row(5)]).svg
    bars = re.findall(r'class="chart-fill-primary" x="0" y="\d+" width="([\d.]+)%"', svg)
    assert [float(width) for width in bars] == [64, 32]
    assert ">10<" in svg and ">5<" in svg


def test_parts_of_a_whole_fill_the_bar_and_are_named_with_their_numbers() -> None:
    parts = [Part("紅燈", 1, "red"), Part("黃燈", 2, "yellow"), Part("綠燈", 5, "green")]
    svg = charts.stacked(text(), [Row("", parts)]).svg
    widths = re.findall(r'class="chart-fill-(?:red|yellow|green)" x="[\d.]+%" y="0" width="([\d.]+)%"', svg)
    assert sum(map(float, widths)) == pytest.approx(100, abs=0.05)
    for words in ("紅燈 1", "黃燈 2", "綠燈 5"):
        assert words in svg


def test_the_words_of_many_parts_are_in_lines_that_fit_a_phone() -> None:
    parts = [Part(f"{score} 分：", 500, "plain") for score in range(1, 6)]
    one, two = (charts.stacked(text(), [Row("", parts[:number])]) for number in (2, 5))
    lines = list(ElementTree.fromstring(two.svg).iter("text"))
    words = ["".join(line.itertext()) for line in lines]
    assert len(words) > 1 and all(cells_of(line.rstrip()) <= LINE_CELLS for line in words)
    assert all(f"{score} 分： 500" in "".join(words) for score in range(1, 6))
    assert two.height == one.height + 20 * (len(words) - 1)


def test_a_step_line_changes_where_the_number_changes_and_nowhere_else() -> None:
    marks = charts.steps(text(), [1, 1, 3, 3, 0]).marks
    upright = [m for m in marks if m.tag == "line" and m.attributes["x1"] == m.attributes["x2"]]
    assert len(upright) == 2


def test_the_year_so_far_ends_where_today_lies() -> None:
    marks = charts.steps(text(), [1, 2], span=0.5).marks
    ends = [float(m.attributes["x2"]) for m in marks if m.tag == "line" and m.tone == "primary"]
    assert max(ends) == pytest.approx((LEFT + RIGHT) / 2)


@pytest.mark.parametrize(
    "label", ["", "甲", "甲" * 21, "a" * 81, "縣立南州國中 Nanzhou Junior High School 附設進修部"]
)
def test_long_labels_are_broken_and_keep_every_letter(label: str) -> None:
    lines = charts.wrapped(label)
    assert "".join(lines) == label
    assert all(len(line.encode("big5", "replace")) <= LINE_CELLS for line in lines)


def test_a_word_stays_whole_where_the_line_has_a_blank_before_it() -> None:
    lines = charts.wrapped("Place, equipment or on-line platform worked well. 4.00")
    assert lines == ["Place, equipment or on-line platform ", "worked well. 4.00"]
    assert charts.wrapped("a" * 50) == ["a" * 40, "a" * 10]


@pytest.mark.parametrize(
    ("value", "words"), [(3, "3"), (2.5, "2.5"), (1234567, "1,234,567"), (0.04, "0"), (99.96, "100")]
)
def test_numbers_without_trailing_zeros(value: float, words: str) -> None:
    assert charts.plain(value) == words


def test_files_of_a_chart() -> None:
    chart = charts.bars(text(rows=[("=1+1", 2)]), [row(2)])
    svg = responses.download(chart, "svg", "名")
    assert svg["Content-Type"].startswith("image/svg+xml") and "attachment" in svg["Content-Disposition"]
    assert b"'=1+1,2" in responses.download(chart, "csv", "名").getvalue()
    for missing, fmt in ((None, "svg"), (chart, "exe")):
        with pytest.raises(Http404):
            responses.download(missing, fmt, "名")


def test_the_table_behind_a_picture_escapes_its_cells_and_names_each_row() -> None:
    chart = charts.bars(text(rows=[(NASTY, NASTY), ("乙", 2)]), [row(1)])
    rows = ElementTree.fromstring(f"<tbody>{chart.table_rows}</tbody>")
    assert [[cell.text for cell in line] for line in rows] == [[NASTY, NASTY], ["乙", "2"]]
    assert [cell.get("scope") for line in rows for cell in line] == ["row", None] * 2
