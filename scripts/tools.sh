#!/bin/sh
# The editor that the tests of `sopspy edit` drive in a terminal: installed only when it is missing.
set -eu
command -v vim >/dev/null && exit 0
install='apt-get update && apt-get install -y vim'
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    sh -c "$install" >/dev/null
    exit 0
fi
echo "the tests need the editor vim; install it and run make test again:" >&2
echo "    sudo sh -c '$install'" >&2
exit 1
