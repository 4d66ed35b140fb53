"""The one store of files: what is taken, who gets it and how, how long it stays."""

import io
import os
import zipfile
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import Storage, default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.http import Http404
from django.test import Client
from django.urls import reverse

from accounts.actions import applications, proofs
from accounts.actions.proofs import RETENTION_AFTER_DECISION
from accounts.file_kinds import PAPER
from audit.models import AuditEvent
from files import actions
from files.errors import FileEmpty, FileTooLarge, NoRoom, WrongFileType
from files.models import StoredFile
from files.registry import KINDS
from files.serving import attachment, deliver
from files.storage import on_disk
from jobs.file_kinds import KIND as JOBS
from kit import clock
from kit.file_types import CSV, DOCX, JPEG, ODS, ODT, PDF, PNG, PPTX, XLSX, type_of
from kit.tables import ods_bytes, xlsx_bytes
from tests.factories import acting, make_lead, make_user, teacher

pytestmark = pytest.mark.django_db


def zipped(**parts: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, data in parts.items():
            archive.writestr(name.replace("__", "/").replace("_xml", ".xml").replace("_bin", ".bin"), data)
    return out.getvalue()


ODT_FILE = zipped(mimetype=ODT.encode(), content_xml=b"<x/>")
TYPES = [
    (b"%PDF-1.7 x", PDF),
    (b"\x89PNG\r\n\x1a\nx", PNG),
    (b"\xff\xd8\xff\xe0x", JPEG),
    ("\ufeff姓名,職稱\n".encode(), CSV),
    ("姓名,職稱\n".encode("big5"), CSV),
    ("姓名\t職稱\n".encode("utf-16"), CSV),
    (xlsx_bytes(["a"], [["1"]]), XLSX),
    (ods_bytes(["a"], [["1"]]), ODS),
    (ODT_FILE, ODT),
    (zipped(word__document_xml=b"<x/>"), DOCX),
    (zipped(ppt__presentation_xml=b"<x/>"), PPTX),
    (b"", None),
    (b"MZ\x90\x00\x03", None),
    (b"<!DOCTYPE html><p>", None),
    (b'\xef\xbb\xbf<?xml version="1.0"?><svg>', None),
    (b"  <svg onload=x>", None),
    (b"GIF89a\x01\x00", None),
    (zipped(a=b"x"), None),
    (zipped(word__document_xml=b"<x/>", word__vbaProject_bin=b"x"), None),
    (zipped(mimetype=ODT.encode(), content_xml=b"<x/>", Basic__Standard__Module1_xml=b"x"), None),
    (zipped(mimetype=b"application/epub+zip", content_xml=b"<x/>"), None),
    (b"PK\x03\x04 broken", None),
]


# The bytes of an archive hold the time at which it was made: they name no test.
@pytest.mark.parametrize(("data", "found"), TYPES, ids=range(len(TYPES)))
def test_a_type_is_what_the_content_shows(data: bytes, found: str | None) -> None:
    file = io.BytesIO(data)
    assert type_of(file) == found and file.tell() == 0


def pdf(size: int = 10, name: str = "計畫.pdf") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, b"%PDF-" + b"x" * (size - 5), content_type="text/html")


def paper(**options: Any) -> StoredFile:
    return actions.store(PAPER, owner_id=make_user().pk, upload=pdf(**options))


def test_a_file_is_taken_only_within_its_kinds_limits() -> None:
    most, owner = KINDS[PAPER].max_bytes, make_user().pk
    for upload, refusal in (
        (pdf(most + 1), FileTooLarge),
        (SimpleUploadedFile("a.pdf", b""), FileEmpty),
        (SimpleUploadedFile("a.pdf", b"<html>"), WrongFileType),
        (SimpleUploadedFile("a.csv", b"a,b\n"), WrongFileType),
    ):
        with pytest.raises(refusal):
            actions.store(PAPER, owner_id=owner, upload=upload)
    assert not StoredFile.objects.exists()
    assert actions.store(PAPER, owner_id=owner, upload=pdf(most)).size == most


def test_what_is_kept_of_a_file_names_nobody_in_its_path() -> None:
    file = paper(name="../../etc/A123456789.pdf")
    assert file.path == f"papers/{file.key}" and default_storage.exists(file.path)
    assert file.name == "A12345****.pdf" and file.content_type == PDF and len(file.digest) == 64


def test_a_file_leaves_as_a_download_of_the_type_that_its_content_showed() -> None:
    response = attachment(paper())
    assert response["Content-Type"] == PDF and response["X-Content-Type-Options"] == "nosniff"
    assert response["Content-Disposition"].startswith("attachment")
    assert response["Cache-Control"] == "private, no-store"
    assert b"".join(response.streaming_content) == b"%PDF-xxxxx"  # type: ignore[arg-type]


def test_a_file_is_handed_only_to_whom_its_kind_admits() -> None:
    file = paper()
    assert deliver(file, by=teacher(file.owner)).status_code == 200
    for other in (None, teacher(make_user()), acting(make_lead())):
        with pytest.raises(Http404):
            deliver(file, by=other)


def test_a_deleted_file_is_not_handed_out_though_its_bytes_are_still_there() -> None:
    file = paper()
    actions.delete(file)
    assert default_storage.exists(file.path)
    with pytest.raises(Http404):
        deliver(file, by=teacher(file.owner))


