"""What announcements hold on a person."""

from bulletin.models import Announcement, Dismissal, Download
from kit.own_data import table

OWN_DATA = {
    "dismissals": table(Dismissal, "person", "announcement__text"),
    "announcements": table(Announcement, "published_by__user", "text", "published_at", "ended_at"),
    "downloads": table(Download, "published_by__user", "title", "version", "published_at", "ended_at"),
}
