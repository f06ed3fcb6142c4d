data "aws_caller_identity" "current" {}

data "aws_partition" "current" {}

data "aws_region" "current" {}

data "aws_secretsmanager_secret" "rotated" {
  for_each = var.secrets
  name     = each.key
}

locals {
  arn_start = "arn:${data.aws_partition.current.partition}:secretsmanager:${data.aws_region.current.region}:${data.aws_caller_identity.current.account_id}:secret:"
  each_arn  = [for secret in data.aws_secretsmanager_secret.rotated : secret.arn]
  in_vpc    = length(var.subnet_ids) > 0

  # What KMS calls Secrets Manager of this region.
  via_secrets_manager = "secretsmanager.${data.aws_region.current.region}.${data.aws_partition.current.dns_suffix}"

  # The secrets that the role permits: one folder, or each secret.
  secret_arns = var.secret_name_prefix == null ? local.each_arn : ["${local.arn_start}${var.secret_name_prefix}*"]

  # The end of each ARN. The functions refuse every other secret, also one that the pins lack.
  rotated_secrets = join(",", [for arn in local.secret_arns : element(split(":", arn), 6)])

  # The cluster and the users of each secret. The function refuses a secret that names others.
  pins = {
    for name, secret in var.secrets : name => {
      for key, value in {
        endpoint  = secret.endpoint
        username  = secret.username
        usernames = secret.usernames
        apiKeyId  = secret.api_key_id
      } : key => value if value != null
    }
  }

  environment = merge(var.environment, {
    ROTATED_SECRETS = local.rotated_secrets
    SECRET_TARGETS  = "pins:zilliz-rotation-pins/${var.name}:1:all"
    # An empty value is like none.
    MANAGER_SECRET_ARN = try(var.manager_secret.arn, "")
  })

  # The version of the code, such as 0.2.0+ab12cd34ef56. The name of the file has it.
  code_version = replace(basename(var.rotation_function_zip), "/^rotation-function-(.+)-([0-9a-f]{12})\\.zip$/", "$1+$2")

  # What Lambda calls with the role to attach the function to a VPC.
  interface_actions = [
    "ec2:AssignPrivateIpAddresses",
    "ec2:CreateNetworkInterface",
    "ec2:DeleteNetworkInterface",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DescribeSubnets",
    "ec2:UnassignPrivateIpAddresses",
  ]
}

resource "aws_cloudwatch_log_group" "rotation" {
  name_prefix       = "/${var.name}/rotation-"
  retention_in_days = 90
  # The history of rotations stays.
  skip_destroy = true
}

resource "aws_iam_role" "rotation" {
  name_prefix          = "${var.name}-"
  permissions_boundary = var.permissions_boundary

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "lambda.amazonaws.com" }
    }]
  })
}

