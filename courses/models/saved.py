"""Searches of the catalogue that a person named and kept."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from kit.texts import refuse_controls


class SavedSearch(models.Model):
    """`query` is the catalogue's own query string: known parameters only, in one order (`courses.forms.catalogue_filter.known_query`)."""

    owner = models.ForeignKey(User, models.CASCADE, related_name="saved_searches")
    name = models.CharField(_("name of the search"), max_length=40, validators=[refuse_controls])
    query = models.CharField(max_length=600, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    # Since when the person is notified of new courses that it finds, and until which moment their registration was looked at.
    watched_at = models.DateTimeField(null=True, blank=True, editable=False)
    told_until = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("saved search")
        verbose_name_plural = _("saved searches")
        ordering = ["name", "id"]
        indexes = [
            models.Index(
                fields=["owner"], name="courses_watched_searches", condition=Q(watched_at__isnull=False)
            )
        ]
        constraints = [
            models.UniqueConstraint(fields=["owner", "name"], name="courses_saved_search_one_name_a_person")
        ]

    @property
    def audit_people(self) -> tuple[int, ...]:
        """The people whom the record of this row concerns."""
        return (self.owner_id,)

    def __str__(self) -> str:
        return self.name
