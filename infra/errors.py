"""How a release can fail."""


class ReleaseError(RuntimeError):
    """The release cannot go on; the message says why and what to do. What is done stays done."""


class NotYetError(ReleaseError):
    """Azure refuses what it will allow in some minutes."""
