variable "name" {
  description = "Start of all names."
  type        = string
}

variable "topic_arn" {
  description = "Topic for the alarms."
  type        = string
}

variable "overdue_function_zip" {
  description = "Path of overdue-function-VERSION-HASH.zip of a release."
  type        = string
}

variable "rotation_function" {
  description = "What the alarms watch."
  type = object({
    arn       = string
    name      = string
    log_group = string
  })
}

variable "secret_arns" {
  description = "ARNs of the rotated secrets, or of their folder with a * at the end."
  type        = list(string)
}

variable "rotated_secrets" {
  description = "ROTATED_SECRETS of the rotation function."
  type        = string
}

variable "permissions_boundary" {
  description = "ARN of the permissions boundary of the role. Null: none."
  type        = string
  default     = null
}
