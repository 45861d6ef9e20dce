"""Access reviews, their tokens, and the rounds in which owners are told."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0010_audit_chain'),
        ('tokens', '0024_device_codes'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Review',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=100)),
                ('opened_at', models.DateTimeField()),
                ('due_at', models.DateTimeField()),
                ('stage', models.CharField(choices=[('open', 'Open'), ('closing', 'Being closed'), ('closed', 'Closed'), ('cancelled', 'Cancelled')], default='open', max_length=9)),
                ('finished_at', models.DateTimeField(null=True)),
                ('size', models.PositiveIntegerField(default=0)),
                ('people', models.PositiveIntegerField(default=0)),
                ('account', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.account')),
                ('opened_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.CreateModel(
            name='ReviewItem',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('purpose', models.CharField(max_length=255)),
                ('answer', models.CharField(blank=True, choices=[('', 'No answer'), ('needed', 'Still needed'), ('not_needed', 'No longer needed')], max_length=10)),
                ('new_purpose', models.CharField(blank=True, max_length=255)),
                ('answered_at', models.DateTimeField(null=True)),
                ('outcome', models.CharField(blank=True, choices=[('', 'Open'), ('kept', 'Kept'), ('revoked', 'Revoked by its owner'), ('suspended', 'Suspended, as nobody answered'), ('resumed', 'Suspended, and resumed by a late answer'), ('stopped', 'No answer; it did not work anyway'), ('ended', 'Ended meanwhile')], max_length=9)),
                ('settled_at', models.DateTimeField(null=True)),
                ('owner', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('review', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='items', to='tokens.review')),
                ('token', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tokens.accesstoken')),
            ],
        ),
        migrations.CreateModel(
            name='ReviewRound',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('opening', 'At the opening'), ('week', 'A week before'), ('day', 'The day before'), ('again', 'By hand')], max_length=7)),
                ('made_at', models.DateTimeField()),
                ('told_to', models.BigIntegerField(default=0)),
                ('finished_at', models.DateTimeField(null=True)),
                ('review', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='rounds', to='tokens.review')),
            ],
        ),
        migrations.AddConstraint(
            model_name='review',
            constraint=models.CheckConstraint(condition=models.Q(('stage__in', ['open', 'closing', 'closed', 'cancelled'])), name='review_stage_known'),
        ),
        migrations.AddConstraint(
            model_name='review',
            constraint=models.CheckConstraint(condition=models.Q(('name__regex', '\\S')), name='review_named'),
        ),
        migrations.AddConstraint(
            model_name='review',
            constraint=models.CheckConstraint(condition=models.Q(('due_at__gte', models.F('opened_at'))), name='review_due_after_opening'),
        ),
        migrations.AddConstraint(
            model_name='review',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('finished_at', None), ('stage__in', ('open', 'closing'))), models.Q(models.Q(('stage__in', ('open', 'closing')), _negated=True), ('finished_at__isnull', False)), _connector='OR'), name='review_finished_when'),
        ),
        migrations.AddConstraint(
            model_name='review',
            constraint=models.UniqueConstraint(condition=models.Q(('stage__in', ('open', 'closing'))), fields=('account',), name='review_going_once'),
        ),
        migrations.AddIndex(
            model_name='reviewitem',
            index=models.Index(condition=models.Q(('outcome', '')), fields=['review', 'owner', 'token'], name='review_item_open'),
        ),
        migrations.AddIndex(
            model_name='reviewitem',
            index=models.Index(fields=['owner', 'review'], name='review_item_of_owner'),
        ),
        migrations.AddConstraint(
            model_name='reviewitem',
            constraint=models.UniqueConstraint(fields=('review', 'token'), name='review_item_once'),
        ),
        migrations.AddConstraint(
            model_name='reviewitem',
            constraint=models.CheckConstraint(condition=models.Q(('answer__in', ['', 'needed', 'not_needed'])), name='review_answer_known'),
        ),
        migrations.AddConstraint(
            model_name='reviewitem',
            constraint=models.CheckConstraint(condition=models.Q(('outcome__in', ['', 'kept', 'revoked', 'suspended', 'resumed', 'stopped', 'ended'])), name='review_outcome_known'),
        ),
        migrations.AddConstraint(
            model_name='reviewitem',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('answer', ''), ('answered_at', None)), models.Q(models.Q(('answer', ''), _negated=True), ('answered_at__isnull', False)), _connector='OR'), name='review_answered_when'),
        ),
        migrations.AddConstraint(
            model_name='reviewitem',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('outcome', ''), ('settled_at', None)), models.Q(models.Q(('outcome', ''), _negated=True), ('settled_at__isnull', False)), _connector='OR'), name='review_settled_when'),
        ),
        migrations.AddConstraint(
            model_name='reviewround',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ['opening', 'week', 'day', 'again'])), name='review_round_known'),
        ),
        migrations.AddConstraint(
            model_name='reviewround',
            constraint=models.UniqueConstraint(condition=models.Q(('kind', 'again'), _negated=True), fields=('review', 'kind'), name='review_round_once'),
        ),
    ]
