from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("accounts", "0015_papers_into_the_store")]

    operations = [migrations.RemoveField("proof", "data")]
