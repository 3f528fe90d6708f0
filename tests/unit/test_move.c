/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Whose a stored socket will be after a move, and what replaces it. */
#include "cm.h"

#include "base/mem.h"
#include "cluster_text.h"

#include <opensips-ha/move.h>

/*
 * Three nodes. a and b advertise one name for "carrier"; b and c have no TCP listener; "admin" is on a alone;
 * a's "edge" advertises the VIP.
 */
static const char three[] =
    "name = voice contact_rewriting = no nat_flag = NAT\n"
    "vip v { address = 198.51.100.10 sockets = { udp:198.51.100.10:5060, \"tcp:198.51.100.10:5060\" } }\n"
    "node a { host = 192.0.2.1 networks = { 10.1.0.0/16 }\n"
    "  socket public { listen = udp:198.51.100.1:5060 adoptable = yes clients_use = address }\n"
    "  socket stream { listen = tcp:198.51.100.1:5060 adoptable = yes }\n"
    "  socket carrier { listen = udp:198.51.100.21:5080 advertised = sip.example.net }\n"
    "  socket edge { listen = udp:198.51.100.31:5060 advertised = 198.51.100.10 }\n"
    "  socket six { listen = \"udp:[2001:db8::1]:5060\" }\n"
    "  socket own { listen = udp:198.51.100.41:5060 advertised = a.example.net } }\n"
    "node b { host = 192.0.2.2 networks = { 10.2.0.0/16, 10.3.0.0/16 }\n"
    "  socket public { listen = udp:198.51.100.2:5060 }\n"
    "  socket carrier { listen = udp:198.51.100.22:5080 advertised = sip.example.net }\n"
    "  socket six { listen = udp:198.51.100.2:5066 }\n"
    "  socket own { listen = udp:198.51.100.42:5060 advertised = b.example.net } }\n"
    "node c { host = 192.0.2.3\n"
    "  socket public { listen = udp:198.51.100.3:5060 } }\n";

static struct oha_cluster *load_three(void)
{
  struct oha_error err = OHA_ERROR_INIT;
  struct oha_cluster *k = NULL;
  struct remarks r;

  if (load_text(three, sizeof(three) - 1, &r, &k, &err) != OHA_OK)
    fail_msg("%s", err.text);
  return k;
}

static struct oha_sock sock(const char *text)
{
  struct oha_sock s;

  if (oha_sock_parse(text, strlen(text), &s, NULL) != OHA_OK)
    fail_msg("%s", text);
  return s;
}

#define NOBODY (-1)

struct row {
  const char *stored;
  int fate;           /* NOBODY = no configured node's */
  const char *node;   /* whose it is; "" = a VIP's */
  const char *target; /* NULL = none */
};

static void run(const struct oha_move *m, const struct row *rows, size_t n)
{
  for (size_t i = 0; i < n; i++) {
    struct oha_sock stored = sock(rows[i].stored);
    const struct oha_move_socket *s = oha_move_socket_of(m, &stored);
    const struct oha_move_socket *t = oha_move_target_of(m, &stored);
    char target[OHA_SOCK_SIZE] = "none";

    if ((s == NULL ? NOBODY : (int)s->fate) != rows[i].fate ||
        (s != NULL && strcmp(s->node, rows[i].node) != 0))
      fail_msg("%s: %s of '%s'", rows[i].stored, s == NULL ? "nobody" : oha_socket_fate_name(s->fate),
               s == NULL ? "" : s->node);
    if (t != NULL) {
      assert_int_equal(t->fate, OHA_FATE_TARGET);
      assert_int_equal(
          oha_sock_format(t->has_advertised ? &t->advertised : &t->listen, target, sizeof(target), NULL),
          OHA_OK);
    }
    if (strcmp(target, rows[i].target == NULL ? "none" : rows[i].target) != 0)
      fail_msg("%s: target %s", rows[i].stored, target);
  }
}

