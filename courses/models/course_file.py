"""The files of a course: poster, plan and materials. The bytes and who sent them are in the one store of files."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from courses.enums import CourseFileKind, MaterialsFrom
from courses.models.course import Course
from files.models import StoredFile


class CourseFileQuerySet(models.QuerySet["CourseFile"]):
    def present(self) -> "CourseFileQuerySet":
        """Those whose bytes are kept still."""
        return self.filter(file__deleted_at=None).select_related("file")


class CourseFile(models.Model):
    """One file of a course. A poster or plan that is sent again replaces the former one; a file that is removed is deleted."""

    # Found by the index of its kinds, which begins with it.
    course = models.ForeignKey(Course, models.PROTECT, related_name="files", db_index=False)
    kind = models.CharField(_("kind"), max_length=10, choices=CourseFileKind)
    file = models.OneToOneField(StoredFile, models.PROTECT, related_name="+", verbose_name=_("file"))
    # Materials follow the course when it moves to another day.
    open_from = models.CharField(_("open from"), max_length=10, choices=MaterialsFrom, blank=True)

    objects = CourseFileQuerySet.as_manager()

    class Meta:
        verbose_name = _("file of a course")
        verbose_name_plural = _("files of courses")
        ordering = ["kind", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["course", "kind"],
                condition=~Q(kind=CourseFileKind.MATERIAL),
                name="courses_file_one_poster_and_plan",
            ),
            models.CheckConstraint(
                condition=Q(kind=CourseFileKind.MATERIAL, open_from__in=MaterialsFrom.values)
                | Q(kind__in=[CourseFileKind.POSTER, CourseFileKind.PLAN], open_from=""),
                name="courses_file_materials_open_from",
            ),
        ]
        indexes = [models.Index(fields=["course", "kind"], name="courses_files")]

    def __str__(self) -> str:
        return f"{self.course_id} {self.kind}"
