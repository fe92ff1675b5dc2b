#!/usr/bin/env bash
# Put the FTP servers that these tests talk to under .servers beside this file, from Debian's packages.
# The packages exclude one another and start services, so each is unpacked in a folder of its own, with
# the libraries that this machine lacks, and nothing is installed. What is there already is left alone;
# where it cannot be done the tests are skipped and say so.
set -eu
cd "$(dirname "$0")"

if ! command -v apt-get >/dev/null || [ "$(id -u)" != 0 ]; then
  echo "no FTP servers unpacked: that needs apt-get and root"
  exit 0
fi

debs=$(mktemp -d)
trap 'rm -rf "$debs"' EXIT
chmod 755 "$debs" # apt fetches as a user of its own

updated=
unpack() {
  local name=$1 folder=.servers/$1 deb
  shift
  if [ -x "$folder/usr/sbin/$name" ]; then return; fi
  if [ -z "$updated" ]; then apt-get update -qq; updated=yes; fi
  rm -rf "$folder.part"
  mkdir -p "$folder.part" "$debs/$name/partial"
  apt-get install -qq -y --download-only --no-install-recommends \
    -o Dir::Cache::archives="$debs/$name" "$@" >/dev/null
  for deb in "$debs/$name"/*.deb; do dpkg-deb -x "$deb" "$folder.part"; done
  mv "$folder.part" "$folder"
  echo "unpacked $name"
}

unpack vsftpd vsftpd
unpack proftpd proftpd-core proftpd-mod-crypto
unpack pure-ftpd pure-ftpd pure-ftpd-common
