"""Prepare, check and release a deployment in Azure: python -m infra COMMAND --help."""

import argparse
import logging
import sys
from pathlib import Path

from function_app.storage.errors import StorageError
from function_app.vision.model_package import PackageError
from infra.azure_cli import AzureCli
from infra.check import check
from infra.content import data_account
from infra.errors import ReleaseError
from infra.outputs import outputs_of_deployment, outputs_of_environment
from infra.prepare import prepare
from infra.release import STEPS, Inputs, Release
from local.node import NodeError
from local.site import SiteError
from local.smoke import SmokeError
from training.data import DataError
from training.registry import RegistryError

PROJECT = Path(__file__).parent.parent
DIST = PROJECT / "dist"
FAILURES = (DataError, NodeError, PackageError, RegistryError, ReleaseError, SiteError, SmokeError,
            StorageError)  # fmt: skip


def main() -> int:
    """Parse the command line and run one command."""
    args = _parser().parse_args()
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(message)s")
    # It warns over many lines of a login that failed; ours is one line.
    logging.getLogger("azure.identity").setLevel(logging.ERROR)
    try:
        args.run(args)
    except KeyboardInterrupt:
        print("\nended; the same command again goes on")
        return 130
    except (*FAILURES, OSError) as error:
        print(f"\nerror: {error}", file=sys.stderr)
        return 1
    return 0


def _prepare(args: argparse.Namespace) -> None:
    path = prepare(args.environment, args.location, PROJECT / ".local", AzureCli())
    print(f"{path.relative_to(PROJECT)} is complete")


def _outputs(args: argparse.Namespace) -> None:
    to = outputs_of_deployment(args.environment, AzureCli())
    token = to.function_app_name.removeprefix("func-")
    shown = {
        "GROUP": to.azure_resource_group, "API": to.function_app_name,
        "EXPLORER": to.explorer_app_name, "DATA": f"stdata{token}", "TOKEN": token,
    }  # fmt: skip
    print(*(f"{name}={value}" for name, value in shown.items()), sep="\n")


def _release(args: argparse.Namespace) -> None:
    cli, name = AzureCli(), args.environment
    outputs = outputs_of_deployment(name, cli) if name else outputs_of_environment()
    inputs = Inputs(
        PROJECT, PROJECT / ".local", args.package, args.explorer_package, DIST / "site",
        args.scenes, args.per_split,
    )  # fmt: skip
    with data_account(outputs.data_blob_url, cli.subscription) as account:
        Release(outputs, inputs, cli, account).run(args.only, skip=args.skip, dry=args.dry_run)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m infra", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    first = commands.add_parser(
        "prepare",
        help="complete .local/ENVIRONMENT.env, the variables of an environment; safe to repeat",
        epilog="example: python -m infra prepare fvs-dev --location swedencentral",
    )
    first.set_defaults(run=_prepare)
    first.add_argument("environment")
    first.add_argument("--location", default="", help="Azure region")
    shown = commands.add_parser(
        "outputs", help="print an environment's names as variables of a shell",
        epilog='example: eval "$(python -m infra outputs fvs-dev)"',
    )  # fmt: skip
    shown.set_defaults(run=_outputs)
    shown.add_argument("environment")
    checked = commands.add_parser("check", help="compiler and linter over all templates")
    checked.set_defaults(run=lambda args: check(renew=args.renew))
    checked.add_argument("--renew", action="store_true", help="write the snapshots anew")
    release = commands.add_parser(
        "release",
        help="deploy code, explorer, models, scenes and site, and try them; safe to repeat",
        epilog="example: python -m infra release fvs-dev --only code,smoke",
    )
    release.set_defaults(run=_release)
    add = release.add_argument
    add(
        "environment",
        nargs="?",
        help="the environment (AZURE_ENV_NAME) whose latest deployment says where to; without it, "
        "that is read from variables, as azd sets them for its hooks",
    )
    add("--only", type=_steps, default=(), metavar="STEPS", help=f"of {','.join(STEPS)}")
    add("--skip", type=_steps, default=(), metavar="STEPS", help="all but these")
    add("--dry-run", action="store_true", help="only say what would be done")
    add(
        "--package",
        type=Path,
        default=DIST / "function_app.zip",
        metavar="ZIP",
        help="code of the function app; an older one rolls back",
    )
    add(
        "--explorer-package",
        type=Path,
        default=DIST / "explorer.zip",
        metavar="ZIP",
        help="code of the explorer",
    )
    add(
        "--scenes",
        type=Path,
        metavar="DIR",
        help="Cityscapes folder (default: synthetic scenes, unless there are others)",
    )
    add("--per-split", type=int, default=50, metavar="N",
        help="scenes of each split of that folder (default 50)")  # fmt: skip
    return parser


def _steps(text: str) -> tuple[str, ...]:
    names = tuple(text.split(","))
    if unknown := sorted(set(names) - set(STEPS)):
        raise argparse.ArgumentTypeError(f"{', '.join(unknown)}: choose from {','.join(STEPS)}")
    return names


if __name__ == "__main__":
    sys.exit(main())
