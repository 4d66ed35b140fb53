"""`translate` and `url` as Django has them, worked out once: some two hundred of them make a page, and nearly all are constant.

The words of a literal are kept for each language, the URL of a route for its arguments.
"""

import re
from functools import lru_cache

from django import template
from django.conf import settings
from django.template import defaulttags
from django.template.base import FilterExpression, Parser, Token
from django.templatetags.i18n import do_translate
from django.urls import get_script_prefix, get_urlconf, reverse
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString
from django.utils.translation import get_language

register = template.Library()
QUOTES = ("'", '"')
# An argument of `url`: its keyword, if any, and its expression.
ARGUMENT = re.compile(r"(?:(\w+)=)?(.+)")


@register.tag
def translate(parser: Parser, token: Token) -> template.Node:
    node = do_translate(parser, token)
    _tag, words, *options = token.split_contents()
    if not _is_literal(words) or (options[:1] == ["context"] and not _is_literal(options[1])):
        return node
    name = options.pop() if options[-2:-1] == ["as"] else ""
    return CachedTranslation(node, name)


def _is_literal(word: str) -> bool:
    """Return whether a word of a tag is one string in quotes, without a filter."""
    return word[0] in QUOTES and word.find(word[0], 1) == len(word) - 1


class CachedTranslation(template.Node):
    """The translation of a literal, by language; `name` is the variable that takes it, if any."""

    child_nodelists = ()

    def __init__(self, node: template.Node, name: str) -> None:
        self.node, self.name = node, name
        self.known: dict[tuple[str | None, bool], str] = {}

    def render(self, context: template.Context) -> SafeString:
        key = (get_language(), context.autoescape)
        if key not in self.known:
            self.known[key] = self._words(context)
        if not self.name:
            return SafeString(self.known[key])
        context[self.name] = self.known[key]
        return SafeString("")

    def _words(self, context: template.Context) -> str:
        if not self.name:
            return self.node.render(context)
        with context.push():
            self.node.render(context)
            return str(context[self.name])


@register.tag
def url(parser: Parser, token: Token) -> template.Node:
    _tag, name, *arguments = token.split_contents()
    # With `as` a route that there is not gives nothing: Django's own tag does that.
    if not _is_literal(name) or arguments[-2:-1] == ["as"]:
        return defaulttags.url(parser, token)
    parts = [ARGUMENT.fullmatch(argument) for argument in arguments]
    named = {part[1]: parser.compile_filter(part[2]) for part in parts if part and part[1]}
    return CachedUrl(
        name[1:-1], [parser.compile_filter(part[2]) for part in parts if part and not part[1]], named
    )


class CachedUrl(template.Node):
    """The URL of a route, by its arguments where these are numbers and texts."""

    child_nodelists = ()

    def __init__(
        self, route: str, places: list[FilterExpression], named: dict[str, FilterExpression]
    ) -> None:
        self.route, self.expressions, self.keys = route, (*places, *named.values()), tuple(named)

    def render(self, context: template.Context) -> SafeString:
        values = [expression.resolve(context) for expression in self.expressions]
        found = _reversed if all(isinstance(value, str | int) for value in values) else _reversed.__wrapped__
        path = found(
            get_urlconf() or settings.ROOT_URLCONF,
            get_script_prefix(),
            _current_app(context),
            self.route,
            self.keys,
            *values,
        )
        return SafeString(conditional_escape(path) if context.autoescape else path)


def _current_app(context: template.Context) -> str | None:
    request = context.get("request")
    match = getattr(request, "resolver_match", None)
    app: str | None = getattr(request, "current_app", match.namespace if match else None)
    return app


@lru_cache(maxsize=4096, typed=True)
def _reversed(
    urlconf: str, prefix: str, app: str | None, name: str, keys: tuple[str, ...], *values: str | int
) -> str:
    """Return the URL of a route; the last values belong to the keys. The prefix, which `reverse` reads itself, is part of the key."""
    first = len(values) - len(keys)
    named = dict(zip(keys, values[first:], strict=True))
    return reverse(name, urlconf, values[:first], named, app)
