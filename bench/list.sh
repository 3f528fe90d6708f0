# SPDX-License-Identifier: GPL-3.0-or-later
# Listing a whole location table, and classifying it, against a bare mysql_use_result() of the same columns.
. "$(dirname "$0")/location.inc"
run_location list "$@"
