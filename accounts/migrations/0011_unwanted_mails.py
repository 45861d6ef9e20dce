"""Which kinds of mails people have switched off."""

import django.contrib.postgres.fields
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0010_audit_chain'),
    ]

    operations = [
        migrations.AddField(
            model_name='user',
            name='unwanted_mails',
            field=django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=8), blank=True, db_default=[], default=list, size=None),
        ),
        migrations.AddConstraint(
            model_name='user',
            constraint=models.CheckConstraint(condition=models.Q(('unwanted_mails__contained_by', ['ending', 'use', 'policy', 'requests', 'reviews', 'messages'])), name='user_unwanted_mails_known'),
        ),
    ]
