"""Run the system, or parts of it, on this machine: python -m local COMMAND --help."""

import argparse
import logging
import os
import sys
from pathlib import Path

from function_app.model_package import PackageError
from function_app.storage import StorageError
from local.azurite import AzuriteError
from local.demo import PROJECT, Ports, run_demo
from local.host import HostError, serve
from local.package import BuildError, build_package
from local.processes import DemoError
from training.data import DataError

STATE = PROJECT / ".local"


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
        if args.command == "host":
            serve(PROJECT, args.port)
        elif args.command == "package":
            built = build_package(PROJECT, args.out, args.python)
            megabytes = built.path.stat().st_size / 1e6
            print(f"{built.path}: {megabytes:.1f} MB, {built.unpacked / 1e6:.0f} MB unpacked")
        else:
            ports = Ports(*(_port(*item) for item in Ports().variables().items()))
            run_demo(args.state, ports, args.data, args.scenes)
    except KeyboardInterrupt:
        print("\nended")
    except (
        AzuriteError,
        BuildError,
        DataError,
        DemoError,
        HostError,
        PackageError,
        StorageError,
        OSError,
    ) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m local", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    demo = commands.add_parser(
        "demo",
        help="storage, API and explorer with demo scenes, until Ctrl-C",
        epilog="example: PORT_API=7072 python -m local demo --data ~/cityscapes --scenes 20",
    )
    demo.add_argument("--state", type=Path, default=STATE, help="folder for what it keeps")
    demo.add_argument("--data", type=Path, help="Cityscapes folder (default: synthetic scenes)")
    demo.add_argument("--scenes", type=int, default=50, help="scenes of each split (default 50)")
    host = commands.add_parser(
        "host",
        help="the function app alone, on loopback",
        epilog="example: BLOB_CONNECTION_STRING=... python -m local host --port 7071",
    )
    host.add_argument("--port", type=int, default=7071)
    package = commands.add_parser(
        "package",
        help="build the zip that is deployed to Azure: code, libraries, bytecode",
        epilog="example: python -m local package --python python3.13",
    )
    package.add_argument("--out", type=Path, default=PROJECT / "dist" / "function_app.zip")
    package.add_argument(
        "--python", default=sys.executable, help="interpreter of the version that Azure runs"
    )
    return parser


def _port(variable: str, default: int) -> int:
    text = os.environ.get(variable, str(default))
    if not (text.isdigit() and 1024 <= int(text) <= 65535):
        raise DemoError(f"{variable}={text!r} must be a port from 1024 to 65535")
    return int(text)


if __name__ == "__main__":
    sys.exit(main())
