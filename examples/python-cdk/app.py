"""A CDK app in Python that rotates existing secrets with the files of a release.

CfnInclude reads the template of the release. The CDK uploads the code, so no bucket is needed.
Context: release (folder), secret (name), endpoints (allowed hosts), ca (PEM file of a private
authority).
"""

from pathlib import Path

from aws_cdk import Acknowledgment, App, Stack, Validations
from aws_cdk.aws_s3_assets import Asset
from aws_cdk.cloudformation_include import CfnInclude

app = App()


def context(key: str, default: str = "") -> str:
    return str(app.node.try_get_context(key) or default)


stack = Stack(app, context("stack", "zilliz-rotation"))
release = Path(context("release", "../../release"))
(zip_file,) = release.glob("rotation-function-*.zip")
code = Asset(stack, "RotationCode", path=str(zip_file))

parameters = {
    "CodeBucket": code.s3_bucket_name,
    "RotationFunctionKey": code.s3_object_key,
    "SecretName1": context("secret", "milvus/orders"),
}
if endpoints := context("endpoints"):
    parameters["AllowedEndpoints"] = endpoints
if ca := context("ca"):
    parameters["ClusterCa"] = Path(ca).read_text(encoding="utf-8")

CfnInclude(stack, "Rotation", template_file=str(release / "template.yaml"), parameters=parameters)
Validations.of(stack).acknowledge(
    Acknowledgment(id="CloudFormation-Validate::W2509", reason="The parameters hold names."),
    Acknowledgment(id="CloudFormation-Validate::W8003", reason="The values above are constant."),
)
app.synth()
