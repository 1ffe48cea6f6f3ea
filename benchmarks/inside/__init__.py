"""What runs with the bake's Python and its settings; JSON goes in, and a line of JSON comes out."""

import django
from django.apps import apps

# Before the modules of this package import models. Celery has done it already.
if not apps.ready:
    django.setup()
