"""Decrypting for Kubernetes at apply time: the kustomize plugin, Argo CD, Helm. Everything here distrusts its input."""
