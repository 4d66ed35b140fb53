"""Load the site's templates without the indents of their layout, which would be sent with every row of a long list."""

import re

from django.template.base import Origin
from django.template.loaders import filesystem

# A tag of HTML, in whose values and between whose attributes tags of the template may lie.
_TEMPLATE = r"\{[%{#].*?[%}#]\}"
_TAG = re.compile(
    rf"""<[a-zA-Z](?:{_TEMPLATE}|"(?:{_TEMPLATE}|[^"{{]|\{{)*"|'(?:{_TEMPLATE}|[^'{{]|\{{)*'|[^>"'{{]|\{{)*>""",
    re.S,
)
_BREAK = re.compile(r"\s*\n\s*")
_INDENT = re.compile(r"\n[ \t]+")


def squeezed(source: str) -> str:
    """Return a template with every tag of HTML on one line and no indents: to a browser it is the same page."""
    return _INDENT.sub("\n", _TAG.sub(_on_one_line, source))


def _on_one_line(tag: re.Match[str]) -> str:
    return re.sub(r" >$", ">", _BREAK.sub(" ", tag[0]))


class Loader(filesystem.Loader):
    """Squeeze pages. E-mails as text keep their lines."""

    def get_contents(self, origin: Origin) -> str:
        source = super().get_contents(origin)
        return squeezed(source) if str(origin.name).endswith(".html") else source
