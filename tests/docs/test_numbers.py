"""Numbers as French readers write them."""

import pytest

from docs.build.french import fr, gain, percent, signed, typeset, with_spread


@pytest.mark.parametrize(
    ("value", "digits", "text"),
    [(0.77586, 3, "0,776"), (40800, 0, "40\u202f800"), (-1.25, 1, "−1,2"), (0.9, 2, "0,90")],
)
def test_numbers_have_a_comma_and_spaced_thousands(value: float, digits: int, text: str) -> None:
    assert fr(value, digits) == text


def test_differences_have_a_sign_unless_they_round_to_zero() -> None:
    assert (signed(0.0123), signed(-0.0123), signed(-0.0001)) == ("+0,012", "−0,012", "0,000")


def test_a_spread_of_one_seed_is_not_invented() -> None:
    assert with_spread({"mean": 0.5, "sd": 0.01}) == "0,500 ± 0,010"
    assert with_spread({"mean": 0.5, "sd": None}) == "0,500"
    assert gain({"mean": -0.02, "sd": 0.001}) == "−0,020 ± 0,001"
    assert gain(None) == "—"


def test_percent_and_punctuation_stay_with_their_word() -> None:
    assert percent(0.8191, 0) == "82\u202f%"
    assert typeset("« a » : b") == "«\u202fa\u202f»\u202f: b"
