/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is said about a cluster file: every remark, with its line. */
#include "cm.h"

#include "cluster_text.h"

/* A file without remarks, of five lines; rows add to it from line 6 on. */
#define TOP   "name = voice\n"
#define DB    "database { hosts = db1 option_file = /etc/db.cnf schema = opensips }\n"
#define NODE1 "node sip1 { host = 192.0.2.11 socket public { listen = udp:198.51.100.11:5060 } }\n"
#define NODE2 "node sip2 { host = 192.0.2.12 socket public { listen = udp:198.51.100.12:5060 } }\n"
#define VIP   "vip edge { address = 198.51.100.10 sockets = udp:198.51.100.10:5060 }\n"
#define GOOD  TOP DB NODE1 NODE2 VIP
/* The same with sip2 given in the row, on line 5; sip1 with its listener and without. */
#define SIP2 TOP DB NODE1 VIP
#define BARE TOP DB "node sip1 { host = 192.0.2.11 }\n" VIP

struct row {
  const char *text;
  const char *remarks; /* "" = fine */
};

static void run(const struct row *rows, size_t n)
{
  for (size_t i = 0; i < n; i++) {
    struct oha_error err = OHA_ERROR_INIT;
    struct oha_cluster *k = NULL;
    struct remarks r;
    enum oha_rc rc = load_text(rows[i].text, strlen(rows[i].text), &r, &k, &err);
    const char *first = strchr(r.text, 'E') == r.text ? r.text : strstr(r.text, "\nE");

    if (strcmp(r.text, rows[i].remarks) != 0) {
      fprintf(stderr, "row %zu:\n%s\nexpected:\n%s\ngot:\n%s\n", i, rows[i].text, rows[i].remarks, r.text);
      fail();
    }
    if ((first != NULL) != (rc == OHA_E_CONFIG) || (rc == OHA_OK) != (k != NULL) || err.rc != rc)
      fail_msg("row %zu: %s, '%s'", i, oha_rc_name(rc), err.text);
    oha_cluster_free(k);
  }
}

static void syntax(void **state)
{
  static const struct row rows[] = {
    { GOOD, "" },
    { "",
      "E0 there is no node section\nW0 there is no database section: bindings can be neither looked at nor "
      "moved\nE1 name is missing" },
    { "# c\n// c\n/* c\n c */ " GOOD "# no newline at the end", "" },
    { "name = \"voice\"\r\n" DB NODE1 NODE2 VIP, "" },
    { "name = 'vo#ice'\n" DB NODE1 NODE2 VIP,
      "E1 name: must have 1 to 63 of A-Z a-z 0-9 . _ - and begin with a letter or digit" },
    { GOOD "/* never\nclosed\n", "E6 this comment is never closed: \"*/\" is missing" },
    { GOOD "\n\"quoted\" = 3\n", "E7 the name of an option or section expected, not quoted" },
    { GOOD "rewrite = \"auto\n", "E6 this string does not end on its line" },
    { GOOD "rewrite = 'auto\\n'\n",
      "E6 byte 0x5c in a string may only stand before the string's quote or another backslash" },
    { GOOD "rewrite = \"\tauto\"\n", "E6 byte 0x09 in a string is a control character" },
    { GOOD "rewrite = \"\xff\"\n", "E6 byte 0xff in a string is not UTF-8" },
    { GOOD "rewrite = auto\x01\n", "E6 byte 0x01 has no meaning here; a value that holds it goes in quotes" },
    { GOOD "rewrite = (auto)\n", "E6 byte 0x28 has no meaning here; a value that holds it goes in quotes" },
    { GOOD "fence_command += { a }\n",
      "E6 byte 0x2b has no meaning here; a value that holds it goes in quotes" },
    { GOOD "rewrite = ${POLICY}\n", "E6 \"${\" is refused: the environment has no say in a cluster file" },
    { GOOD "fence_command = { \"a${B}\" }\n",
      "E6 byte 0x24 begins \"${\", which is refused: the environment has no say in a cluster file" },
    { GOOD "# ${HOME} in a comment is nobody's business\n", "" },
    { GOOD "fence_command = { a, b,\n c }\nrewrite auto\nrewrite = never",
      "E8 '{' expected behind rewrite auto, or '=' between them" },
    { GOOD "rewrite = \n", "E6 a value is missing behind rewrite =" },
    { GOOD "fence_command = { a b }\nrewrite = = auto\n",
      "E6 ',' or '}' expected, not b\nE7 a value expected, not =" },
    { GOOD "fence_command = { a,\n", "E7 a value expected, not the end of the file" },
    { GOOD "thresholds {\n", "E6 section thresholds is never closed: '}' is missing" },
    { GOOD "}\nrewrite = \n}", "E6 '}' without a '{' before it\nE7 a value is missing behind rewrite =\nE8 "
                               "'}' without a '{' before it" },
    { GOOD "thresholds one two { probe_timeout = 1s }\nrewrite = \"x",
      "E6 '{' expected behind thresholds one, or '=' between them\nE7 this string does not end on its line" },
    { GOOD "rewrite = auto\nrewrite = never\n", "E7 rewrite is set twice; first on line 6" },
  };

  (void)state;
  run(rows, N_OF(rows));
}

