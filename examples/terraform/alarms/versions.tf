terraform {
  required_version = ">= 1.5"

  required_providers {
    aws = {
      source = "hashicorp/aws"
      # 6.19 is the first version that knows the runtime nodejs24.x.
      version = ">= 6.19, < 7.0"
    }
  }
}
