from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("tokens", "0005_scope")]

    operations = [
        migrations.AddField(
            model_name="tokenday",
            name="refused_paths",
            field=models.JSONField(db_default={}, default=dict),
        ),
    ]
