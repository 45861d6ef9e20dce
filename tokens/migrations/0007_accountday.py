from django.db import migrations, models
import django.db.models.deletion


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0002_triggers'),
        ('tokens', '0006_tokenday_refused_paths'),
    ]

    operations = [
        migrations.CreateModel(
            name='AccountDay',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('day', models.DateField()),
                ('accepted', models.BigIntegerField()),
                ('refused', models.BigIntegerField()),
                ('account', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='accounts.account')),
            ],
            options={
                'indexes': [models.Index(fields=['day'], name='account_day')],
                'constraints': [models.UniqueConstraint(fields=('account', 'day'), name='account_day_once')],
            },
        ),
    ]
