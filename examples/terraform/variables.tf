variable "rotation_function_zip" {
  description = "Path of rotation-function-VERSION-HASH.zip of a release."
  type        = string
}

variable "secrets" {
  description = <<-EOT
    The existing secrets to rotate, by name. Every attribute is optional:
    - schedule_expression, duration: when this secret rotates, if not as var.schedule_expression says
    - endpoint, username: the cluster and the user that the secret must name
    - usernames: the two users that take turns, instead of username
    - api_key_id: the id of the API key that the secret holds, instead of a user. It needs endpoint
      and var.manager_secret
  EOT
  type = map(object({
    schedule_expression = optional(string)
    duration            = optional(string)
    endpoint            = optional(string)
    username            = optional(string)
    usernames           = optional(list(string))
    api_key_id          = optional(string)
  }))

  validation {
    condition     = alltrue([for secret in var.secrets : secret.username == null || secret.usernames == null])
    error_message = "Give username or usernames, not both."
  }

  # Without it, whoever may write the secret would choose the host that gets the new API key.
  validation {
    condition     = alltrue([for secret in var.secrets : secret.endpoint != null if secret.usernames != null || secret.api_key_id != null])
    error_message = "Give the endpoint of each secret with usernames or api_key_id."
  }

  # The function refuses all of its secrets if it cannot read the pins of one of them.
  validation {
    condition = alltrue([
      for secret in var.secrets : (secret.usernames == null || try(length(secret.usernames) == 2 && secret.usernames[0] != secret.usernames[1], false)) && alltrue([
        for text in concat([secret.endpoint, secret.username, secret.api_key_id], coalesce(secret.usernames, [])) : text != ""
      ])
    ])
    error_message = "Give two different usernames, and no empty text. Leave out what does not apply."
  }
}

variable "secret_name_prefix" {
  description = "Folder of the names of all secrets, such as milvus/, for one permission. Null: a permission for each secret, which is enough for about 80 secrets, or 40 with secret_key_arn."
  type        = string
  default     = null

  validation {
    condition     = can(regex("^[\\w/+=.@-]+/$", coalesce(var.secret_name_prefix, "any/")))
    error_message = "Write a folder that ends in a slash, such as milvus/."
  }

  # Otherwise the function could change its own pins.
  validation {
    condition     = !startswith(coalesce(var.secret_name_prefix, "any/"), "zilliz-rotation-pins/")
    error_message = "The function reads its pins below zilliz-rotation-pins/. Choose a folder that only the rotated secrets have."
  }
}

variable "manager_secret" {
  description = <<-EOT
    The secret with the key that creates and deletes API keys. Null: the function rotates no API key.
    - arn: its full ARN. It must not be in var.secrets
    - key_arn: its customer managed key. Null: the AWS managed key
  EOT
  type = object({
    arn     = string
    key_arn = optional(string)
  })
  default = null
}

variable "schedule_expression" {
  description = "Schedule of the secrets that name none, in UTC."
  type        = string
  default     = "rate(30 days)"
}

variable "alarms" {
  description = <<-EOT
    Alarms, and an hourly check for overdue rotations. Null: none.
    - topic_arn: topic of this account for the alarms. Its policy must allow cloudwatch.amazonaws.com
      and events.amazonaws.com to publish
    - overdue_function_zip: path of overdue-function-VERSION-HASH.zip of a release
  EOT
  type = object({
    topic_arn            = string
    overdue_function_zip = string
  })
  default = null
}

variable "name" {
  description = "Name of the function, and start of all other names, up to 29 characters. Each use of the module in a region needs its own."
  type        = string
  default     = "zilliz-secret-rotation"
}

variable "permissions_boundary" {
  description = "ARN of the permissions boundary of each role. Null: none."
  type        = string
  default     = null
}

variable "environment" {
  description = "Variables of environment.schema.json, such as ALLOWED_ENDPOINTS, CLUSTER_CA, or ROTATED_EVENTS = \"true\"."
  type        = map(string)
  default     = {}
}

variable "secret_key_arn" {
  description = "ARN of the customer managed key of the secrets. Null: the AWS managed key."
  type        = string
  default     = null
}

variable "subnet_ids" {
  description = "Subnets of the function. Empty: outside any VPC."
  type        = list(string)
  default     = []
}

variable "security_group_ids" {
  description = "Security groups of the function, if there are subnets."
  type        = list(string)
  default     = []
}
