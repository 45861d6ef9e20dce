"""What more is counted of a day, flags of unusual use, and the rules that accounts watch for.

A flag begins open and takes no way but those that the product names; what was decided stays.
"""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

STATES = """
CREATE FUNCTION flag_begins() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.state <> 'open' THEN
        RAISE EXCEPTION 'a flag cannot begin as %', NEW.state USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER flag_begins BEFORE INSERT ON tokens_flag FOR EACH ROW EXECUTE FUNCTION flag_begins();

CREATE FUNCTION flag_moves() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.token_id <> OLD.token_id OR NEW.rule <> OLD.rule OR NEW.first_at <> OLD.first_at THEN
        RAISE EXCEPTION 'what a flag is about never changes' USING ERRCODE = 'check_violation';
    END IF;
    IF OLD.state IN ('confirmed', 'dismissed') AND NEW IS DISTINCT FROM OLD THEN
        RAISE EXCEPTION 'what was decided never changes' USING ERRCODE = 'check_violation';
    END IF;
    IF OLD.state = 'explained' AND NEW.state = 'open' THEN
        RAISE EXCEPTION 'a flag cannot go from explained to open' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER flag_moves BEFORE UPDATE ON tokens_flag FOR EACH ROW EXECUTE FUNCTION flag_moves();
"""
STATES_BACK = """
DROP TRIGGER flag_moves ON tokens_flag;
DROP TRIGGER flag_begins ON tokens_flag;
DROP FUNCTION flag_moves();
DROP FUNCTION flag_begins();
"""


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0009_fewer_indexes'),
        ('tokens', '0018_emergency'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name='tokenday',
            name='hours',
            field=models.JSONField(db_default={}, default=dict),
        ),
        migrations.AddField(
            model_name='tokenday',
            name='lacking',
            field=models.JSONField(db_default={}, default=dict),
        ),
        migrations.AddField(
            model_name='tokenday',
            name='origins',
            field=models.JSONField(db_default={}, default=dict),
        ),
        migrations.AddField(
            model_name='tokenday',
            name='places',
            field=models.JSONField(db_default={}, default=dict),
        ),
        migrations.CreateModel(
            name='Flag',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('rule', models.CharField(max_length=16)),
                ('numbers', models.JSONField()),
                ('first_at', models.DateTimeField()),
                ('last_at', models.DateTimeField()),
                ('state', models.CharField(choices=[('open', 'Open'), ('explained', 'Explained by the owner'), ('confirmed', 'Confirmed'), ('dismissed', 'Dismissed')], default='open', max_length=9)),
                ('told_at', models.DateTimeField(null=True)),
                ('words', models.CharField(blank=True, max_length=255)),
                ('explained_at', models.DateTimeField(null=True)),
                ('decided_at', models.DateTimeField(null=True)),
                ('reason', models.CharField(blank=True, max_length=255)),
                ('decided_by', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('token', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='flags', to='tokens.accesstoken')),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('state__in', ('open', 'explained'))), fields=['-last_at', '-id'], name='flag_undecided'), models.Index(fields=['first_at'], name='flag_by_first')],
                'constraints': [models.CheckConstraint(condition=models.Q(('state__in', ['open', 'explained', 'confirmed', 'dismissed'])), name='flag_state_known'), models.CheckConstraint(condition=models.Q(('last_at__gte', models.F('first_at'))), name='flag_in_order'), models.CheckConstraint(condition=models.Q(models.Q(('explained_at', None), ('words', '')), models.Q(('explained_at__isnull', False), ('words__regex', '\\S')), _connector='OR'), name='flag_explained_in_words'), models.CheckConstraint(condition=models.Q(models.Q(('state', 'explained'), _negated=True), ('explained_at__isnull', False), _connector='OR'), name='flag_explained_when'), models.CheckConstraint(condition=models.Q(models.Q(('decided_at', None), ('decided_by', None), ('state__in', ('open', 'explained'))), models.Q(models.Q(('state__in', ('open', 'explained')), _negated=True), ('decided_at__isnull', False), ('decided_by__isnull', False)), _connector='OR'), name='flag_decided_by_somebody'), models.CheckConstraint(condition=models.Q(models.Q(('state', 'dismissed'), _negated=True), ('reason__regex', '\\S'), _connector='OR'), name='flag_dismissed_has_reason'), models.UniqueConstraint(condition=models.Q(('state__in', ('open', 'explained'))), fields=('token', 'rule'), name='flag_undecided_once')],
            },
        ),
        migrations.CreateModel(
            name='Watch',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('rule', models.CharField(max_length=16)),
                ('is_on', models.BooleanField()),
                ('limits', models.JSONField()),
                ('since', models.DateTimeField()),
                ('account', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='accounts.account')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('account', 'rule'), name='watch_once')],
            },
        ),
        migrations.RunSQL(STATES, STATES_BACK),
    ]
