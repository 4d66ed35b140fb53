"""What every template may use without loading: dates, hours, names, icons, form widgets."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Any
from uuid import uuid4

from django import template
from django.core.files.storage import storages
from django.forms import BoundField
from django.forms.widgets import CheckboxInput, CheckboxSelectMultiple, RadioSelect, Select
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.timesince import timesince
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from kit import clock, form_once, refused_texts
from kit.browsers import browser_name
from kit.highlighting import highlight, tel, words_beyond
from kit.sentence_parts import day_words, is_chinese, labelled, listed

register = template.Library()
register.filter(labelled)


@register.filter(name="listed")
def listed_words(value: Iterable[str] | str) -> str:
    """Return a list in the language of the page or notice; a text, as notices of earlier releases have it, stays."""
    return value if isinstance(value, str) else listed(value)


WEEKDAYS = "一二三四五六日"


@register.filter
def roc(value: date | datetime | None) -> str:
    """A Taipei day: 112年3月31日 in Chinese, 2023-03-31 in English."""
    if value is None or value == "":
        return "–"
    day = clock.day_of(value) if isinstance(value, datetime) else value
    return day_words(day)


@register.filter
def rocday(value: date | datetime | None) -> str:
    """A Taipei day with its weekday: 112年3月31日（五）in Chinese, 2023-03-31 (Fri) in English."""
    if value is None or value == "":
        return "–"
    day = clock.day_of(value) if isinstance(value, datetime) else value
    if is_chinese():
        return f"{clock.to_roc(day)}（{WEEKDAYS[day.weekday()]}）"
    return f"{day.isoformat()} ({day:%a})"


@register.filter
def weekday(value: date) -> str:
    """週四, Thu."""
    return f"週{WEEKDAYS[value.weekday()]}" if is_chinese() else f"{value:%a}"


@register.filter
def monthday(value: date) -> str:
    """A day whose year is plain: 12月3日 in Chinese, 3 Dec in English."""
    return f"{value.month}月{value.day}日" if is_chinese() else f"{value.day} {value:%b}"


@register.filter
def rocmonth(value: date) -> str:
    """A month: 112年3月 in Chinese, March 2023 in English."""
    return f"{clock.roc_year(value)}年{value.month}月" if is_chinese() else f"{value:%B %Y}"


@register.filter
def rocdt(value: datetime | None) -> str:
    """A Taipei moment: 112年3月31日（五）13:30 in Chinese, 2023-03-31 13:30 in English."""
    if value is None or value == "":
        return "–"
    local = value.astimezone(clock.TAIPEI)
    if is_chinese():
        return f"{clock.to_roc(local.date())}（{WEEKDAYS[local.weekday()]}）{local:%H:%M}"
    return f"{local:%Y-%m-%d %H:%M}"


@register.filter
def hhmm(value: datetime | None) -> str:
    """The wall clock in Taipei."""
    return f"{value.astimezone(clock.TAIPEI):%H:%M}" if value else "–"


@register.filter
def end_hhmm(value: datetime | None) -> str:
    """The wall clock in Taipei of an end; midnight is 24:00."""
    return clock.end_word(value) if value else "–"


@register.filter
def ago(value: datetime) -> str:
    """How long ago, in the largest unit: "2 minutes ago"; "just now" within the last minute."""
    if clock.now() - value < timedelta(minutes=1):
        return _("just now")
    return _("%(time)s ago") % {"time": timesince(value, depth=1)}


@register.filter
def hours(value: Decimal | float | None) -> str:
    """Hours without trailing zeros: 3, 3.5."""
    if value is None or value == "":
        return "–"
    return (
        f"{Decimal(value):f}".rstrip("0").rstrip(".")
        if "." in f"{Decimal(value):f}"
        else f"{Decimal(value):f}"
    )


@register.filter
def setting(value: object) -> str:
    """A setting as the operator reads it: yes or no, a day, a number; a dash for none."""
    if value is None or value == "":
        return "–"
    if isinstance(value, bool):
        return str(_("yes") if value else _("no"))
    return str(roc(value)) if isinstance(value, date) else str(value)


@register.filter
def counted(value: Decimal | float | None) -> int:
    """Return a number for a plural form, in whole numbers: 1 is one, all else (0.5, 1.5, 3) is several."""
    return 1 if value == 1 else 2


@register.filter
def year(value: int | str) -> str:
    """A ROC year as the reader counts: 115 in Chinese, 2026 in English."""
    return str(value) if is_chinese() or not value else str(int(value) + clock.ROC_OFFSET)


@register.filter
def civil(value: int) -> str:
    """A Gregorian year as the reader counts: 116 in Chinese, 2027 in English."""
    return year(value - clock.ROC_OFFSET)


@register.filter
def aside(value: object) -> str:
    """In brackets as the language writes them: （講師） and  (lecturer)."""
    return f"（{value}）" if is_chinese() else f" ({value})"


@register.filter
def in_hours(value: Decimal | float) -> str:
    """3 小時, 1 hour, 2.5 hours."""
    return ngettext("%(h)s hour", "%(h)s hours", counted(value)) % {"h": hours(value)}


@register.simple_tag
def static(path: str) -> str:
    """Return the URL of a static file, as Django's tag of this name does, which works each out anew at every use."""
    return _static(storages["staticfiles"], path)


