"""Train on one and on two logical CPU devices; run by test_two_devices.py in a process of its own.

Devices are divided before TensorFlow starts. All photos are the same, so that the statistics of
half a batch, which each device takes for itself, are those of the whole.
"""

import dataclasses
import sys
from pathlib import Path

import tensorflow as tf

from tests.training.tiny import tiny_config
from training import trainer
from training.data import generator, read_scenes

if __name__ == "__main__":
    (cpu,) = tf.config.list_physical_devices("CPU")
    tf.config.set_logical_device_configuration(cpu, [tf.config.LogicalDeviceConfiguration()] * 2)
    scenes, folder = Path(sys.argv[1]), Path(sys.argv[2])
    config = dataclasses.replace(tiny_config(), augmentation={}, epochs=1, precision="float32")
    one = read_scenes(config.train[0], scenes)[:1]
    for module in (trainer, generator):
        module.training_sets = lambda *_: [(one, 1.0)]  # type: ignore[attr-defined]
    for name, devices in (("one", []), ("two", ["CPU:0", "CPU:1"])):
        trainer.training_devices = lambda devices=devices: devices  # type: ignore[misc]
        trainer.train(config, scenes, folder / name)
