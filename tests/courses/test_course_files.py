"""Files of a course: what is taken, who gets it and how, how long it stays."""

import io
import struct
import zlib
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from PIL import Image

from audit.models import AuditEvent
from courses.actions import course_files, registration, withdrawal
from courses.enums import EnrolmentState as S
from courses.errors import NotTheHandler, NotYourUnit
from courses.errors.course_files import FileGone, FilesOfWithdrawn, TooMuchForOneCourse
from courses.models import Course, CourseFile
from files import actions as store
from files.errors import (
    ActivePdf,
    DamagedPicture,
    FileEmpty,
    FileRefused,
    FileTooLarge,
    NoRoom,
    PictureTooLarge,
    ProtectedPdf,
    WrongFileType,
)
from files.models import StoredFile
from kit import clock
from tests.factories import acting, close, make_account, make_course, make_enrolment, make_lead, make_user

pytestmark = pytest.mark.django_db
PDF = b"%PDF-1.7\n1 0 obj<</Type/Catalog/OpenAction[2 0 R/Fit]>>endobj\n"


def picture(form: str = "PNG", size: tuple[int, int] = (40, 30), **options: Any) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, "white").save(out, form, **options)
    return out.getvalue()


def pdf(data: bytes = PDF, name: str = "實施計畫.pdf") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, data)


def add(course: Course, kind: str = "plan", upload: Any = None, **options: Any) -> CourseFile:
    by = options.pop("by", None) or acting(course.handler)
    return course_files.add(course=course, by=by, kind=kind, upload=upload or pdf(), **options)


def browser(user: Any = None) -> Client:
    client = Client()
    if user:
        client.force_login(user)
    return client


def get(row: CourseFile, user: Any = None) -> Any:
    return browser(user).get(reverse("courses:file", args=[row.pk]))