static void names(void **state)
{
  static const struct row rows[] = {
    { GOOD "rewrit = auto\n", "E6 unknown name rewrit; did you mean rewrite?" },
    { GOOD "Thresholds { }\n", "E6 unknown name Thresholds; did you mean thresholds?" },
    { GOOD "listen = udp:192.0.2.1:5060\n", "E6 unknown name listen; it belongs into section socket" },
    { GOOD "thresholds { name = x }\n",
      "E6 unknown name name in section thresholds; it belongs outside all sections" },
    { GOOD "thresholds { xyzzy = 1s }\n",
      "E6 unknown name xyzzy in section thresholds; there are: probe_timeout, remote_timeout, fence_timeout, "
      "lease_ttl, arp_timeout, page_target" },
    { GOOD "engine native { xyzzy = 1 }\n",
      "E6 unknown name xyzzy in section engine; this section has no options" },
    { GOOD "a = 1\nb { c = { d } }\n",
      "E6 unknown name a; there are: name, contact_rewriting, rewrite, nat_flag, fence_command, engine, "
      "database, "
      "vip, node, witness, peer, thresholds, relay, dispatcher\nE7 unknown name b; there are: name, "
      "contact_rewriting, rewrite, nat_flag, fence_command, engine, database, vip, node, witness, "
      "peer, thresholds, relay, dispatcher" },
    { GOOD "node = x\n", "E6 node is a section: node { ... }, without '='" },
    { GOOD "rewrite { }\n", "E6 rewrite is an option: rewrite = ..." },
    { GOOD "rewrite = { auto }\n", "E6 rewrite takes one value, without braces" },
    { GOOD "witness { address = 192.0.2.1 }\n", "E6 section witness needs a name: witness \"NAME\" { ... }" },
    { GOOD "thresholds x { }\n", "E6 section thresholds takes no name, but has \"x\"" },
    { GOOD "thresholds { }\nthresholds { }\n", "E7 there is a section thresholds already, on line 6" },
    { GOOD "engine native { }\nengine command { }\n", "E7 there is a section engine already, on line 6" },
    { GOOD "witness a { address = 192.0.2.1 }\nwitness a { address = 192.0.2.2 }\n",
      "E7 there are two of witness \"a\"; the first is on line 6" },
    { GOOD "engine heartbeat { }\n", "E6 engine must be native, keepalived, pacemaker or command" },
    { GOOD "engine \"keepalived\" { instance = edge x { y = { z } } }\n",
      "N6 engine \"keepalived\" and its options are not used by this version: it moves VIPs by engine "
      "\"native\" "
      "alone" },
    { GOOD "relay mp1 { address = { a, b } more { of = it } }\ndispatcher { }\n",
      "N6 section relay \"mp1\" is not used by this version\nN7 section dispatcher \"\" is not used by this "
      "version" },
    { GOOD "peer carrier { address = \"udp:203.0.113.1:5060\" }\n", "" },
    { GOOD "peer carrier { }\n", "E6 peer \"carrier\": address is missing" },
    { GOOD "peer carrier { address = \"sctp:203.0.113.1:5060\" }\n",
      "E6 peer \"carrier\": address: only udp, tcp and tls can be probed" },
    { BARE "node \"-sip2\" { host = 192.0.2.12 }\n",
      "E5 node \"-sip2\": a name has 1 to 63 of A-Z a-z 0-9 . _ - and begins with a letter or digit" },
    { BARE "node \"a b\" { host = 192.0.2.12 }\n",
      "E5 node \"a b\": a name has 1 to 63 of A-Z a-z 0-9 . _ - and begins with a letter or digit" },
    { BARE
      "node \"0123456789012345678901234567890123456789012345678901234567890123\" { host = 192.0.2.12 }\n",
      "E5 node \"0123456789012345678901234567890123456789012345678901234567890123\": a name has 1 to 63 of "
      "A-Z a-z "
      "0-9 . _ - and begins with a letter or digit" },
  };

  (void)state;
  run(rows, N_OF(rows));
}

