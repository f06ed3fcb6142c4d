"""Whether the policy of a function or topic lets an AWS service act."""

from typing import Any

from ministack.core.arn import ArnParseError, parse_arn
from ministack.core.iam_evaluator import EvalContext, evaluate_resource_policy
from ministack.core.responses import request_scope
from ministack.services import lambda_svc

from emulator.iam import caller
from emulator.secrets import records
from emulator.secrets.errors import ApiError, invalid_parameter
from emulator.secrets.records import Secret

_SECRETS_MANAGER = "secretsmanager.amazonaws.com"


def require_invocation(function_arn: str, secret: Secret) -> None:
    """Raise AccessDeniedException if Secrets Manager may not invoke the function for the secret.

    RotateSecret of AWS checks the function's policy. AWS compares a condition aws:SourceAccount
    with the secret's account, and refuses a function that does not exist with the same error.
    "You also need lambda:InvokeFunction permissions on the rotation function" (RotateSecret).
    aws:SourceArn is compared with the secret's ARN: ASSUMPTION aws-condition-keys.
    """
    try:
        function = parse_arn(function_arn)
    except ArnParseError:
        raise invalid_parameter(f"The RotationLambdaARN {function_arn} is not the ARN of a Lambda function.") from None
    with request_scope(function.account_id, function.region):
        policy_and_account = lambda_svc.function_policy_for_arn(function_arn)
    owner = records.owner(secret)
    context = {"aws:sourceaccount": owner.account_id, "aws:sourcearn": secret["ARN"]}
    if policy_and_account is None or not allows_service(
        policy_and_account[0], _SECRETS_MANAGER, "lambda:InvokeFunction", function_arn, owner.region, context
    ):
        raise ApiError(
            "AccessDeniedException",
            "Secrets Manager cannot invoke the specified Lambda function. Ensure that the function policy grants "
            f"access to the principal {_SECRETS_MANAGER}.",
        )
    if not caller.may("lambda:InvokeFunction", function_arn):
        raise ApiError("AccessDeniedException", f"Not authorized to perform lambda:InvokeFunction on {function_arn}.")


def allows_service(
    policy: dict[str, Any] | str, service: str, action: str, resource_arn: str, region: str, context: dict[str, str]
) -> bool:
    """`service` is a principal like events.amazonaws.com, `context` holds lower-case keys."""
    request = EvalContext(
        # A service is no IAM principal, so a statement that names an account does not match.
        principal_arn="*",
        principal_type="Service",
        principal_account="",
        action=action,
        resource_arn=resource_arn,
        region=region,
        source_ip="",
        secure_transport=True,
        service_context=context,
    )
    allowed: bool = evaluate_resource_policy(policy, request, service).decision == "Allow"
    return allowed
