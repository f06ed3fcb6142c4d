"""Changes to AWS services of ministack other than Secrets Manager."""
