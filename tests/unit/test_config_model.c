/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a cluster file becomes; files as files; which node this machine is. */
#include "cm.h"

#include "base/mem.h"
#include "config/cluster_hint.h"
#include "config/self.h"
#include "cluster_text.h"

#include <opensips-ha/time.h>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

static struct oha_cluster *load_good(const char *text, size_t n)
{
  struct oha_error err = OHA_ERROR_INIT;
  struct oha_cluster *k = NULL;
  struct remarks r;

  if (load_text(text, n, &r, &k, &err) != OHA_OK)
    fail_msg("%s\n%s", r.text, err.text);
  return k;
}

static void sock_is(const struct oha_sock *s, const char *text)
{
  char buf[OHA_SOCK_SIZE];

  assert_int_equal(oha_sock_format(s, buf, sizeof(buf), NULL), OHA_OK);
  assert_string_equal(buf, text);
}

static void addr_is(const struct oha_addr *a, const char *text)
{
  char buf[OHA_ADDR_SIZE];

  assert_string_equal(oha_addr_format(a, buf), text);
}

static void defaults(void **state)
{
  size_t n;
  char *text = slurp("tests/data/cluster/pair.conf", &n);
  struct oha_cluster *k = load_good(text, n);
  const struct oha_node *node = oha_cluster_node(k, "sip2");
  const char *zone;

  (void)state;
  assert_string_equal(k->path, "f");
  assert_int_equal(k->contact_rewriting, OHA_UNKNOWN);
  assert_int_equal(k->rewrite, OHA_REWRITE_AUTO);
  assert_int_equal(k->engine, OHA_ENGINE_NATIVE);
  assert_string_equal(k->nat_flag, "");
  assert_int_equal(k->nat_flag_mask, 0);
  assert_null(k->fence_command);
  assert_string_equal(k->database.group, "opensips-ha");
  assert_string_equal(k->database.table, "location");
  assert_string_equal(k->database.version_table, "version");
  assert_int_equal(k->database.n_columns, 0);
  assert_int_equal(k->database.use_domain, OHA_UNKNOWN);
  assert_false(k->database.balancer);
  assert_int_equal(k->database.connect_timeout_us, 2 * OHA_US_PER_S);
  assert_int_equal(k->database.read_timeout_us, 10 * OHA_US_PER_S);
  assert_int_equal(k->database.write_timeout_us, 10 * OHA_US_PER_S);
  assert_int_equal(k->thresholds.probe_timeout_us, OHA_US_PER_S);
  assert_int_equal(k->thresholds.remote_timeout_us, 5 * OHA_US_PER_S);
  assert_int_equal(k->thresholds.fence_timeout_us, 30 * OHA_US_PER_S);
  assert_int_equal(k->thresholds.lease_ttl_us, 15 * OHA_US_PER_S);
  assert_int_equal(k->thresholds.arp_timeout_us, 300 * OHA_US_PER_MS);
  assert_int_equal(k->thresholds.page_target_us, 0);
  assert_int_equal(k->vips[0].prefix_bits, 24);
  assert_string_equal(k->vips[0].interface_, "");
  assert_non_null(node);
  assert_int_equal(node->priority, 100);
  assert_int_equal(node->working_mode, OHA_MODE_SQL_ONLY);
  assert_string_equal(node->mi, "");
  assert_string_equal(node->clock, "");
  assert_string_equal(node->interface_, "");
  assert_false(node->sockets[0].adoptable || node->sockets[0].clients_use_address ||
               node->sockets[0].has_advertised);
  assert_int_equal(k->n_witnesses, 0);
  assert_int_equal(oha_cluster_time_zone(k, &zone, NULL), OHA_OK);
  assert_string_equal(zone, "UTC");
  assert_null(oha_cluster_node(k, "sip3"));
  assert_null(oha_cluster_node(k, NULL));
  oha_cluster_free(k);
  oha_cluster_free(NULL);
}

