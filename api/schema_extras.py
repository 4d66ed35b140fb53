"""What the API's description says of a view stands beside the view; `api.schema` reads it when somebody asks for the description.

drf-spectacular's own decorator would load its generator, and with it Django's test client, into every process at its start.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

View = TypeVar("View")
# As the view's serializer class says.
OF_THE_VIEW: Any = object()


@dataclass(frozen=True)
class Parameter:
    name: str
    type: type
    place: str = "query"
    description: str = ""
    choices: tuple[str, ...] = ()


@dataclass(frozen=True)
class Description:
    parameters: tuple[Parameter, ...] = ()
    request: Any = OF_THE_VIEW
    responses: Any = OF_THE_VIEW


def described(*parameters: Parameter, **answers: Any) -> Callable[[View], View]:
    """`parameters`, `request=` and `responses=` (serializers, or serializers by status) of a method or a whole view."""

    def note(view: View) -> View:
        view.described = Description(parameters, **answers)  # type: ignore[attr-defined]
        return view

    return note
