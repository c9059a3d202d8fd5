"""The workflows name nothing that is not here, and may do no more than they need.

None is run: GitHub and Azure are not to be had.
"""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

from tests.conftest import PROJECT
from tests.workflow_rules import GITHUB, RULES, Rule, Workflow, workflows

DEPLOYMENT = PROJECT / "docs" / "deployment.md"
TEMPLATES = PROJECT / "infra" / "bicep"
LOCKED = {"/", "/frontend"}
"""Folders whose libraries are locked by hash, so that Dependabot alone cannot raise them."""


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
@pytest.mark.parametrize("workflow", workflows(), ids=lambda workflow: workflow.name)
def test_rule(workflow: Workflow, rule: Rule) -> None:
    assert not list(rule(workflow))


def tool(name: str) -> str:
    """Path of a tool that is kept apart from the project's own libraries."""
    kept = PROJECT / ".venv-tools" / "bin" / name
    found = str(kept) if kept.exists() else shutil.which(name)
    if not found:
        pytest.skip(f"{name} is not here; `make infra-tools` installs it")
    return found


def run(*command: str | Path) -> str:
    """What a tool says when it finds something; nothing when it does not."""
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    return ended.stdout + ended.stderr if ended.returncode else ""


def test_zizmor_finds_nothing() -> None:
    assert not run(tool("zizmor"), "--offline", "--quiet", "--pedantic", GITHUB)


@pytest.mark.parametrize(
    ("schema", "files"),
    [("github-workflows", "workflows/*.yml"), ("dependabot", "dependabot.yml")],
)
def test_files_fit_their_schema(schema: str, files: str) -> None:
    found = sorted(GITHUB.glob(files))
    assert found
    assert not run(tool("check-jsonschema"), "--builtin-schema", f"vendor.{schema}", *found)


def test_dependabot_sees_every_list_of_libraries() -> None:
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=PROJECT, capture_output=True, text=True, check=True,
    ).stdout.splitlines()  # fmt: skip
    updates = yaml.safe_load((GITHUB / "dependabot.yml").read_text())["updates"]
    seen = {
        update["package-ecosystem"]: set(update.get("directories", [update.get("directory")]))
        for update in updates
    }
    for ecosystem, pattern in ("pip", r"requirements[\w-]*\.txt"), ("npm", r"package\.json"):
        files = [Path(name) for name in listed if re.fullmatch(pattern, Path(name).name)]
        folders = {f"/{path.parent}".removesuffix(".") for path in files}
        assert seen[ecosystem] == (folders - LOCKED if ecosystem == "pip" else folders)


def test_dependabot_leaves_alone_what_is_locked() -> None:
    updates = yaml.safe_load((GITHUB / "dependabot.yml").read_text())["updates"]
    (update,) = (update for update in updates if update["package-ecosystem"] == "pip")
    ignored = [entry["dependency-name"] for entry in update["ignore"]]
    assert all(set(entry) == {"dependency-name"} for entry in update["ignore"])
    texts = [(PROJECT / folder[1:] / "requirements.txt").read_text() for folder in LOCKED]
    locked = {name for text in texts for name in re.findall(r"^([\w.-]+)==", text, re.MULTILINE)}
    assert ignored == sorted(locked)


def test_the_release_finds_its_tokens() -> None:
    text = (GITHUB / "workflows" / "deploy.yml").read_text()
    resources = {*re.findall(r"https://[\w.]+", text.split("for resource in")[1].split(";")[0])}
    # Of the data account, and of deployments (azure-cli, app_service_resource_id).
    assert resources == {"https://storage.azure.com", "https://appservice.azure.com"}


def test_who_deploys_may_grant_the_roles_of_the_templates_and_no_others() -> None:
    guid = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
    listed = set(
        re.findall(rf"^  '({guid})'", (TEMPLATES / "github.bicep").read_text(), re.MULTILINE)
    )
    granted = {
        role
        for file in (TEMPLATES / "modules").glob("*.bicep")
        for role in re.findall(rf"'({guid})'", file.read_text())
    }
    assert listed == granted


