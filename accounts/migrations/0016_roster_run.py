"""How each run of loading a roster went."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0015_browser")]
    operations = [
        migrations.CreateModel(
            name="RosterRun",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "source",
                    models.CharField(choices=[("canvas", "Canvas"), ("files", "Files")], max_length=6),
                ),
                ("began_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
                ("outcome", models.CharField(choices=[("running", "Running"), ("done", "Done"), ("failed", "Failed")], default="running", max_length=7)),
                ("code", models.CharField(blank=True, max_length=32)),
                ("facts", models.JSONField(blank=True, default=dict)),
                ("counts", models.JSONField(blank=True, default=dict)),
                ("left_out", models.JSONField(blank=True, default=dict)),
                ("problems", models.JSONField(blank=True, default=list)),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("outcome__in", ["running", "done", "failed"])), name="roster_run_outcome_known"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("source__in", ["canvas", "files"])), name="roster_run_source_known"
                    ),
                ]
            },
        ),
    ]
