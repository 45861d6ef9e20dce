"""The trigger writes what the enrollments that are there grant. By itself, so that nobody waits for a locked table."""

from django.db import migrations

FILL = "UPDATE accounts_enrollment SET as_grant = NULL WHERE state = 'active'"


class Migration(migrations.Migration):
    dependencies = [("accounts", "0005_enrollment_as_grant")]
    operations = [migrations.RunSQL(FILL, migrations.RunSQL.noop)]
