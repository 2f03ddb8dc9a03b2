"""A supervisor over one child, in a process of its own: `supervised.py GRACE COMMAND…`."""

import logging
import os
import sys

from streams.runtime.supervisor import Child, Supervisor

logging.basicConfig(level="WARNING", stream=sys.stderr)
sys.exit(Supervisor([Child("child", sys.argv[2:], os.environ)], grace=float(sys.argv[1])).run())
