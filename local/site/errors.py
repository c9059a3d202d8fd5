"""Why a site cannot be built or configured."""


class SiteError(RuntimeError):
    """The site cannot be built or configured; the message names what is missing or wrong."""
