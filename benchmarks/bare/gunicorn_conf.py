"""gunicorn as the service has it, but for its hook: a bare project has no error contract.

It is read in the folder of the service.
"""

import runpy

globals().update(
    {
        name: value
        for name, value in runpy.run_path("src/config/gunicorn.conf.py").items()
        if not name.startswith("_") and name != "post_worker_init"
    }
)
