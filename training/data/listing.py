"""The scenes of one entry of a configuration."""

from pathlib import Path

from training.config import ConfigError, DataConfig
from training.data import READERS, Scene


def read_scenes(data: DataConfig, root: Path) -> list[Scene]:
    """List the scenes of an entry, below the data root.

    Raises:
        ConfigError: there is no such reader.
        DataError: the data set is not laid out as its reader expects.
    """
    if data.reader not in READERS:
        raise ConfigError(f"no reader '{data.reader}': choose from {', '.join(READERS)}")
    return READERS[data.reader](root / data.path, data.split)[:: data.every]
