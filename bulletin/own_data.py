"""What announcements hold on a person."""

from bulletin.models import Dismissal
from kit.own_data import table

OWN_DATA = {"dismissals": table(Dismissal, "person", "announcement__text")}
