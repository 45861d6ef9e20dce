"""A line of the trail is found by its person or actor through the indexes that begin with them."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0006_fill_as_grant")]
    operations = [
        migrations.AlterField(
            model_name="auditevent",
            name=name,
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        )
        for name in ("actor", "person")
    ]
