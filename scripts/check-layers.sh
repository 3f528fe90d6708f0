#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# check-layers.sh [ROOT]: who may include what, and the calls that nobody may make. The tables below are all
# there is to know; a finding is FILE:LINE: text, and status 1.
set -u
root=${1:-$(dirname "$0")/..}
cd "$root" || exit 70

find include lib tools tests examples bench -type f \( -name '*.c' -o -name '*.h' \) 2>/dev/null | LC_ALL=C sort |
LC_ALL=C awk '
BEGIN {
  # Folders of lib/: each may use those before it, and itself.
  n = split("base sip config db journal net mi clock location cdr relay peer engine failover audit", order, " ")
  for (i = 1; i <= n; i++) rank[order[i]] = i

  # Which folder a public header belongs to.
  public("base", "api ctx error run time")
  public("sip", "sock uri")
  public("config", "cluster move")
  public("db", "db")
  public("journal", "journal")
  public("mi", "mi")
  public("location", "location rewrite")
  public("net", "probe")
  public("peer", "peer")
  public("engine", "remote vip")
  public("failover", "failover session")

  # These take options, never the cluster: an application can use one without the others.
  words("db journal net mi clock location cdr relay", no_cluster)

  # Other peoples headers, and where they may be included.
  third["mysql.h"] = third["mysql"] = third["mariadb"] = "lib/db bench"
  third["jansson.h"] = "lib/journal lib/mi lib/engine lib/failover lib/audit"
  third["libmnl"] = "lib/engine"
  third["curl"] = "lib/net lib/mi"
  third["libxml"] = "lib/mi lib/audit"
  third["readline"] = "tools/ha-ctl/shell.c"
  third["editline"] = "tools/ha-ctl/shell.c"
  third["cmocka.h"] = "tests/unit tests/db tests/fuzz"

  # Calls that are wrong everywhere: unbounded, locale-bound, or of unclear outcome.
  words("strcpy strcat sprintf vsprintf strncpy strncat stpcpy strtok atoi atol atoll atof gets localtime gmtime " \
        "ctime asctime strerror rand srand random usleep system popen alloca " \
        "isalnum isalpha isascii isblank iscntrl isdigit isgraph islower isprint ispunct isspace isupper " \
        "isxdigit tolower toupper", banned)
  # The library has no output, no environment, no say in the end of the process, and no threads.
  words("printf vprintf puts putchar perror err errx warn warnx syslog exit _exit _Exit quick_exit abort atexit " \
        "getenv secure_getenv setenv putenv unsetenv signal sigaction sigprocmask pthread_create fork vfork " \
        "execv execve execvp execl execlp setlocale getopt getopt_long", banned_lib)
  words("stdout stderr environ", banned_names)
  # But: programs get our environment, and what a client library does to SIGPIPE is put back.
  words("environ:lib/base/run.c sigaction:lib/db/open.c", but_in)
  # Memory comes from base/mem.c, time from base/time.c, programs are started by base/run.c.
  words("malloc calloc realloc reallocarray strdup strndup asprintf vasprintf getline getdelim", only_mem)
  words("time gettimeofday clock_gettime clock nanosleep clock_nanosleep sleep", only_time)
  words("posix_spawn posix_spawnp waitpid", only_run)
}

function words(list, into,    w, k, m) { m = split(list, w, " "); for (k = 1; k <= m; k++) into[w[k]] = 1 }
function public(layer, list,    w, k, m) { m = split(list, w, " "); for (k = 1; k <= m; k++) home[w[k] ".h"] = layer }
function say(text) { print path ":" line_no ": " text; bad = 1 }

# The folder of lib/ that a file counts as, "" for none; public headers count as their home.
function layer_of(file,    part) {
  split(file, part, "/")
  if (part[1] == "include") return (part[3] in home) ? home[part[3]] : ""
  return part[1] == "lib" ? part[2] : ""
}

function check_rank(to, what) {
  if (!(to in rank)) say(what ": \"" to "\" is in no layer")
  else if (layer != "" && rank[to] > rank[layer]) say(what ": " layer " may not use " to)
}

function check_public(name) {
  if (!(name in home)) { say("<opensips-ha/" name "> is in no layer: add it to check-layers.sh"); return }
  check_rank(home[name], "<opensips-ha/" name ">")
  if (home[name] == "config" && name != "move.h" && layer in no_cluster)
    say("<opensips-ha/" name ">: " layer " takes options, never the cluster")
}

