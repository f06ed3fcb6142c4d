"""lambda:SourceFunctionArn, which tells IAM the function whose code makes a call.

AWS (Lambda developer guide, "Using source function ARN to control function access behavior"):
Lambda adds the key to the credentials of the execution environment and to its own calls to
CloudWatch Logs. Lambda's calls to EC2 for a VPC do not have the key.
"""

from typing import Any

from ministack.core import iam_evaluator, lambda_runtime
from ministack.services import lambda_svc, sts

CONDITION_KEY = "lambda:sourcefunctionarn"

_execution_credentials = lambda_runtime.execution_credentials
_principal_keys = iam_evaluator._principal_keys


def _credentials_of_function(config: dict[str, Any]) -> dict[str, str]:
    credentials: dict[str, str] = _execution_credentials(config)
    session = sts._sessions.get(credentials["AWS_ACCESS_KEY_ID"])
    if session is not None:
        session["_SourceFunctionArn"] = config.get("FunctionArn")
    return credentials


def _keys_with_function(credential: iam_evaluator.ResolvedCredential) -> dict[str, Any]:
    keys: dict[str, Any] = _principal_keys(credential)
    session = sts._sessions.get(credential.access_key_id) or {}
    function_arn = session.get("_SourceFunctionArn")
    return {**keys, CONDITION_KEY: function_arn} if function_arn else keys


def install() -> None:
    lambda_runtime.execution_credentials = _credentials_of_function
    lambda_svc.execution_credentials = _credentials_of_function
    iam_evaluator._principal_keys = _keys_with_function
