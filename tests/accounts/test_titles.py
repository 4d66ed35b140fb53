"""職稱: who holds the post comes before deputies, former and acting holders."""

import pytest

from accounts.job_titles import rank_of


@pytest.mark.parametrize(
    ("title", "after"),
    [
        ("副校長", "校長"),
        ("前校長", "校長"),
        ("代理校長", "校長"),
        ("代理教務主任", "教務主任"),
        ("代課教師", "教師"),
        ("國中部副校長", "校長"),
        ("主任", "副校長"),
        ("教師兼代理主任", "教師兼主任"),
        ("幹事", "代理教師"),
    ],
)
def test_a_title_comes_after_another(title: str, after: str) -> None:
    assert rank_of(after) < rank_of(title)


def test_a_second_title_and_a_word_for_something_else_take_nothing_away() -> None:
    assert rank_of("代理教師兼組長") == rank_of("組長")
    assert rank_of("副校長、主任") == rank_of("副校長")
    assert rank_of("學前教師") == rank_of("教師")