static void the_example(void **state)
{
  size_t n;
  char *text = slurp("contrib/opensips-ha.conf.example", &n);
  struct oha_cluster *k = load_good(text, n);
  const struct oha_node *sip1 = &k->nodes[0];

  (void)state;
  assert_string_equal(k->name, "voice");
  assert_int_equal(k->contact_rewriting, OHA_NO);
  assert_string_equal(k->nat_flag, "NAT");
  assert_string_equal(k->fence_command[0], "/usr/local/sbin/power-off");
  assert_string_equal(k->fence_command[1], "--wait");
  assert_null(k->fence_command[2]);
  assert_int_equal(k->database.n_hosts, 3);
  assert_string_equal(k->database.hosts[2], "192.0.2.23");
  assert_string_equal(k->database.option_file, "/etc/opensips-ha/database.cnf");
  assert_int_equal(k->n_vips, 1);
  assert_string_equal(k->vips[0].name, "edge");
  assert_string_equal(k->vips[0].interface_, "eth1");
  addr_is(&k->vips[0].addr, "198.51.100.10");
  assert_int_equal(k->vips[0].n_sockets, 2);
  sock_is(&k->vips[0].sockets[1], "tcp:198.51.100.10:5060");
  assert_int_equal(k->n_nodes, 2);
  assert_int_equal(sip1->priority, 150);
  addr_is(&sip1->host, "192.0.2.11");
  assert_int_equal(sip1->n_networks, 1);
  assert_int_equal(sip1->networks[0].prefix_bits, 16);
  assert_int_equal(sip1->n_sockets, 2);
  assert_string_equal(sip1->sockets[0].role, "public");
  assert_true(sip1->sockets[0].adoptable);
  assert_true(sip1->sockets[1].has_advertised);
  sock_is(&sip1->sockets[1].listen, "udp:198.51.100.13:5080");
  sock_is(&sip1->sockets[1].advertised, "udp:sip.example.net:5080"); /* the rest is the listener's */
  assert_string_equal(sip1->remote_command[0], "ssh");
  assert_null(sip1->remote_command[6]);
  assert_int_equal(k->n_witnesses, 1);
  assert_string_equal(k->witnesses[0].kind, "gateway");
  oha_cluster_free(k);
}

/* The next literal block of a man page behind *at that begins with `name =`, as a reader sees it. */
static void man_block(const char **at, char *out, size_t size)
{
  static const char begin[] = ".Bd -literal -offset indent\nname =";
  const char *p = strstr(*at, begin), *end;
  size_t n = 0;

  assert_non_null(p);
  p += sizeof(begin) - sizeof("name =");
  end = strstr(p, ".Ed\n");
  assert_non_null(end);
  for (; p < end && n + 1 < size; p++) {
    if (*p == '\\') /* only \- and \e are used */
      p++;
    out[n++] = *p == 'e' && p[-1] == '\\' ? '\\' : *p;
  }
  out[n] = '\0';
  *at = end;
}

/* Without comment lines and empty ones. */
static void strip(char *text)
{
  char *to = text;

  for (char *line = text, *next; *line != '\0'; line = next) {
    size_t n = strcspn(line, "\n"), indent = strspn(line, " ");

    next = line + n + (line[n] == '\n');
    if (n == indent || line[indent] == '#')
      continue;
    memmove(to, line, (size_t)(next - line));
    to += next - line;
  }
  *to = '\0';
}

static void the_man_page_has_the_examples(void **state)
{
  static char page[65536], block[16384];
  const char *at = page;
  size_t n;
  char *text = slurp("man/opensips-ha.conf.5", &n);

  (void)state;
  memcpy(page, text, n + 1);
  man_block(&at, block, sizeof(block));
  assert_string_equal(block, slurp("tests/data/cluster/pair.conf", &n));
  man_block(&at, block, sizeof(block));
  text = slurp("contrib/opensips-ha.conf.example", &n);
  strip(text);
  assert_string_equal(block, text);
}