@lru_cache(maxsize=1024)
def _static(storage: Any, path: str) -> str:
    return str(storage.url(path))


@register.simple_tag
def icon(name: str) -> SafeString:
    """Return a symbol of static/icons.svg, hidden from screen readers: the text beside it has the meaning."""
    return _icon(static("icons.svg"), name)


@lru_cache(maxsize=1024)
def _icon(url: str, name: str) -> SafeString:
    return format_html('<svg class="icon" aria-hidden="true"><use href="{}#{}"></use></svg>', url, name)


@register.simple_tag(takes_context=True)
def page_query(context: template.Context, number: int, list_name: str | None = None) -> str:
    """Return the query of another page of a list; a list with a name of its own has its own parameter and place on the page."""
    query = context["request"].GET.copy()
    query[list_name or "page"] = str(number)
    return f"?{query.urlencode()}" + (f"#{list_name}" if list_name else "")


@register.simple_tag(takes_context=True)
def refused(context: template.Context, path: str) -> Mapping[str, Any]:
    """Return the words and ticks with which the form that is sent to this path was just refused, by field (`kit.refused_texts`)."""
    return refused_texts.refused(context["request"], path)


@register.inclusion_tag("components/navlink.html", takes_context=True)
def nav_link(context: template.Context, route: str, label: str) -> dict[str, object]:
    """One entry of the main navigation: a route without arguments, and its words."""
    url = reverse(route)
    return {"url": url, "label": label, "is_here": context["request"].path == url}


@register.simple_tag
def new_key() -> str:
    """A key for a form that makes something new: sent twice, it makes it once."""
    return str(uuid4())


@register.simple_tag
def once() -> SafeString:
    """The hidden field of a form that makes something (`kit.form_once`): sent twice, it makes it once."""
    return format_html('<input type="hidden" name="{}" value="{}">', form_once.FIELD, uuid4())


@register.filter
def bs(field: BoundField) -> SafeString:
    """A form field's widget with Bootstrap's class and the ids of its help and errors."""
    widget = field.field.widget
    css = widget.attrs.get("class", "")
    if isinstance(widget, CheckboxInput):
        css += " form-check-input"
    elif isinstance(widget, Select) and not isinstance(widget, RadioSelect | CheckboxSelectMultiple):
        css += " form-select"
    elif not isinstance(widget, RadioSelect | CheckboxSelectMultiple):
        css += " form-control"
    attrs: dict[str, Any] = {"class": css.strip() + (" is-invalid" if field.errors else "")}
    said = [f"{field.auto_id}_help"] * bool(field.help_text) + [f"{field.auto_id}_errors"] * bool(
        field.errors
    )
    if said:
        attrs["aria-describedby"] = " ".join(said)
    return field.as_widget(attrs=attrs)


@register.filter
def anchor(field: BoundField) -> str:
    """The id that the link of an error leads to: the field, or the first of its choices."""
    return field.id_for_label or f"{field.auto_id}_0"


@register.filter
def is_check(field: BoundField) -> bool:
    """Return whether the field is a single tick box, whose label comes after it."""
    return isinstance(field.field.widget, CheckboxInput)


@register.filter
def is_choice_group(field: BoundField) -> bool:
    """Whether the field is a group of radio buttons or tick boxes, which needs a legend."""
    return isinstance(field.field.widget, RadioSelect | CheckboxSelectMultiple)


register.filter("browser", browser_name)
register.filter("marked", highlight)
register.filter("words_beyond", words_beyond)
register.filter("tel", tel)
