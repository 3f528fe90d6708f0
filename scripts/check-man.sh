#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# check-man.sh [ROOT]: mandoc has no complaint about a man page, and every exported function is named in
# libopensips-ha(3).
set -u
cd "${1:-$(dirname "$0")/..}" || exit 70
command -v mandoc >/dev/null || { echo 'no mandoc'; exit 77; }
bad=0
for page in man/*.[1-8]; do
  [ -f "$page" ] || { echo 'check-man: no man pages'; exit 1; }
  mandoc -T lint -W warning "$page" || bad=1
done
if [ -f man/libopensips-ha.3 ]; then
  for name in $(sed -n 's/^ *\(oha_[a-z0-9_]*\);.*/\1/p' lib/libopensips-ha.map); do
    grep -Eq "(^|[^a-z0-9_])$name([^a-z0-9_]|\$)" man/libopensips-ha.3 ||
      { echo "man/libopensips-ha.3: $name() is not mentioned"; bad=1; }
  done
fi
exit $bad