static void every_option(void **state)
{
  static const char text[] =
      "name = voice rewrite = never nat_flag = 0x40 contact_rewriting = yes\n"
      "database { hosts = { \"[2001:db8::1]:3306\", unix:/run/m.sock } balancer = on option_file = /a group "
      "= g\n"
      "schema = s table = loc version_table = ver use_domain = no read_timeout = 1s write_timeout = 2s\n"
      "columns { contact = contact_uri user_agent = ua } }\n"
      "thresholds { probe_timeout = 250ms page_target = 20ms }\n"
      "vip \"v6\" { address = \"2001:db8::10/64\" sockets = { \"tls:[2001:db8::10]\" } }\n"
      "node a { host = 2001:db8::1 time_zone = Europe/Berlin working_mode = \"1\" priority = 254\n"
      "  socket pub { listen = WSS:198.51.100.1 clients_use = address advertised = \"203.0.113.9:8443\" } }\n"
      "node b { host = 192.0.2.2 working_mode = full-sharing-cluster\n"
      "  socket pub { listen = wss:198.51.100.2:443 } }\n";
  struct oha_cluster *k = load_good(text, sizeof(text) - 1);
  struct oha_error err = OHA_ERROR_INIT;
  const char *zone = "x";

  (void)state;
  assert_int_equal(k->rewrite, OHA_REWRITE_NEVER);
  assert_int_equal(k->nat_flag_mask, 64);
  assert_string_equal(k->nat_flag, "");
  assert_int_equal(k->contact_rewriting, OHA_YES);
  assert_true(k->database.balancer);
  assert_string_equal(k->database.hosts[0], "[2001:db8::1]:3306");
  assert_string_equal(k->database.group, "g");
  assert_string_equal(k->database.table, "loc");
  assert_string_equal(k->database.version_table, "ver");
  assert_int_equal(k->database.use_domain, OHA_NO);
  assert_int_equal(k->database.n_columns, 2);
  assert_string_equal(k->database.column_keys[1], "user_agent");
  assert_string_equal(k->database.column_names[1], "ua");
  assert_int_equal(k->database.write_timeout_us, 2 * OHA_US_PER_S);
  assert_int_equal(k->thresholds.probe_timeout_us, 250 * OHA_US_PER_MS);
  assert_int_equal(k->thresholds.page_target_us, 20 * OHA_US_PER_MS);
  assert_int_equal(k->vips[0].prefix_bits, 64);
  sock_is(&k->vips[0].sockets[0], "tls:[2001:DB8:0:0:0:0:0:10]:5061");
  assert_int_equal(k->nodes[0].working_mode, OHA_MODE_WRITE_THROUGH);
  assert_int_equal(k->nodes[1].working_mode, OHA_MODE_FULL_SHARING);
  sock_is(&k->nodes[0].sockets[0].listen, "wss:198.51.100.1:443");
  sock_is(&k->nodes[0].sockets[0].advertised, "wss:203.0.113.9:8443");
  assert_true(k->nodes[0].sockets[0].clients_use_address);
  assert_int_equal(oha_cluster_time_zone(k, &zone, &err), OHA_E_REFUSED);
  assert_null(zone);
  assert_non_null(strstr(err.text, "Europe/Berlin"));
  oha_cluster_free(k);
}

static void words(void **state)
{
  (void)state;
  assert_string_equal(oha_engine_name(OHA_ENGINE_PACEMAKER), "pacemaker");
  assert_string_equal(oha_engine_name((enum oha_engine_kind)9), "?");
  assert_string_equal(oha_working_mode_name(OHA_MODE_WRITE_BACK), "single-instance-sql-write-back");
  assert_string_equal(oha_rewrite_policy_name(OHA_REWRITE_DIRECT), "direct");
  assert_string_equal(oha_answer_name(OHA_UNKNOWN), "unknown");
  assert_string_equal(oha_answer_name(OHA_YES), "yes");
}

static void hints(void **state)
{
  static const char *const names[] = { "listen", "advertised", "mi", "remote_command" };
  static const struct {
    const char *word, *meant;
  } rows[] = {
    { "listne", "listen" },
    { "LISTEN", "listen" },
    { "advertized", "advertised" },
    { "im", "mi" },
    { "xy", NULL },
    { "remotecommand", "remote_command" },
    { "adoptable", NULL },
    { "", NULL },
    { "m", "mi" },
    { "remote_cmmnd", "remote_command" },
    { "a_name_that_is_far_longer_than_any_option_could_ever_be", NULL },
  };

  (void)state;
  for (size_t i = 0; i < N_OF(rows); i++) {
    const char *meant = oha__hint(rows[i].word, names, N_OF(names));

    if (meant != rows[i].meant &&
        (meant == NULL || rows[i].meant == NULL || strcmp(meant, rows[i].meant) != 0))
      fail_msg("%s: %s", rows[i].word, meant == NULL ? "no hint" : meant);
  }
}

