"""Most lines of the trail are about no account: the index of those that are leaves the others out."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0008_role_retired")]
    operations = [
        migrations.AlterField(
            model_name="auditevent",
            name="account",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="accounts.account",
            ),
        ),
        migrations.AddIndex(
            model_name="auditevent",
            index=models.Index(
                fields=["account"], name="audit_account", condition=models.Q(account__isnull=False)
            ),
        ),
    ]
