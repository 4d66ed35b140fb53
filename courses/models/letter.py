"""函（稿）: the draft of the official letter of a campaign. Approval, number and seal come from the county's document system."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from courses.enums import LetterSecrecy, LetterSpeed
from courses.models.campaign import Campaign
from courses.models.course import line, prose


class CampaignLetter(models.Model):
    """One letter for all units of a campaign; only its addressee differs from copy to copy. The newest one of a county is the
    template of its next letter.
    """

    campaign = models.OneToOneField(Campaign, models.CASCADE, related_name="letter")
    issuer = line(_("issuing office (full name)"), 60)
    address = line(_("address"), 120, blank=True)
    officer = line(_("officer in charge"), 60, blank=True)
    phone = line(_("telephone"), 60, blank=True)
    fax = line(_("fax"), 60, blank=True)
    mail = line(_("e-mail"), 120, blank=True)
    sent_on = models.DateField(_("date of the letter"), null=True, blank=True)
    number = line(_("number of the letter"), 60, blank=True)
    speed = models.CharField(_("speed"), max_length=6, choices=LetterSpeed, default=LetterSpeed.PLAIN)
    secrecy = models.CharField(_("secrecy"), max_length=6, choices=LetterSecrecy, blank=True)
    secret_until = line(_("when it ends"), 60, blank=True)
    annexes = line(_("annexes"), 120, blank=True)
    subject = prose(_("subject"), 400)
    phrase = models.CharField(_("closing phrase"), max_length=10)
    items = prose(_("explanation"), 4000)
    measures = prose(_("measures"), 4000, blank=True)
    # Empty: the names of all units.
    recipients = line(_("original to"), 300, blank=True)
    copies = prose(_("copies to"), 1000, blank=True)
    saved_at = models.DateTimeField()
    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        verbose_name = _("letter of a campaign")
        verbose_name_plural = _("letters of campaigns")
        ordering = ["-saved_at"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(secrecy__in=["", *LetterSecrecy.values]),
                name="courses_letter_secrecy_known",
            ),
            models.CheckConstraint(
                condition=models.Q(speed__in=LetterSpeed.values), name="courses_letter_speed_known"
            ),
        ]

    def __str__(self) -> str:
        return self.subject[:40]
