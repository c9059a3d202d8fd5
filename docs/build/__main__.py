"""Build note, slides and the numbers of the READMEs: python -m docs.build [note] [slides].

With --masks, first keep what the runs of the longer study see in the synthetic scenes.
"""

import argparse
import sys
from pathlib import Path

from docs.build.served import FactsError
from docs.build.study import StudyError

RESULTS = Path("results")


def main() -> None:
    """Build what was asked for, in the repository's root."""
    parser = argparse.ArgumentParser(prog="python -m docs.build", description=__doc__)
    parser.add_argument("what", nargs="*", help="note, slides; both where nothing is named")
    parser.add_argument("--results", type=Path, default=RESULTS, help="default: results")
    parser.add_argument("--masks", type=Path, metavar="RUNS", help="folder of runs, as runs/study")
    args = parser.parse_args()
    wanted = set(args.what) or {"note", "slides"}
    if wanted - {"note", "slides"}:
        parser.error(f"{', '.join(sorted(wanted))}: choose from note, slides")
    if args.masks:
        from docs.build.figures import draw_masks

        print(*draw_masks(args.masks, args.results), sep="\n")
    try:
        _build(wanted, args.results)
    except (StudyError, FactsError) as error:
        sys.exit(str(error))


def _build(wanted: set[str], results: Path) -> None:
    from docs.build.facts import collect
    from docs.build.figures import draw_pictures
    from docs.build.pages import build_pages

    build_pages(results)
    facts = collect(results)
    draw_pictures(results)
    if "note" in wanted:
        from docs.build.note import build_note

        print(build_note(facts, results))
    if "slides" in wanted:
        from docs.build.slides import build_slides

        print(build_slides(facts, results))


if __name__ == "__main__":
    main()