def test_a_file_whose_bytes_are_lost_is_not_found(tmp_path: Path) -> None:
    file = paper()
    default_storage.delete(file.path)
    with pytest.raises(Http404):
        deliver(file, by=teacher(file.owner))


def test_deleting_keeps_the_row_and_is_recorded(django_capture_on_commit_callbacks: Any) -> None:
    file = paper()
    with django_capture_on_commit_callbacks(execute=True):
        assert actions.delete(file) and not actions.delete(file)
    assert not default_storage.exists(file.path)
    assert AuditEvent.objects.get(action="file.delete").after["digest"] == file.digest
    assert StoredFile.objects.get().deleted_at


def test_a_file_goes_when_its_time_is_over(django_capture_on_commit_callbacks: Any) -> None:
    file, other = paper(), paper()
    now = clock.now()
    actions.keep_until(file, now + timedelta(days=1))
    assert actions.expire(now + timedelta(hours=23))["deleted"] == 0
    with django_capture_on_commit_callbacks(execute=True):
        assert actions.expire(now + timedelta(days=1))["deleted"] == 1
    assert not default_storage.exists(file.path) and default_storage.exists(other.path)


def test_a_paper_is_kept_for_half_a_year_after_the_decision() -> None:
    lead, user = make_lead(), make_user()
    row = applications.apply(
        by=teacher(user), unit=lead.unit, role="handler", reason="r", starts_on=clock.today(), proof=pdf()
    )
    assert row.proof and row.proof.file and row.proof.file.keep_until is None
    applications.refuse(application=row, by=acting(lead), reason="不符")
    row.refresh_from_db()
    assert row.proof and row.proof.file and row.decided_at
    assert row.proof.file.keep_until == row.decided_at + RETENTION_AFTER_DECISION
    actions.expire(row.decided_at + RETENTION_AFTER_DECISION)
    client = Client()
    client.force_login(user)
    assert client.get(reverse("accounts:paper", args=[row.proof_id])).status_code == 404


def test_a_file_of_an_undone_act_is_found_as_a_stray_after_a_day() -> None:
    with pytest.raises(RuntimeError), transaction.atomic():
        path = paper().path
        raise RuntimeError
    # The file's time is the machine's own, not that of the moved clock.
    stored_at = default_storage.get_modified_time(path)
    assert actions.expire(stored_at + timedelta(hours=23))["strays"] == 0 and default_storage.exists(path)
    kept = paper()
    assert actions.expire(stored_at + timedelta(days=2))["strays"] >= 1
    assert not default_storage.exists(path) and default_storage.exists(kept.path)


def test_the_rows_of_jobs_files_are_forgotten_and_those_of_papers_kept() -> None:
    table = SimpleUploadedFile("a.csv", b"a,b\n")
    for file in (paper(), actions.store(JOBS, owner_id=make_user().pk, upload=table)):
        actions.delete(file)
    assert actions.expire(clock.now() + timedelta(days=401))["forgotten"] == 1
    assert [file.kind for file in StoredFile.objects.all()] == [PAPER]


class FullDisk(SimpleUploadedFile):
    full = False

    def chunks(self, chunk_size: int | None = None) -> Iterator[bytes]:
        yield b"%PDF-A123456789"
        if self.full:
            raise OSError(28, "No space left on device")
        self.full = True


def here(settings: Any, folder: Path) -> None:
    default = settings.STORAGES["default"]
    options = {**default.get("OPTIONS", {}), "location": folder}
    settings.STORAGES = {**settings.STORAGES, "default": {**default, "OPTIONS": options}}


def test_a_file_that_cannot_be_written_whole_is_not_kept_in_part(settings: Any, tmp_path: Path) -> None:
    here(settings, tmp_path)
    with pytest.raises(NoRoom):
        actions.store(PAPER, owner_id=make_user().pk, upload=FullDisk("a.pdf", b"%PDF-1"))
    assert not [path for path in tmp_path.rglob("*") if path.is_file()] and not StoredFile.objects.exists()


def test_files_are_for_the_application_alone(settings: Any, tmp_path: Path) -> None:
    here(settings, tmp_path / "media")
    path = Path(default_storage.path(paper().path))
    assert mode(path) == 0o600 and mode(path.parent) == 0o700


def mode(path: Path) -> int:
    return os.stat(path).st_mode & 0o777


class Remote(Storage):
    """As object storage: files without a path on this machine."""

    held: dict[str, bytes] = {}

    def exists(self, name: str) -> bool:
        return name in self.held

    def _save(self, name: str, content: Any) -> str:
        self.held[name] = content.read()
        return name

    def _open(self, name: str, mode: str = "rb") -> ContentFile:  # type: ignore[type-arg]
        return ContentFile(self.held[name])


def test_a_backend_without_paths_is_read_through_a_copy(settings: Any) -> None:
    settings.STORAGES = {**settings.STORAGES, "default": {"BACKEND": f"{__name__}.Remote"}}
    with on_disk(default_storage.save("papers/x", ContentFile(b"%PDF-x"))) as path:
        assert path.read_bytes() == b"%PDF-x"


def test_no_paper_is_no_file() -> None:
    assert proofs.store(None, make_user()) is None
