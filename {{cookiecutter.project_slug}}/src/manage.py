#!/usr/bin/env python
"""Django's command line, with the development settings unless told otherwise."""

import os
import sys

from django.core.management import execute_from_command_line


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.development")
    # % if cookiecutter.row_level_security
    from core.database.row_security.scope import reach_all_rows  # noqa: PLC0415 (beside its one use)

    # Whoever runs a command; a request that `runserver` answers reaches what its user may.
    reach_all_rows()
    # % endif
    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
