from django.db import migrations

RENAMED = {'administrator': 'admin', 'member': 'customer'}
ROLES = ('customer', 'staff', 'manager', 'auditor', 'admin')


def rename(groups, through, old, new):
    """Call a group ``new``; where that is there already, what the old one has goes over to it."""
    source = groups.filter(name=old).first()
    target = groups.filter(name=new).first()
    if source is None:
        return
    if target is None:
        source.name = new
        source.save(update_fields=['name'])
        return
    target.permissions.add(*source.permissions.all())
    rows = through.filter(group_id=source.pk)
    through.bulk_create(
        [through.model(user_id=row.user_id, group_id=target.pk) for row in rows],
        ignore_conflicts=True,
    )
    source.delete()


def forwards(apps, schema_editor):
    groups, through = managers(apps, schema_editor)
    for old, new in RENAMED.items():
        rename(groups, through, old, new)
    groups.bulk_create([groups.model(name=name) for name in ROLES], ignore_conflicts=True)


def backwards(apps, schema_editor):
    """The roles that are new stay, as groups that are no role."""
    groups, through = managers(apps, schema_editor)
    for old, new in RENAMED.items():
        rename(groups, through, new, old)


def managers(apps, schema_editor):
    using = schema_editor.connection.alias
    group = apps.get_model('auth', 'Group')
    user = apps.get_model('users', 'User')
    return group.objects.using(using), user.groups.through.objects.using(using)


class Migration(migrations.Migration):

    dependencies = [
        ('auth', '0012_alter_user_first_name_max_length'),
        ('users', '0002_user_version'),
    ]

    operations = [migrations.RunPython(forwards, backwards)]
