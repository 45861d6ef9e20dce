"""Who vouches for a role: the school, or the claims of its own sign-in."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0012_digest")]
    operations = [
        migrations.AddField(
            model_name="enrollment",
            name="given_by",
            field=models.CharField(
                blank=True,
                choices=[("", "the school"), ("claims", "the school's sign-in")],
                db_default="",
                default="",
                max_length=6,
            ),
        ),
    ]
