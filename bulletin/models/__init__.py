from bulletin.models.announcement import Announcement, Dismissal
from bulletin.models.download import Download

__all__ = ["Announcement", "Dismissal", "Download"]
