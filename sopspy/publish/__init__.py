"""Putting files where a destination rule says: Vault's key-value engines, S3, Google Cloud Storage."""
