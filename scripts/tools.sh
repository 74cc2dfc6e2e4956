#!/bin/sh
# The editors that the tests drive in a terminal, shells that complete, and GnuPG: installed only when they are missing.
set -eu
packages=''
while read -r program package; do
    command -v "$program" >/dev/null || packages="$packages $package"
done <<END
vim vim
gpg gnupg
nvim neovim
nano nano
emacs emacs-nox
zsh zsh
fish fish
END
[ "$packages" ] || exit 0
install="apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends$packages"
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    sh -c "$install" >/dev/null
    exit 0
fi
echo "the tests need these programs; install them and run make test again:" >&2
echo "    sudo sh -c '$install'" >&2
exit 1
