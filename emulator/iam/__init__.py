"""Decisions of IAM that ministack does not make."""
