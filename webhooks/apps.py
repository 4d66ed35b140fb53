from django.apps import AppConfig


class WebhooksConfig(AppConfig):
    name = "webhooks"

    def ready(self) -> None:
        from accounts.other_hats import FINDERS
        from audit import acts
        from courses.change_signals import course_announced
        from kit.own_data import OWN_DATA
        from kit.retention import RETENTION
        from kit.rights import RIGHTS
        from kit.schedule import SCHEDULE
        from notices.registry import KINDS
        from webhooks import audit_acts, notices, own_data, queries, retention, rights, schedule
        from webhooks.actions.deliveries import on_course_announced

        acts.register(audit_acts.ACTS)
        FINDERS.register({"webhooks:pk": queries.finds_webhook})
        KINDS.register(notices.KINDS)
        OWN_DATA.register(own_data.OWN_DATA)
        RETENTION.register(retention.RETENTION)
        RIGHTS.register(rights.RIGHTS)
        SCHEDULE.register(schedule.SCHEDULE)
        course_announced.connect(on_course_announced, dispatch_uid="webhooks")