data "aws_iam_policy_document" "rotation" {
  statement {
    sid       = "WriteTheLog"
    actions   = ["logs:CreateLogStream", "logs:PutLogEvents"]
    resources = ["${aws_cloudwatch_log_group.rotation.arn}:*"]
  }

  statement {
    sid = "RotateTheSecret"
    actions = [
      "secretsmanager:DescribeSecret",
      "secretsmanager:GetSecretValue",
      "secretsmanager:ListSecretVersionIds",
      "secretsmanager:PutSecretValue",
      "secretsmanager:UpdateSecretVersionStage",
    ]
    resources = local.secret_arns
  }

  statement {
    sid       = "ReadThePins"
    actions   = ["secretsmanager:GetSecretValue"]
    resources = [aws_secretsmanager_secret.pins.arn]
  }

  dynamic "statement" {
    for_each = var.secret_key_arn == null ? [] : [var.secret_key_arn]

    content {
      sid       = "UseTheKeyOfTheSecret"
      actions   = ["kms:Decrypt", "kms:GenerateDataKey"]
      resources = [statement.value]

      condition {
        test     = "StringEquals"
        variable = "kms:ViaService"
        values   = [local.via_secrets_manager]
      }

      condition {
        test     = "StringLike"
        variable = "kms:EncryptionContext:SecretARN"
        values   = local.secret_arns
      }
    }
  }

  dynamic "statement" {
    for_each = var.manager_secret == null ? [] : [var.manager_secret.arn]

    content {
      sid       = "ReadTheManagerSecret"
      actions   = ["secretsmanager:GetSecretValue"]
      resources = [statement.value]
    }
  }

  dynamic "statement" {
    for_each = var.manager_secret == null ? [] : [var.manager_secret.arn]

    content {
      sid       = "DenyChangesOfTheManagerSecret"
      effect    = "Deny"
      actions   = ["secretsmanager:PutSecretValue", "secretsmanager:UpdateSecretVersionStage"]
      resources = [statement.value]
    }
  }

  dynamic "statement" {
    for_each = try(var.manager_secret.key_arn, null) == null ? [] : [var.manager_secret]

    content {
      sid       = "UseTheKeyOfTheManagerSecret"
      actions   = ["kms:Decrypt"]
      resources = [statement.value.key_arn]

      condition {
        test     = "StringEquals"
        variable = "kms:ViaService"
        values   = [local.via_secrets_manager]
      }

      condition {
        test     = "StringLike"
        variable = "kms:EncryptionContext:SecretARN"
        values   = [statement.value.arn]
      }
    }
  }

  dynamic "statement" {
    for_each = lookup(var.environment, "ROTATED_EVENTS", "") == "true" ? ["with events"] : []

    content {
      sid       = "SendTheEvent"
      actions   = ["events:PutEvents"]
      resources = ["arn:${data.aws_partition.current.partition}:events:${data.aws_region.current.region}:${data.aws_caller_identity.current.account_id}:event-bus/default"]

      condition {
        test     = "StringEquals"
        variable = "events:source"
        values   = ["zilliz.rotation"]
      }

      condition {
        test     = "StringEquals"
        variable = "events:detail-type"
        values   = ["Credential Rotated"]
      }
    }
  }

  dynamic "statement" {
    for_each = local.in_vpc ? ["in a VPC"] : []

    content {
      sid       = "AttachToTheVpc"
      actions   = local.interface_actions
      resources = ["*"]
    }
  }
}

resource "aws_iam_role_policy" "rotation" {
  name   = "rotation"
  role   = aws_iam_role.rotation.id
  policy = data.aws_iam_policy_document.rotation.json
}

# Which cluster and users each secret must name. Whoever writes a rotated secret must not be able to
# write this one.
resource "aws_secretsmanager_secret" "pins" {
  name                    = "zilliz-rotation-pins/${var.name}/0"
  description             = "Endpoint and users of each secret that the function rotates. No credential"
  recovery_window_in_days = 0
}

resource "aws_secretsmanager_secret_version" "pins" {
  secret_id     = aws_secretsmanager_secret.pins.id
  secret_string = jsonencode(local.pins)

  lifecycle {
    precondition {
      condition     = length(jsonencode(local.pins)) <= 65536
      error_message = "The pins of these secrets are longer than the value of a secret. Use the module twice, with another name and secret_name_prefix."
    }
  }
}

# The code of the function needs none of these actions. The policy names the function, so it is
# separate from the policy that the function needs.
data "aws_iam_policy_document" "no_interfaces_for_code" {
  statement {
    sid       = "DenyTheVpcToTheCode"
    effect    = "Deny"
    actions   = local.interface_actions
    resources = ["*"]

    condition {
      test     = "ArnEquals"
      variable = "lambda:SourceFunctionArn"
      values   = [aws_lambda_function.rotation.arn]
    }
  }
}

resource "aws_iam_role_policy" "no_interfaces_for_code" {
  count  = local.in_vpc ? 1 : 0
  name   = "no-interfaces-for-code"
  role   = aws_iam_role.rotation.id
  policy = data.aws_iam_policy_document.no_interfaces_for_code.json
}

