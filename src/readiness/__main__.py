"""`python -m readiness`. Takes the working folder off the import path first: it may be the repository under audit."""

import os
import sys

sys.path[:] = [entry for entry in sys.path if entry not in ("", os.getcwd())]  # noqa: PTH109 - before any import but these

from readiness.cli import main  # noqa: E402 - only once the folder is off the path

main()
