"""`python -m readiness`. Takes the working folder off the import path first: it may be the repository under audit."""

import os
import sys

sys.path[:] = [entry for entry in sys.path if entry not in ("", os.getcwd())]  # noqa: PTH109

from readiness.cli import main  # noqa: E402

main()