/* Each allocation fails once: no memory, nothing lost, nothing half given. */
static void out_of_memory(void **state)
{
  size_t n;
  char *text = slurp("contrib/opensips-ha.conf.example", &n);
  static const char faulty[] = "name = voice\nnode a { host = x }\nrelay b { }\n";
  enum oha_rc rc = OHA_E_NOMEM;
  long at;

  (void)state;
  for (at = 0; at < 5000 && rc != OHA_OK; at++) {
    struct oha_error err = OHA_ERROR_INIT;
    struct oha_cluster *k = NULL;
    struct remarks r;

    oha__mem_fail_at = at;
    rc = load_text(text, n, &r, &k, &err);
    oha__mem_fail_at = -1;
    if (rc != OHA_OK && (rc != OHA_E_NOMEM || k != NULL || err.rc != rc))
      fail_msg("allocation %ld: %s, '%s'\n%s", at, oha_rc_name(rc), err.text, r.text);
    oha_cluster_free(k);
  }
  assert_in_range(at, 50, 4999);
  for (at = 0; at < 5000 && rc != OHA_E_CONFIG; at++) {
    struct oha_error err = OHA_ERROR_INIT;
    struct oha_cluster *k = NULL;
    struct remarks r;

    oha__mem_fail_at = at;
    rc = load_text(faulty, sizeof(faulty) - 1, &r, &k, &err);
    oha__mem_fail_at = -1;
    assert_true(k == NULL && err.rc == rc && (rc == OHA_E_NOMEM || rc == OHA_E_CONFIG));
  }
  assert_in_range(at, 10, 4999);
}

static enum oha_rc load_file(const char *path, struct oha_error *err)
{
  struct oha_cluster *k = NULL;
  enum oha_rc rc;

  oha_error_clear(err);
  rc = oha_cluster_load(NULL, path, NULL, NULL, &k, err);
  assert_true((rc == OHA_OK) == (k != NULL));
  if (k != NULL)
    assert_string_equal(k->path, path);
  oha_cluster_free(k);
  return rc;
}

static void files(void **state)
{
  char dir[] = "/tmp/oha-test-config-XXXXXX", path[64], fifo[64], missing[64];
  struct oha_error err = OHA_ERROR_INIT;
  size_t n;
  char *text = slurp("tests/data/cluster/pair.conf", &n);
  int fd;

  (void)state;
  assert_non_null(mkdtemp(dir));
  snprintf(path, sizeof(path), "%s/f", dir);
  snprintf(fifo, sizeof(fifo), "%s/fifo", dir);
  snprintf(missing, sizeof(missing), "%s/none", dir);
  fd = open(path, O_WRONLY | O_CREAT | O_EXCL, 0600);
  assert_int_equal(write(fd, text, n), n);
  assert_int_equal(load_file(path, &err), OHA_OK);
  assert_int_equal(load_file(missing, &err), OHA_E_NOTFOUND);
  assert_int_equal(load_file(dir, &err), OHA_E_CONFIG);
  assert_non_null(strstr(err.text, "no regular file"));
  assert_int_equal(mkfifo(fifo, 0600), 0);
  assert_int_equal(load_file(fifo, &err), OHA_E_CONFIG); /* and does not wait for a writer */
  assert_int_equal(ftruncate(fd, 1024 * 1024 + 1), 0);
  assert_int_equal(load_file(path, &err), OHA_E_CONFIG);
  assert_non_null(strstr(err.text, "more than any cluster file"));
  assert_int_equal(chmod(path, 0), 0);
  if (geteuid() != 0)
    assert_int_equal(load_file(path, &err), OHA_E_DENIED);
  close(fd);
  unlink(path);
  unlink(fifo);
  rmdir(dir);
}

