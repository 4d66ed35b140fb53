"""Files of a course: a poster, a plan, and materials that participants may take at once and after the course."""

import io

from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image, ImageDraw

from accounts.acting import Actor
from courses.actions import course_files
from courses.models import Course
from kit import clock
from kit.pdf import Document


def load(course: Course, by: Actor) -> None:
    upload = SimpleUploadedFile("研習海報.png", _poster())
    course_files.add(course=course, by=by, kind="poster", upload=upload)
    course_files.add(course=course, by=by, kind="plan", upload=_pdf("實施計畫", course))
    for title, open_from in (("課前閱讀", "admitted"), ("簡報與參考資料", "end")):
        upload = _pdf(title, course)
        course_files.add(course=course, by=by, kind="material", upload=upload, open_from=open_from)


def _poster() -> bytes:
    """A picture without words: the demonstration needs no font of its own."""
    picture = Image.new("RGB", (840, 594), "#0f4c5c")
    draw = ImageDraw.Draw(picture)
    for step, colour in enumerate(("#1a7f8e", "#e9c46a", "#f4a261", "#e76f51")):
        edge = 80 * step
        draw.ellipse((260 + edge, 90 + edge, 840 - edge, 670 - edge), fill=colour)
    out = io.BytesIO()
    picture.save(out, "PNG")
    return out.getvalue()


def _pdf(title: str, course: Course) -> SimpleUploadedFile:
    document = Document(title)
    document.part()
    document.paragraph(title, 20, bold=True, align="centre")
    document.paragraph(f"{course.title}（{course.code}）", 14)
    return SimpleUploadedFile(f"{title}.pdf", document.made(clock.now()))
