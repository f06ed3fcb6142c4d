"""Secrets, their versions and staging labels, in the records of ministack."""
