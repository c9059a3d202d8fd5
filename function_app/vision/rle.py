"""Masks as COCO run lengths: one short string per category instead of a picture."""

import numpy as np
from numpy.typing import NDArray
from PIL import Image


def encode_rle(mask: NDArray[np.uint8]) -> dict[int, str]:
    """Encode each value of a mask (h, w) that occurs as COCO's compressed run lengths.

    With "size": [h, w] each string is what `pycocotools.mask.decode` takes as "counts": lengths of
    runs in column-major order, of other pixels and of the value's pixels in turn, from the third
    on as difference to the one before last, in groups of 5 bits (`rleToString` in maskApi.c).

    Returns:
        ASCII strings by value, in order of the values.
    """
    transposed = Image.fromarray(mask).transpose(Image.Transpose.TRANSPOSE)
    columns = np.asarray(transposed).ravel()
    starts = np.concatenate(([0], np.flatnonzero(columns[1:] != columns[:-1]) + 1))
    ends = np.append(starts[1:], columns.size)
    values = columns[starts]
    return {
        int(value): _compress(_counts(starts[values == value], ends[values == value], columns.size))
        for value in np.unique(values)
    }


def _counts(starts: NDArray[np.int64], ends: NDArray[np.int64], size: int) -> NDArray[np.int64]:
    """Lengths of the runs outside and inside of [start, end), in turn, outside first."""
    edges = np.stack((starts, ends), axis=1).ravel()
    if edges[-1] < size:
        edges = np.append(edges, size)
    return np.diff(edges, prepend=0)


def _compress(counts: NDArray[np.int64]) -> str:
    rest = counts.copy()
    rest[3:] -= counts[1:-2]
    groups: list[NDArray[np.uint8]] = []
    goes_on = [np.ones(len(rest), bool)]
    while goes_on[-1].any():
        # A number ends with the group whose top bit is the sign of all that would follow.
        more = (rest >> 4 != 0) & (rest >> 4 != -1)
        groups.append(((rest & 0x1F | more << 5) + 48).astype(np.uint8))
        goes_on.append(more)
        rest >>= 5
    text: bytes = np.stack(groups, axis=1)[np.stack(goes_on[:-1], axis=1)].tobytes()
    return text.decode("ascii")
