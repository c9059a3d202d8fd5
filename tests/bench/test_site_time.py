"""Visits of the static site: how they are summed up, and what the stored ones promise."""

import json

from bench.site_time import MOMENTS, medians
from tests.conftest import PROJECT


def test_the_median_visit() -> None:
    visits = [{"photo_s": seconds, "requests": 40} for seconds in (9.0, 4.004, 5.0)]
    assert medians(visits) == {"photo_s": 5.0, "requests": 40}


STORED = json.loads((PROJECT / "results" / "site_time.json").read_text())


def test_a_second_visit_was_measured_to_load_next_to_nothing() -> None:
    first, second = STORED["first_visit"], STORED["second_visit"]
    assert first.keys() == second.keys() >= MOMENTS.keys()
    assert first["gallery_s"] < first["header_s"] <= first["photo_s"]
    assert second["megabytes_sent"] < 0.01 * first["megabytes_sent"]
    assert first["megabytes_sent"] < STORED["site"]["megabytes_compressed"]
