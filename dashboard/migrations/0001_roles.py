from django.contrib.auth.management import create_permissions
from django.db import migrations

from commitments.services.roles import ROLES, ROOMS, grant_roles


def grant(apps, schema_editor):
    # Permissions are otherwise made only when all migrations are over.
    for label in (*ROOMS, "auth", "axes"):
        config = apps.get_app_config(label)
        config.models_module = True
        create_permissions(config, verbosity=0, apps=apps, using=schema_editor.connection.alias)
        config.models_module = None
    grant_roles(apps)


def remove(apps, _schema_editor):
    apps.get_model("auth", "Group").objects.filter(name__in=ROLES).delete()


class Migration(migrations.Migration):
    dependencies = [
        ("auth", "0012_alter_user_first_name_max_length"),
        ("axes", "0001_initial"),
        ("commitments", "0002_guards"),
        ("projects", "0002_guards"),
        ("tariffs", "0002_guards"),
    ]

    operations = [migrations.RunPython(grant, remove)]
