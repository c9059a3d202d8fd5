"""Visits of the static site, summed up."""

from bench.site_time import medians


def test_the_median_visit() -> None:
    visits = [{"photo_s": seconds, "requests": 40} for seconds in (9.0, 4.004, 5.0)]
    assert medians(visits) == {"photo_s": 5.0, "requests": 40}
