# A function that looks every hour for secrets that were not rotated in time. It fails if it finds
# one, so that one alarm on its errors reports overdue secrets and a broken check.

resource "aws_cloudwatch_log_group" "overdue" {
  name_prefix       = "/${var.name}/overdue-"
  retention_in_days = 30
  skip_destroy      = true
}

resource "aws_iam_role" "overdue" {
  name_prefix          = "${var.name}-overdue-"
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

data "aws_iam_policy_document" "overdue" {
  statement {
    actions   = ["logs:CreateLogStream", "logs:PutLogEvents"]
    resources = ["${aws_cloudwatch_log_group.overdue.arn}:*"]
  }

  statement {
    # ListSecrets supports no permission for single secrets. It returns names and dates, no value.
    actions   = ["secretsmanager:ListSecrets"]
    resources = ["*"]
  }
}

resource "aws_iam_role_policy" "overdue" {
  name   = "overdue"
  role   = aws_iam_role.overdue.id
  policy = data.aws_iam_policy_document.overdue.json
}

resource "aws_lambda_function" "overdue" {
  function_name    = "${var.name}-overdue"
  description      = "Looks for credentials that were not rotated in time (zilliz-secret-rotation ${local.code_version})"
  role             = aws_iam_role.overdue.arn
  filename         = var.overdue_function_zip
  source_code_hash = filebase64sha256(var.overdue_function_zip)
  runtime          = "nodejs24.x"
  handler          = "index.handler"
  architectures    = ["arm64"]
  memory_size      = 256
  timeout          = 600

  environment {
    variables = {
      ROTATION_FUNCTION_ARN = var.rotation_function.arn
      ROTATED_SECRETS       = var.rotated_secrets
    }
  }

  logging_config {
    log_format = "Text"
    log_group  = aws_cloudwatch_log_group.overdue.name
  }

  depends_on = [aws_iam_role_policy.overdue]
}

# A retry would count an overdue secret twice, and the next check runs in an hour.
resource "aws_lambda_function_event_invoke_config" "overdue" {
  function_name                = aws_lambda_function.overdue.function_name
  maximum_retry_attempts       = 0
  maximum_event_age_in_seconds = 3600
}

resource "aws_cloudwatch_event_rule" "hourly" {
  name                = "${var.name}-overdue"
  description         = "Looks for overdue rotations of ${var.rotation_function.name}"
  schedule_expression = "rate(1 hour)"
}

resource "aws_cloudwatch_event_target" "hourly" {
  rule = aws_cloudwatch_event_rule.hourly.name
  arn  = aws_lambda_function.overdue.arn

  retry_policy {
    maximum_retry_attempts       = 0
    maximum_event_age_in_seconds = 3600
  }
}

resource "aws_lambda_permission" "hourly" {
  statement_id  = "TheRuleMayInvoke"
  action        = "lambda:InvokeFunction"
  function_name = aws_lambda_function.overdue.function_name
  principal     = "events.amazonaws.com"
  source_arn    = aws_cloudwatch_event_rule.hourly.arn
}
