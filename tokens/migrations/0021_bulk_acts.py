"""Acts on many tokens, and what came of each."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0010_audit_chain'),
        ('tokens', '0020_leaks'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='BulkAct',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('revoke', 'Revoke'), ('suspend', 'Suspend'), ('resume', 'Resume'), ('shorten', 'Set an earlier end')], max_length=8)),
                ('filters', models.JSONField(default=dict)),
                ('reason', models.CharField(blank=True, max_length=255)),
                ('reason_code', models.CharField(blank=True, choices=[('leaked', 'Token leaked'), ('replaced', 'Replaced by another one'), ('owner_left', 'Owner left'), ('role_changed', 'Role changed'), ('misuse_suspected', 'Misuse suspected'), ('misuse_found', 'Misuse found'), ('policy', 'Policy of the school'), ('not_used', 'Not used'), ('owners_wish', "Owner's wish"), ('other', 'Another reason')], max_length=16)),
                ('is_confidential', models.BooleanField(default=False)),
                ('key', models.CharField(blank=True, max_length=255)),
                ('ends_at', models.DateTimeField(null=True)),
                ('size', models.PositiveIntegerField(default=0)),
                ('done', models.PositiveIntegerField(default=0)),
                ('left', models.PositiveIntegerField(default=0)),
                ('made_at', models.DateTimeField()),
                ('finished_at', models.DateTimeField(null=True)),
                ('stopped_at', models.DateTimeField(null=True)),
                ('account', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.account')),
                ('made_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.CreateModel(
            name='BulkItem',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('outcome', models.CharField(blank=True, choices=[('', 'Waiting'), ('done', 'Done'), ('left', 'Left as it is')], max_length=4)),
                ('why', models.CharField(blank=True, choices=[('', ''), ('rights', 'Its owner holds rights that you lack.'), ('state', 'It was not in a state for that any more.')], max_length=6)),
                ('act', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='items', to='tokens.bulkact')),
                ('owner', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('token', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tokens.accesstoken')),
            ],
        ),
        migrations.AddIndex(
            model_name='bulkact',
            index=models.Index(condition=models.Q(('finished_at', None)), fields=['id'], name='bulk_act_open'),
        ),
        migrations.AddConstraint(
            model_name='bulkact',
            constraint=models.UniqueConstraint(condition=models.Q(('key', ''), _negated=True), fields=('made_by', 'key'), name='bulk_act_once'),
        ),
        migrations.AddIndex(
            model_name='bulkitem',
            index=models.Index(condition=models.Q(('outcome', '')), fields=['act', 'owner', 'token'], name='bulk_item_waiting'),
        ),
        migrations.AddConstraint(
            model_name='bulkitem',
            constraint=models.UniqueConstraint(fields=('act', 'token'), name='bulk_item_once'),
        ),
    ]
