"""Does a deployment work, seen from outside: one prediction, and what stands around it.

Standard library only. Keys and tokens go to the API alone, follow no redirection and are never
printed.
"""

from local.smoke.asking import SmokeError
from local.smoke.run import WAIT, Target, run_smoke

__all__ = ["WAIT", "SmokeError", "Target", "run_smoke"]