static void a_dies(void **state)
{
  static const struct row rows[] = {
    { "udp:198.51.100.10:5060", OHA_FATE_SHARED, "", NULL },
    { "tcp:198.51.100.10:5060", OHA_FATE_SHARED, "", NULL },
    { "198.51.100.10", OHA_FATE_SHARED, "", NULL },
    { "udp:198.51.100.2:5060", OHA_FATE_TARGET, "b", NULL },
    { "udp:198.51.100.3:5060", OHA_FATE_OTHER, "c", NULL },
    { "udp:198.51.100.1:5060", OHA_FATE_SOURCE, "a", "udp:198.51.100.2:5060" },
    { "UDP:198.51.100.1", OHA_FATE_SOURCE, "a", "udp:198.51.100.2:5060" },
    { "198.51.100.1", OHA_FATE_SOURCE, "a", "udp:198.51.100.2:5060" }, /* no protocol: the first that fits */
    { "tcp:198.51.100.1:5060", OHA_FATE_SOURCE, "a", NULL },           /* b has no such role */
    { "udp:[2001:DB8:0:0:0:0:0:1]:5060", OHA_FATE_SOURCE, "a", NULL }, /* b's is IPv4 */
    { "udp:sip.example.net:5080", OHA_FATE_TARGET, "b", NULL },        /* both advertise it */
    { "udp:SIP.example.NET:5080", OHA_FATE_TARGET, "b", NULL },
    { "udp:198.51.100.21:5080", OHA_FATE_SOURCE, "a", "udp:sip.example.net:5080" }, /* the literal is a's */
    { "udp:198.51.100.31:5060", OHA_FATE_SOURCE, "a", NULL },
    { "udp:a.example.net:5060", OHA_FATE_SOURCE, "a", "udp:b.example.net:5060" },
    { "udp:b.example.net:5060", OHA_FATE_TARGET, "b", NULL },
    { "udp:198.51.100.1:5070", NOBODY, NULL, NULL },
    { "udp:203.0.113.1:5060", NOBODY, NULL, NULL },
    { "tls:198.51.100.1:5060", NOBODY, NULL, NULL },
    { "udp:other.example.net:5060", NOBODY, NULL, NULL },
  };
  struct oha_cluster *k = load_three();
  struct oha_move m;
  size_t n_vip_names = 0, n_shared_of_a = 0;
  struct oha_sock vip = sock("udp:198.51.100.10:5060"), name = sock("udp:sip.example.net:5080");

  (void)state;
  assert_int_equal(oha_move_init(k, "a", "b", false, &m, NULL), OHA_OK);
  assert_string_equal(m.from, "a");
  assert_string_equal(m.to, "b");
  assert_int_equal(m.contact_rewriting, OHA_NO);
  assert_string_equal(m.nat_flag, "NAT");
  assert_int_equal(m.n_networks, 2);
  assert_int_equal(m.networks[1].addr.bytes[1], 3);
  oha_cluster_free(k); /* nothing points into it */
  run(&m, rows, N_OF(rows));
  /* Whoever walks over A's sockets must not meet a name that stays. */
  for (size_t i = 0; i < m.n_sockets; i++) {
    const struct oha_move_socket *s = &m.sockets[i];

    if (s->fate == OHA_FATE_SOURCE && s->has_advertised) {
      n_vip_names += oha_sock_equal(&s->advertised, &vip) || oha_sock_equal(&s->advertised, &name);
      assert_string_equal(s->role, "own");
    }
    n_shared_of_a +=
        s->fate == OHA_FATE_SHARED && strcmp(s->node, "a") == 0 && oha_sock_equal(&s->listen, &name);
    if (strcmp(s->node, "a") == 0 && strcmp(s->role, "public") == 0)
      assert_true(s->clients_use_address);
  }
  assert_int_equal(n_vip_names, 0);
  assert_int_equal(n_shared_of_a, 1);
  oha_move_clear(&m);
  oha_move_clear(&m);
  oha_move_clear(NULL);
}

static void a_is_adopted(void **state)
{
  static const struct row rows[] = {
    { "udp:198.51.100.1:5060", OHA_FATE_ADOPTED, "a", NULL },
    { "tcp:198.51.100.1:5060", OHA_FATE_ADOPTED, "a", NULL },
    { "udp:198.51.100.21:5080", OHA_FATE_SOURCE, "a", "udp:sip.example.net:5080" },
    { "udp:198.51.100.10:5060", OHA_FATE_SHARED, "", NULL },
  };
  struct oha_cluster *k = load_three();
  struct oha_move m;

  (void)state;
  assert_int_equal(oha_move_init(k, "a", "b", true, &m, NULL), OHA_OK);
  run(&m, rows, N_OF(rows));
  oha_move_clear(&m);
  oha_cluster_free(k);
}

