"""The look-up desk: no filter, order, search or URL of it discloses hidden columns, in any of its models."""

import re
from typing import Any, cast

import pytest
from django.contrib import admin
from django.contrib.admin.exceptions import DisallowedModelAdminLookup, DisallowedModelAdminToField
from django.contrib.admin.views.main import ChangeList
from django.http import HttpRequest
from django.test import Client, RequestFactory
from django.urls import reverse

from accounts.desk import HIDDEN
from accounts.models import BusinessAccount
from audit.models import AuditEvent
from tests.factories import acting, make_key, make_operator, make_user

pytestmark = pytest.mark.django_db
SECRET = re.compile(r"password|secret|digest|hash|sealed|token|^key$|encoded|^data$|leaves|fingerprint")
LOOKUPS = (
    "",
    "__exact",
    "__startswith",
    "__gte",
    "__regex",
    "__isnull",
    "__in",
    "__range",
    "__contains",
    "__length__gte",
)


def models() -> list[Any]:
    return sorted(admin.site._registry, key=lambda model: model._meta.label)


def list_of(model: Any) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")


@pytest.fixture
def account() -> BusinessAccount:
    return make_operator()


@pytest.fixture
def operator(account: BusinessAccount) -> Client:
    client = Client(raise_request_exception=False)
    client.force_login(account.user)
    return client


def request_of(account: BusinessAccount, model: Any, **query: str) -> HttpRequest:
    """A request for the list of a model, as it reaches the desk: the decisions of the desk are made for hundreds of these, without
    the page about each.
    """
    request: Any = RequestFactory().get(list_of(model), query)
    request.user, request.actor = account.user, acting(account)
    return cast(HttpRequest, request)


def listed(account: BusinessAccount, model: Any, **query: str) -> Any:
    """Return the list that the page of the desk shows for a query. Raise what the page refuses with 400."""
    return admin.site._registry[model].get_changelist_instance(request_of(account, model, **query))


def test_every_secret_column_is_hidden() -> None:
    names = {f.name for model in models() for f in model._meta.concrete_fields if SECRET.search(f.name)}
    # Moments, the end of a letter's secrecy, and digests of the seal that are written to the log as well.
    harmless = {
        "password_changed_at",
        "sealed_at",
        "secret_until",
        "leaves_digest",
        "last_digest",
        "request_key",
    }
    assert len(names) > 5 and not names - HIDDEN - harmless


@pytest.mark.once
@pytest.mark.parametrize("model", models(), ids=lambda model: model._meta.label)
def test_no_filter_by_a_hidden_column(account: BusinessAccount, operator: Client, model: Any) -> None:
    """Each look-up is refused, and each of these columns and relations by its page."""
    make_key(make_user())
    related = ("password", "id_hash", "digest", "encoded", "email", "pk")
    refused = [
        [f"{field.attname}{lookup}" for lookup in LOOKUPS]
        for field in model._meta.concrete_fields
        if field.name in HIDDEN
    ] + [
        [f"{field.name}__{name}__startswith" for name in related]
        for field in model._meta.get_fields()
        if field.is_relation and field.related_model
    ]
    for names in refused:
        for name in names:
            with pytest.raises(DisallowedModelAdminLookup):
                listed(account, model, **{name: "a"})
        assert operator.get(list_of(model), {names[-1]: "a"}).status_code == 400, names[-1]


@pytest.mark.parametrize("model", models(), ids=lambda model: model._meta.label)
def test_no_order_by_a_hidden_column_and_no_row_by_another_key(
    account: BusinessAccount, operator: Client, model: Any
) -> None:
    for column in (-2, 0, 1, 2, 3, 5, 8, 9, 12):
        ordered = {
            str(name).lstrip("-") for name in listed(account, model, o=str(column)).queryset.query.order_by
        }
        assert not ordered & HIDDEN
    page = operator.get(list_of(model), {"o": "2"})
    assert page.status_code == 200 and isinstance(page.context_data["cl"], ChangeList)
    desk, change = admin.site._registry[model], list_of(model) + "1/change/"
    for name in (*HIDDEN, "pk__startswith", "x"):
        with pytest.raises(DisallowedModelAdminToField):
            listed(account, model, _to_field=name)
        with pytest.raises(DisallowedModelAdminToField):
            desk.change_view(request_of(account, model, _to_field=name), "1")
    assert operator.get(list_of(model), {"_to_field": name}).status_code == 400
    assert operator.get(change, {"_to_field": name}).status_code == 400
    everything = listed(account, model).queryset.count()
    assert listed(account, model, q="a").queryset.count() >= everything


def test_a_guess_at_a_hidden_column_is_recorded(operator: Client) -> None:
    operator.get(reverse("admin:accounts_user_changelist"), {"password__startswith": "md5"})
    event = AuditEvent.objects.get(action="refused.bad_request")
    assert event.after["route"] == "admin:accounts_user_changelist"


def test_rows_may_be_narrowed_by_what_they_show(operator: Client) -> None:
    user = make_user()
    page = operator.get(reverse("admin:accounts_user_changelist"), {"email__startswith": user.email})
    assert page.status_code == 200 and page.context_data["cl"].result_count == 1
    devices = operator.get(reverse("admin:accounts_device_changelist"), {"user__id__exact": user.pk})
    assert devices.status_code == 200


def test_a_list_of_the_desk_joins_only_what_the_record_reads() -> None:
    """Joining every foreign key took PostgreSQL minutes to plan."""
    for model, desk in admin.site._registry.items():
        request = RequestFactory().get("/")
        joined = desk.get_list_select_related(request)
        assert joined is False or len(joined) <= 2, model
        assert joined == getattr(model, "audit_related", False)
