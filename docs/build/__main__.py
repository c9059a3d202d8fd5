"""Build note, slides and the numbers of the READMEs: python -m docs.build.

With --masks, first keep what the runs of the longer study see in the synthetic scenes.
"""

import argparse
import sys
from pathlib import Path

from docs.build.facts import collect
from docs.build.figures import draw_masks, draw_pictures
from docs.build.note import build_note
from docs.build.pages import build_pages
from docs.build.served import FactsError
from docs.build.slides import build_slides
from docs.build.study import StudyError

RESULTS = Path("results")


def main() -> None:
    """Build everything, in the repository's root."""
    parser = argparse.ArgumentParser(prog="python -m docs.build", description=__doc__)
    parser.add_argument("--masks", type=Path, metavar="RUNS", help="folder of runs, as runs/study")
    args = parser.parse_args()
    if args.masks:
        print(*draw_masks(args.masks, RESULTS), sep="\n")
    try:
        build_pages(RESULTS)
        facts = collect(RESULTS)
        draw_pictures(RESULTS)
        print(build_note(facts, RESULTS), build_slides(facts, RESULTS), sep="\n")
    except (StudyError, FactsError) as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
