"""Neither how the suite was started nor how busy the machine is decides a test."""

import os
import signal

from hypothesis import HealthCheck, settings

# One thread for each process: tests run side by side, and a second one would only spin. Read when
# numpy and torch are loaded, here and in the processes that tests start.
for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(name, "1")

# What a script starts in the background ignores Ctrl-C, and so would all that tests start.
signal.signal(signal.SIGINT, signal.default_int_handler)

settings.register_profile("patient", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("patient")
