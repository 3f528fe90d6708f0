#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The other check scripts: each finds what it is there for.
. "$(dirname "$0")/tap.sh"
scripts=$top_srcdir/scripts

# says WHAT WANTED COMMAND...: its output, and its status on a last line.
says() {
  local what=$1 want=$2 got
  shift 2
  got=$("$@" 2>&1)
  is "$what" "$got${got:+$'\n'}status $?" "$want"
}

# --- check-symbols.sh, on a library of three lines
tree=$work/lib-tree
mkdir -p "$tree/lib/.libs" "$tree/include/opensips-ha"
cat >"$tree/include/opensips-ha/x.h" <<'EOF'
#define OHA_API __attribute__((visibility("default")))
OHA_API OHA_NODISCARD enum oha_rc oha_one(int a,
                                          void (*oha_no)(void));
OHA_API const char *
oha_two(void);
EOF
symbols() {
  printf '%s\n' "$1" >"$tree/lib/libopensips-ha.map"
  gcc -shared -fPIC -x c -o "$tree/lib/.libs/libopensips-ha.so" - -Wl,--version-script="$tree/lib/libopensips-ha.map" \
    -Wl,--no-as-needed $3 <<<"$2" || return 99
  (cd "$tree" && "$scripts/check-symbols.sh" . . | sed "s|$tree/||; s|$(realpath "$tree")/||"; exit "${PIPESTATUS[0]}")
}
map='OHA_0 { global: 
oha_one;
oha_two;
local: *; };'
code='void oha_one(void) {} void oha_two(void) {} void oha_three(void) {}'
says 'check-symbols: all agree' 'status 0' symbols "$map" "$code"
says 'check-symbols: a mapped name without code' \
  'in lib/libopensips-ha.map, but not defined in lib/.libs/libopensips-ha.so:
  oha_two
status 1' symbols "$map" 'void oha_one(void) {}'
says 'check-symbols: a declared name that the map forgot' \
  'marked OHA_API in a header, but not in lib/libopensips-ha.map:
  oha_two
status 1' symbols "${map/oha_two;/}" "$code"
says 'check-symbols: a mapped name that no header declares' \
  'in lib/libopensips-ha.map, but declared in no installed header:
  oha_three
status 1' symbols "${map/oha_two;/oha_two;
oha_three;}" "$code"
says 'check-symbols: a library that is not expected' \
  'lib/.libs/libopensips-ha.so needs libm.so.6, which is not on the list: libc libcurl libmariadb libxml2 libjansson libmnl
status 1' symbols "$map" "$code" -lm

# --- check-headers.sh
tree=$work/headers
mkdir -p "$tree/include/opensips-ha"
echo 'struct oha_a { int x; };' >"$tree/include/opensips-ha/a.h"
ok 'check-headers: a good header' "$scripts/check-headers.sh" "$tree"
echo 'struct oha_a { uint8_t x; };' >"$tree/include/opensips-ha/a.h"
ok 'check-headers: one that needs another before it' eval '! "$scripts/check-headers.sh" "$tree"'
echo 'struct oha_a { int class; };' >"$tree/include/opensips-ha/a.h"
ok 'check-headers: one that is C only' eval '! "$scripts/check-headers.sh" "$tree"'

# --- check-files.sh
tree=$work/files
mkdir -p "$tree/lib/base" "$tree/tools" "$tree/scripts"
echo '/* SPDX-License-Identifier: LGPL-2.1-or-later */' >"$tree/lib/base/x.c"
echo '/* SPDX-License-Identifier: GPL-3.0-or-later */' >"$tree/tools/x.c"
says 'check-files: good licences' 'status 0' "$scripts/check-files.sh" "$tree"
echo '/* SPDX-License-Identifier: GPL-3.0-or-later */' >"$tree/lib/base/x.c"
says 'check-files: the wrong licence' \
  "lib/base/x.c:1: no line 'SPDX-License-Identifier: LGPL-2.1-or-later' in the first three
status 1" "$scripts/check-files.sh" "$tree"
rm "$tree/lib/base/x.c"
printf '/* SPDX-License-Identifier: GPL-3.0-or-later */\n/* %s: later */\n' TO''DO >"$tree/tools/x.c"
ok 'check-files: promised work' eval '! "$scripts/check-files.sh" "$tree"'
printf '/* SPDX-License-Identifier: GPL-3.0-or-later */\n/* see %s */\n' DES''IGN.md >"$tree/tools/x.c"
ok 'check-files: names from elsewhere' eval '! "$scripts/check-files.sh" "$tree"'
rm "$tree/tools/x.c"
printf '#!/bin/sh\n# SPDX-License-Identifier: GPL-3.0-or-later\n' >"$tree/scripts/x.sh"
ok 'check-files: a script that cannot be run' eval '! "$scripts/check-files.sh" "$tree"'

# --- check-format.sh
if "$scripts/check-format.sh" "$tree" >/dev/null; then
  mkdir -p "$work/format/lib"
  cp "$top_srcdir/.clang-format" "$work/format"
  echo 'int f( void ){return 1;}' >"$work/format/lib/x.c"
  ok 'check-format: a line that clang-format would change' eval '! "$scripts/check-format.sh" "$work/format"'
else
  skip 'check-format: a line that clang-format would change' 'no clang-format 14'
fi

# --- check-man.sh
if command -v mandoc >/dev/null; then
  mkdir -p "$work/man/man"
  printf '.Dd January 1, 2026\n.Dt X 1\n.Os\n.Sh NAME\n.Nm x\n.Nd y\n.Foo\n' >"$work/man/man/x.1"
  ok 'check-man: an unknown macro' eval '! "$scripts/check-man.sh" "$work/man"'
else
  skip 'check-man: an unknown macro' 'no mandoc'
fi

# --- guard.sh: what a run started ends with it
cat >"$work/run.sh" <<'EOF'
. "$1/guard.sh"
TMPDIR=$2 guard_start
setsid sleep 987 & 
echo "$! $TMPDIR" >"$2/started"
sleep 0.2
[ "$3" = stay ] && sleep 100
guard_end
EOF
gone() { # PID DIR: within two seconds
  local i
  for ((i = 0; i < 100; i++)); do
    ! grep -q sleep "/proc/$1/cmdline" 2>/dev/null && [ ! -d "$2" ] && return 0
    sleep 0.02
  done
  return 1
}
bash "$work/run.sh" "$scripts" "$work" leave 2>/dev/null
read -r pid dir <"$work/started"
ok 'guard: a daemon ends with a run that ended' gone "$pid" "$dir"
rm "$work/started"
bash "$work/run.sh" "$scripts" "$work" stay &
run=$!
until [ -s "$work/started" ]; do sleep 0.02; done
kill -KILL $run
wait $run 2>/dev/null
read -r pid dir <"$work/started"
ok 'guard: and with one that was killed' gone "$pid" "$dir"
done_testing
