"""What one clock has put aside, another one that is behind may stop at once: there is no least for when that is."""

from datetime import timedelta

from django.db import migrations, models
from django.db.models import F, Q

LONGEST = timedelta(hours=72)


class Migration(migrations.Migration):
    dependencies = [("tokens", "0042_journal_triggers")]
    operations = [
        migrations.RemoveConstraint("supersededsecret", "superseded_briefly"),
        migrations.AddConstraint(
            "supersededsecret",
            models.CheckConstraint(
                name="superseded_briefly", condition=Q(works_until__lte=F("superseded_at") + LONGEST)
            ),
        ),
    ]
