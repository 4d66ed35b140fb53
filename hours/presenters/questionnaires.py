"""The result of a questionnaire: pictures with their tables, words in random order, and rows for a file."""

from collections.abc import Iterator, Sequence
from secrets import SystemRandom

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from hours.enums import QuestionKind
from hours.forms.questionnaires import SCORE_WORDS, words_of
from hours.queries.surveys import SCORES, Outcome, Results
from kit import charts
from kit.charts import Chart, Part, Row, Text
from kit.tables import Cell

# The headings of the file, as schools put them into their reports.
HEADER = ["題目", "回答", "次數", "平均"]
_TONES = ("red", "yellow", "plain", "primary", "green")
_random = SystemRandom()


def scales(results: Results) -> Chart:
    """Return the picture of all questions with a reply from 1 to 5."""
    shown = [one for one in results.outcomes if one.asked.kind == QuestionKind.SCALE]
    text = Text(
        "scales",
        _("Answers from 1 to 5"),
        _("How many gave each number: 5 is full agreement."),
        (_("Question"), *map(str, SCORES), _("Mean")),
        [(words_of(one.asked), *one.counts, mean_words(one)) for one in shown],
    )
    rows = [
        Row(
            f"{words_of(one.asked)} {mean_words(one)}",
            [
                Part(_("%(score)s:") % {"score": score}, count, tone)
                for score, count, tone in zip(SCORES, one.counts, _TONES, strict=True)
            ],
        )
        for one in shown
    ]
    return charts.stacked(text, rows)


def choices(results: Results) -> list[Chart]:
    """Return a picture of each question with choices."""
    found = (one for one in results.outcomes if one.asked.kind == QuestionKind.CHOICE)
    return [_choice(one) for one in found]


def _choice(one: Outcome) -> Chart:
    named = list(zip(one.asked.choices, one.counts, strict=True))
    text = Text(
        one.asked.key,
        words_of(one.asked),
        _("How often each answer was chosen."),
        (_("Answer"), pgettext("how often", "Number")),
        named,
    )
    return charts.bars(text, [Row(name, [Part("", count)]) for name, count in named])


def words(results: Results) -> list[tuple[str, list[str]]]:
    """Return the questions with a reply in words, each with its replies in random order."""
    found = (one for one in results.outcomes if one.asked.kind == QuestionKind.TEXT)
    return [(words_of(one.asked), _random.sample(one.texts, len(one.texts))) for one in found]


def mean_words(one: Outcome) -> str:
    return "–" if one.mean is None else f"{one.mean:.2f}"


def rows(results: Results) -> Iterator[list[Cell]]:
    """Return the lines of a file: each score or choice with its number, then the words."""
    for one in results.outcomes:
        question = words_of(one.asked)
        if one.asked.kind == QuestionKind.TEXT:
            for said in _random.sample(one.texts, len(one.texts)):
                yield [question, said, 1, None]
            continue
        labels: Sequence[str] = one.asked.choices or [str(SCORE_WORDS[score]) for score in SCORES]
        for label, count in zip(labels, one.counts, strict=True):
            yield [question, label, count, None if one.mean is None else round(one.mean, 2)]
