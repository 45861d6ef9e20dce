"""Pauses: no row goes away, and of an old one nothing changes but that it is lifted, once."""

import django.contrib.postgres.fields
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

KEPT = """
CREATE FUNCTION pause_is_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'a pause is never deleted' USING ERRCODE = 'check_violation';
    END IF;
    IF (NEW.whom, NEW.account_id, NEW.base, NEW.course_id, NEW.rights, NEW.reason, NEW.words, NEW.made_by_id, NEW.made_at)
        IS DISTINCT FROM
        (OLD.whom, OLD.account_id, OLD.base, OLD.course_id, OLD.rights, OLD.reason, OLD.words, OLD.made_by_id, OLD.made_at)
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
CREATE TRIGGER pause_is_kept BEFORE UPDATE OR DELETE ON tokens_pause FOR EACH ROW EXECUTE FUNCTION pause_is_kept();
"""
KEPT_BACK = """
DROP TRIGGER pause_is_kept ON tokens_pause;
DROP FUNCTION pause_is_kept();
"""


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0009_fewer_indexes'),
        ('tokens', '0017_nothing_revives'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Pause',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('whom', models.CharField(choices=[('everything', 'Everything'), ('account', 'An account and all below it'), ('role', 'A role within an account'), ('course', 'A course')], max_length=10)),
                ('base', models.CharField(blank=True, choices=[('student', 'student'), ('teacher', 'teacher'), ('ta', 'ta'), ('designer', 'designer'), ('observer', 'observer'), ('admin', 'admin')], max_length=8)),
                ('rights', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=32), null=True, size=None)),
                ('reason', models.CharField(max_length=255)),
                ('words', models.CharField(blank=True, max_length=255)),
                ('figures', models.JSONField(default=dict)),
                ('made_at', models.DateTimeField()),
                ('lifted_at', models.DateTimeField(null=True)),
                ('told_to', models.BigIntegerField(default=0)),
                ('told_at', models.DateTimeField(null=True)),
                ('untold_to', models.BigIntegerField(default=0)),
                ('untold_at', models.DateTimeField(null=True)),
                ('account', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.account')),
                ('course', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.course')),
                ('lifted_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('made_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.CreateModel(
            name='PausedToken',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('state', models.CharField(max_length=9)),
                ('last_used_at', models.DateTimeField(null=True)),
                ('pause', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='tokens', to='tokens.pause')),
                ('token', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tokens.accesstoken')),
            ],
        ),
        migrations.AddIndex(
            model_name='pause',
            index=models.Index(condition=models.Q(('lifted_at', None)), fields=['id'], name='pause_open'),
        ),
        migrations.AddIndex(
            model_name='pause',
            index=models.Index(fields=['-made_at', '-id'], name='pause_by_time'),
        ),
        migrations.AddConstraint(
            model_name='pause',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('account', None), ('base', ''), ('course', None), ('whom', 'everything')), models.Q(('account__isnull', False), ('base', ''), ('course', None), ('whom', 'account')), models.Q(('account__isnull', False), ('base__in', ['student', 'teacher', 'ta', 'designer', 'observer', 'admin']), ('course', None), ('whom', 'role')), models.Q(('account__isnull', False), ('base', ''), ('course__isnull', False), ('whom', 'course')), _connector='OR'), name='pause_whom_fits'),
        ),
        migrations.AddConstraint(
            model_name='pause',
            constraint=models.CheckConstraint(condition=models.Q(('reason__regex', '^\\S(.*\\S)?$')), name='pause_reason_given'),
        ),
        migrations.AddConstraint(
            model_name='pause',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('lifted_at', None), ('lifted_by', None), ('untold_at', None)), ('lifted_at__gte', models.F('made_at')), _connector='OR'), name='pause_lifted_when'),
        ),
        migrations.AddConstraint(
            model_name='pause',
            constraint=models.UniqueConstraint(condition=models.Q(('lifted_at', None)), fields=('whom', 'account', 'base', 'course', 'rights'), name='pause_one_open', nulls_distinct=False),
        ),
        migrations.AddIndex(
            model_name='pausedtoken',
            index=models.Index(models.F('pause'), models.OrderBy(models.F('last_used_at'), descending=True, nulls_last=True), models.F('id'), name='paused_token_by_use'),
        ),
        migrations.AddConstraint(
            model_name='pausedtoken',
            constraint=models.UniqueConstraint(fields=('pause', 'token'), name='paused_token_once'),
        ),
        migrations.RunSQL(KEPT, KEPT_BACK),
    ]
