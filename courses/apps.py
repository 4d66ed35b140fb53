from django.apps import AppConfig


class CoursesConfig(AppConfig):
    name = "courses"

    def ready(self) -> None:
        from accounts.changes import units_renamed
        from courses import background
        from courses.actions import search_index

        assert background  # registers its kinds of work
        units_renamed.connect(search_index.add_unit_names, dispatch_uid="courses.search")
