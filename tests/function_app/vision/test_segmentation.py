"""Photo in, mask out: every pixel, by a model that answers with the photo's channels."""

import numpy as np
import pytest

from function_app.vision.photo import fit, resize_mask
from tests.function_app.vision.echo import SIZE, echo_segmenter
from tests.function_app.vision.photo.files import street

PHOTO = street(*SIZE)


def test_the_model_sees_red_green_and_blue_in_this_order() -> None:
    segmenter = echo_segmenter()
    result = segmenter.segment(PHOTO, confidence=True)
    assert np.array_equal(result.mask, PHOTO[..., 0])
    assert result.confidence is not None
    assert np.array_equal(result.confidence, PHOTO[..., 2])
    assert result.mean_confidence == pytest.approx(PHOTO[..., 2].mean() / 255)
    assert np.array_equal(segmenter.segment(PHOTO, void=False).mask, PHOTO[..., 1])
    assert segmenter.segment(PHOTO).confidence is None


@pytest.mark.parametrize("size", [(64, 128), (31, 61), (90, 40), (7, 200)])
def test_masks_have_the_photo_s_size_and_no_padding(size: tuple[int, int]) -> None:
    segmenter = echo_segmenter(max_stretch=1.5)
    rgb = street(*size)
    fitted = fit(rgb, *SIZE, 1.5)
    result = segmenter.segment(rgb, confidence=True)
    seen = fitted.canvas[: fitted.height, : fitted.width]
    assert np.array_equal(result.mask, resize_mask(seen[..., 0], *size))
    assert result.confidence is not None
    assert np.array_equal(result.confidence, resize_mask(seen[..., 2], *size))
    assert result.mean_confidence == pytest.approx(seen[..., 2].mean() / 255)
