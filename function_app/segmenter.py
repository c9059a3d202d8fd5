"""A loaded model: photo in, category of every pixel out."""

from typing import NamedTuple

import numpy as np
import onnxruntime as ort
from numpy.typing import NDArray

from function_app.model_package import (
    CONFIDENCE,
    INPUT,
    MASK,
    MASK_WITHOUT_VOID,
    Manifest,
    PackageError,
)
from function_app.photo import Fitted, fit, resize_mask


class Segmentation(NamedTuple):
    """Category ids and, where asked for, confidence 0..255; both (h, w) uint8 of the photo."""

    mask: NDArray[np.uint8]
    confidence: NDArray[np.uint8] | None


class Segmenter:
    """One ONNX Runtime session; `segment` may be called from several threads at once."""

    def __init__(self, model: bytes, manifest: Manifest, threads: int = 1) -> None:
        """Load a verified model.

        Args:
            model: bytes of the ONNX file.
            manifest: of the same package.
            threads: cores one photo may use.

        Raises:
            PackageError: ONNX Runtime cannot load it, or its tensors are not the agreed ones.
        """
        self.manifest = manifest
        try:
            self._session = ort.InferenceSession(
                model, _session_options(threads), providers=["CPUExecutionProvider"]
            )
            self._check_tensors()
            # The first run allocates; better now than under somebody's request. A portrait takes
            # the way of padding and resizing too.
            self.run(np.zeros((64, 32, 3), np.uint8), [MASK, MASK_WITHOUT_VOID, CONFIDENCE])
        except PackageError:
            raise
        except Exception as error:  # onnxruntime raises classes of its own, all plain Exceptions
            raise PackageError(f"{manifest.ref}: model.onnx cannot be loaded") from error

    def _check_tensors(self) -> None:
        height, width = self.manifest.height, self.manifest.width
        expected = {
            INPUT: ("tensor(uint8)", [1, height, width, 3]),
            MASK: ("tensor(uint8)", [1, height, width]),
            MASK_WITHOUT_VOID: ("tensor(uint8)", [1, height, width]),
            CONFIDENCE: ("tensor(uint8)", [1, height, width]),
        }
        tensors = [*self._session.get_inputs(), *self._session.get_outputs()]
        actual = {tensor.name: (tensor.type, tensor.shape) for tensor in tensors}
        if actual != expected:
            raise PackageError(f"{self.manifest.ref}: tensors {actual}, expected {expected}")

    def segment(
        self, rgb: NDArray[np.uint8], *, void: bool = True, confidence: bool = False
    ) -> Segmentation:
        """Segment a photo (h, w, 3) of any size and shape; see `segment_fitted`."""
        manifest = self.manifest
        fitted = fit(rgb, manifest.height, manifest.width, manifest.max_stretch)
        return self.segment_fitted(fitted, void=void, confidence=confidence)

    def segment_fitted(
        self, fitted: Fitted, *, void: bool = True, confidence: bool = False
    ) -> Segmentation:
        """Segment a photo that has been brought into this model's input.

        Args:
            fitted: of the manifest's height, width and max_stretch.
            void: whether void may win; the official protocol says no.
            confidence: whether to return the confidence map too.
        """
        names = [MASK if void else MASK_WITHOUT_VOID] + [CONFIDENCE] * confidence
        maps = self._run(fitted, names)
        return Segmentation(maps[0], maps[1] if confidence else None)

    def run(self, rgb: NDArray[np.uint8], outputs: list[str]) -> list[NDArray[np.uint8]]:
        """Return the named outputs of `model_package`, each (h, w) uint8, for a (h, w, 3) photo."""
        manifest = self.manifest
        return self._run(fit(rgb, manifest.height, manifest.width, manifest.max_stretch), outputs)

    def _run(self, fitted: Fitted, outputs: list[str]) -> list[NDArray[np.uint8]]:
        maps = self._session.run(outputs, {INPUT: fitted.canvas[None]})
        return [
            resize_mask(
                np.ascontiguousarray(values[0, : fitted.height, : fitted.width]), *fitted.size
            )
            for values in maps
        ]


def _session_options(threads: int) -> ort.SessionOptions:
    options = ort.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    # Spinning threads answer sooner by a hair and burn the CPU that the next photo needs.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    return options
