"""Run lengths, against a decoder written from the letters of COCO's maskApi.c."""

import numpy as np
import pytest
from numpy.typing import NDArray

from function_app.vision.rle import encode_rle


def decode(text: str, height: int, width: int) -> NDArray[np.bool_]:
    """`rleFrString` and `rleDecode`, number by number."""
    counts: list[int] = []
    position = 0
    while position < len(text):
        number, group, more = 0, 0, True
        while more:
            bits = ord(text[position]) - 48
            number |= (bits & 0x1F) << (5 * group)
            more = bool(bits & 0x20)
            position += 1
            group += 1
            if not more and bits & 0x10:
                number |= -1 << (5 * group)
        if len(counts) > 2:
            number += counts[-2]
        counts.append(number)
    pixels: list[int] = []
    for index, count in enumerate(counts):
        assert count >= 0
        pixels += [index % 2] * count
    return np.array(pixels, bool).reshape((height, width), order="F")


RNG = np.random.default_rng(7)
MASKS = {
    "one pixel": np.array([[3]]),
    "one category": np.full((5, 9), 2),
    "first and last": np.array([[1, 0, 1]]),
    "noise": RNG.integers(0, 8, (37, 53)),
    "column": np.arange(7)[:, None],
    "row": np.arange(7)[None],
    "blocks": np.kron(RNG.integers(0, 8, (6, 11)), np.ones((50, 31), int)),
    "long runs of growing length": np.repeat(np.arange(40) % 8, np.arange(40) ** 3)[None],
}


@pytest.mark.parametrize("name", MASKS)
def test_decodes_to_the_same_mask(name: str) -> None:
    mask = MASKS[name].astype(np.uint8)
    encoded = encode_rle(mask)
    assert list(encoded) == sorted(set(mask.ravel().tolist()))
    for value, text in encoded.items():
        assert np.array_equal(decode(text, *mask.shape), mask == value)


def test_the_letters_are_those_of_coco() -> None:
    """Runs 9, 2, 2, 2, 5, so 9, 2, 2, 2 - 2, 5 - 2; each plus 48."""
    mask = np.zeros((4, 5), np.uint8)
    mask[1:3, 2:4] = 1
    assert encode_rle(mask)[1] == "92203"