resource "aws_lambda_function" "rotation" {
  function_name    = var.name
  description      = "Rotates credentials of Zilliz Cloud and Milvus clusters (zilliz-secret-rotation ${local.code_version})"
  role             = aws_iam_role.rotation.arn
  filename         = var.rotation_function_zip
  source_code_hash = filebase64sha256(var.rotation_function_zip)
  runtime          = "nodejs24.x"
  handler          = "index.handler"
  architectures    = ["arm64"]
  memory_size      = 512
  timeout          = 60

  environment {
    variables = local.environment
  }

  logging_config {
    log_format = "Text"
    log_group  = aws_cloudwatch_log_group.rotation.name
  }

  dynamic "vpc_config" {
    for_each = local.in_vpc ? ["in a VPC"] : []

    content {
      subnet_ids         = var.subnet_ids
      security_group_ids = var.security_group_ids
    }
  }

  depends_on = [aws_iam_role_policy.rotation, aws_secretsmanager_secret_version.pins]

  lifecycle {
    precondition {
      condition     = var.manager_secret != null || alltrue([for secret in var.secrets : secret.api_key_id == null])
      error_message = "Only the manager key creates and deletes API keys. Store it in a secret of its own, and give that secret as manager_secret."
    }

    precondition {
      condition     = !anytrue([for arn in local.secret_arns : startswith(try(var.manager_secret.arn, ""), trimsuffix(arn, "*"))])
      error_message = "The function only reads the manager secret. Remove it from secrets and from the folder secret_name_prefix, or give another manager_secret."
    }

    precondition {
      condition     = alltrue([for name in keys(var.secrets) : startswith(name, coalesce(var.secret_name_prefix, name))])
      error_message = "The names of all secrets must start with secret_name_prefix."
    }

    # The environment of a function has 4 KB, and the policies of a role 10,240 characters.
    precondition {
      condition = var.secret_name_prefix != null || (
        length(join("", concat(keys(local.environment), values(local.environment)))) <= 4096 &&
        length(jsonencode(jsondecode(data.aws_iam_policy_document.rotation.json))) <= 10000
      )
      error_message = "These are too many secrets for a permission for each. Give all secrets names in one folder, such as milvus/, and set secret_name_prefix to it."
    }
  }
}

resource "aws_lambda_permission" "secrets_manager" {
  statement_id  = "SecretsManagerMayInvoke"
  action        = "lambda:InvokeFunction"
  function_name = aws_lambda_function.rotation.function_name
  principal     = "secretsmanager.amazonaws.com"
  # Without the account, any account could make Secrets Manager invoke the function.
  source_account = data.aws_caller_identity.current.account_id
}

resource "aws_secretsmanager_secret_rotation" "rotated" {
  for_each            = var.secrets
  secret_id           = data.aws_secretsmanager_secret.rotated[each.key].id
  rotation_lambda_arn = aws_lambda_function.rotation.arn
  # Secrets Manager tests the function at once, and rotates on the schedule.
  rotate_immediately = false

  rotation_rules {
    schedule_expression = coalesce(each.value.schedule_expression, var.schedule_expression)
    duration            = each.value.duration
  }

  depends_on = [aws_lambda_permission.secrets_manager, aws_iam_role_policy.rotation]
}

module "alarms" {
  source = "./alarms"
  count  = var.alarms == null ? 0 : 1

  name                 = var.name
  topic_arn            = var.alarms.topic_arn
  overdue_function_zip = var.alarms.overdue_function_zip
  secret_arns          = local.secret_arns
  rotated_secrets      = local.rotated_secrets
  permissions_boundary = var.permissions_boundary

  rotation_function = {
    arn       = aws_lambda_function.rotation.arn
    name      = aws_lambda_function.rotation.function_name
    log_group = aws_cloudwatch_log_group.rotation.name
  }
}
