import datetime

import django.db.models.functions.comparison
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('tokens', '0007_accountday'),
    ]

    operations = [
        migrations.AddIndex(
            model_name='accesstoken',
            index=models.Index(fields=['created_at', 'id'], name='token_by_creation'),
        ),
        migrations.AddIndex(
            model_name='accesstoken',
            index=models.Index(django.db.models.functions.comparison.Coalesce('expires_at', models.Value(datetime.datetime(9999, 12, 31, 0, 0, tzinfo=datetime.timezone.utc))), models.F('id'), name='token_by_end'),
        ),
    ]