static void values(void **state)
{
  static const struct row rows[] = {
    { GOOD "contact_rewriting = maybe\nrewrite = always\n",
      "E6 contact_rewriting: \"maybe\": must be yes or no\nE7 rewrite: \"always\": must be auto, never or "
      "direct" },
    { GOOD "nat_flag = 0\n", "E6 nat_flag: must be a bit mask of 32 bits with one set, such as 64 or 0x40" },
    { GOOD "nat_flag = 0x1ffffffff\n",
      "E6 nat_flag: must be a bit mask of 32 bits with one set, such as 64 or 0x40" },
    { GOOD "nat_flag = \"NAT flag\"\n",
      "E6 nat_flag: must be the name of a branch flag, or a bit mask: 64 or 0x40" },
    { GOOD "fence_command = { }\n",
      "E6 fence_command: must name a program: { \"program\", \"argument\", ... }" },
    { GOOD "fence_command = \"\"\n",
      "E6 fence_command: must name a program: { \"program\", \"argument\", ... }" },
    { GOOD "thresholds { probe_timeout = 5 lease_ttl = 1s }\n",
      "E6 thresholds: probe_timeout: \"5\": must be a duration such as 250ms or 5s, from 10ms to 60s\n"
      "E6 thresholds: lease_ttl: \"1s\": must be a duration such as 250ms or 5s, from 2s to 600s" },
    { TOP NODE1 NODE2 VIP "database { }\n",
      "E5 database: hosts is missing\nE5 database: option_file is missing\nE5 database: schema is missing" },
    { TOP NODE1 NODE2 VIP
      "database { hosts = { } option_file = db.cnf schema = \"a`b\" table = \"\" group = g\n"
      "balancer = 2 use_domain = x connect_timeout = 0s\ncolumns { contact = \"a b\" } }\n",
      "E5 database: hosts: names no host\n"
      "E5 database: option_file: \"db.cnf\": must be a path that begins with / and has no ..\n"
      "E5 database: schema: \"a`b\": must have 1 to 64 of A-Z a-z 0-9 _ $ -\n"
      "E5 database: table: \"\": must have 1 to 64 of A-Z a-z 0-9 _ $ -\n"
      "E6 database: balancer: \"2\": must be yes or no\n"
      "E6 database: use_domain: \"x\": must be yes or no\n"
      "E6 database: connect_timeout: \"0s\": must be a duration such as 250ms or 5s, from 50ms to 60s\n"
      "E7 database columns: contact: \"a b\": must have 1 to 64 of A-Z a-z 0-9 _ $ -" },
    { TOP NODE1 NODE2 VIP
      "database { option_file = /a/../b schema = s hosts = {\ndb1, db1:3307,\n[2001:db8::1]:3306, "
      "2001:db8::1,\n"
      "unix:/run/m.sock, unix:m.sock,\ndb1:0, [db1]:1,\n[2001:db8::1], [2001:db8::1]x:1, \"a b\", \"\" } }\n",
      "E5 database: option_file: \"/a/../b\": must be a path that begins with / and has no ..\n"
      "E8 database: hosts: \"unix:m.sock\": must be HOST, HOST:PORT, [IPV6]:PORT or unix:/PATH\n"
      "E9 database: hosts: \"db1:0\": must be HOST, HOST:PORT, [IPV6]:PORT or unix:/PATH\n"
      "E9 database: hosts: \"[db1]:1\": must be HOST, HOST:PORT, [IPV6]:PORT or unix:/PATH\n"
      "E10 database: hosts: \"[2001:db8::1]x:1\": must be HOST, HOST:PORT, [IPV6]:PORT or unix:/PATH\n"
      "E10 database: hosts: \"a b\": must be HOST, HOST:PORT, [IPV6]:PORT or unix:/PATH\n"
      "E10 database: hosts: \"\": must be HOST, HOST:PORT, [IPV6]:PORT or unix:/PATH" },
    { BARE
      "node sip2 { host = sip2.example.net\npriority = 0\nremote_command = {}\ntime_zone = Europe/Atlantis\n"
      "working_mode = \"4\"\ninterface = \"eth0:1\"\nnetworks = {\n10.0.0.0/8, 10.0.0.1/8, x } }\n",
      "E5 node \"sip2\": host: \"sip2.example.net\": must be an IPv4 or IPv6 address (not a name: names need "
      "a DNS "
      "that still answers)\n"
      "E6 node \"sip2\": priority: \"0\": must be a number from 1 to 254\n"
      "E7 node \"sip2\": remote_command: must name a program: { \"program\", \"argument\", ... }\n"
      "W8 node \"sip2\": time_zone Europe/Atlantis, but node \"sip1\" has UTC: a location table with "
      "DATETIME columns "
      "will be refused\n"
      "E8 node \"sip2\": time zone 'Europe/Atlantis': /usr/share/zoneinfo/Europe/Atlantis: No such file or "
      "directory\n"
      "E9 node \"sip2\": working_mode: \"4\": must be sql-only, single-instance-sql-write-through, "
      "single-instance-sql-write-back, single-instance-no-db, full-sharing-cluster, "
      "full-sharing-cachedb-cluster or "
      "federation-cachedb-cluster\n"
      "E10 node \"sip2\": interface: \"eth0:1\": must be the name of a network interface: 1 to 15 bytes "
      "without / : "
      "and blanks\n"
      "E12 node \"sip2\": networks: network '10.0.0.1/8': bits behind the prefix are set\n"
      "E12 node \"sip2\": networks: network 'x': neither IPv4 nor IPv6" },
    { BARE "node sip2 { host = 192.0.2.12 mi = \"http://x/mi\" mi_option_file = mi.cnf\nclock = ntp }\n",
      "E5 node \"sip2\": mi_option_file: \"mi.cnf\": must be a path that begins with / and has no ..\nN6 "
      "node \"sip2\": clock is not used by this "
      "version" },
    { BARE "node sip2 { host = 192.0.2.12 time_zone = \"../../etc/passwd\" }\n",
      "W5 node \"sip2\": time_zone ../../etc/passwd, but node \"sip1\" has UTC: a location table with "
      "DATETIME columns "
      "will be refused\nE5 node \"sip2\": time zone '../../etc/passwd': must be a name of the time zone "
      "database, such as Europe/Berlin" },
    { BARE "node sip2 { socket public { } }\n",
      "E5 node \"sip2\": host is missing\nE5 node \"sip2\" socket \"public\": listen is missing" },
    { BARE "node sip2 { host = 0.0.0.0\nsocket public { listen = 198.51.100.12 }\nsocket b { listen = "
           "udp:name:5060 }\n"
           "socket c { listen = udp:224.0.0.1:5060 }\nsocket d { listen = msrp:198.51.100.12 }\n"
           "socket e { listen = sip:198.51.100.12 }\n}\n",
      "E5 node \"sip2\": host: \"0.0.0.0\": is not the address of one machine\n"
      "E6 node \"sip2\" socket \"public\": listen: \"198.51.100.12\": the protocol is missing: write it as "
      "udp:ADDRESS:PORT\n"
      "E7 node \"sip2\" socket \"b\": listen: \"udp:name:5060\": a listener needs an address, not a name\n"
      "E8 node \"sip2\" socket \"c\": listen: \"udp:224.0.0.1:5060\": a listener needs the address of one "
      "machine, not "
      "all or many\n"
      "E9 node \"sip2\" socket \"d\": listen: \"msrp:198.51.100.12\": the port is missing\n"
      "E10 node \"sip2\" socket \"e\": listen: socket 'sip:198.51.100.12': unknown protocol" },
    { SIP2 "node sip2 { host = 192.0.2.12 socket public { listen = udp:198.51.100.12\nadvertised = "
           "tcp:sip.example.net\n"
           "adoptable = 1\nclients_use = dns } }\n",
      "E6 node \"sip2\" socket \"public\": advertised: its protocol tcp is not the listener's, udp\n"
      "E7 node \"sip2\" socket \"public\": adoptable: \"1\": must be yes or no\n"
      "E8 node \"sip2\" socket \"public\": clients_use: \"dns\": must be name or address" },
    { SIP2 "node sip2 { host = 192.0.2.12 socket public { listen = udp:198.51.100.12 advertised = "
           "\"a:b:c:d\" } }\n",
      "E5 node \"sip2\" socket \"public\": advertised: socket 'a:b:c:d': too many colons (IPv6 belongs in "
      "brackets)" },
    { TOP DB NODE1 NODE2
      "vip edge { sockets = { } }\nvip b { address = 198.51.100.20/33 interface = \"\" }\n",
      "E5 vip \"edge\": address is missing\n"
      "W5 vip \"edge\": no sockets: bindings that came in through it will count as foreign\n"
      "E6 vip \"b\": address: \"198.51.100.20/33\": behind the / must stand a prefix length: 1 to 32, or to "
      "128 "
      "for IPv6\n"
      "E6 vip \"b\": interface: \"\": must be the name of a network interface: 1 to 15 bytes without / : and "
      "blanks\n"
      "W6 vip \"b\": no sockets: bindings that came in through it will count as foreign" },
    { GOOD "witness w { kind = phone }\n", "E6 witness \"w\": kind: \"phone\": must be host, gateway or "
                                           "carrier\nE6 witness \"w\": address is missing" },
  };

  (void)state;
  run(rows, N_OF(rows));
}

