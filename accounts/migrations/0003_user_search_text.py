"""All by which a person is looked for, in one column that the database keeps."""

from django.db import migrations, models
from django.db.models.functions import Coalesce, Concat, Lower


class Migration(migrations.Migration):
    dependencies = [("accounts", "0002_triggers")]
    operations = [
        migrations.AddField(
            model_name="user",
            name="search_text",
            field=models.GeneratedField(
                db_persist=True,
                expression=Lower(
                    Concat(
                        "name",
                        models.Value("\n"),
                        "login_id",
                        models.Value("\n"),
                        "email",
                        models.Value("\n"),
                        Coalesce("sis_user_id", models.Value("")),
                        output_field=models.TextField(),
                    )
                ),
                output_field=models.TextField(),
            ),
        ),
    ]
