# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash
#
# Kamailio 5.x as the lab's registrar and proxy: started by bed_node.

start_kamailio()
{
  local dir=$BED/host/$1
  need_programs kamailio
  kamailio_modules=$(find /usr/lib/*/kamailio/modules /usr/lib*/kamailio/modules -maxdepth 0 2> /dev/null |
    head -n 1)
  [ -e "$kamailio_modules/db_mysql.so" ] || bed_skip "no db_mysql module of Kamailio"
  kamailio_config "$1" > "$dir/server.cfg"
  rm -f "$dir/server.pid"
  spawn "$1" "$1" kamailio -f "$dir/server.cfg" -P "$dir/server.pid" -w "$dir" -Y "$dir" -m 32 -M 4 -DD -E
}

kamailio_config()
{
  local listener otherwise=
  [ "$bed_received" != always ] || otherwise=" else {
      fix_nated_register();
    }"
  cat << CFG
#!KAMAILIO
debug=2
log_stderror=yes
children=1
tcp_children=1
tcp_connect_timeout=2
tcp_connection_lifetime=3600
auto_aliases=no
dns=no
rev_dns=no
ip_free_bind=1
server_id=$(lan_number "$1")
server_signature=no
tcp_accept_no_cl=yes
CFG
  for listener in $(node_listeners "$1"); do
    echo "listen=udp:$listener:5060"
    echo "listen=tcp:$listener:5060"
  done
  echo "listen=tcp:$(own_address "$1"):8080"
  cat << CFG
mpath="$kamailio_modules/"
loadmodule "jsonrpcs.so"
loadmodule "kex.so"
loadmodule "corex.so"
loadmodule "tm.so"
loadmodule "tmx.so"
loadmodule "sl.so"
loadmodule "rr.so"
loadmodule "pv.so"
loadmodule "maxfwd.so"
loadmodule "textops.so"
loadmodule "siputils.so"
loadmodule "db_mysql.so"
loadmodule "usrloc.so"
loadmodule "registrar.so"
loadmodule "nathelper.so"
loadmodule "xhttp.so"
modparam("jsonrpcs", "transport", 7)
modparam("jsonrpcs", "fifo_name", "$BED/host/$1/rpc.fifo")
modparam("jsonrpcs", "dgram_socket", "$BED/host/$1/rpc.sock")
modparam("jsonrpcs", "dgram_workers", 1)
modparam("jsonrpcs", "fifo_reply_dir", "$BED/host/$1/")
modparam("xhttp", "url_skip", "^/RPC2")
modparam("tm", "fr_timer", 2000)
modparam("tm", "fr_inv_timer", 10000)
modparam("usrloc", "db_mode", 3)
modparam("usrloc", "db_url", "mysql://sip:lab-sip@$DB:3306/sip")
modparam("usrloc", "use_domain", 0)
modparam("usrloc", "timer_interval", 30)
modparam("usrloc", "nat_bflag", 6)
modparam("registrar", "method_filtering", 0)
modparam("registrar", "gruu_enabled", 0)
modparam("registrar|nathelper", "received_avp", "\$avp(RECEIVED)")
request_route {
  if (!mf_process_maxfwd_header("10")) {
    sl_send_reply("483", "Too Many Hops");
    exit;
  }
  if (is_method("OPTIONS") && \$rU == \$null) {
    sl_send_reply("200", "OK");
    exit;
  }
  if (is_method("CANCEL")) {
    if (t_check_trans()) t_relay();
    exit;
  }
  force_rport();
  if (is_method("REGISTER") && \$tU == "challenged") {
    sl_send_reply("401", "Unauthorized");
    exit;
  }
  if (is_method("REGISTER") && \$tU == "refused") {
    sl_send_reply("403", "Forbidden");
    exit;
  }
  if (is_method("REGISTER")) {
    if (nat_uac_test("19")) {
      fix_nated_register();
      setbflag(6);
    }$otherwise
    if (!save("location")) sl_reply_error();
    exit;
  }
  if (has_totag()) {
    if (loose_route()) {
      handle_ruri_alias();
      t_relay();
    } else if (is_method("ACK")) {
      if (t_check_trans()) t_relay();
    } else {
      sl_send_reply("404", "Not Here");
    }
    exit;
  }
  if (is_method("INVITE")) {
    record_route();
    t_on_reply("NAT");
  }
  if (!lookup("location")) {
    sl_send_reply("404", "Not Found");
    exit;
  }
  if (!t_relay()) sl_reply_error();
}
onreply_route[NAT] {
  if (nat_uac_test("1")) set_contact_alias();
}
event_route[xhttp:request] {
  jsonrpc_dispatch();
}
CFG
  [ ! -e "$kamailio_modules/xmlrpc.so" ] || cat << CFG
loadmodule "xmlrpc.so"
modparam("xmlrpc", "route", "XMLRPC")
modparam("xmlrpc", "url_match", "^/RPC2")
route[XMLRPC] {
  dispatch_rpc();
}
CFG
}
