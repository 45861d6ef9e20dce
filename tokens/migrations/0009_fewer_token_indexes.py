"""A token carries only the indexes that something looks into: each is written again with every new end."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.models import Q


def person(name, **options):
    return migrations.AlterField(
        model_name="accesstoken",
        name=name,
        field=models.ForeignKey(
            db_index=False, on_delete=django.db.models.deletion.PROTECT, to=settings.AUTH_USER_MODEL, **options
        ),
    )


class Migration(migrations.Migration):
    dependencies = [("tokens", "0008_inventory_indexes")]
    operations = [
        migrations.AddIndex(
            model_name="accesstoken",
            index=models.Index(fields=["creator"], name="token_of_creator", condition=Q(creator__isnull=False)),
        ),
        migrations.AddIndex(
            model_name="accesstoken",
            index=models.Index(fields=["revoked_by"], name="token_revoked_by", condition=Q(revoked_by__isnull=False)),
        ),
        person("user", related_name="tokens"),
        person("creator", null=True, related_name="+"),
        person("revoked_by", null=True, related_name="+"),
        migrations.AddConstraint(
            model_name="accesstoken",
            constraint=models.UniqueConstraint(fields=["lookup_id"], name="token_lookup_id_once"),
        ),
        migrations.AlterField(
            model_name="accesstoken",
            name="lookup_id",
            field=models.CharField(max_length=16),
        ),
    ]
