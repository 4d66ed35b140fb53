"""The counties of the nation, in the ministry's order."""

from collections.abc import Collection

from accounts.models import County

COUNTIES = (
    "新北市",
    "臺北市",
    "桃園市",
    "臺中市",
    "臺南市",
    "高雄市",
    "宜蘭縣",
    "新竹縣",
    "苗栗縣",
    "彰化縣",
    "南投縣",
    "雲林縣",
    "嘉義縣",
    "屏東縣",
    "臺東縣",
    "花蓮縣",
    "澎湖縣",
    "基隆市",
    "新竹市",
    "嘉義市",
    "金門縣",
    "連江縣",
)


def counties_named(names: Collection[str] = COUNTIES) -> dict[str, County]:
    """Return the counties of these names, all when none are given; make what is missing."""
    missing = set(names) - set(County.objects.filter(name__in=names).values_list("name", flat=True))
    County.objects.bulk_create(
        [County(name=name, order=order) for order, name in enumerate(COUNTIES, 1) if name in missing],
        ignore_conflicts=True,
    )
    return {county.name: county for county in County.objects.filter(name__in=names)}
