"""How large each set is. Three years of courses; the last two months of them lie ahead."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Size:
    """What one set holds. `courses` and `enrolments` are those of the units beside the yardstick school, of all years."""

    name: str
    units: int
    teachers: int
    courses: int
    enrolments: int
    # Only 屏東縣, or all counties.
    nation: bool = False


# The county of the sets that are not of the nation, and of the yardstick school.
HOME = "屏東縣"
# Every set has the yardstick school with the same people and courses, so that its pages may be compared between sets.
SCHOOL_TEACHERS = 300
SCHOOL_COURSES = 540
SCHOOL_ENROLMENTS = 7_500

SIZES = {
    size.name: size
    for size in (
        # The school alone; the county's other units have nothing yet.
        Size("school", units=60, teachers=0, courses=0, enrolments=0),
        Size("district", units=60, teachers=4_000, courses=6_000, enrolments=80_000),
        Size("county", units=221, teachers=15_800, courses=19_000, enrolments=263_000),
        Size("national", units=4_200, teachers=300_000, courses=360_000, enrolments=5_000_000, nation=True),
    )
}
