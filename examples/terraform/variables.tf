variable "rotation_function_zip" {
  description = "Path of rotation-function.zip of a release."
  type        = string
}

variable "secret_names" {
  description = "Names of the existing secrets to rotate."
  type        = set(string)
}

variable "schedule_expression" {
  description = "Schedule of all secrets, in UTC."
  type        = string
  default     = "rate(30 days)"
}

variable "environment" {
  description = "Variables of environment.schema.json, such as ALLOWED_ENDPOINTS or CLUSTER_CA."
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
