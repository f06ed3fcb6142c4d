"""Code of a function in S3. ministack creates a function without code if the object is missing.

AWS refuses CreateFunction and UpdateFunctionCode, also in CloudFormation. The texts were seen for
a missing bucket and a missing key. ASSUMPTION: a missing version has the text of a missing key.
"""

from ministack.services import lambda_svc, s3

from emulator.secrets.errors import ApiError, answering

_fetch = lambda_svc._fetch_code_from_s3


def _fetch_or_refuse(bucket: str, key: str, version_id: str | None = None) -> bytes:
    code: bytes | None = _fetch(bucket, key, version_id)
    if code is not None:
        return code
    reason = (
        "NoSuchBucket. S3 Error Message: The specified bucket does not exist"
        if s3.bucket_region(bucket) is None
        else "NoSuchKey. S3 Error Message: The specified key does not exist."
    )
    message = f"Error occurred while GetObject. S3 Error Code: {reason}"
    raise ApiError("InvalidParameterValueException", message)


def install() -> None:
    lambda_svc._fetch_code_from_s3 = _fetch_or_refuse
    # Another service of this package may have replaced an action before.
    for name in ("_create_function", "_update_code", "_publish_layer_version"):
        setattr(lambda_svc, name, answering(getattr(lambda_svc, name)))
