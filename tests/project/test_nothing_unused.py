"""No column that is read and never written, and no setting that nothing reads: either is a rule that nobody can use."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from django.apps import apps
from django.conf import settings

from inservice.packages import PACKAGES

ROOT = Path(__file__).resolve().parents[2]
WRITERS = {
    "create",
    "get_or_create",
    "update_or_create",
    "update",
    "bulk_create",
    "bulk_update",
    "save",
    "move",
    "dict",
}
# Columns that no code writes yet, each with its reason.
UNWRITTEN = {
    "accounts.User.date_joined": "written by its default",
}
# Settings that another reads: the library, or Django under a name built at run time.
LIBRARIES = (
    "WHITENOISE_",
    "ACCOUNT_",
    "SOCIALACCOUNT_",
    "MFA_",
    "CELERY_",
    "USERSESSIONS_",
    "ALLAUTH_",
    "HEADLESS_",
    "CONTENT_SECURITY_",
)
READ_ELSEWHERE: dict[str, str] = {
    "REST_FRAMEWORK": "Django REST framework",
    "SPECTACULAR_SETTINGS": "drf-spectacular",
    "ROOT_URLCONF": "Django",
    "SETTINGS_MODULE": "Django",
}


def sources() -> Iterator[Path]:
    for app in PACKAGES:
        for path in sorted((ROOT / app).rglob("*.py")):
            if "migrations" not in path.parts:
                yield path


def written(tree: ast.AST) -> Iterator[str]:
    """Names that this code writes: attributes, keywords of writing calls and of classes, keys of dictionaries, lists of names."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign | ast.AugAssign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            pieces = [piece for t in targets for piece in (t.elts if isinstance(t, ast.Tuple) else [t])]
            yield from (piece.attr for piece in pieces if isinstance(piece, ast.Attribute))
        elif isinstance(node, ast.ClassDef) and node.name.endswith("Facts"):
            # What an action writes into a row, field by field.
            yield from (
                a.target.id
                for a in node.body
                if isinstance(a, ast.AnnAssign) and isinstance(a.target, ast.Name)
            )
        elif isinstance(node, ast.Call):
            name = getattr(node.func, "attr", getattr(node.func, "id", ""))
            if name in WRITERS or name[:1].isupper() or name.startswith("_"):
                yield from (word.arg for word in node.keywords if word.arg)
        elif isinstance(node, ast.Dict):
            yield from (
                k.value for k in node.keys if isinstance(k, ast.Constant) and isinstance(k.value, str)
            )
        elif isinstance(node, ast.List | ast.Tuple | ast.Set):
            yield from (
                e.value for e in node.elts if isinstance(e, ast.Constant) and isinstance(e.value, str)
            )


def names_of(tree: ast.AST) -> Iterator[str]:
    """Words inside SQL texts too: plain statements write columns."""
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Constant)
            and isinstance(node.value, str)
            and re.search(r"\b(INSERT|UPDATE)\b", node.value)
        ):
            yield from re.findall(r"\w+", node.value)


def test_every_column_is_written_somewhere() -> None:
    found: set[str] = set()
    for path in sources():
        tree = ast.parse(path.read_text())
        found |= set(written(tree)) | set(names_of(tree))
    missing = {
        f"{model._meta.label}.{field.name}"
        for app in PACKAGES
        if apps.is_installed(app)
        for model in apps.get_app_config(app).get_models()
        for field in model._meta.concrete_fields
        if not field.primary_key and not {field.name, field.attname} & found
    }
    assert missing == set(UNWRITTEN)


def test_every_setting_of_ours_is_read() -> None:
    from django.conf import global_settings

    text = "\n".join(path.read_text() for path in sources() if path.name != "settings.py")
    own = (ROOT / "inservice/settings.py").read_text()
    names = [name for name in dir(settings) if name.isupper() and not hasattr(global_settings, name)]
    unread = {
        name
        for name in names
        if not name.startswith(LIBRARIES)
        and not re.search(rf"\b{name}\b", text)
        # Written once and used again inside the settings themselves.
        and len(re.findall(rf"\b{name}\b", own)) < 2
    }
    assert unread <= set(READ_ELSEWHERE), unread - set(READ_ELSEWHERE)
