"""What a pause refused is told apart from what pauses before it refused on the same day."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('tokens', '0028_saved_views'),
    ]

    operations = [
        migrations.AddField(
            model_name='pausedtoken',
            name='tried_before',
            field=models.PositiveBigIntegerField(db_default=0, default=0),
        ),
    ]
