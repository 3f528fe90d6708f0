#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# check-format.sh [ROOT]: clang-format would change nothing. Versions lay out differently: 14, as in Debian 12.
set -u
cd "${1:-$(dirname "$0")/..}" || exit 70
for tool in clang-format-14 clang-format; do
  if command -v $tool >/dev/null && $tool --version | grep -q 'version 14\.'; then
    find include lib tools tests examples bench -type f \( -name '*.c' -o -name '*.h' \) -print0 2>/dev/null |
      xargs -0 -r $tool --dry-run -Werror --ferror-limit=5 || exit 1
    exit 0
  fi
done
echo 'no clang-format 14'
exit 77