static void nobody_dies(void **state)
{
  static const struct row rows[] = {
    { "udp:198.51.100.1:5060", OHA_FATE_OTHER, "a", NULL },
    { "udp:198.51.100.2:5060", OHA_FATE_TARGET, "b", NULL },
    { "udp:198.51.100.3:5060", OHA_FATE_OTHER, "c", NULL },
    { "udp:sip.example.net:5080", OHA_FATE_TARGET, "b", NULL },
    { "udp:198.51.100.10:5060", OHA_FATE_SHARED, "", NULL },
    { "udp:203.0.113.1:5060", NOBODY, NULL, NULL },
  };
  static const char *const nobody[] = { NULL, "" };
  struct oha_cluster *k = load_three();

  (void)state;
  for (size_t i = 0; i < N_OF(nobody); i++) {
    struct oha_move m;

    assert_int_equal(oha_move_init(k, nobody[i], "b", true, &m, NULL), OHA_OK);
    assert_string_equal(m.from, "");
    run(&m, rows, N_OF(rows));
    oha_move_clear(&m);
  }
  oha_cluster_free(k);
}

/* A name that the dying node shares with a third one is that one's. */
static void c_shares_with_a(void **state)
{
  static const struct row rows[] = {
    { "udp:sip.example.net:5080", OHA_FATE_OTHER, "b", NULL },
    { "udp:198.51.100.21:5080", OHA_FATE_SOURCE, "a", NULL },
    { "udp:198.51.100.1:5060", OHA_FATE_SOURCE, "a", "udp:198.51.100.3:5060" },
  };
  struct oha_cluster *k = load_three();
  struct oha_move m;

  (void)state;
  assert_int_equal(oha_move_init(k, "a", "c", false, &m, NULL), OHA_OK);
  run(&m, rows, N_OF(rows));
  assert_int_equal(m.n_networks, 0);
  oha_move_clear(&m);
  oha_cluster_free(k);
}

static void refusals(void **state)
{
  static const struct {
    const char *from, *to;
    enum oha_rc rc;
  } rows[] = {
    { "a", "a", OHA_E_ARG },
    { "x", "b", OHA_E_NOTFOUND },
    { "a", "x", OHA_E_NOTFOUND },
    { NULL, "", OHA_E_NOTFOUND },
  };
  struct oha_cluster *k = load_three();

  (void)state;
  for (size_t i = 0; i < N_OF(rows); i++) {
    struct oha_error err = OHA_ERROR_INIT;
    struct oha_move m;

    assert_int_equal(oha_move_init(k, rows[i].from, rows[i].to, false, &m, &err), rows[i].rc);
    assert_int_equal(err.rc, rows[i].rc);
    assert_null(m.sockets);
  }
  for (long at = 0; at < 2; at++) {
    struct oha_move m;

    oha__mem_fail_at = at;
    assert_int_equal(oha_move_init(k, "a", "b", false, &m, NULL), OHA_E_NOMEM);
    oha__mem_fail_at = -1;
    assert_true(m.sockets == NULL && m.networks == NULL);
  }
  oha_cluster_free(k);
}

static void fate_names(void **state)
{
  (void)state;
  assert_string_equal(oha_socket_fate_name(OHA_FATE_TARGET), "target");
  assert_string_equal(oha_socket_fate_name(OHA_FATE_ADOPTED), "adopted");
  assert_string_equal(oha_socket_fate_name(OHA_FATE_OTHER), "other");
  assert_string_equal(oha_socket_fate_name((enum oha_socket_fate)9), "?");
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(a_dies),          cmocka_unit_test(a_is_adopted), cmocka_unit_test(nobody_dies),
    cmocka_unit_test(c_shares_with_a), cmocka_unit_test(refusals),     cmocka_unit_test(fate_names),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
