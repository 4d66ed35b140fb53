from django.apps import AppConfig


class BulletinConfig(AppConfig):
    name = "bulletin"

    def ready(self) -> None:
        from audit import acts
        from bulletin import audit_acts, file_kinds, own_data, retention, rights
        from files.registry import KINDS as FILE_KINDS
        from kit.body_size import LARGER
        from kit.own_data import OWN_DATA
        from kit.retention import RETENTION
        from kit.rights import RIGHTS

        acts.register(audit_acts.ACTS)
        FILE_KINDS.register(file_kinds.KINDS)
        LARGER.register(file_kinds.UPLOADS)
        OWN_DATA.register(own_data.OWN_DATA)
        RETENTION.register(retention.RETENTION)
        RIGHTS.register(rights.RIGHTS)
