locals {
  runbook = "https://github.com/zilliz-secret-rotation/zilliz-secret-rotation/blob/main/docs/operations.md"

  # The version of the code, such as 0.2.0+ab12cd34ef56. The name of the file has it.
  code_version = replace(basename(var.overdue_function_zip), "/^overdue-function-(.+)-([0-9a-f]{12})\\.zip$/", "$1+$2")

  by_name = "Secrets: zilliz-rotation status --rotated-by ${var.rotation_function.name}"

  # By the anchor of the alarm in the runbook. What an alarm does not name is in the resource.
  alarms = {
    rotation-failed = {
      description = "A step of a rotation failed, or the rotation function could not run. Secret: field secret_arn in log group ${var.rotation_function.log_group}"
      function    = var.rotation_function.name
      metric_name = "Errors"
    }
    throttled = {
      description = "The rotation function was refused for lack of concurrency. ${local.by_name}"
      function    = var.rotation_function.name
      metric_name = "Throttles"
    }
    overdue = {
      description = "A credential was not rotated in time, or the check for it failed. Secret: field secret in log group ${aws_cloudwatch_log_group.overdue.name}"
      function    = aws_lambda_function.overdue.function_name
      metric_name = "Errors"
      period      = 3600
    }
    overdue-check-stopped = {
      description         = "The check for overdue rotations does not run. ${local.by_name}"
      function            = aws_lambda_function.overdue.function_name
      metric_name         = "Invocations"
      period              = 10800
      comparison_operator = "LessThanThreshold"
      # A check that does not run has no data. Only a change to this state sends a message, so that the
      # first apply sends none.
      treat_missing_data = "missing"
      insufficient_data  = true
    }
  }
}

resource "aws_cloudwatch_metric_alarm" "rotation" {
  for_each            = local.alarms
  alarm_name          = "${var.name}-${each.key}"
  alarm_description   = "${each.value.description}. What to do: ${local.runbook}#${each.key}"
  namespace           = "AWS/Lambda"
  metric_name         = each.value.metric_name
  dimensions          = { FunctionName = each.value.function }
  statistic           = "Sum"
  period              = lookup(each.value, "period", 300)
  evaluation_periods  = 1
  comparison_operator = lookup(each.value, "comparison_operator", "GreaterThanOrEqualToThreshold")
  threshold           = 1
  treat_missing_data  = lookup(each.value, "treat_missing_data", "notBreaching")
  alarm_actions       = [var.topic_arn]
  ok_actions          = [var.topic_arn]

  insufficient_data_actions = lookup(each.value, "insufficient_data", false) ? [var.topic_arn] : []
}

# Secrets Manager sends these events through CloudTrail: the account needs a trail for management
# events.
resource "aws_cloudwatch_event_rule" "abandoned" {
  name        = "${var.name}-abandoned"
  description = "Rotations that ended because somebody stored a value meanwhile"

  event_pattern = jsonencode({
    source        = ["aws.secretsmanager"]
    "detail-type" = ["AWS Service Event via CloudTrail"]
    detail = {
      eventName = ["RotationAbandoned"]
      additionalEventData = {
        # A pattern has at most 2048 characters. Beyond that, the rule matches every secret.
        SecretId = [for arn in length(jsonencode(var.secret_arns)) < 1500 ? var.secret_arns : ["arn:"] : { prefix = trimsuffix(arn, "*") }]
      }
    }
  })
}

resource "aws_cloudwatch_event_target" "abandoned" {
  rule = aws_cloudwatch_event_rule.abandoned.name
  arn  = var.topic_arn

  input_transformer {
    input_paths    = { secret = "$.detail.additionalEventData.SecretId" }
    input_template = "\"RotationAbandoned: <secret>. What to do: ${local.runbook}#rotation-abandoned\""
  }
}
