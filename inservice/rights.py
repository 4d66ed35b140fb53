from kit.rights import EVERYBODY, act, reads

RIGHTS = {
    "healthz": reads(EVERYBODY),
    "readyz": reads(EVERYBODY),
    "favicon": reads(EVERYBODY),
    "robots": reads(EVERYBODY),
    "security_txt": reads(EVERYBODY),
    "set_theme": act(EVERYBODY),
}
