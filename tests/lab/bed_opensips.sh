# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash
#
# A real OpenSIPS, 2.4 to 4.0, as the lab's registrar and proxy: started by bed_node when OPENSIPS names it. Its
# configuration is written for its version.

# Sets opensips_program, opensips_modules and opensips_version (304 for 3.4.x).
find_opensips()
{
  local path dir prefix
  opensips_program=
  for path in "$OPENSIPS" "$OPENSIPS/sbin/opensips" "$OPENSIPS/opensips"; do
    [ -f "$path" ] && [ -x "$path" ] && opensips_program=$path && break
  done
  [ -n "$opensips_program" ] || bed_skip "no OpenSIPS at $OPENSIPS"
  prefix=$(dirname "$(dirname "$(realpath "$opensips_program")")")
  opensips_modules=
  for dir in "$prefix"/lib/opensips/modules "$prefix"/lib64/opensips/modules "$prefix"/lib/*/opensips/modules; do
    [ -e "$dir/usrloc.so" ] && opensips_modules=$dir && break
  done
  [ -n "$opensips_modules" ] || bed_skip "no modules of OpenSIPS under $prefix"
  [ -e "$opensips_modules/db_mysql.so" ] || bed_skip "no db_mysql module in $opensips_modules"
  opensips_version=$("$opensips_program" -V 2>&1 | sed -n 's/^version: opensips \([0-9]*\)\.\([0-9]*\).*/\1 \2/p' |
    while read -r major minor; do echo $((major * 100 + minor)); done)
  [ "${opensips_version:-0}" -ge 204 ] || bed_skip "the lab knows OpenSIPS 2.4 and later"
}

start_opensips()
{
  local dir=$BED/host/$1
  find_opensips
  opensips_config "$1" > "$dir/server.cfg"
  rm -f "$dir/server.pid"
  spawn "$1" "$1" "$opensips_program" -F -f "$dir/server.cfg" -P "$dir/server.pid" -w "$dir" -m 64 -M 8
}

# The lines that are not the same in all versions.
opensips_globals()
{
  local listener proto word=socket
  [ "$opensips_version" -ge 301 ] || word=listen
  if [ "$opensips_version" -ge 304 ]; then
    echo "stderror_enabled=yes"
    echo "syslog_enabled=no"
  else
    echo "log_stderror=yes"
  fi
  if [ "$opensips_version" -ge 300 ]; then
    echo "udp_workers=1"
    echo "tcp_workers=1"
  else
    echo "children=1"
    echo "tcp_children=1"
  fi
  for listener in $(node_listeners "$1"); do
    for proto in udp tcp; do
      echo "$word=$proto:$listener:5060"
    done
  done
}

opensips_config()
{
  local max=10 code_404=404 code_200=200 code_483=483 nated='"private-contact,diff-ip-src-via,diff-port-src-via"'
  local private='"private-contact"' nat_flag='"NAT"' otherwise=
  [ "$bed_received" != always ] || otherwise=" else {
      fix_nated_register();
    }"
  [ "$opensips_version" -ge 301 ] || nat_flag=NAT
  [ "$opensips_version" -ge 304 ] || nated=19 private=1
  [ "$opensips_version" -ge 300 ] || max='"10"' code_404='"404"' code_200='"200"' code_483='"483"' \
    nated='"19"' private='"1"'
  echo "log_level=2"
  echo "auto_aliases=no"
  echo "server_signature=no"
  opensips_globals "$1"
  echo "mpath=\"$opensips_modules/\""
  local module
  for module in proto_udp proto_tcp signaling sl tm rr maxfwd sipmsgops db_mysql usrloc registrar nathelper mi_fifo \
    mi_datagram; do
    echo "loadmodule \"$module.so\""
  done
  local by_http=mi_http
  [ "$opensips_version" -ge 300 ] || by_http=mi_json
  if [ -e "$opensips_modules/$by_http.so" ] && [ -e "$opensips_modules/httpd.so" ]; then
    printf 'loadmodule "%s.so"\n' httpd $by_http
    echo "modparam(\"httpd\", \"ip\", \"198.51.100.$(lan_number "$1")\")"
    echo 'modparam("httpd", "port", 8888)'
    if [ -n "$bed_mi_password" ] && [ "$opensips_version" -ge 400 ]; then
      echo 'modparam("httpd", "auth_username", "ha")'
      echo "modparam(\"httpd\", \"auth_password\", \"$bed_mi_password\")"
    fi
  fi
  cat << CFG
modparam("mi_fifo", "fifo_name", "$BED/host/$1/mi.fifo")
modparam("mi_fifo", "reply_dir", "$BED/host/$1/")
modparam("mi_datagram", "socket_name", "$BED/host/$1/mi.sock")
modparam("tm", "fr_timeout", 2)
modparam("tm", "fr_inv_timeout", 10)
modparam("usrloc", "working_mode_preset", "sql-only")
modparam("usrloc", "db_url", "mysql://sip:lab-sip@$DB/opensips")
modparam("usrloc", "use_domain", 0)
modparam("usrloc", "timer_interval", 30)
modparam("usrloc", "nat_bflag", "NAT")
modparam("registrar|nathelper", "received_avp", "\$avp(received)")
route {
  if (!mf_process_maxfwd_header($max)) {
    sl_send_reply($code_483, "Too Many Hops");
    exit;
  }
  if (is_method("OPTIONS") && \$rU == NULL) {
    sl_send_reply($code_200, "OK");
    exit;
  }
  if (is_method("CANCEL")) {
    if (t_check_trans()) t_relay();
    exit;
  }
  force_rport();
  if (is_method("REGISTER")) {
    if (nat_uac_test($nated)) {
      fix_nated_register();
      setbflag($nat_flag);
    }$otherwise
    if (!save("location")) sl_reply_error();
    exit;
  }
  if (\$tt != NULL) {
    if (loose_route()) {
      t_relay();
    } else if (is_method("ACK")) {
      if (t_check_trans()) t_relay();
    } else {
      sl_send_reply($code_404, "Not Here");
    }
    exit;
  }
  if (is_method("INVITE")) {
    record_route();
    t_on_reply("NAT");
  }
  if (!lookup("location")) {
    sl_send_reply($code_404, "Not Found");
    exit;
  }
  if (!t_relay()) sl_reply_error();
}
onreply_route[NAT] {
  if (nat_uac_test($private)) fix_nated_contact();
}
CFG
}
