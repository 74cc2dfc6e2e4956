#!/bin/sh
# A tour in a scratch folder: an age key, a rule, a Kubernetes Secret encrypted, shown, edited and decrypted.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT INT TERM
cd "$folder"
export HOME="$folder" XDG_CONFIG_HOME="$folder/.config"
unset SOPS_AGE_KEY SOPS_AGE_KEY_FILE SOPS_AGE_KEY_CMD SOPS_AGE_RECIPIENTS SOPS_CONFIG SOPS_EDITOR || true

show() {
    printf '\n$ %s\n' "$*"
    "$@"
}

show sopspy keygen
recipient=$(sed -n 's/^# public key: //p' .config/sops/age/keys.txt)
cat > .sops.yaml <<EOF
creation_rules:
  - path_regex: \.yaml\$
    encrypted_regex: ^(data|stringData)\$
    age: $recipient
EOF
show cat .sops.yaml
cat > secret.yaml <<'EOF'
apiVersion: v1
kind: Secret
metadata:
  name: database        # stays readable

stringData:
  # for the application
  username: "app"
  password: 'correct horse'
  port: 5432
EOF
show cat secret.yaml
cp secret.yaml original.yaml
show sopspy encrypt -i secret.yaml
show cat secret.yaml
cp secret.yaml before.yaml
export EDITOR="sed -i 's/correct horse/battery staple/'"
printf '\n(the editor of this demo is: %s)\n' "$EDITOR"
show sopspy edit secret.yaml
printf '\n$ diff before.yaml secret.yaml   # only the value, the MAC and the time have changed\n'
diff before.yaml secret.yaml | cut -c1-100 || true
show sopspy set secret.yaml '["stringData"]["port"]' 5433
show sopspy decrypt --extract '["stringData"]["password"]' secret.yaml
printf '\n'
show sopspy decrypt secret.yaml
printf '\n$ sopspy decrypt before.yaml | cmp - original.yaml\n'
sopspy decrypt before.yaml | cmp - original.yaml && echo "byte for byte the same"
