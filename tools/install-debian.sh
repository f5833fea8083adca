#!/bin/sh
# Installs Debian's packages of those names where that is possible: as root, or with sudo that asks for no password.
set -e
command -v apt-get >/dev/null || exit 1
as_root=""
if [ "$(id -u)" -ne 0 ]; then
    sudo -n true 2>/dev/null || exit 1
    as_root="sudo -n"
fi
$as_root apt-get update -qq
DEBIAN_FRONTEND=noninteractive $as_root apt-get install -y -qq --no-install-recommends "$@" >/dev/null
