"""A person keeps searches: own ones only, twenty at most, each name once, and a removed one can come back."""

import pytest
from django.db import IntegrityError, transaction
from django.test import Client

from accounts.models import User
from audit.models import AuditEvent
from courses.actions import saved_searches
from courses.errors import SearchNameTaken, TooManySearches
from courses.models import SavedSearch
from tests.factories import make_user, teacher

pytestmark = pytest.mark.django_db
KEEP = "/catalogue/searches/"


@pytest.fixture
def me() -> User:
    return make_user()


@pytest.fixture
def browser(me: User) -> Client:
    client = Client()
    client.force_login(me)
    return client


def test_a_search_is_kept_shown_and_applied_with_one_click(browser: Client, me: User) -> None:
    answer = browser.post(KEEP, {"name": " 週末資安 ", "query": "q=資安&time=weekend&page=3&evil=1"})
    row = SavedSearch.objects.get()
    assert (row.owner, row.name, row.query) == (me, "週末資安", "q=%E8%B3%87%E5%AE%89&time=weekend")
    assert answer.url == f"/catalogue/?{row.query}"
    page = browser.get("/catalogue/").content.decode()
    assert f'href="?{row.query.replace("&", "&amp;")}">週末資安</a>' in page
    assert AuditEvent.objects.filter(action="search.keep", actor_id=me.pk).exists()


def test_visitors_and_other_people_see_none_of_it(browser: Client) -> None:
    browser.post(KEEP, {"name": "我的", "query": "q=資安"})
    other = Client()
    assert "我的查詢" not in other.get("/catalogue/").content.decode()
    assert other.post(KEEP, {"name": "x", "query": ""}).url.startswith("/accounts/login/")
    other.force_login(make_user())
    assert ">我的</a>" not in other.get("/catalogue/").content.decode()


def test_a_name_is_used_once_a_person(browser: Client, me: User) -> None:
    saved_searches.save(by=teacher(me), name="資安", query="q=a")
    with pytest.raises(SearchNameTaken):
        saved_searches.save(by=teacher(me), name="資安", query="q=b")
    saved_searches.save(by=teacher(make_user()), name="資安", query="q=c")
    answer = browser.post(KEEP, {"name": "資安", "query": "q=b"}, follow=True)
    assert "請換一個名稱" in answer.content.decode()
    assert SavedSearch.objects.filter(owner=me).count() == 1


def test_the_database_itself_refuses_a_second_row_of_a_name(me: User) -> None:
    SavedSearch.objects.create(owner=me, name="資安")
    with pytest.raises(IntegrityError), transaction.atomic():
        SavedSearch.objects.create(owner=me, name="資安")


def test_twenty_are_the_most(me: User) -> None:
    for number in range(20):
        saved_searches.save(by=teacher(me), name=f"查詢{number}", query="")
    with pytest.raises(TooManySearches):
        saved_searches.save(by=teacher(me), name="第二十一", query="")
    assert SavedSearch.objects.count() == 20


def test_a_removed_search_can_come_back_once(browser: Client, me: User) -> None:
    row = saved_searches.save(by=teacher(me), name="資安", query="q=a")
    page = browser.post(f"{KEEP}{row.pk}/remove/", follow=True).content.decode()
    assert not SavedSearch.objects.exists() and "已刪除查詢「資安」" in page and "復原" in page
    assert "復原" not in browser.get("/catalogue/").content.decode()
    browser.post(KEEP, {"name": "資安", "query": "q=a"})
    assert SavedSearch.objects.get(owner=me).query == "q=a"


def test_a_person_elses_search_is_not_there(browser: Client) -> None:
    row = saved_searches.save(by=teacher(make_user()), name="資安", query="q=a")
    assert browser.post(f"{KEEP}{row.pk}/remove/").status_code == 404
    assert SavedSearch.objects.filter(pk=row.pk).exists()


@pytest.mark.parametrize("name", ["", "   ", "\0", "名" * 41, "a\x07b"])
def test_a_bad_name_gets_a_sentence(browser: Client, name: str) -> None:
    answer = browser.post(KEEP, {"name": name, "query": "q=a"}, follow=True)
    assert "alert-danger" in answer.content.decode() and not SavedSearch.objects.exists()


def test_a_query_of_any_length_is_kept_within_its_column_or_refused(browser: Client) -> None:
    query = "q=" + "資" * 100 + "&unit=" + "校" * 60 + "&" + "x=1&" * 900
    answer = browser.post(KEEP, {"name": "長", "query": query[:1900]}, follow=True)
    assert answer.status_code == 200
    assert "太長" in answer.content.decode() and not SavedSearch.objects.exists()
