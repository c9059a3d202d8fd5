"""A configuration small enough to train within a test."""

from training.config import DataConfig, TrainingConfig


def tiny_config() -> TrainingConfig:
    """Two epochs of two steps on the synthetic scenes."""
    data = DataConfig("cityscapes", ".", "val")
    return TrainingConfig(
        name="tiny",
        # The one whose training step TensorFlow traces soonest; all are alike to the trainer.
        architecture="unet",
        train=(data,),
        validation=(DataConfig("cityscapes", ".", "val", every=3),),
        encoder_weights=None,
        input_size=(64, 128),
        crop_size=(64, 64),
        batch_size=2,
        photos_per_epoch=4,
        epochs=2,
        warmup_steps=1,
        augmentation={"geometry": True, "light": True, "camera": ["blur", "noise"]},
    )