static void others_may_write(void **state)
{
  struct stat st = { .st_mode = S_IFREG | 0664, .st_uid = geteuid() };
  struct remarks r = { .n = 0 };
  struct oha_cluster *k = NULL;
  size_t n;
  char *text = slurp("tests/data/cluster/pair.conf", &n);

  (void)state;
  assert_int_equal(oha__cluster_of_text(NULL, "f", text, n, &st, note_remark, &r, &k, NULL), OHA_OK);
  assert_string_equal(r.text, "W0 mode 0664: others than its owner can write to this file, and so choose the "
                              "programs that it runs; chmod go-w");
  oha_cluster_free(k);
  st.st_mode = S_IFREG | 0640;
  st.st_uid = geteuid() + 1;
  r.n = 0;
  assert_int_equal(oha__cluster_of_text(NULL, "f", text, n, &st, note_remark, &r, &k, NULL), OHA_OK);
  assert_non_null(strstr(r.text, "is neither root nor the user that runs this"));
  oha_cluster_free(k);
}

static void long_paths_keep_their_tail(void **state)
{
  char path[600];
  struct oha_error err = OHA_ERROR_INIT;
  struct oha_cluster *k = NULL;

  (void)state;
  memset(path, 'd', sizeof(path));
  path[0] = '/';
  memcpy(path + sizeof(path) - 8, "/x.conf", 8);
  assert_int_equal(oha__cluster_of_text(NULL, path, "x", 1, NULL, NULL, NULL, &k, &err), OHA_E_CONFIG);
  assert_non_null(strstr(err.text, "/x.conf:1: '=' or '{' expected behind x"));
  assert_int_equal(strncmp(err.text, "...", 3), 0);
}

static void self(void **state)
{
  size_t n;
  char *text = slurp("tests/data/cluster/pair.conf", &n);
  struct oha_cluster *k = load_good(text, n);
  struct oha_addr addrs[3] = { { 4, { 127, 0, 0, 1 } }, { 4, { 192, 0, 2, 12 } }, { 4, { 192, 0, 2, 11 } } };
  struct oha_error err = OHA_ERROR_INIT;
  const struct oha_node *node;

  (void)state;
  assert_int_equal(oha__self_of(k, addrs, 1, &node, &err), OHA_OK);
  assert_null(node);
  assert_int_equal(oha__self_of(k, addrs, 2, &node, &err), OHA_OK);
  assert_string_equal(node->name, "sip2");
  assert_int_equal(oha__self_of(k, addrs, 3, &node, &err), OHA_E_CONFIG);
  assert_null(node);
  oha_error_clear(&err);
  assert_int_equal(oha_cluster_self(k, "sip1", &node, &err), OHA_OK);
  assert_string_equal(node->name, "sip1");
  assert_int_equal(oha_cluster_self(k, "sip3", &node, &err), OHA_E_NOTFOUND);
  assert_null(node);
  oha_cluster_free(k);
}

static void self_by_the_loopback(void **state)
{
  static const char text[] = "name = v\nnode here { host = 127.0.0.1 }\nnode there { host = 192.0.2.1 }\n";
  struct oha_cluster *k = load_good(text, sizeof(text) - 1);
  const struct oha_node *node = NULL;
  enum oha_rc rc = oha_cluster_self(k, NULL, &node, NULL);

  (void)state;
  assert_int_equal(rc, OHA_OK);
  if (node != NULL) /* a namespace may have its loopback down */
    assert_string_equal(node->name, "here");
  oha_cluster_free(k);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(defaults),
    cmocka_unit_test(the_example),
    cmocka_unit_test(the_man_page_has_the_examples),
    cmocka_unit_test(every_option),
    cmocka_unit_test(words),
    cmocka_unit_test(hints),
    cmocka_unit_test(out_of_memory),
    cmocka_unit_test(files),
    cmocka_unit_test(others_may_write),
    cmocka_unit_test(long_paths_keep_their_tail),
    cmocka_unit_test(self),
    cmocka_unit_test(self_by_the_loopback),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
