"""From where tokens were used, and what was told of it. What is known of the days before this is no news after it."""

import django.db.models.deletion
from django.db import migrations, models

KNOWN = """
    INSERT INTO tokens_tokennetwork (token_id, network, last_on)
    SELECT token_id, split_part(place, ' ', 2), max(day)
    FROM tokens_tokenday, jsonb_object_keys(places) place WHERE place LIKE '% %' GROUP BY 1, 2
"""


class Migration(migrations.Migration):

    dependencies = [
        ('tokens', '0035_class_tokens'),
    ]

    operations = [
        migrations.CreateModel(
            name='TokenNetwork',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('network', models.CharField(max_length=49)),
                ('last_on', models.DateField()),
                ('token', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='tokens.accesstoken')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('token', 'network'), name='token_network_once')],
            },
        ),
        migrations.CreateModel(
            name='UseTold',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('event', models.CharField(max_length=17)),
                ('day', models.DateField()),
                ('token', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='tokens.accesstoken')),
            ],
            options={
                'constraints': [models.UniqueConstraint(condition=models.Q(('event', 'token.first_use')), fields=('token',), name='first_use_once'), models.UniqueConstraint(condition=models.Q(('event', 'token.new_network')), fields=('token', 'day'), name='new_network_once_a_day')],
            },
        ),
        migrations.RunSQL(KNOWN, migrations.RunSQL.noop),
    ]
