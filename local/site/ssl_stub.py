"""Stands in for `ssl` in the browser, which does TLS itself.

Pyodide leaves the real module out. What imports it unasked (anyio, asyncio, http.client) finds the
names that it needs for being imported, and never opens a socket.
"""


class SSLWantReadError(OSError):
    """Never raised."""


class SSLSyscallError(OSError):
    """Never raised."""


class SSLContext:
    """What http.client makes ready for a connection that it might open."""

    post_handshake_auth = None

    def set_alpn_protocols(self, protocols: list[str]) -> None:
        """Do nothing."""


_create_default_https_context = SSLContext
