#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The table of options, the help texts, the manual and the completion say the same.
. "${top_srcdir:?}/tests/tools/tools.sh"
manual=$top_srcdir/man/ha-ctl.8

run ha-ctl -j help
json "help as JSON" '.ok and (.verbs | length > 10) and (.options | length > 50)'
cp "$TMPDIR/out" "$TMPDIR/help.json"

# The part of the manual about a verb: from its item to the next verb's. Words of a verb are separate there.
manual_of()
{
  awk -v verb="$1" '
    /^\.Sh / { inside = $2 == "COMMANDS" }
    !inside { next }
    /^\.It Cm / {
      name = $3
      for (i = 4; i <= NF && $i !~ /^[A-Z]/ && $i != "Op" && $i != "Fl"; i++)
        name = name " " $i
      on = name == verb
    }
    on { print }' "$manual"
}

# Options that the manual names in front of the verbs, once for all.
common='config json output node timeout quiet verbose help version'

in_manual()
{
  local verb=$1 option text
  text=$(manual_of "$verb")
  [ -n "$text" ] || { echo "no item '.It Cm $verb'"; return 1; }
  for option in $(jq -r --arg v "$verb" '.options[] | select(.verb == $v) | .option' "$TMPDIR/help.json"); do
    case " $common " in *" $option "*) continue ;; esac
    printf '%s\n' "$text" | grep -Eq "^\.It Fl (. , Fl )?-$option( |\$)" || { echo "no --$option"; return 1; }
  done
}

only_real_options()
{
  local verb=$1 option
  for option in $(manual_of "$verb" | sed -nE 's/^\.It Fl (. , Fl )?-([a-z-]+).*/\2/p'); do
    jq -e --arg v "$verb" --arg o "$option" 'any(.options[]; .verb == $v and .option == $o)' \
      "$TMPDIR/help.json" > /dev/null || { echo "--$option is no option of $verb"; return 1; }
  done
}

in_help()
{
  local verb=$1 option
  # shellcheck disable=SC2086
  run ha-ctl help $verb
  for option in $(jq -r --arg v "$verb" '.options[] | select(.verb == $v) | .option' "$TMPDIR/help.json"); do
    printf '%s\n' "$out" | grep -Eq -e "--$option( |\$)" || { echo "no --$option"; return 1; }
  done
}

while read -r verb; do
  ok "$verb: the manual has its options" in_manual "$verb"
  ok "$verb: the manual has no others" only_real_options "$verb"
  ok "$verb: the help has its options" in_help "$verb"
done << VERBS
$(jq -r '.verbs[].verb' "$TMPDIR/help.json")
VERBS

common_in_manual()
{
  local option
  for option in $common; do
    sed '/^\.Sh COMMANDS/q' "$manual" | grep -Eq "^\.It Fl (. , Fl )?-$option( |\$)" || { echo "no --$option"; return 1; }
  done
}
ok "the manual has the common options" common_in_manual

exit_codes_in_manual()
{
  local code name text
  ha-ctl -j exit-codes | jq -r '.exit_codes[] | select(.verbs == "act or read") | "\(.code) \(.name) \(.text)"' |
    while read -r code name text; do
      grep -A1 -Fx ".It $code Dv $name" "$manual" | grep -Fixq "$text." || { echo "not in the manual: $code $name $text"; return 1; }
    done
}
ok "the manual has the exit codes, word for word" exit_codes_in_manual

# Every key that a verb prints is in the manual's part about it.
words=$(tr -cs 'a-z0-9_' '\n' < "$manual" | sort -u)
keys_in_manual()
{
  local key
  for key in $(jq -r '[paths | map(select(type == "string"))[]] | unique[]' "$TMPDIR/out"); do
    printf '%s\n' "$words" | grep -Fxq "$key" || { echo "key '$key' is not in the manual"; return 1; }
  done
}
write_cluster
for verb in help exit-codes 'config show' 'config check' 'tables create --print'; do
  # shellcheck disable=SC2086
  run ha-ctl -j $verb
  ok "$verb: its keys are in the manual" keys_in_manual
done

if command -v mandoc > /dev/null; then
  run mandoc -Tlint -W warning "$manual"
  is "mandoc has nothing against it" "$out$err" ""
fi

completion=$top_srcdir/contrib/bash-completion/ha-ctl
# completes WORD... RESULT: the last WORD is completed to RESULT.
completes()
{
  local words=("$@") want
  want=${words[-1]}
  unset 'words[-1]'
  COMP_WORDS=(ha-ctl "${words[@]}")
  COMP_CWORD=${#words[@]}
  COMPREPLY=()
  _ha_ctl
  is "completion of '${words[*]}'" "${COMPREPLY[*]}" "$want"
}
# shellcheck source=contrib/bash-completion/ha-ctl
. "$completion"
completes "" "$(jq -r '[.verbs[].verb | split(" ")[0]] | reduce .[] as $v ([]; if index($v) then . else . + [$v] end)
  | join(" ")' "$TMPDIR/help.json")"
completes loc "locations locate"
completes vip "" "show add del"
completes vip add "" public
completes -j reach --to "" "sip1 sip2"
completes vip add --inter --interface
completes locations --class st stranded

done_testing
