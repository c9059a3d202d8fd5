"""Why a site cannot be built or configured."""


class SiteError(RuntimeError):
    """Something is missing or wrong; the message says what."""
