"""What holds for every workflow; each rule lists what breaks it."""

import argparse
import re
import shlex
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import yaml

import infra.__main__
import training.__main__
from infra import check
from tests.conftest import PROJECT

GITHUB = PROJECT / ".github"
BICEP = PROJECT / "infra" / "bicep"
PARAMETER_FILES = [BICEP / "main.bicepparam", BICEP / "prod.bicepparam"]
MAY = {"contents: read", "actions: read", "id-token: write"}
"""All that any job may do with GitHub; id-token is what Azure's login needs."""


class Workflow(NamedTuple):
    """A workflow file, read."""

    name: str
    text: str

    @property
    def document(self) -> dict[str, Any]:
        read: dict[str, Any] = yaml.safe_load(self.text)
        read["on"] = read.pop(True)  # what YAML 1.1 takes the word for
        return read

    def jobs(self) -> Iterator[tuple[str, dict[str, Any]]]:
        yield from self.document["jobs"].items()

    def scripts(self) -> Iterator[tuple[str, str, dict[str, str]]]:
        """Name of the job, script and environment of every step that runs one."""
        for name, job in self.jobs():
            for step in job.get("steps", ()):
                if "run" in step:
                    yield name, step["run"], {**job.get("env", {}), **step.get("env", {})}


def workflows() -> list[Workflow]:
    files = sorted((GITHUB / "workflows").glob("*.yml"))
    assert files
    return [Workflow(path.name, path.read_text()) for path in files]


def permissions_are_few(workflow: Workflow) -> Iterator[str]:
    if workflow.document.get("permissions") != {}:
        yield "the workflow begins with permissions"
    for name, job in workflow.jobs():
        asked = {f"{what}: {level}" for what, level in job.get("permissions", {}).items()}
        if not asked or asked - MAY:
            yield f"{name} asks for {sorted(asked)}"
        if "actions: read" in asked and "download-artifact" not in str(job):
            yield f"{name} reads other runs for nothing"
        if ("id-token: write" in asked) != ("azure/login@" in str(job)):
            yield f"{name} logs in without a token, or has one for nothing"
        if "id-token: write" in asked and "environment" not in job:
            yield f"{name} logs in outside of an environment, which nobody protects"
        for step in job.get("steps", ()):
            kept = step.get("with", {}).get("persist-credentials") is not False
            if "actions/checkout@" in step.get("uses", "") and kept:
                yield f"{name} keeps the credentials of its check-out"


def strangers_get_no_token(workflow: Workflow) -> Iterator[str]:
    triggers = set(workflow.document["on"])
    known = {"push", "pull_request", "workflow_call", "workflow_dispatch"}
    if triggers - known:
        yield f"started by {triggers - known}"
    for name, job in workflow.jobs():
        ours = "github.event.pull_request.head.repo.full_name == github.repository"
        token = "id-token" in job.get("permissions", {})
        if "pull_request" in triggers and token and ours not in job.get("if", ""):
            yield f"{name} gives its token to pull requests of forks"
        if "pull_request" in triggers and "secrets." in str(job):
            yield f"{name} gives secrets to pull requests"
    for name, script, _ in workflow.scripts():
        if "${{" in script:
            yield f"{name} pastes an expression into a script"


def runs_end(workflow: Workflow) -> Iterator[str]:
    document = workflow.document
    if "concurrency" not in document:
        yield "runs may overtake each other"
    if document.get("defaults") != {"run": {"shell": "bash"}}:
        yield "a script's failing pipe goes unnoticed"  # `shell: bash` adds pipefail
    for name, job in workflow.jobs():
        if "uses" not in job and not job.get("timeout-minutes", 999) <= 60:
            yield f"{name} has no time limit"
        if "uses" not in job and job["runs-on"] != "ubuntu-24.04":
            yield f"{name} runs on a machine that changes"


def make_has_the_targets(workflow: Workflow) -> Iterator[str]:
    makefile = (PROJECT / "Makefile").read_text()
    for _, script, _ in workflow.scripts():
        for target, rest in re.findall(r"\bmake ([\w-]+)(.*)", script):
            if not re.search(rf"^{target}:", makefile, re.MULTILINE):
                yield f"make {target}"
            for variable in re.findall(r"([A-Z]+)=", rest):
                if f"$({variable})" not in makefile:
                    yield f"make {target} {variable}="


def commands_exist(workflow: Workflow) -> Iterator[str]:
    tools = "\n" + (PROJECT / "tests" / "infra" / "requirements-tools.txt").read_text()
    for _, script, _ in workflow.scripts():
        for module, line in re.findall(r"python -m (\w+) ([^;|\n]+)", script):
            if not understood(module, line):
                yield f"python -m {module} {line}"
        for tool in re.findall(r"\.venv-tools/bin/([\w-]+)", script):
            if f"\n{tool}==" not in tools:
                yield f"{tool} is not one of the tools"
    for name, job in workflow.jobs():
        installs = [
            step["run"] for step in job.get("steps", ()) if "pip install" in step.get("run", "")
        ]
        if "id-token" in job.get("permissions", {}) and any(
            "--require-hashes" not in run for run in installs
        ):
            yield f"{name} may log in to Azure, and installs what nobody has hashed"


