"""A loaded model: photo in, category of every pixel out."""

import re
from typing import NamedTuple

import numpy as np
import onnxruntime as ort
from numpy.typing import NDArray

from function_app.vision.model_package import (
    ALLOW_VOID,
    CONFIDENCE,
    IMAGE,
    MASK,
    Manifest,
    ModelRef,
    PackageError,
)
from function_app.vision.photo import Fitted, fit, resize_mask

REASONS = (
    (
        r"Unsupported model IR version: (\d+), max supported IR version: (\d+)",
        "its IR version is {0}, at most {1} is supported: save it with an older onnx",
    ),
    (
        r"Opset (\d+) is under development.* domain (\S+) is till opset (\d+)",
        "it is of opset {0} of {1}, at most {2} is supported: export it for an older opset",
    ),
    (
        r"External data|external tensor",
        "its weights are in files of their own: save it as one file",
    ),
    (r"protobuf parsing failed", "it is truncated, damaged or not an ONNX file"),
    (r"No graph was found", "it is empty or not an ONNX file"),
    (r"INVALID_GRAPH|NOT_IMPLEMENTED", "it has an operation that is not supported"),
)
"""What ONNX Runtime says when it cannot load a model, and what that means."""


class Segmentation(NamedTuple):
    """What a model says about a photo (h, w).

    Attributes:
        mask: category ids, (h, w) uint8.
        mean_confidence: mean over the photo of the winner's softmax, 0.0 to 1.0.
        confidence: the same by pixel, (h, w) uint8 0..255; None where it was not asked for.
    """

    mask: NDArray[np.uint8]
    mean_confidence: float
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
            self.segment(np.zeros((64, 32, 3), np.uint8), confidence=True)
        except PackageError:
            raise
        except Exception as error:  # onnxruntime raises classes of its own, all plain Exceptions
            reason = _reason(str(error))
            raise PackageError(f"{manifest.ref}: model.onnx cannot be loaded: {reason}") from error

    def _check_tensors(self) -> None:
        height, width = self.manifest.height, self.manifest.width
        expected = {
            IMAGE: ("tensor(uint8)", [1, height, width, 3]),
            ALLOW_VOID: ("tensor(bool)", []),
            MASK: ("tensor(uint8)", [1, height, width]),
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
        fitted = fit(rgb, *self.manifest.input)
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
        inputs = {IMAGE: fitted.canvas[None], ALLOW_VOID: np.array(void)}
        ids, certain = (
            np.ascontiguousarray(values[0, : fitted.height, : fitted.width])
            for values in self._session.run([MASK, CONFIDENCE], inputs)
        )
        return Segmentation(
            resize_mask(ids, *fitted.size),
            float(certain.mean()) / 255,
            resize_mask(certain, *fitted.size) if confidence else None,
        )


def load_package(ref: ModelRef, document: bytes, model: bytes, threads: int = 1) -> Segmenter:
    """Verify and load a model package: the one check of services and of `publish`.

    Args:
        ref: what the package should be.
        document: its manifest.json.
        model: its model.onnx.
        threads: cores one photo may use.

    Raises:
        PackageError: the manifest cannot be used or is another package's, the model is not the file
            it describes, or cannot be loaded; the message says why.
    """
    manifest = Manifest.from_json(document)
    manifest.verify(ref, model)
    return Segmenter(model, manifest, threads)


def _reason(message: str) -> str:
    for pattern, reason in REASONS:
        if match := re.search(pattern, message, re.DOTALL):
            return reason.format(*match.groups())
    return "ONNX Runtime refuses it"


def _session_options(threads: int) -> ort.SessionOptions:
    options = ort.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    # Spinning threads answer sooner by a hair and burn the CPU that the next photo needs.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    return options
