"""Actions of the Secrets Manager API that replace those of ministack."""