def understood(module: str, line: str) -> bool:
    """Whether a module takes this command line; this test must know the module."""
    parser = argparse.ArgumentParser()
    if module == "training":
        parser = training.__main__.parser()
    elif module == "infra":
        parser = infra.__main__._parser()
    try:
        parser.parse_args(shlex.split(line))
    except SystemExit:
        return False
    return True


def paths_exist(workflow: Workflow) -> Iterator[str]:
    folders = r"infra|models|training|tests|docs|local|frontend|\.github"
    words = re.findall(rf"(?<![\w./$-])((?:{folders})/[\w./*-]*[\w*])", workflow.text)
    words += re.findall(r" -[rc] (\S+\.txt)", workflow.text)
    for path in words:
        if not any(PROJECT.glob(path)):
            yield path
    for name, job in workflow.jobs():
        for step in job.get("steps", ()):
            for pattern in step.get("with", {}).get("cache-dependency-path", "").split():
                if not any(PROJECT.glob(pattern)):
                    yield f"{name} caches by {pattern}"


def variables_are_set(workflow: Workflow) -> Iterator[str]:
    for name, script, environment in workflow.scripts():
        own = set(re.findall(r"(?:^|\s)(?:for |export )?([A-Za-z_]\w*)(?:=| in )", script))
        own |= {word for line in re.findall(r"\bread -r ([\w ]+)", script) for word in line.split()}
        # Single quotes hold programs in other languages.
        used = set(re.findall(r"\$\{?([A-Za-z_]\w*)", re.sub(r"'[^'\n]*'", "", script)))
        for variable in sorted(used - own - set(environment)):
            if not variable.startswith("GITHUB_"):
                yield f"{name} uses ${variable}, which nothing sets"


def azure_takes_one_compiler(workflow: Workflow) -> Iterator[str]:
    """GitHub's machines have a Bicep of their own, which az prefers in CI unless told otherwise."""
    for name, job in workflow.jobs():
        script = "\n".join(step.get("run", "") for step in job.get("steps", ()))
        versions = re.findall(r"az bicep install --version v(\S+)", script)
        if set(versions) - {check.BICEP_VERSION}:
            yield f"{name} installs Bicep {versions}, not {check.BICEP_VERSION}"
        before = script.partition("az deployment sub ")
        config = "az config set bicep.use_binary_from_path=false"
        if before[1] and not ("az bicep install" in before[0] and config in before[0]):
            yield f"{name} compiles templates by whatever Bicep is there"


def read_by(files: list[Path], pattern: str) -> set[str]:
    texts = "".join(path.read_text() for path in files)
    return set(re.findall(rf"readEnvironmentVariable\('(\w+)'{pattern}", texts))


def parameter_files_are_fed(workflow: Workflow) -> Iterator[str]:
    files = PARAMETER_FILES
    for name, script, environment in workflow.scripts():
        if "az deployment sub " in script:
            if name == "what-if":
                files = [BICEP / "main.bicepparam"]
            wanted = read_by(files, "")
            given = set(environment) | set(re.findall(r"export (\w+)=", script))
            used_here = set(re.findall(r"\$(\w+)", script))
            if lacking := wanted - given:
                yield f"{name} does not set {sorted(lacking)}"
            own = {variable for variable in given if variable.startswith("AZURE_CORE_")}  # of az
            if idle := given - read_by(files, "") - used_here - own:
                yield f"{name} sets {sorted(idle)}, which nothing reads"


def environments_fit_bicep(workflow: Workflow) -> Iterator[str]:
    pattern = r"readEnvironmentVariable\('AZURE_ENV_NAME', '([\w-]+)'\)"
    names = {re.findall(pattern, path.read_text())[0]: path.name for path in PARAMETER_FILES}
    (suffix,) = re.findall(
        r"githubEnvironment: '\$\{environmentName\}(.+)'", (BICEP / "main.bicep").read_text()
    )
    inputs = (workflow.document["on"].get("workflow_dispatch") or {}).get("inputs", {})
    if inputs and set(inputs["environment"]["options"]) != set(names):
        yield f"offers {inputs['environment']['options']}, the parameter files are for {names}"
    for name, job in workflow.jobs():
        chosen = job.get("environment", "")
        chosen = chosen["name"] if isinstance(chosen, dict) else chosen
        allowed = {"${{ inputs.environment }}" + suffix, "fvs-dev-preview", ""}
        if chosen not in allowed and set(re.findall(r"'(fvs-[\w-]+)'", chosen)) != set(names):
            yield f"{name} runs in {chosen}"
    for condition, file in re.findall(r"== '([\w-]+)' && '([\w/.]+\.bicepparam)'", workflow.text):
        if names.get(condition) != Path(file).name:
            yield f"{condition} is deployed from {file}"


def outputs_exist(workflow: Workflow) -> Iterator[str]:
    outputs = set(re.findall(r"^output (\w+) ", (BICEP / "main.bicep").read_text(), re.MULTILINE))
    asked = set(re.findall(r"\.([A-Z_]+)\.value", workflow.text))
    asked |= set(re.findall(r"vars\.(\w+_URL)\b", workflow.text))
    yield from sorted(asked - outputs)


Rule = Callable[[Workflow], Iterator[str]]

RULES: list[Rule] = [
    permissions_are_few,
    strangers_get_no_token,
    runs_end,
    make_has_the_targets,
    commands_exist,
    paths_exist,
    variables_are_set,
    azure_takes_one_compiler,
    parameter_files_are_fed,
    environments_fit_bicep,
    outputs_exist,
]
