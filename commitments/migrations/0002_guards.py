from django.db import migrations

from commitments.models import guards


def install(_apps, schema_editor):
    guards.install(schema_editor.connection, "commitments")


def remove(_apps, schema_editor):
    guards.remove(schema_editor.connection, "commitments")


class Migration(migrations.Migration):
    dependencies = [("commitments", "0001_register")]

    operations = [migrations.RunPython(install, remove)]
