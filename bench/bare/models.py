from django.contrib.auth.models import User
from django.db import models
from django.db.models import F, Q


class Course(models.Model):
    capacity = models.PositiveIntegerField()
    taken = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(taken__lte=F("capacity")), name="bare_capacity")]

    def __str__(self) -> str:
        return str(self.pk)


class Notice(models.Model):
    """The confirmation that ours writes in the same transaction."""

    key = models.CharField(max_length=200, unique=True)
    user = models.ForeignKey(User, models.CASCADE)
    subject = models.CharField(max_length=200)
    body = models.TextField()
    created_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.key


class Enrolment(models.Model):
    course = models.ForeignKey(Course, models.CASCADE)
    user = models.ForeignKey(User, models.CASCADE)
    waiting = models.BooleanField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["course", "user"], name="bare_once")]

    def __str__(self) -> str:
        return str(self.pk)
