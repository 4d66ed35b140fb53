"""Who may use the routes of the project itself: files at fixed addresses, the handbook, the choice of colours."""

from kit.rights import EVERYBODY, act, page, reads

RIGHTS = {
    "healthz": page(EVERYBODY),
    "favicon": reads(EVERYBODY),
    "robots": reads(EVERYBODY),
    "security_txt": reads(EVERYBODY),
    "set_theme": act(EVERYBODY),
    "handbook:index": page(EVERYBODY, listed=True),
    "handbook:page": page(EVERYBODY),
    "handbook:shot": page(EVERYBODY),
}
