"""lambda:SourceFunctionArn: calls made by the code of a function say which function that is.

AWS (Lambda developer guide, "Using source function ARN to control function access behavior"): Lambda injects it into the
credentials of the execution environment, and into its own calls to CloudWatch Logs; not into those to EC2 for a VPC.
"""

from typing import Any

from ministack.core import iam_evaluator, lambda_runtime
from ministack.services import lambda_svc, sts

CONDITION_KEY = "lambda:sourcefunctionarn"

_execution_credentials = lambda_runtime.execution_credentials
_principal_keys = iam_evaluator._principal_keys


def _with_function(config: dict[str, Any]) -> dict[str, str]:
    credentials = _execution_credentials(config)
    session = sts._sessions.get(credentials["AWS_ACCESS_KEY_ID"])
    if session is not None:
        session["_SourceFunctionArn"] = config.get("FunctionArn")
    return credentials


def _with_source(credential: Any) -> dict[str, Any]:
    keys = _principal_keys(credential)
    session = sts._sessions.get(credential.access_key_id) or {}
    source = session.get("_SourceFunctionArn")
    return {**keys, CONDITION_KEY: source} if source else keys


def install() -> None:
    lambda_runtime.execution_credentials = _with_function
    lambda_svc.execution_credentials = _with_function
    iam_evaluator._principal_keys = _with_source
