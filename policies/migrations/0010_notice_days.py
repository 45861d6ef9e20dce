"""How many days before the end of a token its owner is told of it."""

import django.contrib.postgres.fields
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0010_audit_chain'),
        ('policies', '0009_class_tokens'),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='policy',
            name='policy_locked_known',
        ),
        migrations.AddField(
            model_name='policy',
            name='notice_days',
            field=django.contrib.postgres.fields.ArrayField(base_field=models.PositiveSmallIntegerField(), blank=True, null=True, size=None, verbose_name='days of notice before an end'),
        ),
        migrations.AddConstraint(
            model_name='policy',
            constraint=models.CheckConstraint(condition=models.Q(('notice_days__len__lte', 6)), name='policy_notice_days_few'),
        ),
        migrations.AddConstraint(
            model_name='policy',
            constraint=models.CheckConstraint(condition=models.Q(('locked__contained_by', ['audience', 'student_cap_days', 'teaching_cap_days', 'admin_cap_days', 'tokens_at_once', 'scopes_required', 'student_scopes', 'unused_days', 'observers_count_as_students', 'approval', 'auto_approve_days', 'longer_on_request', 'guidance_text', 'guidance_url', 'leaked_tokens', 'class_tokens', 'notice_days'])), name='policy_locked_known'),
        ),
    ]
