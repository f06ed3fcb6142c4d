"""Whether Secrets Manager may invoke a rotation function.

RotateSecret of AWS checks that the function's resource policy lets secretsmanager.amazonaws.com
invoke the function. AWS compares a condition aws:SourceAccount with the secret's account. AWS
refuses a function that does not exist with the same error. ASSUMPTION: aws:SourceArn is compared
with the secret's ARN.
"""

from ministack.core.arn import ArnParseError, parse_arn
from ministack.core.responses import request_scope
from ministack.services import lambda_svc

from emulator.secrets import records
from emulator.secrets.errors import ApiError, invalid_parameter
from emulator.secrets.records import Secret

from . import service_permission

_PRINCIPAL = "secretsmanager.amazonaws.com"


def require(function_arn: str, secret: Secret) -> None:
    """Raise AccessDeniedException if Secrets Manager may not invoke the function."""
    try:
        function = parse_arn(function_arn)
    except ArnParseError:
        raise invalid_parameter(f"The RotationLambdaARN {function_arn} is not the ARN of a Lambda function.") from None
    with request_scope(function.account_id, function.region):
        policy_and_account = lambda_svc.function_policy_for_arn(function_arn)
    owner = records.owner(secret)
    context = {"aws:sourceaccount": owner.account_id, "aws:sourcearn": secret["ARN"]}
    if policy_and_account is None or not service_permission.allows(
        policy_and_account[0], _PRINCIPAL, "lambda:InvokeFunction", function_arn, owner.region, context
    ):
        raise ApiError(
            "AccessDeniedException",
            "Secrets Manager cannot invoke the specified Lambda function. Ensure that the function policy grants "
            f"access to the principal {_PRINCIPAL}.",
        )