function check_own(name,    part, k) {
  k = split(name, part, "/")
  if (top == "lib") {
    if (k < 2) say("\"" name "\": internal headers are named \"folder/file.h\"")
    else {
      check_rank(part[1], "\"" name "\"")
      if (part[1] == "config" && name != "config/move.h" && layer in no_cluster)
        say("\"" name "\": " layer " takes options, never the cluster")
    }
  } else if (top == "include") say("\"" name "\": public headers include public headers only")
  else if (top == "tools" && k > 1 && part[1] != "common" && part[1] != tool)
    say("\"" name "\": tools use public headers, tools/common and their own folder")
  else if (top == "examples") say("\"" name "\": examples use public headers only")
}

function check_third(name,    t, k, m, where) {
  for (t in third) {
    if (name != t && index(name, t "/") != 1) continue
    m = split(third[t], where, " ")
    for (k = 1; k <= m; k++) if (path == where[k] || index(path, where[k] "/") == 1) return
    if (top == "tests" && t != "readline" && t != "editline") return
    say("<" name "> belongs in " third[t] " only")
  }
  if (top == "include" && name !~ /^(stddef|stdint|stdbool)\.h$/)
    say("<" name ">: public headers need stddef, stdint and stdbool, nothing else")
}

function check_include(text,    name) {
  name = text
  sub(/^[ \t]*#[ \t]*include[ \t]*[<"]/, "", name)
  sub(/[>"].*/, "", name)
  if (text ~ /include[ \t]*"/) check_own(name)
  else if (index(name, "opensips-ha/") == 1) check_public(substr(name, 13))
  else check_third(name)
}

# The line without comments, string and character literals; comments may span lines.
function code_of(text,    out, c, two, quote) {
  out = ""
  while (text != "") {
    if (in_comment) {
      if (!match(text, /\*\//)) return out
      text = substr(text, RSTART + 2)
      in_comment = 0
      continue
    }
    if (!match(text, /["\047]|\/\*|\/\//)) return out text
    out = out substr(text, 1, RSTART - 1)
    c = substr(text, RSTART, 1)
    two = substr(text, RSTART, 2)
    text = substr(text, RSTART + (c == "/" ? 2 : 1))
    if (two == "//") return out
    if (two == "/*") { in_comment = 1; out = out " "; continue }
    quote = c
    while (text != "" && (c = substr(text, 1, 1)) != quote) text = substr(text, c == "\\" ? 3 : 2)
    text = substr(text, 2)
    out = out "0"
  }
  return out
}

function check_call(name) {
  if (name in banned) say(name "() is banned")
  if (top != "lib") return
  # Connector/C sets SIGPIPE as it starts; what the program had there is put back.
  if (name == "sigaction" && path == "lib/db/open.c") return
  if (name in banned_lib && !((name ":" path) in but_in)) say(name "() is banned in the library")
  if (name in only_mem && path !~ /^lib\/base\/mem\.[ch]$/) say(name "(): memory comes from base/mem.c")
  if (name in only_time && path !~ /^lib\/base\/time\.[ch]$/) say(name "(): clocks are read in base/time.c")
  if (name in only_run && path !~ /^lib\/base\/run\.[ch]$/) say(name "(): programs are run by base/run.c")
}

function check_words(code,    word, before, rest) {
  while (match(code, /[A-Za-z_][A-Za-z_0-9]*/)) {
    before = substr(code, 1, RSTART - 1)
    word = substr(code, RSTART, RLENGTH)
    rest = substr(code, RSTART + RLENGTH)
    # A member (x->time(...)) is no call of the C library.
    if (rest ~ /^[ \t]*\(/ && before !~ /(->|\.)[ \t]*$/) check_call(word)
    if (top == "lib" && word in banned_names && !((word ":" path) in but_in))
      say(word " is banned in the library")
    if ((top == "tools" || top == "examples") && word ~ /^oha__/) say(word " is internal to the library")
    code = rest
  }
}

{
  path = $0
  split(path, part, "/")
  top = part[1]
  tool = top == "tools" ? part[2] : ""
  layer = layer_of(path)
  if ((top == "lib" && !(layer in rank)) || (top == "include" && layer == ""))
    { line_no = 1; say("is in no layer: add it to check-layers.sh") }
  line_no = in_comment = 0
  while ((getline text < path) > 0) {
    line_no++
    was_comment = in_comment
    code = code_of(text)
    if (!was_comment && code ~ /^[ \t]*#[ \t]*include/) check_include(text)
    else check_words(code)
  }
  close(path)
  n_files++
}
END {
  if (n_files == 0) { print "check-layers: no sources found"; exit 1 }
  exit bad
}'
