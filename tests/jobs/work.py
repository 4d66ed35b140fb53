"""What the tests of background work share: files, jobs, a worker at hand."""

from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile

from accounts.acting import Actor
from accounts.actions import imports
from accounts.models import BusinessAccount
from jobs import runner
from jobs.models import Job
from tests.factories import acting, make_operator

PEOPLE = "姓名,身分證字號,電子郵件,學校代碼,職稱,角色\n"
GOOD = "陳怡君,A123456789,a@x.example,134526,教務主任,承辦人\n林老師,A800000014,b@x.example,134526,教師,\n"
BAD = "王一,A123456788,c@x.example,134526,教師,\n王二,B100000002,d@x.example,999999,教師,\n"


def upload(text: str, name: str = "名單.csv") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, text.encode("utf-8-sig"), "text/csv")


def operator() -> tuple[BusinessAccount, Actor]:
    account = make_operator()
    return account, acting(account)


def checking(text: str, by: Actor) -> Job:
    """A check of people that waits."""
    return imports.check("import_people", by=by, upload=upload(text))


def checked(text: str, by: Actor) -> Job:
    return done(checking(text, by))


def done(job: Job) -> Job:
    assert runner.run(job.pk)
    return fresh(job)


def fresh(job: Job) -> Job:
    return Job.objects.get(pk=job.pk)


def content(answer: Any) -> str:
    return b"".join(answer.streaming_content).decode("utf-8-sig")