static void contradictions(void **state)
{
  static const struct row rows[] = {
    { SIP2 "node sip2 { host = 192.0.2.11\nsocket public { listen = udp:198.51.100.11:5060 } }\n",
      "E5 node \"sip2\": 192.0.2.11 is the address of node \"sip1\" on line 3 as well: an address belongs to "
      "one "
      "node\n"
      "E6 node \"sip2\" socket \"public\": 198.51.100.11 is the address of node \"sip1\" socket \"public\" "
      "on line 3 as "
      "well: an address belongs to one node" },
    { SIP2 "node sip2 { host = 198.51.100.10\nsocket public { listen = udp:198.51.100.10:5070 } }\n",
      "E5 node \"sip2\": 198.51.100.10 is the address of vip \"edge\" on line 4 as well: a VIP moves, a "
      "management "
      "host must not\n"
      "E6 node \"sip2\" socket \"public\": 198.51.100.10 is the address of vip \"edge\" on line 4 as well: a "
      "listener "
      "on a VIP belongs into the sockets of that vip" },
    { SIP2 "node sip2 { host = 192.0.2.12 socket public { listen = udp:198.51.100.12:5060 }\n"
           "socket b { listen = udp:198.51.100.12:5060 } }\n",
      "E6 node \"sip2\" socket \"b\": 198.51.100.12 is the address of node \"sip2\" socket \"public\" on "
      "line 5 as "
      "well: one listener, one role" },
    { GOOD "vip two { address = 198.51.100.10 sockets = udp:198.51.100.10:5070 }\n",
      "E6 vip \"two\": 198.51.100.10 is the address of vip \"edge\" on line 5 as well: one address, one "
      "VIP" },
    { TOP DB NODE1 NODE2
      "vip edge { address = 198.51.100.10 sockets = {\nudp:198.51.100.10,\nudp:198.51.100.9:5060,\n"
      "udp:198.51.100.10:5060 } }\n",
      "E7 vip \"edge\": sockets: udp:198.51.100.9:5060 is not on the VIP's address, 198.51.100.10\n"
      "E8 vip \"edge\": sockets: udp:198.51.100.10:5060 stands there twice" },
    { SIP2
      "node sip2 { host = 192.0.2.12 socket public { listen = udp:192.0.2.12:5060\nadoptable = yes } }\n",
      "E6 node \"sip2\" socket \"public\": adoptable: its address is the management host; give the service "
      "an address "
      "of its own" },
    { SIP2 "node sip2 { host = 192.0.2.12 socket public { listen = udp:198.51.100.12:5060 adoptable = yes }\n"
           "socket tls { listen = tls:198.51.100.12 } }\n",
      "W5 node \"sip2\" socket \"public\": adoptable: socket \"tls\" is on the same address and is not "
      "adoptable; an "
      "address is taken over as a whole\n"
      "W6 node \"sip2\" socket \"tls\": no other node has a socket of this role with tls on IPv4, so its "
      "bindings "
      "cannot be moved to another socket" },
    { SIP2 "node sip2 { host = 192.0.2.12\nsocket public { listen = udp:[2001:db8::12]:5060 } }\n",
      "W3 node \"sip1\" socket \"public\": no other node has a socket of this role with udp on IPv4, so its "
      "bindings "
      "cannot be moved to another socket\n"
      "W6 node \"sip2\" socket \"public\": no other node has a socket of this role with udp on IPv6, so its "
      "bindings "
      "cannot be moved to another socket" },
    { GOOD "witness sip1 { address = 192.0.2.31 }\nwitness b { address = 192.0.2.12 }\nwitness c { address = "
           "192.0.2.31 }\n",
      "E6 witness \"sip1\": there is a node of that name\n"
      "E7 witness \"b\": 192.0.2.12 is the address of node \"sip2\" on line 4 as well: a witness must be "
      "neither a node "
      "nor a VIP" },
    { TOP NODE1, "W0 there is one node: the service cannot move anywhere\n"
                 "W0 there is no database section: bindings can be neither looked at nor moved" },
  };

  (void)state;
  run(rows, N_OF(rows));
}

