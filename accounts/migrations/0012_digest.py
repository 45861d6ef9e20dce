"""How often administrators get their overview."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0011_unwanted_mails'),
    ]

    operations = [
        migrations.AddField(
            model_name='user',
            name='digest',
            field=models.CharField(db_default='weekly', default='weekly', max_length=6),
        ),
        migrations.AddConstraint(
            model_name='user',
            constraint=models.CheckConstraint(condition=models.Q(('digest__in', ['weekly', 'daily', 'off'])), name='user_digest_known'),
        ),
    ]
