"""Whether Secrets Manager may invoke the rotation function.

AWS checks at RotateSecret: the function's resource policy must let secretsmanager.amazonaws.com invoke it, and a
condition aws:SourceAccount (which AWS recommends against the confused deputy) is compared with the secret's account.
A function that does not exist gives the same refusal. ASSUMPTION: aws:SourceArn, if used, is the secret's ARN.
"""

from ministack.core.arn import ArnParseError, parse_arn
from ministack.core.iam_evaluator import EvalContext, evaluate_resource_policy
from ministack.core.responses import request_scope
from ministack.services import lambda_svc

from ..secrets import records
from ..secrets.errors import ApiError, invalid_parameter
from ..secrets.records import Secret

_PRINCIPAL = "secretsmanager.amazonaws.com"


def require(function_arn: str, secret: Secret) -> None:
    """Raise AccessDeniedException unless Secrets Manager may invoke the function for this secret."""
    try:
        function = parse_arn(function_arn)
    except ArnParseError:
        raise invalid_parameter(f"The RotationLambdaARN {function_arn} is not the ARN of a Lambda function.") from None
    with request_scope(function.account_id, function.region):
        found = lambda_svc.function_policy_for_arn(function_arn)
    if found is None or not _allows(found[0], function_arn, secret):
        raise ApiError(
            "AccessDeniedException",
            "Secrets Manager cannot invoke the specified Lambda function. Ensure that the function policy grants "
            f"access to the principal {_PRINCIPAL}.",
        )


def _allows(policy: dict, function_arn: str, secret: Secret) -> bool:
    owner = records.scope(secret)
    request = EvalContext(
        principal_arn=_PRINCIPAL,
        principal_type="Service",
        principal_account=owner.account_id,
        action="lambda:InvokeFunction",
        resource_arn=function_arn,
        region=owner.region,
        source_ip="",
        secure_transport=True,
        service_context={"aws:sourceaccount": owner.account_id, "aws:sourcearn": secret["ARN"]},
    )
    return evaluate_resource_policy(policy, request, service=_PRINCIPAL).decision == "Allow"
