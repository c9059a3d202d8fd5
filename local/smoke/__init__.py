"""Test a deployment from outside: health, a prediction, scenes, a batch, the explorer's pages.

By the project's own client. Keys and tokens go to the API alone, follow no redirection and are
never printed.
"""

from local.smoke.asking import SmokeError
from local.smoke.run import WAIT, Target, run_smoke

__all__ = ["WAIT", "SmokeError", "Target", "run_smoke"]
