"""Every number that note and slides show, as French text, from results/ and what stands beside it.

Modules, by what they tell: `reference.py` (categories, data, literature), `model.py` (what is
served), `learning.py` (how it was trained), `comparison.py` (the study), `service.py` (times,
load, money).
"""

from pathlib import Path
from typing import Any

from docs.build.facts.comparison import comparison
from docs.build.facts.learning import learning
from docs.build.facts.model import model
from docs.build.facts.reference import reference
from docs.build.facts.service import service

Facts = dict[str, Any]

__all__ = ["Facts", "collect"]


def collect(results: Path) -> Facts:
    """Gather the facts: nested dictionaries of strings, and lists of lists for tables.

    Args:
        results: folder of measured results; everything else is read below the working folder,
            which is the repository's root.

    Raises:
        StudyError: the study is not there or not finished.
    """
    return {
        "reference": reference(),
        "model": model(results),
        "learning": learning(results),
        "study": comparison(results),
        "service": service(results),
    }
