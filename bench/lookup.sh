# SPDX-License-Identifier: GPL-3.0-or-later
# Looking an AoR up: by packed ids against a lookup by primary key, by a scan against one bare scan.
. "$(dirname "$0")/location.inc"
run_location lookup "$@"
