"""Acts that write to the owners of tokens."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('tokens', '0030_notice_attempts'),
    ]

    operations = [
        migrations.AddField(
            model_name='bulkact',
            name='subject',
            field=models.CharField(blank=True, db_default='', default='', max_length=100),
        ),
        migrations.AddField(
            model_name='bulkact',
            name='words',
            field=models.TextField(blank=True, db_default='', default=''),
        ),
        migrations.AlterField(
            model_name='bulkact',
            name='kind',
            field=models.CharField(choices=[('revoke', 'Revoke'), ('suspend', 'Suspend'), ('resume', 'Resume'), ('shorten', 'Set an earlier end'), ('mail', 'Write to the owners')], max_length=8),
        ),
        migrations.AlterField(
            model_name='bulkitem',
            name='why',
            field=models.CharField(blank=True, choices=[('', ''), ('rights', 'Its owner holds rights that you lack.'), ('state', 'It was not in a state for that any more.'), ('mail', 'Its owner has no e-mail address.')], max_length=6),
        ),
    ]
