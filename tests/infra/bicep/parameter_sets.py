"""Parameter sets that stand for every way to deploy, and what each must come to."""

from dataclasses import dataclass, field

SECRET = "not-a-real-function-key"  # noqa: S105
"""Given as the explorer's key everywhere, so that any place that it reaches can be seen."""

API_CLIENT = "11111111-0000-0000-0000-000000000000"
EXPLORER_CLIENT = "22222222-0000-0000-0000-000000000000"
CALLERS = ("33333333-0000-0000-0000-000000000000", "44444444-0000-0000-0000-000000000000")
PRINCIPAL = "55555555-0000-0000-0000-000000000000"


@dataclass(frozen=True, kw_only=True)
class ParameterSet:
    """A parameter file with its environment, and what the deployment is to be like."""

    file: str = "main.bicepparam"
    environment: dict[str, str] = field(default_factory=dict)
    parameters: dict[str, object] = field(default_factory=dict)

    name: str = "fvs-dev"
    deployer: str = "<deployer().objectId>"
    deployer_type: str = "User"
    callers: str = "key"
    caller_ids: tuple[str, ...] = ()
    explorer: bool = True
    explorer_sign_in: str = ""
    static_site: bool = False
    private: bool = False
    ip_ranges: tuple[str, ...] = ()
    github: str = ""
    memory_mb: int = 2048
    instances: int = 40
    always_ready: int = 0
    predict_on_upload: bool = False
    prediction_days: int = 30
    recovery_days: int = 30
    emails: tuple[str, ...] = ()
    budget_start: str = ""

    def variables(self) -> dict[str, str]:
        """All of the environment."""
        return {"EXPLORER_API_KEY": SECRET, **self.environment}


PARAMETER_SETS = {
    "dev": ParameterSet(
        environment={"ALERT_EMAILS": "ops@example.org", "BUDGET_START_DATE": "2026-12-01"},
        emails=("ops@example.org",),
        budget_start="2026-12-01",
    ),
    "prod": ParameterSet(
        file="prod.bicepparam",
        environment={
            "API_AUTH_CLIENT_ID": API_CLIENT,
            "EXPLORER_AUTH_CLIENT_ID": EXPLORER_CLIENT,
            "AZURE_PRINCIPAL_ID": PRINCIPAL,
            "ALERT_EMAILS": "ops@example.org, boss@example.org",
            "BUDGET_START_DATE": "2027-01-01",
            "PREDICT_ON_UPLOAD": "true",
        },
        name="fvs-prod",
        deployer=PRINCIPAL,
        deployer_type="ServicePrincipal",
        callers="entra",
        explorer_sign_in=EXPLORER_CLIENT,
        instances=80,
        always_ready=1,
        predict_on_upload=True,
        emails=("ops@example.org", "boss@example.org"),
        budget_start="2027-01-01",
    ),
    "bare": ParameterSet(
        parameters={"explorer": False, "instanceMemoryMB": 512, "predictionRetentionDays": 7},
        explorer=False,
        memory_mb=512,
        prediction_days=7,
    ),
    "entra": ParameterSet(
        environment={
            "API_CALLERS": "entra",
            "API_AUTH_CLIENT_ID": API_CLIENT,
            "API_CALLER_CLIENT_IDS": ", ".join(CALLERS),
        },
        callers="entra",
        caller_ids=CALLERS,
    ),
    "open": ParameterSet(
        environment={"API_CALLERS": "anonymous"}, callers="anonymous", static_site=True
    ),
    "private": ParameterSet(
        environment={"PREDICT_ON_UPLOAD": "true"},
        parameters={"vnetEnabled": True, "deployerIpRanges": ["203.0.113.0/24"]},
        private=True,
        predict_on_upload=True,
        ip_ranges=("203.0.113.0/24",),
    ),
    # An open API in a network gets no static site: nobody outside could fetch it.
    "sealed": ParameterSet(
        environment={"API_CALLERS": "anonymous"},
        parameters={"vnetEnabled": True, "instanceMemoryMB": 4096, "recoveryDays": 14},
        callers="anonymous",
        private=True,
        memory_mb=4096,
        recovery_days=14,
    ),
    "publisher": ParameterSet(
        environment={
            "PUBLISHER_REPOSITORY": "octo-org/streets",
            "AZURE_PRINCIPAL_ID": PRINCIPAL,
            "AZURE_PRINCIPAL_TYPE": "ServicePrincipal",
        },
        deployer=PRINCIPAL,
        deployer_type="ServicePrincipal",
        github="octo-org/streets",
    ),
}
