"""Run the Python scripts of this folder with .venv, whichever Python they were started with.

No syntax and no import here that the system's Python might not know: this runs before the virtual environment does.
"""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def enter(requirements: str = "requirements-dev.txt") -> None:
    """Go on in .venv, which is made and filled first where it is missing. Return only inside of it."""
    if Path(sys.prefix).resolve() != (ROOT / ".venv").resolve():
        subprocess.check_call([str(ROOT / "script/prepare"), requirements])
        python = str(ROOT / ".venv/bin/python")
        os.execv(python, [python, *sys.argv])
    sys.path.insert(0, str(ROOT))
