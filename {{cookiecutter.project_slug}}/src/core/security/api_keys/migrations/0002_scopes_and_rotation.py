import django.db.models.deletion
from django.db import migrations, models


def every_scope():
    """Keys that are there may go on with all that keys may do."""
    return ["*"]


class Migration(migrations.Migration):

    dependencies = [
        ('api_keys', '0001_initial'),
    ]

    operations = [
        migrations.AddField(
            model_name='apikey',
            name='scopes',
            field=models.JSONField(default=every_scope),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name='apikey',
            name='former',
            field=models.OneToOneField(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='successor', to='api_keys.apikey'),
        ),
        migrations.AddField(
            model_name='apikey',
            name='last_used_from',
            field=models.CharField(blank=True, default='', editable=False, max_length=43),
            preserve_default=False,
        ),
    ]