def bomb(width: int, height: int) -> bytes:
    """A PNG of a few bytes whose header names a picture that fills the memory."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(b"\0" * 99)) + chunk(b"IEND", b"")


def compressed(objects: bytes) -> bytes:
    return (
        PDF + b"3 0 obj<</Type/ObjStm/Filter/FlateDecode>>stream\n" + zlib.compress(objects) + b"\nendstream"
    )


HOSTILE = [
    ("poster", b"", FileEmpty),
    ("poster", b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>', WrongFileType),
    ("poster", b'<?xml version="1.0"?><svg onload="x"/>', WrongFileType),
    ("poster", b"GIF89a/*<svg/onload=alert(1)>*/=1;", WrongFileType),
    ("poster", PDF, WrongFileType),
    ("poster", b"\x89PNG\r\n\x1a\n<html><script>alert(1)</script>", DamagedPicture),
    ("poster", b"\xff\xd8\xff\xe0<?php system('id');", DamagedPicture),
    ("poster", picture()[:60], DamagedPicture),
    ("poster", bomb(9_000, 9_000), PictureTooLarge),
    ("poster", bomb(60_000, 60_000), PictureTooLarge),
    ("plan", picture(), WrongFileType),
    ("plan", b"<html>%PDF-1.7", WrongFileType),
    ("plan", b"MZ\x90\x00%PDF-1.7", WrongFileType),
    ("plan", PDF + b"<</S/JavaScript/JS(app.alert(1))>>", ActivePdf),
    ("plan", PDF + b"<</S /J#61va#53cript /JS 4 0 R>>", ActivePdf),
    ("plan", PDF + b"<</S/Launch/F(cmd.exe)>>", ActivePdf),
    ("plan", PDF + b"<</Type/EmbeddedFile>>", ActivePdf),
    ("plan", compressed(b"<</S/JavaScript/JS(x)>>"), ActivePdf),
    ("plan", compressed(b" " * 70_000_000), ActivePdf),
    ("plan", PDF + b"trailer<</Encrypt 9 0 R>>", ProtectedPdf),
    ("material", b"<!DOCTYPE html><script>1</script>", WrongFileType),
    ("material", b"a,b\n1,2\n", WrongFileType),
    ("material", PDF + b"<</S/SubmitForm/F(http://x)>>", ActivePdf),
]


@pytest.mark.parametrize(("kind", "data", "refusal"), HOSTILE, ids=range(len(HOSTILE)))
def test_what_could_harm_is_refused_whatever_its_name(
    kind: str, data: bytes, refusal: type[FileRefused]
) -> None:
    course = make_course()
    with pytest.raises(refusal):
        add(course, kind, SimpleUploadedFile("poster.png", data, content_type="image/png"))
    assert not StoredFile.objects.exists() and not CourseFile.objects.exists()


def test_a_harmless_pdf_is_kept_as_it_is() -> None:
    for data in (PDF, compressed(b"<</Type/Page>>")):
        row = add(make_course(), upload=pdf(data))
        assert default_storage.open(row.file.path).read() == data


def test_a_picture_keeps_its_points_and_nothing_else() -> None:
    exif = Image.Exif()
    exif[0x010E] = "secret place"
    exif[0x0112] = 6  # lies on its side
    sent = picture("JPEG", exif=exif) + b"<script>alert(1)</script>PK\x03\x04"
    row = add(make_course(), "poster", SimpleUploadedFile("a.html", sent))
    kept = default_storage.open(row.file.path).read()
    assert b"secret" not in kept and b"script" not in kept and b"PK\x03" not in kept
    with Image.open(io.BytesIO(kept)) as seen:
        assert seen.size == (30, 40) and not seen.getexif()
    assert row.file.name == "a.html.jpg" and row.file.content_type == "image/jpeg"


def test_a_large_picture_is_reduced() -> None:
    row = add(make_course(), "poster", SimpleUploadedFile("a.png", picture(size=(5000, 10))))
    with Image.open(default_storage.open(row.file.path)) as seen:
        assert seen.size[0] == 3508


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("實施計畫（草案）.pdf", "實施計畫（草案）.pdf"),
        ("../../etc/passwd", "passwd.pdf"),
        ("..\\..\\計畫.pdf", "計畫.pdf"),
        ("計畫\u202efdp.exe", "計畫fdp.exe.pdf"),
        ("計畫\x00.exe", "計畫.exe.pdf"),
        ('a"\r\nSet-Cookie: x=1.pdf', "a Set-Cookie: x=1.pdf"),
    ],
)
def test_names_are_shown_only_and_tell_the_type(name: str, shown: str) -> None:
    course = make_course()
    client = browser(course.handler.user)
    body = name.replace('"', "%22").replace("\r\n", "%0D%0A").encode()
    sent = (
        b'--b\r\nContent-Disposition: form-data; name="kind"\r\n\r\nplan\r\n'
        b'--b\r\nContent-Disposition: form-data; name="file"; filename="'
        + body
        + b'"\r\n\r\n'
        + PDF
        + b"\r\n--b--\r\n"
    )
    client.generic(
        "POST", reverse("courses:files", args=[course.code]), sent, "multipart/form-data; boundary=b"
    )
    row = CourseFile.objects.get()
    assert "%" in body.decode() or row.file.name == shown
    assert "/" not in row.file.name and row.file.path == f"course-plan/{row.file.key}"
    header = get(row)["Content-Disposition"]
    assert header.startswith("attachment") and "\n" not in header and "Set-Cookie" not in get(row).headers


def test_visitors_get_poster_and_plan_and_never_a_draft() -> None:
    course = make_course()
    poster = add(course, "poster", SimpleUploadedFile("海報.png", picture()))
    plan = add(course)
    shown = get(poster)
    assert shown["Content-Type"] == "image/png" and shown["Content-Disposition"].startswith("inline")
    taken = get(plan)
    assert taken["Content-Disposition"].startswith("attachment; filename*=utf-8''%E5%AF%A6")
    for response in (shown, taken):
        assert response["Content-Security-Policy"] == "default-src 'none'; sandbox"
        assert response["X-Content-Type-Options"] == "nosniff"
    page = browser().get(reverse("courses:public", args=[course.code])).content.decode()
    assert (
        reverse("courses:file", args=[poster.pk]) in page and reverse("courses:file", args=[plan.pk]) in page
    )
    draft = add(make_course(state="draft"))
    assert get(draft).status_code == get(draft, make_user()).status_code == 404
    assert get(draft, draft.course.handler.user).status_code == 200
    for path in ("courses:short", "courses:poster"):
        assert browser().get(reverse(path, args=[draft.course.code])).status_code == 404


def test_materials_are_for_participants_while_they_are_participants() -> None:
    course = make_course()
    row = add(course, "material")
    came = make_enrolment(course)
    assert get(row, came.user).status_code == 200
    assert get(row, make_lead(course.unit).user).status_code == 200
    for user in (None, make_user(unit=course.unit), make_account(course.unit).user, make_lead().user):
        assert get(row, user).status_code == 404
    for state in (S.WAITLISTED, S.APPLIED, S.CANCELLED, S.DECLINED, S.ABSENT):
        course.enrolments.filter(pk=came.pk).update(state=state)
        assert get(row, came.user).status_code == 404
    course.enrolments.filter(pk=came.pk).update(state=S.ATTENDED)
    assert get(row, came.user).status_code == 200
    page = browser(came.user).get(reverse("courses:public", args=[course.code])).content.decode()
    assert reverse("courses:file", args=[row.pk]) in page
    assert "課程教材" not in browser().get(reverse("courses:public", args=[course.code])).content.decode()


def test_materials_open_at_the_chosen_time() -> None:
    course = make_course(day=clock.today() + timedelta(3))
    person = make_enrolment(course).user
    start, end = (add(course, "material", open_from=choice) for choice in ("start", "end"))
    starts = course.sessions.get().starts_at

    def taken() -> list[int]:
        return [get(row, person).status_code for row in (start, end)]

    assert taken() == [404, 404]
    page = browser(person).get(reverse("courses:public", args=[course.code])).content.decode()
    assert "第一場開始後" in page and reverse("courses:file", args=[start.pk]) not in page
    course.sessions.update(starts_at=starts - timedelta(4))
    assert taken() == [200, 404]
    Course.objects.filter(pk=course.pk).update(postponed_at=clock.now())
    course.sessions.update(starts_at=starts)
    Course.objects.filter(pk=course.pk).update(postponed_at=None, ends_at=clock.now())
    assert taken() == [404, 200]


def test_only_those_in_charge_keep_the_files() -> None:
    course = make_course()
    row = add(course)
    add(course, by=acting(make_lead(course.unit)))
    row = CourseFile.objects.get()
    with pytest.raises(NotTheHandler):
        add(course, by=acting(make_account(course.unit)))
    with pytest.raises(NotYourUnit):
        course_files.remove(row=row, by=acting(make_lead()))
    withdrawal.withdraw(course=course, by=acting(course.handler), reason="not_held")
    with pytest.raises(FilesOfWithdrawn):
        add(course)
    assert get(row).status_code == 404


def test_a_new_plan_replaces_the_former_one(django_capture_on_commit_callbacks: Any) -> None:
    course = make_course()
    first = add(course)
    with django_capture_on_commit_callbacks(execute=True):
        second = add(course, upload=pdf(PDF + b"2"))
    assert get(first).status_code == 404 and get(second).status_code == 200
    assert not default_storage.exists(first.file.path)
    event = AuditEvent.objects.get(action="course.file_replace")
    assert event.before["digest"] == first.file.digest and event.after["digest"] == second.file.digest
    with django_capture_on_commit_callbacks(execute=True):
        course_files.remove(row=second, by=acting(course.handler))
    with pytest.raises(FileGone):
        course_files.remove(row=second, by=acting(course.handler))
    assert not default_storage.exists(second.file.path) and not course.files.exists()
    assert AuditEvent.objects.filter(action="course.file_remove").count() == 1


def test_all_files_of_a_course_share_its_room(settings: Any) -> None:
    settings.COURSE_FILES_MEGABYTES = 1
    course = make_course()
    half = PDF + b"x" * 600_000
    add(course, upload=pdf(half))
    with pytest.raises(TooMuchForOneCourse):
        add(course, "material", pdf(half))
    add(course, upload=pdf(half))  # it takes the room of the one that it replaces
    settings.COURSE_FILES_MEGABYTES = 100
    with pytest.raises(FileTooLarge):
        add(course, upload=pdf(PDF + b"x" * 20 * 1024 * 1024))


def test_files_stay_as_long_as_the_days_of_the_course_tell() -> None:
    course = make_course(day=clock.today() + timedelta(3))
    plan, material = add(course), add(course, "material")
    day = clock.day_of
    assert material.file.keep_until and plan.file.keep_until
    assert day(material.file.keep_until) == clock.today() + timedelta(3 + 366)
    assert day(plan.file.keep_until) == clock.today() + timedelta(3 + 3660)
    course.ends_on = clock.today() + timedelta(10)
    course_files.follow(course, clock.now())
    material.file.refresh_from_db()
    assert material.file.keep_until and day(material.file.keep_until) == clock.today() + timedelta(10 + 366)
    store.expire(material.file.keep_until)
    assert get(material, course.handler.user).status_code == 404
    page = browser(course.handler.user).get(reverse("courses:files", args=[course.code])).content.decode()
    assert reverse("courses:file", args=[material.pk]) not in page


def test_a_draft_that_is_thrown_away_takes_its_files_along() -> None:
    course = make_course(state="draft")
    row = add(course)
    registration.discard_draft(course=course, by=acting(course.handler))
    row.file.refresh_from_db()
    assert row.file.deleted_at and not CourseFile.objects.exists()


def post(course: Course, **fields: Any) -> Any:
    client = browser(course.handler.user)
    return client.post(reverse("courses:files", args=[course.code]), {"kind": "plan", **fields}, follow=True)


def test_the_page_says_at_the_field_what_is_wrong() -> None:
    course = make_course()
    for data, said in (
        (b"", "空的"),
        (picture(), "內容不是下列任何一種類型"),
        (PDF + b"/JavaScript ", "指令碼"),
    ):
        page = post(course, file=pdf(data)).content.decode()
        assert said in page and 'id="error-file"' in page or "is-invalid" in page
    assert not CourseFile.objects.exists()
    assert "實施計畫.pdf" in post(course, file=pdf()).content.decode()


def test_a_full_disk_is_a_sentence_and_leaves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(path: str, file: Any) -> str:
        raise OSError(28, "No space left on device")

    course = make_course()
    monkeypatch.setattr("files.storage.write", full)
    with pytest.raises(NoRoom):
        add(course)
    response = post(course, file=pdf())
    assert response.status_code == 200 and "沒有空間" in response.content.decode()
    assert not CourseFile.objects.exists() and not StoredFile.objects.exists()


def test_an_interrupted_upload_leaves_nothing() -> None:
    course = make_course()
    client = Client(raise_request_exception=False)
    client.force_login(course.handler.user)
    cut = (
        b'--b\r\nContent-Disposition: form-data; name="kind"\r\n\r\nplan\r\n'
        b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.pdf"\r\n\r\n'
    )
    path = reverse("courses:files", args=[course.code])
    response = client.generic("POST", path, cut, "multipart/form-data; boundary=b")
    assert response.status_code < 500 and not CourseFile.objects.exists() and not StoredFile.objects.exists()


def test_the_sheet_to_hang_up_has_the_short_address() -> None:
    course = make_course()
    page = browser().get(reverse("courses:poster", args=[course.code])).content.decode()
    assert f"/c/{course.code}/" in page and 'class="qr"' in page and course.title in page


def test_a_closed_course_keeps_its_materials_for_who_was_there() -> None:
    course = make_course(ago=3)
    came, absent = make_enrolment(course), make_enrolment(course)
    row = add(course, "material")
    close(course, absent=(absent,))
    assert get(row, came.user).status_code == 200 and get(row, absent.user).status_code == 404
