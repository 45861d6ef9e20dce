"""Tokens that another system made, known by their SHA-256."""

from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('tokens', '0021_bulk_acts'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name='accesstoken',
            name='imported_from',
            field=models.CharField(blank=True, db_default='', default='', max_length=64),
        ),
        migrations.AddField(
            model_name='accesstoken',
            name='imported_lookup_id',
            field=models.CharField(blank=True, db_default='', default='', max_length=16),
        ),
        migrations.AlterField(
            model_name='accesstoken',
            name='verifier',
            field=models.CharField(blank=True, default='', max_length=255),
        ),
        migrations.AddConstraint(
            model_name='accesstoken',
            constraint=models.UniqueConstraint(condition=models.Q(('imported_lookup_id', ''), _negated=True), fields=('imported_lookup_id',), name='token_imported_once'),
        ),
        migrations.AddConstraint(
            model_name='accesstoken',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('lookup_id', models.F('imported_lookup_id')), ('tag_key', 'sha256'), ('verifier', '')), models.Q(models.Q(('tag_key', 'sha256'), _negated=True), models.Q(('verifier', ''), _negated=True)), _connector='OR'), name='token_imported_by_hash'),
        ),
        migrations.AddConstraint(
            model_name='accesstoken',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('imported_from', ''), ('imported_lookup_id', '')), models.Q(models.Q(('imported_lookup_id', ''), _negated=True), models.Q(('imported_from', ''), _negated=True)), _connector='OR'), name='token_imported_from'),
        ),
    ]
