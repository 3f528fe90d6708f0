#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# scripts/check-layers.sh finds each kind of planted violation, at its line, and nothing in clean files.
. "$(dirname "$0")/tap.sh"

# layers FILE TEXT: what it says of a tree that holds this file alone, next to a clean one.
layers() {
  rm -rf "$work/tree"
  mkdir -p "$work/tree/lib/base" "$work/tree/$(dirname "$1")"
  echo 'int oha_clean;' >"$work/tree/lib/base/clean.c"
  printf '%b\n' "$2" >"$work/tree/$1"
  "$top_srcdir/scripts/check-layers.sh" "$work/tree"
  echo "status $?"
}

# finds FILE TEXT LINE FINDING
finds() { is "$1: $4" "$(layers "$1" "$2")" "$1:$3: $4"$'\n''status 1'; }

# passes FILE TEXT WHAT
passes() { is "$1: $3" "$(layers "$1" "$2")" 'status 0'; }

finds lib/base/x.c '#include "db/query.h"' 1 '"db/query.h": base may not use db'
finds lib/sip/x.c '\n#include <opensips-ha/location.h>' 2 '<opensips-ha/location.h>: sip may not use location'
finds lib/location/x.c '#include "config/file.h"' 1 '"config/file.h": location takes options, never the cluster'
finds lib/db/x.c '#include <opensips-ha/cluster.h>' 1 '<opensips-ha/cluster.h>: db takes options, never the cluster'
finds lib/base/x.c '#include "mem.h"' 1 '"mem.h": internal headers are named "folder/file.h"'
finds lib/attic/x.c 'int x;' 1 'is in no layer: add it to check-layers.sh'
finds lib/base/x.c '#include <opensips-ha/new.h>' 1 '<opensips-ha/new.h> is in no layer: add it to check-layers.sh'
finds lib/location/x.c '#include <mysql.h>' 1 '<mysql.h> belongs in lib/db bench only'
finds lib/sip/x.c '#include <libmnl/libmnl.h>' 1 '<libmnl/libmnl.h> belongs in lib/engine only'
finds include/opensips-ha/sock.h '#include <opensips-ha/db.h>' 1 '<opensips-ha/db.h>: sip may not use db'
finds include/opensips-ha/sock.h '#include "sip/sock.h"' 1 \
  '"sip/sock.h": public headers include public headers only'
finds include/opensips-ha/sock.h '#include <netinet/in.h>' 1 \
  '<netinet/in.h>: public headers need stddef, stdint and stdbool, nothing else'
finds tools/ha-ctl/x.c '#include "base/mem.h"' 1 \
  '"base/mem.h": tools use public headers, tools/common and their own folder'
finds tools/ha-ctl/x.c '#include "loc-migrate/run.h"' 1 \
  '"loc-migrate/run.h": tools use public headers, tools/common and their own folder'
finds tools/ha-ctl/x.c 'void *p = oha__calloc(1, 2);' 1 'oha__calloc is internal to the library'
finds tools/ha-ctl/main.c '#include <readline/readline.h>' 1 \
  '<readline/readline.h> belongs in tools/ha-ctl/shell.c only'
finds lib/audit/x.c '#include <readline/readline.h>' 1 '<readline/readline.h> belongs in tools/ha-ctl/shell.c only'

for call in strcpy strcat sprintf strncpy strtok atoi gets localtime gmtime ctime strerror rand usleep system popen \
  isdigit toupper; do
  finds tools/common/x.c "int f(void) { return $call(0); }" 1 "$call() is banned"
done
finds lib/base/x.c 'int a;\n  p = realloc (p, 2);' 2 'realloc(): memory comes from base/mem.c'
finds lib/db/x.c 'x = malloc(2);' 1 'malloc(): memory comes from base/mem.c'
finds lib/base/run.c 'x = time(NULL);' 1 'time(): clocks are read in base/time.c'
finds lib/base/x.c 'posix_spawn(0);' 1 'posix_spawn(): programs are run by base/run.c'
for call in printf puts perror exit abort getenv signal sigaction pthread_create fork; do
  finds lib/net/x.c "$call(0);" 1 "$call() is banned in the library"
done
finds lib/net/x.c 'fprintf(stderr, "x");' 1 'stderr is banned in the library'
finds lib/net/x.c '/* a\n b */ abort(); /* c */' 2 'abort() is banned in the library'
finds lib/net/x.c "c = '\"'; abort(); d = '\"';" 1 'abort() is banned in the library'
finds lib/net/x.c 's = "a\\\\" ; abort();' 1 'abort() is banned in the library'

passes lib/failover/x.c '#include "base/mem.h"\n#include "failover/x.h"\n#include <opensips-ha/cluster.h>' \
  'earlier layers and its own'
passes lib/location/x.c '#include <opensips-ha/move.h>' 'the one bridge from the cluster'
passes lib/net/x.c '/* printf("x") */ // abort()\nconst char *s = "exit(1) \\" malloc(2)";' \
  'words in comments and texts'
passes lib/net/x.c 'log->printf(log); ops.time(arg); int printf_count; exit_code = 3;' 'members and longer names'
passes lib/base/mem.c 'p = realloc(p, 2);' 'memory, at home'
passes tools/ha-ctl/main.c '#include "common/output.h"\n#include "cmd.h"\n#include <stdio.h>\nint main(void) { exit(1); }' \
  'a tool may print and exit'
passes tools/ha-ctl/shell.c '#include <readline/readline.h>' 'readline, at home'

ok 'nothing is found in this tree' "$top_srcdir/scripts/check-layers.sh" "$top_srcdir"
is 'an empty tree is an error' "$("$top_srcdir/scripts/check-layers.sh" "$work" 2>&1; echo $?)" \
  'check-layers: no sources found'$'\n1'
done_testing
