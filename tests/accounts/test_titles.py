"""職稱: who holds the post comes before deputies, former and acting holders."""

from datetime import date

import pytest

from accounts.actions import code_lists
from accounts.actions.places import PlaceFacts, add_place
from accounts.models import Title
from accounts.queries.titles import offered_titles, title_order
from tests.factories import acting, make_operator, make_unit, make_user

pytestmark = pytest.mark.django_db


def rank_of(title: str) -> int:
    return title_order().rank_of(title)


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


def test_the_list_of_the_operator_decides_and_people_follow_at_once() -> None:
    by, unit = acting(make_operator()), make_unit()
    places = [
        add_place(person=make_user(), unit=unit, facts=PlaceFacts(title=title), by=by)
        for title in ("護理師", "教務主任", "教師兼組長")
    ]
    assert [place.rank for place in places] == [54, 20, 30]
    nurse, chief = Title.objects.get(name="護理師"), Title.objects.get(name="組長")
    for row, order in ((nurse, 5), (chief, 15)):
        code_lists.change(by=by, of="titles", row=row, entry=code_lists.Entry(row.name, order))
    for place in places:
        place.refresh_from_db()
    assert [place.rank for place in places] == [5, 20, 15]


def test_titles_that_have_ended_are_proposed_no_more_and_keep_their_rank() -> None:
    Title.objects.filter(name="校長").update(valid_until=date(2026, 7, 31))
    assert "校長" not in offered_titles() and offered_titles()[0] == "主任"
    assert rank_of("校長") == 10
