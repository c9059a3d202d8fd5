"""The steps of a release. Each can be repeated; what was interrupted goes on by repeating it."""

import re
from collections.abc import Callable, Collection
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from infra.azure_cli import AzureCli, AzureCliError
from infra.callers import caller_login, explorer_key
from infra.content import SYNTHETIC, has_own_scenes, publish_models, upload_scenes, upload_synthetic
from infra.errors import NotYetError, ReleaseError
from infra.outputs import Outputs
from infra.patience import patiently, with_rights
from infra.registrations import trust_explorer
from infra.site_upload import CONTAINER, upload_site
from local.progress import step
from local.site import build_site
from local.smoke import Target, run_smoke

if TYPE_CHECKING:
    from azure.storage.blob import BlobServiceClient

EXPLORER_KEY = "explorer"
"""Name of the function key with which the explorer calls."""

SMOKE_WAIT = 300.0
"""Seconds for a new release to start."""

STEPS = ("code", "explorer", "key", "sign-in", "model", "scenes", "site", "smoke")

NOT_YET = re.compile(
    r"Status Code: (403|404|429|5\d\d)|(InaccessibleStorage|BlobUploadFailed)Exception.*\b403\b|"
    r"Another deployment is in progress|isn't available in this environment yet|"
    r"Max retries exceeded|Connection aborted|SCM container restart",
    re.DOTALL,
)
"""What `az` 2.91 says of a deployment to an app that is new, restarts (Azure-App-Service/kudu#90),
is busy with another one, or whose identity may not write into its deployment container yet."""

PUBLIC = "this is a public demo, where anybody sees every scene"


@dataclass(frozen=True, slots=True)
class Inputs:
    """What is released.

    Attributes:
        project: the repository, with its models.
        state: folder that keeps what is fetched and drawn, as for `make demo`.
        package: the function app's zip.
        explorer: the explorer's zip.
        site: folder that the static site is built into.
        scenes: a Cityscapes folder; None for synthetic scenes where there are no others.
        per_split: how many scenes of each split of `scenes` to take.
    """

    project: Path
    state: Path
    package: Path
    explorer: Path
    site: Path
    scenes: Path | None = None
    per_split: int = 50


class Step(NamedTuple):
    """One step: its name, what it does, to what, and how; `run` returns what came of it."""

    name: str
    title: str
    what: str
    run: Callable[[], str]


