"""What is wrong with what the user gave; the command line prints the message alone."""


class ConfigError(ValueError):
    """A configuration that cannot be used; the message names the file and the key."""


class DataError(ValueError):
    """A data set that is not laid out as its reader expects; the message names the path."""
