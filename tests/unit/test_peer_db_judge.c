/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is found when the hosts of a database are compared. */
#include "cm.h"

#include <opensips-ha/peer.h>

/* One letter for each host: see host_of(). */
static struct oha_db_health host_of(char c, int i)
{
  struct oha_db_health h = { .answered = true, .tried = true, .lag_us = -1, .flow_paused_ppm = -1 };
  struct oha_db_verdict *v = &h.verdict;

  h.connect_us = h.write_us = h.read_us = h.recv_queue = -1;
  snprintf(h.host, sizeof(h.host), "db%d", i);
  snprintf(v->hostname, sizeof(v->hostname), "host%d", i);
  v->server_id = (uint64_t)i;
  v->cluster_size = -1;
  v->galera = strchr("GPDSVUTF", c) != NULL;
  v->readable = v->writable = v->primary = v->galera;
  if (v->galera) {
    v->cluster_size = 3;
    snprintf(v->cluster_conf_id, sizeof(v->cluster_conf_id), "7");
    snprintf(v->cluster_uuid, sizeof(v->cluster_uuid), "aaaa");
  }
  switch (c) {
  case 'G': /* Galera, all well */
    break;
  case 'P': /* ... not Primary */
    v->primary = v->writable = h.tried = false;
    snprintf(v->why, sizeof(v->why), "wsrep_cluster_status is non-Primary");
    break;
  case 'D': /* ... desynced by hand */
    v->writable = h.tried = false;
    snprintf(v->why, sizeof(v->why), "wsrep_desync is ON");
    break;
  case 'S': /* ... says Primary, and the write does not finish: resumed from a stop */
    h.write_rc = OHA_E_UNKNOWN;
    break;
  case 'V': /* ... of another view */
    v->cluster_size = 1;
    snprintf(v->cluster_conf_id, sizeof(v->cluster_conf_id), "9");
    break;
  case 'U': /* ... of another cluster */
    snprintf(v->cluster_uuid, sizeof(v->cluster_uuid), "bbbb");
    break;
  case 'T': /* ... two members of three */
    v->cluster_size = 2;
    break;
  case 'F': /* ... held by flow control, with a queue */
    h.flow_paused_ppm = 123456;
    h.recv_queue = 65;
    break;
  case 'w': /* a single server, all well */
    v->readable = v->writable = true;
    break;
  case 'b': /* ... without our table */
    v->readable = v->writable = true;
    h.write_rc = OHA_E_SCHEMA;
    break;
  case 'r': /* a replica that follows */
  case 'l': /* ... that does not */
    v->readable = h.lag_tried = true;
    h.tried = false;
    h.lag_us = c == 'r' ? 900 : -1;
    break;
  case 'x': /* no answer */
  case 'p': /* wrong password */
    memset(v, 0, sizeof(*v));
    h.answered = h.tried = false;
    h.rc = c == 'x' ? OHA_E_UNAVAILABLE : OHA_E_DENIED;
    break;
  default:
    fail_msg("no host is called %c", c);
  }
  return h;
}

