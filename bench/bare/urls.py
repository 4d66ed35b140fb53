"""No page: enrolling is in `bench.bare.same`."""

urlpatterns: list[object] = []
