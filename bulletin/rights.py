"""Who may use the routes of announcements, files to download and the handbook."""

from accounts.role_sets import COUNTY_UNITS, OVERSIGHT
from kit.rights import EVERYBODY, MEMBERS, act, page

RIGHTS = {
    "handbook:index": page(EVERYBODY, listed=True),
    "handbook:page": page(EVERYBODY),
    "handbook:shot": page(EVERYBODY),
    "bulletin:download": page(EVERYBODY),
    "bulletin:announcements": page(EVERYBODY),
    "bulletin:dismiss": act(MEMBERS),
    "bulletin:kept_downloads": page(OVERSIGHT),
    "bulletin:add_download": page(OVERSIGHT),
    "bulletin:edit_download": page(COUNTY_UNITS),
    "bulletin:remove_download": act(COUNTY_UNITS),
    "bulletin:kept_announcements": page(OVERSIGHT),
    "bulletin:add_announcement": page(OVERSIGHT),
    "bulletin:edit_announcement": page(COUNTY_UNITS),
    "bulletin:end_announcement": act(COUNTY_UNITS),
}