class Release:
    """Puts code, models, scenes and pages into a provisioned deployment, and tries it.

    Args:
        outputs: what the deployment says about itself.
        inputs: what is released.
        cli: logged in at the deployment's subscription.
        account: the deployment's data account.
    """

    def __init__(
        self, outputs: Outputs, inputs: Inputs, cli: AzureCli, account: "BlobServiceClient"
    ) -> None:
        self._to, self._inputs, self._cli, self._account = outputs, inputs, cli, account
        self._group = ("--resource-group", outputs.azure_resource_group)

    def steps(self) -> list[Step]:
        """Return the steps that this deployment has, in order."""
        to, files = self._to, self._inputs
        app, data = to.function_app_name, to.data_blob_url
        steps = [Step("code", "Deploying the code", f"{files.package.name} to {app}", self._code)]
        if explorer := to.explorer_app_name:
            what = f"{files.explorer.name} to {explorer}"
            steps.append(Step("explorer", "Deploying the explorer", what, self._explorer))
            if to.api_access == "key":
                what = f"that of {explorer} to {app}, as {EXPLORER_KEY!r}"
                steps.append(Step("key", "Setting the explorer's key", what, self._key))
            if to.explorer_auth_client_id:
                what = f"{explorer} in {to.explorer_auth_client_id}"
                steps.append(Step("sign-in", "Registering the explorer", what, self._sign_in))
        scenes = files.scenes or f"{SYNTHETIC} synthetic ones, unless there are others,"
        steps += [
            Step("model", "Publishing the models", f"models/ to {data}", self._model),
            Step("scenes", "Uploading scenes", f"{scenes} to {data}", self._scenes),
        ]
        if to.static_site_url:
            what = f"a page of {to.api_base_url} to {data}/{CONTAINER}"
            steps.append(Step("site", "Uploading the static site", what, self._upload_site))
        return [*steps, Step("smoke", "Trying it", to.api_base_url, self._smoke)]

    def run(
        self, only: Collection[str] = (), *, skip: Collection[str] = (), dry: bool = False
    ) -> None:
        """Do the steps, and say of each what came of it.

        Args:
            only: names of steps, which this deployment must have; all if there are none.
            skip: names of steps that are not done, whether it has them or not.
            dry: only say what would be done to what.

        Raises:
            ReleaseError: a step fails, or something is missing before the first one.
            SmokeError, SiteError, NodeError, PackageError, RegistryError, StorageError,
                DataError: as the steps do.
        """
        steps = self.steps()
        absent = set(only) - {each.name for each in steps}
        if absent:
            raise ReleaseError(f"this deployment has no {', '.join(sorted(absent))}")
        steps = [e for e in steps if (e.name in only or not only) and e.name not in skip]
        if dry:
            for each in steps:
                print(f"{each.name:10}{each.title}: {each.what}")
            return
        self._require({each.name for each in steps})
        for each in steps:
            if each.name == "smoke":
                each.run()
                continue
            with step(each.title) as note:
                note(f"{each.what}: {each.run()}")

    def _require(self, names: set[str]) -> None:
        """Raise ReleaseError if something is missing, before anything is changed."""
        for name, path in ("code", self._inputs.package), ("explorer", self._inputs.explorer):
            if name in names and not path.is_file():
                raise ReleaseError(f"{path} is not there: make package")
        if "key" in names:
            explorer_key(self._cli, self._to)
        if self._to.is_public:
            scenes = self._account.get_container_client("scenes")
            if with_rights(lambda: has_own_scenes(scenes)):
                raise ReleaseError(
                    f"{PUBLIC}, and the container scenes has others than the drawn ones: "
                    "deploy without PUBLIC_DEMO, or delete them"
                )
            if "scenes" in names and self._inputs.scenes:
                raise ReleaseError(
                    f"{PUBLIC}: {self._inputs.scenes} is not uploaded. "
                    "Deploy without PUBLIC_DEMO first, or release without --scenes"
                )

    def _code(self) -> str:
        # Not `deployment source config-zip`, which has Azure build every Python app anew.
        self._deploy("functionapp", self._to.function_app_name, self._inputs.package)
        return "as it is, not built anew"

    def _explorer(self) -> str:
        # The front end ends requests after some minutes, which installing libraries can take; az
        # follows the deployment until the new page has started.
        options = ("--async", "true", "--track-status", "true")
        self._deploy("webapp", self._to.explorer_app_name, self._inputs.explorer, *options)
        return "started"

    def _deploy(self, kind: str, app: str, package: Path, *options: str) -> None:
        where = (*self._group, "--name", app, "--src-path", str(package), "--type", "zip")

        def attempt() -> None:
            try:
                self._cli.run(kind, "deploy", *where, *options)
            except AzureCliError as error:
                if NOT_YET.search(str(error)):
                    raise NotYetError(f"{app} takes no package yet: {error}") from error
                raise

        patiently(attempt)

    def _key(self) -> str:
        name = ("--name", self._to.function_app_name, "--key-name", EXPLORER_KEY)
        kind = ("--key-type", "functionKeys", "--key-value", "@-")

        def attempt() -> None:
            try:
                self._cli.run(
                    "functionapp", "keys", "set", *self._group, *name, *kind,
                    stdin=explorer_key(self._cli, self._to),
                )  # fmt: skip
            except AzureCliError as error:
                if "host runtime" in str(error):
                    app = self._to.function_app_name
                    raise NotYetError(f"{app} has not started yet") from error
                raise

        patiently(attempt)
        return "set"

    def _sign_in(self) -> str:
        return trust_explorer(self._cli, self._to)

    def _model(self) -> str:
        bundled = self._inputs.project / "models"
        models = self._account.get_container_client("models")
        return with_rights(lambda: publish_models(bundled, models))

    def _scenes(self) -> str:
        inputs, scenes = self._inputs, self._account.get_container_client("scenes")
        if inputs.scenes is None:
            return with_rights(lambda: upload_synthetic(inputs.state / "scenes", scenes))
        root = inputs.scenes
        return with_rights(lambda: upload_scenes(root, inputs.per_split, scenes))

    def _upload_site(self) -> str:
        inputs, web = self._inputs, self._account.get_container_client(CONTAINER)
        build_site(inputs.project, inputs.site, inputs.state / "site", self._to.api_base_url)
        return with_rights(lambda: upload_site(inputs.site, web))

    def _smoke(self) -> str:
        to, login = self._to, caller_login(self._cli, self._to)
        run_smoke(Target(to.api_base_url, to.explorer_url, to.static_site_url, login, SMOKE_WAIT))
        return ""
