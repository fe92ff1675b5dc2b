#!/usr/bin/env bash
# Put what these tests talk to beside this file: FTP servers under .servers, from Debian's packages, and Slack
# workspaces under .node, from npm.
# The packages exclude one another and start services, so each is unpacked in a folder of its own, with
# the libraries that this machine lacks, and nothing is installed. What is there already is left alone;
# where it cannot be done the tests are skipped and say so.
set -eu
cd "$(dirname "$0")"

# Two workspaces that other people wrote, for the Slack face. emulate is never taken unpinned: its
# latest is another package.
node=.node/node_modules
if ! command -v npm >/dev/null; then
  echo "no Slack workspaces: that needs npm"
elif ! [ -x $node/local-slack-linux-x64/bin/local-slack ] || ! [ -e $node/.bin/emulate ]; then
  mkdir -p .node
  npm install --prefix .node --no-audit --no-fund --ignore-scripts --loglevel=error \
    local-slack-linux-x64@0.1.8 emulate@0.11.2 >/dev/null || echo "no Slack workspaces: npm gave none"
fi

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
