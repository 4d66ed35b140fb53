"""`translate` and `url` give what Django's give, in each language and for each argument."""

from typing import Any

import pytest
from django.template import Context, Template
from django.test import override_settings
from django.urls import NoReverseMatch, set_script_prefix
from django.utils import translation
from django.utils.safestring import SafeString

from kit.templatetags.cached_tags import CachedTranslation

DJANGO = "{% load translate from i18n %}{% load url from defaulttags %}"


def both(source: str, **context: Any) -> str:
    """Return what a template renders twice; Django's own tags render the same."""
    template = Template(source)
    first, again = template.render(Context(context)), template.render(Context(context))
    assert first == again == Template("{% load translate from i18n %}" + source).render(Context(context))
    return again


@pytest.mark.parametrize(
    "source",
    [
        '{% translate "Log out" %}',
        "{% translate 'Log out' as words %}{{ words }}",
        '{% translate "dark" context "appearance" %}',
        '{% translate "dark" context "appearance" as words %}{{ words|upper }}',
        '{% translate "Log out"|upper %}',
        "{% translate word %}",
        '{% translate "<b>100%</b>" %}',
        '{% translate "Log out" noop %}',
        '{% autoescape off %}{% translate "<b>" %}{% endautoescape %}{% translate word %}',
    ],
)
def test_words_are_those_of_the_language(source: str) -> None:
    template = Template(source)
    for language in ("zh-hant", "en", "zh-hant"):
        with translation.override(language):
            rendered = both(source, word="Log out <now>")
            assert template.render(Context({"word": "Log out <now>"})) == rendered


def test_only_literals_are_kept() -> None:
    def is_kept(source: str) -> bool:
        return isinstance(Template(source).nodelist[0], CachedTranslation)

    assert is_kept('{% translate "Log out" %}') and is_kept(
        '{% translate "dark" context "appearance" as x %}'
    )
    for source in ("word", '"Log out"|upper', '"a"|default:"b"', '"dark" context place'):
        assert not is_kept(f"{{% translate {source} %}}"), source


def test_a_variable_of_words_is_set_in_its_own_context() -> None:
    template = Template('{% if x %}{% translate "Log out" as words %}{% endif %}{{ words }}')
    with translation.override("en"):
        assert template.render(Context({"x": True, "words": "old"})) == "Log out"
        assert template.render(Context({"x": False, "words": "old"})) == "old"


@pytest.mark.parametrize("code", ["1234567", SafeString("1234568"), 1234567])
def test_a_url_is_that_of_its_arguments(code: Any) -> None:
    for source in ("{% url 'courses:public' code %}", "{% url 'courses:public' code=code as u %}{{ u }}"):
        assert Template(source).render(Context({"code": code})) == f"/catalogue/{code}/"


def test_numbers_and_truth_are_different_arguments() -> None:
    template = Template("{% url 'jobs:job' number %}")
    assert template.render(Context({"number": 1})) == "/jobs/1/"
    with pytest.raises(NoReverseMatch):
        template.render(Context({"number": True}))


def test_a_url_that_there_is_not_is_an_error_or_nothing() -> None:
    with pytest.raises(NoReverseMatch):
        Template("{% url 'courses:public' %}").render(Context())
    assert Template("{% url 'courses:nothing' as u %}[{{ u }}]").render(Context()) == "[]"


def test_a_url_is_escaped_where_the_page_escapes() -> None:
    source = "{% url 'courses:public' code %}"
    assert Template(source).render(Context({"code": "1&2"})) == "/catalogue/1&amp;2/"
    assert Template(source).render(Context({"code": "1&2"}, autoescape=False)) == "/catalogue/1&2/"


def test_a_url_follows_the_prefix_and_the_table_of_routes() -> None:
    template = Template("{% url 'home' %}")
    assert template.render(Context()) == "/"
    set_script_prefix("/sub/")
    try:
        assert template.render(Context()) == "/sub/"
    finally:
        set_script_prefix("/")
    with override_settings(ROOT_URLCONF="courses.urls"), pytest.raises(NoReverseMatch):
        template.render(Context())
