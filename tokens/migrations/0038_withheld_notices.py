"""A notice that its person does not want is withheld, and waits no more."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('tokens', '0037_calendar_feeds'),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name='notice',
            name='notice_unsent',
        ),
        migrations.AddField(
            model_name='notice',
            name='withheld_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddIndex(
            model_name='notice',
            index=models.Index(models.F('id'), condition=models.Q(('sent_at', None), ('withheld_at', None)), name='notice_unsent'),
        ),
        migrations.AddConstraint(
            model_name='notice',
            constraint=models.CheckConstraint(condition=models.Q(('sent_at', None), ('withheld_at', None), _connector='OR'), name='notice_one_end'),
        ),
    ]
