"""The actions of the project, found in the code: every public function of an `actions` package that is a transaction of its
own.
"""

import ast
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings

ROOT = Path(settings.BASE_DIR)
APPS = ("accounts", "bulletin", "signin", "courses", "hours", "webhooks")
# Acts of several transactions, each in a function of its own.
IN_PARTS = {
    "accounts.actions.staff.add",
    "courses.actions.enrolments.enrol",
    "courses.actions.leavers.cancel_each_night",
    "courses.actions.unit_life.end_requests_each_night",
    "hours.actions.closing.close_course",
    "hours.actions.corrections.add_person",
    "courses.actions.participant_look_ups.look_up",
    "hours.actions.walk_ins.look_up",
    "signin.actions.join_requests.apply",
    "signin.actions.join_requests.approve",
}


def acts() -> Iterator[str]:
    """`courses.actions.withdrawal.withdraw` and so on."""
    for app in APPS:
        for path in sorted((ROOT / app / "actions").glob("*.py")):
            for node in ast.parse(path.read_text()).body:
                if isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
                    name = f"{app}.actions.{path.stem}.{node.name}"
                    if name in IN_PARTS or any("atomic" in ast.unparse(d) for d in node.decorator_list):
                        yield name