def test_every_variable_of_the_workflows_is_explained() -> None:
    text = DEPLOYMENT.read_text()
    used = {
        name
        for workflow in workflows()
        for name in re.findall(r"\b(?:vars|secrets)\.(\w+)", workflow.text)
    }
    assert [name for name in sorted(used) if f"`{name}`" not in text] == []


def test_variables_that_github_does_not_have_are_not_given_as_empty_ones(tmp_path: Path) -> None:
    """Bicep takes an empty variable for a value: production would go without its sign-in."""
    seen = tmp_path / "seen"
    (tmp_path / "az").write_text(f'#!/bin/sh\nenv > "{seen}"\necho "{{}}"\n')
    (tmp_path / "az").chmod(0o700)
    for workflow, job in ("deploy.yml", "deploy"), ("infra.yml", "what-if"):
        (document,) = (each.document for each in workflows() if each.name == workflow)
        steps = document["jobs"][job]["steps"]
        (step,) = (step for step in steps if "az deployment sub " in step.get("run", ""))
        given = {name: "" if "vars." in value else value for name, value in step["env"].items()}
        own = {
            "GITHUB_OUTPUT": str(tmp_path / "output"),
            "GITHUB_STEP_SUMMARY": str(tmp_path / "summary"),
            "PATH": f"{tmp_path}:{os.environ['PATH']}",
        }
        subprocess.run(
            ["bash", "--noprofile", "--norc", "-e", "-o", "pipefail", "-c", step["run"]],
            env=given | own, cwd=tmp_path, check=True, capture_output=True,
        )  # fmt: skip
        handed = {line.partition("=")[0] for line in seen.read_text().splitlines()}
        assert "EXPLORER_API_KEY" in handed
        assert not handed & {"EXPLORER_AUTH_CLIENT_ID", "BUDGET_START_DATE", "API_AUTH_CLIENT_ID"}


@pytest.mark.parametrize(
    ("path", "event", "name", "sha", "is_taken"),
    [
        ("deploy.yml", "push", "main", "aaa", True),
        ("deploy.yml@main", "workflow_dispatch", "main", "aaa", True),
        ("deploy.yml", "push", "v1.2", "bbb", True),
        ("deploy.yml", "push", "v1.2", "aaa", False),  # the tag has moved
        ("deploy.yml", "workflow_dispatch", "v-branch", "aaa", False),
        ("deploy.yml", "push", "topic", "aaa", False),
        ("deploy.yml", "pull_request", "main", "aaa", False),
        ("deploy.yml.yml", "push", "main", "aaa", False),
    ],
)
def test_only_packages_of_main_or_of_a_tag_are_rolled_back_to(
    tmp_path: Path, path: str, event: str, name: str, sha: str, is_taken: bool
) -> None:
    (document,) = (each.document for each in workflows() if each.name == "deploy.yml")
    steps = document["jobs"]["deploy"]["steps"]
    (step,) = (step for step in steps if step.get("name", "").startswith("Refuse packages"))
    run = f".github/workflows/{path} {event} {name} {sha}"
    missing = '{"message": "No commit found", "status": "422"}'
    (tmp_path / "gh").write_text(f"""#!/bin/sh
case "$2" in
  repos/o/n/actions/runs/7) echo '{run}' ;;
  repos/o/n/commits/tags/v1.2) echo bbb ;;
  *) echo '{missing}'; exit 1 ;;
esac
""")
    (tmp_path / "gh").chmod(0o700)
    ended = subprocess.run(
        ["bash", "--noprofile", "--norc", "-e", "-o", "pipefail", "-c", step["run"]],
        env={"GITHUB_REPOSITORY": "o/n", "RUN": "7", "PATH": f"{tmp_path}:{os.environ['PATH']}"},
        check=False, capture_output=True, text=True,
    )  # fmt: skip
    assert (ended.returncode == 0) == is_taken
    assert (f"::error::Run 7 is '{run}'" in ended.stdout) != is_taken


def test_nothing_is_deployed_after_tests_that_were_cancelled() -> None:
    """A cancelled job has not failed, and its run goes on."""
    (document,) = (each.document for each in workflows() if each.name == "deploy.yml")
    assert "!contains(needs.*.result, 'cancelled')" in document["jobs"]["deploy"]["if"]
