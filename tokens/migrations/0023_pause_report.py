"""Pauses have a coded reason, tell owners each once, and keep a report of the tokens that they stopped."""

import django.db.models.deletion
import django.db.models.fields.json
from django.conf import settings
from django.db import migrations, models

_KEPT = """
CREATE OR REPLACE FUNCTION pause_is_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'a pause is never deleted' USING ERRCODE = 'check_violation';
    END IF;
    IF (NEW.whom, NEW.account_id, NEW.base, NEW.course_id, NEW.rights, NEW.reason, {new}NEW.words, NEW.made_by_id, NEW.made_at)
        IS DISTINCT FROM
        (OLD.whom, OLD.account_id, OLD.base, OLD.course_id, OLD.rights, OLD.reason, {old}OLD.words, OLD.made_by_id, OLD.made_at)
    THEN
        RAISE EXCEPTION 'what a pause stops, and by whose word, never changes' USING ERRCODE = 'check_violation';
    END IF;
    IF OLD.lifted_at IS NOT NULL
        AND (NEW.lifted_at, NEW.lifted_by_id) IS DISTINCT FROM (OLD.lifted_at, OLD.lifted_by_id)
    THEN
        RAISE EXCEPTION 'a pause is lifted once' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
"""
KEPT = _KEPT.format(new="NEW.reason_code, ", old="OLD.reason_code, ")
KEPT_BACK = _KEPT.format(new="", old="")


class Migration(migrations.Migration):

    dependencies = [
        ('tokens', '0022_imported_tokens'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        # Nothing was ever written there.
        migrations.RemoveIndex(model_name='pausedtoken', name='paused_token_by_use'),
        migrations.RemoveField(model_name='pausedtoken', name='state'),
        migrations.AddField(
            model_name='pausedtoken',
            name='owner',
            field=models.ForeignKey(db_index=False, default=None, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name='pausedtoken',
            name='last_used_ip',
            field=models.GenericIPAddressField(null=True),
        ),
        migrations.AddField(
            model_name='pausedtoken',
            name='requests',
            field=models.PositiveBigIntegerField(default=0),
        ),
        migrations.AddField(
            model_name='pausedtoken',
            name='tried',
            field=models.PositiveBigIntegerField(default=0),
        ),
        migrations.AddIndex(
            model_name='pausedtoken',
            index=models.Index(fields=['pause', '-requests', 'id'], name='paused_token_by_use'),
        ),
        migrations.AddField(
            model_name='pause',
            name='told',
            field=models.PositiveIntegerField(db_default=0, default=0),
        ),
        migrations.AddField(
            model_name='pause',
            name='untold',
            field=models.PositiveIntegerField(db_default=0, default=0),
        ),
        migrations.AddField(
            model_name='pause',
            name='measured_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name='pause',
            name='reason_code',
            field=models.CharField(blank=True, choices=[('leaked', 'Token leaked'), ('replaced', 'Replaced by another one'), ('owner_left', 'Owner left'), ('role_changed', 'Role changed'), ('misuse_suspected', 'Misuse suspected'), ('misuse_found', 'Misuse found'), ('policy', 'Policy of the school'), ('not_used', 'Not used'), ('owners_wish', "Owner's wish"), ('other', 'Another reason')], db_default='', default='', max_length=16),
        ),
        migrations.AlterField(
            model_name='pause',
            name='reason',
            field=models.CharField(blank=True, max_length=255),
        ),
        migrations.RemoveConstraint(model_name='pause', name='pause_reason_given'),
        migrations.AddConstraint(
            model_name='pause',
            constraint=models.CheckConstraint(condition=models.Q(('reason__regex', '^\\S(.*\\S)?$'), models.Q(('reason', ''), ('reason_code__gt', '')), _connector='OR'), name='pause_reason_given'),
        ),
        migrations.RunSQL(KEPT, KEPT_BACK),
        migrations.AddConstraint(
            model_name='notice',
            constraint=models.UniqueConstraint(django.db.models.fields.json.KeyTransform('pause', 'facts'), models.F('person'), condition=models.Q(('event', 'pause.add')), name='notice_of_pause_once'),
        ),
    ]
