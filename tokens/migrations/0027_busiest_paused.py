"""The report of a pause is read busiest first, and of those as busy the last used first."""

import datetime
import django.db.models.functions.comparison
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('tokens', '0026_review_triggers'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name='pausedtoken',
            name='paused_token_by_use',
        ),
        migrations.AddIndex(
            model_name='pausedtoken',
            index=models.Index(models.F('pause'), models.OrderBy(models.F('requests'), descending=True), models.OrderBy(django.db.models.functions.comparison.Coalesce('last_used_at', models.Value(datetime.datetime(1970, 1, 1, 0, 0, tzinfo=datetime.timezone.utc))), descending=True), models.F('id'), name='paused_token_busiest'),
        ),
    ]
