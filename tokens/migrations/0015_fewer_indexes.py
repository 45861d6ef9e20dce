"""Nothing looks for tokens by the key of their tags; a token that is checked with an older key gets the newest one."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("tokens", "0014_notice_of_change_once")]
    operations = [migrations.RemoveIndex(model_name="accesstoken", name="token_tag_key")]
