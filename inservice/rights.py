from kit.rights import EVERYBODY, act, page, reads

RIGHTS = {
    "healthz": page(EVERYBODY),
    "favicon": reads(EVERYBODY),
    "robots": reads(EVERYBODY),
    "security_txt": reads(EVERYBODY),
    "set_theme": act(EVERYBODY),
}
