"""What the catalogue finds, as RSS, Atom and iCalendar: for everybody, without a word about a person."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from django.contrib.auth.decorators import login_not_required
from django.contrib.syndication.views import Feed
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.feedgenerator import Atom1Feed, Rss201rev2Feed, SyndicationFeed
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from audit.trace import client_address
from courses.forms.catalogue_filter import CourseFilter
from courses.models import Course
from courses.presenters import calendars
from courses.queries import feeds
from courses.views.facet_panel import Address, chips
from courses.views.feed_response import ICS, MOST_PUBLIC, feed_response, too_many
from kit.templatetags.ui import rocday

if TYPE_CHECKING:
    BaseFeed = Feed[Course, "Search"]
else:
    BaseFeed = Feed
SECONDS = 300
RSS, ATOM = "application/rss+xml; charset=utf-8", "application/atom+xml; charset=utf-8"


@dataclass(frozen=True)
class Search:
    """A search of the catalogue: what it finds, its conditions in words, and its query string with known parameters only."""

    found: CourseFilter
    words: str
    query: str
    # The path of the feed itself.
    path: str

    @property
    def title(self) -> str:
        return " · ".join(filter(None, [_("Course catalogue"), self.words]))

    @property
    def page(self) -> str:
        return reverse("courses:catalogue") + (f"?{self.query}" if self.query else "")


class NewCourses(BaseFeed):
    """The courses registered last, newest first."""

    feed_type: type[SyndicationFeed] = Rss201rev2Feed
    ttl = 60

    def get_object(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Search:
        search: Search = kwargs["search"]
        return search

    def title(self, search: Search) -> str:
        return search.title

    def link(self, search: Search) -> str:
        return search.page

    def feed_url(self, search: Search) -> str:
        return search.path + (f"?{search.query}" if search.query else "")

    def description(self, search: Search) -> str:
        return _("The %(most)s courses registered last that are not over.") % {"most": feeds.MOST_NEWS}

    def items(self, search: Search) -> list[Course]:
        return feeds.newest_of(search.found.rows_without())

    def item_title(self, item: Course) -> str:
        return item.title

    def item_description(self, item: Course) -> str:
        parts = [rocday(item.starts_on), item.unit.name, item.place or item.get_mode_display(), item.summary]
        return " · ".join(filter(None, parts))

    def item_link(self, item: Course) -> str:
        return reverse("courses:public", args=[item.code])

    def item_pubdate(self, item: Course) -> datetime:
        return item.registered_at or item.created_at

    def item_categories(self, item: Course) -> list[str]:
        return [item.nature.name] if item.nature else []


class NewCoursesAtom(NewCourses):
    feed_type = Atom1Feed
    subtitle = NewCourses.description


@login_not_required
@require_safe
def rss(request: HttpRequest) -> HttpResponse:
    return _feed(request, RSS, lambda search: NewCourses()(request, search=search).content)


@login_not_required
@require_safe
def atom(request: HttpRequest) -> HttpResponse:
    return _feed(request, ATOM, lambda search: NewCoursesAtom()(request, search=search).content)


@login_not_required
@require_safe
def calendar(request: HttpRequest) -> HttpResponse:
    return _feed(request, ICS, _calendar, name="catalogue.ics")


def _calendar(search: Search) -> bytes:
    about = _("The next %(most)s courses that are not over.") % {"most": feeds.MOST_FOUND}
    rows = feeds.next_of(search.found.rows_without())
    return calendars.calendar(search.title, about, calendars.of_catalogue(rows))


def _feed(
    request: HttpRequest, content_type: str, make: Callable[[Search], bytes], name: str = ""
) -> HttpResponse:
    """Return the feed of the search in the address, made at most once in five minutes."""
    if refused := too_many("public", client_address(request), MOST_PUBLIC):
        return refused
    found = CourseFilter(request.GET, queryset=Course.objects.public())
    if not found.is_valid():
        text = _("This address of a search is not valid: open the catalogue and subscribe anew.")
        return HttpResponse(text, status=400, content_type="text/plain; charset=utf-8")
    query = urlencode(found.selected())
    key = _key(content_type, get_language(), request.scheme, request.get_host(), query)
    body: bytes | None = cache.get(key)
    if body is None:
        words = ", ".join(chip.label for chip in chips(found, Address.of(found, request.GET)))
        body = make(Search(found, words, query, request.path))
        cache.set(key, body, SECONDS)
    return feed_response(request, body, content_type, name=name, public=True)


def _key(*parts: str | None) -> str:
    """Return a key that every cache takes, however long the search is."""
    return f"courses:feed:{hashlib.sha256(repr(parts).encode()).hexdigest()}"
