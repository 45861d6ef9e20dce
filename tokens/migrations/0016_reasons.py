"""Why a token was revoked: what kind of reason, and whether its owner may know."""

from django.db import migrations, models

CODES = (
    ("leaked", "Token leaked"),
    ("replaced", "Replaced by another one"),
    ("owner_left", "Owner left"),
    ("role_changed", "Role changed"),
    ("misuse_suspected", "Misuse suspected"),
    ("misuse_found", "Misuse found"),
    ("policy", "Policy of the school"),
    ("not_used", "Not used"),
    ("owners_wish", "Owner's wish"),
    ("other", "Another reason"),
)


class Migration(migrations.Migration):
    dependencies = [("tokens", "0015_fewer_indexes")]
    operations = [
        migrations.AddField(
            "accesstoken",
            "revoked_code",
            models.CharField(blank=True, choices=CODES, db_default="", default="", max_length=16),
        ),
        migrations.AddField(
            "accesstoken", "revoked_is_confidential", models.BooleanField(db_default=False, default=False)
        ),
    ]
