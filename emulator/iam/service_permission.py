"""Whether Secrets Manager may invoke a rotation function."""

from ministack.core.responses import request_scope
from ministack.services import lambda_svc

from emulator.iam import caller, policies
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
    function = policies.arn_in(function_arn)
    if function is None:
        raise invalid_parameter(f"The RotationLambdaARN {function_arn} is not the ARN of a Lambda function.")
    with request_scope(function.account_id, function.region):
        policy_and_account = lambda_svc.function_policy_for_arn(function_arn)
    context = {"aws:sourceaccount": records.owner(secret).account_id, "aws:sourcearn": secret["ARN"]}
    request = policies.service_request("lambda:InvokeFunction", function_arn, context)
    if not policies.resource_allows(policy_and_account and policy_and_account[0], request, _SECRETS_MANAGER):
        raise ApiError(
            "AccessDeniedException",
            "Secrets Manager cannot invoke the specified Lambda function. Ensure that the function policy grants "
            f"access to the principal {_SECRETS_MANAGER}.",
        )
    if not caller.may("lambda:InvokeFunction", function_arn):
        raise ApiError("AccessDeniedException", f"Not authorized to perform lambda:InvokeFunction on {function_arn}.")
