"""What the last complete roster held."""

import django.contrib.postgres.fields
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0016_roster_run")]
    operations = [
        migrations.CreateModel(
            name="Mentioned",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.CharField(max_length=11)),
                ("key", django.contrib.postgres.fields.ArrayField(base_field=models.TextField(blank=True), size=None)),
                ("seen", models.CharField(choices=[("there", "There"), ("missing", "Missing"), ("ended", "Ended")], default="there", max_length=7)),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("seen__in", ["there", "missing", "ended"])), name="mentioned_seen_known"
                    )
                ]
            },
        ),
    ]
