"""The list of titles (職稱) that the operator keeps."""

from accounts.job_titles import TitleOrder
from accounts.models import Title


def title_order() -> TitleOrder:
    """Return the order of all titles of the list: people keep a title that is offered no more."""
    return TitleOrder(dict(Title.objects.values_list("name", "order")))


def offered_titles() -> list[str]:
    """Return the titles that are proposed today where one is typed, in their order."""
    return list(Title.objects.valid().values_list("name", flat=True))
