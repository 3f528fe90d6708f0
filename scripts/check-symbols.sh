#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# check-symbols.sh BUILDDIR [ROOT]: what the library exports, what lib/libopensips-ha.map lists and what the
# installed headers declare are the same names; and it needs no library that is not expected.
set -u -o pipefail
lib=$(realpath -m "${1:-.}")/lib/.libs/libopensips-ha.so
cd "${2:-$(dirname "$0")/..}" || exit 70
map=lib/libopensips-ha.map
needs='libc libcurl libmariadb libxml2 libjansson libmnl'
export LC_ALL=C
[ -f "$lib" ] || { echo "check-symbols: no $lib: build first"; exit 1; }
bad=0

exported=$(nm -D --defined-only "$lib" | awk '$2 != "A" { sub(/@.*/, "", $3); print $3 }' | sort)
mapped=$(sed -n 's/^ *\(oha_[a-z0-9_]*\);.*/\1/p' "$map" | sort)
# A declaration may go on over lines: the last name before its first bracket, or before its end.
declared=$(grep -hv '^#' include/opensips-ha/*.h | tr '\n' ' ' | grep -o 'OHA_API [^(;]*[(;]' |
  sed 's/\[[^]]*\]//' | grep -o 'oha_[a-z0-9_]* *[(;]$' | tr -d ' (;' | sort)

differ() {
  local gone
  gone=$(comm -23 <(echo "$1") <(echo "$2"))
  [ -z "$gone" ] && return
  bad=1
  echo "$3:"
  echo "${gone//$'\n'/$'\n'  }" | sed '1s/^/  /'
}
differ "$mapped" "$exported" "in $map, but not defined in $lib"
differ "$exported" "$mapped" "exported by $lib, but not in $map"
differ "$declared" "$mapped" "marked OHA_API in a header, but not in $map"
differ "$mapped" "$declared" "in $map, but declared in no installed header"

while read -r name; do
  case " $needs " in
    *" ${name%%.so*} "*) ;;
    *)
      echo "$lib needs $name, which is not on the list: $needs"
      bad=1
      ;;
  esac
done < <(readelf -d "$lib" | sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p')
exit $bad
