"""A role of the school's can be retired: nobody is given it any more."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0007_fewer_audit_indexes")]
    operations = [
        migrations.AddField(
            model_name="role",
            name="retired_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
    ]
