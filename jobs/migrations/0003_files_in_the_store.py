import hashlib

from django.core.files.storage import default_storage
from django.db import migrations


def name_files(apps, schema_editor):
    """Give each file that a job still has its row; it stays where it is."""
    Job = apps.get_model("jobs", "Job")
    StoredFile = apps.get_model("files", "StoredFile")
    for job in Job.objects.filter(expired_at=None).order_by("pk"):
        named = (
            (job.input_file, job.input_name, "text/csv"),
            (job.result_file, job.result_name, job.result_type or "text/csv"),
        )
        for path, name, content_type in named:
            if not path or not default_storage.exists(path) or StoredFile.objects.filter(path=path).exists():
                continue
            with default_storage.open(path, "rb") as file:
                size, digest = file.size, hashlib.file_digest(file, "sha256").hexdigest()
            if size:
                StoredFile.objects.create(
                    key=path.rpartition("/")[2],
                    kind="jobs",
                    owner_id=job.owner_id,
                    name=name[-100:],
                    content_type=content_type,
                    size=size,
                    digest=digest,
                    path=path,
                    created_at=job.created_at,
                )


class Migration(migrations.Migration):
    dependencies = [("jobs", "0002_plurals"), ("files", "0001_initial")]

    operations = [migrations.RunPython(name_files, migrations.RunPython.noop)]
