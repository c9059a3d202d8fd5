"""Run the system, or parts of it, on this machine: python -m local COMMAND --help."""

import argparse
import logging
import os
import sys
from pathlib import Path
from typing import Any

from function_app.storage.errors import StorageError
from function_app.vision.model_package import PackageError
from local.bindings import HostError
from local.demo import PROJECT, Ports, run_demo
from local.docs_page import fetch_swagger_ui
from local.host import serve
from local.login import add_login, given_login
from local.node import NodeError
from local.package import AZURE_PYTHON, BuildError, build_packages, renew_locks
from local.processes import DemoError
from local.site import SiteError, SiteServer, build_site, configure_site
from local.smoke import WAIT, SmokeError, Target, run_smoke
from local.worker import LEASE_SECONDS, work
from training.data import DataError
from training.registry import RegistryError

STATE = PROJECT / ".local"
FAILURES = (BuildError, DataError, DemoError, HostError, NodeError, PackageError, RegistryError,
            SiteError, SmokeError, StorageError)  # fmt: skip


def main() -> int:
    """Parse the command line and run one command."""
    args = _parser().parse_args()
    # Loopback must not go through a proxy that the environment may name.
    for name in ("NO_PROXY", "no_proxy"):
        os.environ[name] = ",".join(filter(None, [os.environ.get(name), "127.0.0.1,localhost"]))
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    # The SDK logs every request's headers at this level.
    logging.getLogger("azure").setLevel(logging.WARNING)
    try:
        args.run(args)
    except KeyboardInterrupt:
        print("\nended")
    except (*FAILURES, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


def _demo(args: argparse.Namespace) -> None:
    ports = Ports(*(_port(*item) for item in Ports().variables().items()))
    run_demo(args.state, ports, args.data, args.scenes)


def _host(args: argparse.Namespace) -> None:
    try:
        fetch_swagger_ui(PROJECT)
    except NodeError as error:
        logging.warning("the page /api/docs stays empty, without Swagger UI: %s", error)
    serve(PROJECT, args.port)


def _package(args: argparse.Namespace) -> None:
    print(*build_packages(PROJECT, args.out, args.python), sep="\n")


def _site(args: argparse.Namespace) -> None:
    if args.action == "serve":
        SiteServer(args.folder, args.port).serve_forever()
    elif args.action == "configure":
        configure_site(args.folder, args.api)
    else:
        files, size, sent = build_site(PROJECT, args.out, STATE / "site", args.api).sizes()
        print(f"{args.out}: {files} files, {size / 1e6:.1f} MB, compressed {sent / 1e6:.1f} MB")


def _smoke(args: argparse.Namespace) -> None:
    run_smoke(Target(args.api, args.explorer, args.site, given_login(args), args.wait))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m local", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    demo = commands.add_parser(
        "demo", help="storage, API and explorer with demo scenes, until Ctrl-C",
        epilog="example: PORT_API=7072 python -m local demo --data ~/cityscapes --scenes 20",
    )  # fmt: skip
    demo.set_defaults(run=_demo)
    demo.add_argument("--state", type=Path, default=STATE, help="folder for what it keeps")
    demo.add_argument("--data", type=lambda text: Path(text).expanduser(),
                      help="Cityscapes folder (default: synthetic scenes)")  # fmt: skip
    demo.add_argument("--scenes", type=int, default=50, help="scenes of each split (default 50)")
    host = commands.add_parser(
        "host", help="the function app alone, on loopback",
        epilog="example: BLOB_CONNECTION_STRING=... python -m local host --port 7071",
    )  # fmt: skip
    host.set_defaults(run=_host)
    host.add_argument("--port", type=int, default=7071)
    worker = commands.add_parser(
        "worker",
        help="what queues trigger: batches, predictions of uploaded photos; several may run",
        epilog="example: BLOB_CONNECTION_STRING=... QUEUES=... python -m local worker",
    )
    worker.set_defaults(run=lambda args: work(PROJECT, args.lease))
    worker.add_argument(
        "--lease", type=int, default=LEASE_SECONDS, metavar="SECONDS",
        help=f"after which the message of a worker that died comes again (default {LEASE_SECONDS})",
    )  # fmt: skip
    package = commands.add_parser(
        "package", help="build the zips that are deployed to Azure: function app and explorer",
        epilog="example: python -m local package --python python3.13",
    )  # fmt: skip
    package.set_defaults(run=_package)
    package.add_argument("--out", type=Path, default=PROJECT / "dist", help="folder of the zips")
    package.add_argument(
        "--python",
        help=f"a Python {AZURE_PYTHON}, which Azure runs (default: one on the path, or pyenv's)",
    )
    lock = commands.add_parser("lock", help="lock the libraries that are installed in Azure")
    lock.set_defaults(run=lambda _args: print(*renew_locks(PROJECT), sep="\n"))
    _add_site(commands.add_parser("site", help="the explorer as a static site, without a server"))
    _add_smoke(commands)
    return parser


def _add_smoke(commands: Any) -> None:
    smoke = commands.add_parser(
        "smoke", help="try a deployment, here or in Azure, from outside; exit 1 says what is wrong",
        epilog="example: API_KEY=... python -m local smoke https://func-1.azurewebsites.net",
    )  # fmt: skip
    smoke.set_defaults(run=_smoke)
    smoke.add_argument("api", help="address of the API")
    smoke.add_argument("--explorer", metavar="URL", default="", help="try the explorer too")
    smoke.add_argument("--site", metavar="URL", default="", help="try the static site too")
    add_login(smoke)
    smoke.add_argument(
        "--wait",
        type=float,
        default=WAIT,
        metavar="SECONDS",
        help=f"for what may pass, such as a cold start (default {WAIT:.0f})",
    )


def _add_site(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", required=True)
    parser.set_defaults(run=_site)
    site = PROJECT / "dist" / "site"
    build = actions.add_parser(
        "build", help="build it from locked inputs, and configure it",
        epilog="example: python -m local site build --api https://api.example.org",
    )  # fmt: skip
    build.add_argument("--out", type=Path, default=site)
    configure = actions.add_parser(
        "configure", help="write the API's address, and its policy, into a built site",
        epilog="example: python -m local site configure dist/site --api https://api.example.org",
    )  # fmt: skip
    serve = actions.add_parser(
        "serve", help="serve a built site on loopback, as its host should",
        epilog="example: python -m local site serve --port 8502",
    )  # fmt: skip
    serve.add_argument("--port", type=int, default=8502)
    for action in configure, serve:
        action.add_argument("folder", type=Path, nargs="?", default=site)
    for action in build, configure:
        action.add_argument("--api", help="its address; default: that of the site's own host")


def _port(variable: str, default: int) -> int:
    text = os.environ.get(variable, str(default))
    if not (text.isdigit() and 1024 <= int(text) <= 65535):
        raise DemoError(f"{variable}={text!r} must be a port from 1024 to 65535")
    return int(text)


if __name__ == "__main__":
    sys.exit(main())
