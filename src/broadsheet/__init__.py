"""Broadsheet turns a topic into a newspaper."""

import os

__version__ = "0.1.0"

# Products of matrices are small here: numpy's further threads, read at its import, would only wait busily for the next.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
