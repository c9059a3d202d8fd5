"""Networks in Keras 3: uint8 RGB in, logits for the 8 categories out at input size."""

from training.models.lite0_fpn import lite0_fpn

ARCHITECTURES = {"lite0_fpn": lite0_fpn}