/* A file that is all faults ends in a remark, not in a flood. */
static void floods_end(void **state)
{
  static const char *const units[] = { "}\n", "= \n", "a {\n", "\"", "x = { ", "k { } ", "b = 1 c = 1\n" };
  static char text[1024 * 1024];

  (void)state;
  for (size_t i = 0; i < N_OF(units); i++) {
    struct oha_error err = OHA_ERROR_INIT;
    struct oha_cluster *k = NULL;
    size_t n = 0, unit = strlen(units[i]);

    for (; n + unit < sizeof(text); n += unit)
      memcpy(text + n, units[i], unit);
    assert_int_equal(oha__cluster_of_text(NULL, "f", text, n, NULL, NULL, NULL, &k, &err), OHA_E_CONFIG);
    assert_null(k);
  }
}

static void a_nul_is_no_text(void **state)
{
  struct oha_error err = OHA_ERROR_INIT;
  struct oha_cluster *k = NULL;
  struct remarks r;
  static const char text[] = TOP "\0" DB;

  (void)state;
  assert_int_equal(load_text(text, sizeof(text) - 1, &r, &k, &err), OHA_E_CONFIG);
  assert_string_equal(err.text, "f:2: byte 0x00 has no meaning here; a value that holds it goes in quotes");
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(syntax),         cmocka_unit_test(names),      cmocka_unit_test(values),
    cmocka_unit_test(contradictions), cmocka_unit_test(floods_end), cmocka_unit_test(a_nul_is_no_text),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