static void hosts_are_compared(void **state)
{
  static const struct {
    const char *hosts;
    bool balancer;
    enum oha_health worst;
    const char *found; /* ids in order */
  } rows[] = {
    { "GGG", false, OHA_HEALTH_OK, "" },
    { "w", false, OHA_HEALTH_OK, "" },
    { "wr", false, OHA_HEALTH_OK, "" },
    { "rw", false, OHA_HEALTH_OK, "" },
    { "wl", false, OHA_HEALTH_WARNING, "OHA-DB-LAG" },
    { "ww", false, OHA_HEALTH_CRITICAL, "OHA-DB-TWO-WRITERS" },
    { "rr", false, OHA_HEALTH_CRITICAL, "OHA-DB-NONE" },
    { "wx", false, OHA_HEALTH_WARNING, "OHA-DB-DOWN" },
    { "xx", false, OHA_HEALTH_CRITICAL, "OHA-DB-DOWN OHA-DB-DOWN" },
    { "p", false, OHA_HEALTH_UNKNOWN, "OHA-DB-DENIED" },
    { "b", false, OHA_HEALTH_WARNING, "OHA-DB-NO-BEAT" },
    { "GGP", false, OHA_HEALTH_WARNING, "OHA-DB-NO-QUORUM" },
    { "PPP", false, OHA_HEALTH_CRITICAL, "OHA-DB-NONE OHA-DB-NO-QUORUM OHA-DB-NO-QUORUM OHA-DB-NO-QUORUM" },
    { "GDG", false, OHA_HEALTH_WARNING, "OHA-DB-OUT" },
    { "GSG", false, OHA_HEALTH_WARNING, "OHA-DB-STALE" },
    { "S", false, OHA_HEALTH_CRITICAL, "OHA-DB-NONE OHA-DB-STALE" },
    { "GV", false, OHA_HEALTH_CRITICAL, "OHA-DB-SPLIT" },
    { "GU", false, OHA_HEALTH_CRITICAL, "OHA-DB-SPLIT" },
    { "Gw", false, OHA_HEALTH_CRITICAL, "OHA-DB-SPLIT" },
    { "TTx", false, OHA_HEALTH_WARNING, "OHA-DB-DOWN OHA-DB-MEMBERS" },
    { "TTx", true, OHA_HEALTH_WARNING, "OHA-DB-DOWN" },
    { "GFG", false, OHA_HEALTH_WARNING, "OHA-DB-FLOW OHA-DB-QUEUE" },
    { "", false, OHA_HEALTH_OK, "" },
  };

  (void)state;
  for (size_t i = 0; i < N_OF(rows); i++) {
    struct oha_db_health hosts[4];
    struct oha_finding found[8];
    char ids[256] = "";
    size_t n_hosts = strlen(rows[i].hosts), n, used = 0;
    enum oha_health worst;

    for (size_t k = 0; k < n_hosts; k++)
      hosts[k] = host_of(rows[i].hosts[k], (int)k + 1);
    worst = oha_db_health_judge(hosts, n_hosts, rows[i].balancer, found, N_OF(found), &n);
    for (size_t k = 0; k < n && k < N_OF(found); k++)
      used += (size_t)snprintf(ids + used, sizeof(ids) - used, "%s%s", k > 0 ? " " : "", found[k].id);
    if (worst != rows[i].worst || strcmp(ids, rows[i].found) != 0)
      fail_msg("hosts %s: %s, found '%s'", rows[i].hosts, oha_health_name(worst), ids);
    assert_int_equal(oha_db_health_judge(hosts, n_hosts, rows[i].balancer, NULL, 0, &n), worst);
  }
}

static void two_names_of_one_server_are_one(void **state)
{
  struct oha_db_health hosts[2] = { host_of('w', 1), host_of('w', 1) };
  size_t n;

  (void)state;
  assert_int_equal(oha_db_health_judge(hosts, 2, false, NULL, 0, &n), OHA_HEALTH_OK);
}

static void levels_have_an_order(void **state)
{
  (void)state;
  assert_int_equal(oha_health_worse(OHA_HEALTH_UNKNOWN, OHA_HEALTH_WARNING), OHA_HEALTH_UNKNOWN);
  assert_int_equal(oha_health_worse(OHA_HEALTH_UNKNOWN, OHA_HEALTH_CRITICAL), OHA_HEALTH_CRITICAL);
  assert_int_equal(oha_health_worse(OHA_HEALTH_OK, OHA_HEALTH_WARNING), OHA_HEALTH_WARNING);
  assert_string_equal(oha_health_name((enum oha_health)9), "?");
}

static void texts_say_what_to_do(void **state)
{
  struct oha_db_health hosts[2] = { host_of('G', 1), host_of('F', 2) };
  struct oha_finding found[2];
  size_t n;

  (void)state;
  oha_db_health_judge(hosts, 2, false, found, 2, &n);
  assert_int_equal(n, 2);
  assert_string_equal(found[0].text, "db2: writers are held 12.3 % of the time (wsrep_flow_control_paused)");
  assert_string_equal(found[0].subject, "db2");
  assert_true(found[0].hint[0] != '\0');
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(hosts_are_compared),
    cmocka_unit_test(two_names_of_one_server_are_one),
    cmocka_unit_test(levels_have_an_order),
    cmocka_unit_test(texts_say_what_to_do),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
