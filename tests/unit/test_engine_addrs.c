/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Choosing interfaces, on a made-up machine. */
#include "cm.h"

#include "base/mem.h"
#include "engine/native/addrs.h"
#include "engine/native/promote.h"

#include <linux/if.h>
#include <linux/if_addr.h>

static struct oha_addr addr(const char *text)
{
  struct oha_addr a;

  if (oha_addr_parse(text, strlen(text), &a, NULL) != OHA_OK)
    fail_msg("bad address in the test: %s", text);
  return a;
}

static struct oha__link links[] = {
  { .index = 1, .name = "lo", .flags = IFF_UP | IFF_LOWER_UP },
  { .index = 2, .name = "eth0", .flags = IFF_UP | IFF_LOWER_UP, .speaks_arp = true },
  { .index = 3, .name = "eth1", .flags = IFF_UP, .speaks_arp = true }, /* no carrier */
  { .index = 4, .name = "fifteen-letters", .flags = IFF_UP | IFF_LOWER_UP },
};

static struct oha__link_addr at(int link_index, const char *text, uint8_t prefix_bits, uint8_t flags)
{
  struct oha__link_addr a = { .link_index = link_index, .flags = flags, .peer = addr(text) };

  a.holding.addr = a.peer;
  a.holding.prefix_bits = prefix_bits;
  a.holding.link_up = oha__link_is_up(&links[link_index - 1]);
  memcpy(a.holding.interface_, links[link_index - 1].name, sizeof(a.holding.interface_));
  return a;
}

static void networks_contain(void **state)
{
  static const struct {
    const char *a, *b;
    unsigned prefix_bits;
    bool in;
  } rows[] = {
    { "10.0.0.1", "10.0.0.255", 24, true },      { "10.0.0.1", "10.0.1.1", 24, false },
    { "10.0.0.1", "10.0.1.1", 23, true },        { "10.0.0.1", "10.0.0.1", 32, true },
    { "10.0.0.1", "10.0.0.0", 32, false },       { "10.0.0.1", "192.168.0.1", 0, true },
    { "2001:db8::1", "2001:db8::f", 64, true },  { "2001:db8::1", "2001:db8:0:1::1", 64, false },
    { "2001:db8::1", "2001:db8::1", 128, true }, { "2001:db8::1", "2001:db8::3", 127, false },
    { "10.0.0.1", "2001:db8::1", 0, false },
  };

  (void)state;
  for (size_t i = 0; i < N_OF(rows); i++) {
    struct oha_addr a = addr(rows[i].a), b = addr(rows[i].b);

    if (oha__addr_in_net(&a, &b, rows[i].prefix_bits) != rows[i].in)
      fail_msg("%s, %s, %u bits", rows[i].a, rows[i].b, rows[i].prefix_bits);
  }
}

static void interfaces_are_picked(void **state)
{
  struct oha__link_addr list[] = {
    at(1, "127.0.0.1", 8, 0), at(3, "10.0.0.2", 24, 0), at(2, "10.0.0.1", 24, 0), at(2, "10.0.9.1", 16, 0),
    at(4, "10.0.8.1", 23, 0), at(2, "fe80::1", 64, 0),  at(4, "fe80::2", 64, 0),  at(2, "2001:db8::1", 64, 0),
  };
  struct oha__addrs addrs = { .links = links, .n_links = N_OF(links), .addrs = list, .n_addrs = N_OF(list) };
  static const struct {
    const char *addr, *interface_;
    uint8_t prefix_bits;
    enum oha_rc rc;
    const char *want;
  } rows[] = {
    { "10.0.0.100", "", 0, OHA_OK, "eth0" },            /* up before down */
    { "10.0.9.100", "", 0, OHA_OK, "fifteen-letters" }, /* longest prefix */
    { "10.0.3.100", "", 32, OHA_OK, "eth0" },
    { "10.0.3.100", "eth1", 32, OHA_OK, "eth1" },
    { "10.0.3.100", "eth", 32, OHA_E_NOTFOUND, NULL },
    { "10.0.3.100", "eth01", 32, OHA_E_NOTFOUND, NULL },
    { "10.0.3.100", "fifteen-letters", 32, OHA_OK, "fifteen-letters" },
    { "192.0.2.1", "", 0, OHA_E_NOTFOUND, NULL },
    { "2001:db8::9", "", 128, OHA_OK, "eth0" },
    { "fe80::9", "", 128, OHA_E_NOTFOUND, NULL },
    { "fe80::9", "eth0", 128, OHA_OK, "eth0" },
    { "10.0.0.100", "", 33, OHA_E_ARG, NULL },
    { "2001:db8::9", "", 129, OHA_E_ARG, NULL },
  };

  (void)state;
  for (size_t i = 0; i < N_OF(rows); i++) {
    struct oha_vip_spec spec = { .addr = addr(rows[i].addr), .prefix_bits = rows[i].prefix_bits };
    const struct oha__link *link = links;
    struct oha_error err = OHA_ERROR_INIT;
    enum oha_rc rc;

    snprintf(spec.interface_, sizeof(spec.interface_), "%s", rows[i].interface_);
    rc = oha__addrs_pick(&addrs, &spec, &link, &err);
    if (rc != rows[i].rc || err.rc != rc || (link == NULL) != (rows[i].want == NULL) ||
        (link != NULL && strcmp(link->name, rows[i].want) != 0))
      fail_msg("%s '%s': %s, %s, '%s'", rows[i].addr, rows[i].interface_, oha_rc_name(rc),
               link == NULL ? "-" : link->name, err.text);
  }
}

static void no_address_is_an_error(void **state)
{
  struct oha_vip_spec spec = { .prefix_bits = 32 };

  (void)state;
  assert_int_equal(oha__vip_spec_check(&spec, NULL), OHA_E_ARG);
}

static void secondaries_are_seen(void **state)
{
  struct oha__link_addr list[] = {
    at(2, "10.0.0.1", 24, 0),    at(2, "10.0.0.7", 24, IFA_F_SECONDARY),
    at(2, "10.0.0.8", 32, 0),    at(2, "10.0.1.1", 24, 0),
    at(4, "10.0.2.1", 24, 0),    at(2, "10.0.2.7", 24, IFA_F_SECONDARY),
    at(2, "2001:db8::1", 64, 0),
  };
  struct oha__addrs addrs = { .links = links, .n_links = N_OF(links), .addrs = list, .n_addrs = N_OF(list) };

  (void)state;
  for (size_t i = 0; i < N_OF(list); i++)
    if (oha__promote_is_needed(&addrs, &list[i]) != (i == 0))
      fail_msg("row %zu", i);
  links[1].promotes_secondaries = true;
  assert_false(oha__promote_is_needed(&addrs, &list[0]));
  links[1].promotes_secondaries = false;
}

static enum oha_rc count_one(void *arg, const struct oha_vip_holding *holding)
{
  (void)holding;
  ++*(size_t *)arg;
  return OHA_OK;
}

/* On the machine at hand, whatever it has; a sandbox without netlink sockets ends it. */
static void memory_runs_out(void **state)
{
  enum oha_rc rc = OHA_E_NOMEM;
  struct oha_ctx *ctx = NULL;

  (void)state;
  assert_int_equal(oha_ctx_new(NULL, &ctx, NULL), OHA_OK);
  for (long n = 0; n < 1000 && rc == OHA_E_NOMEM; n++) {
    struct oha_error err = OHA_ERROR_INIT;
    size_t n_seen = 0;

    oha__mem_fail_at = n;
    rc = oha_addrs_each(ctx, count_one, &n_seen, &err);
    oha__mem_fail_at = -1;
    assert_int_equal(err.rc, rc);
    assert_true(rc == OHA_OK || n_seen == 0);
  }
  assert_true(rc == OHA_OK || rc == OHA_E_IO);
  oha_ctx_free(ctx);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(networks_contain),       cmocka_unit_test(interfaces_are_picked),
    cmocka_unit_test(no_address_is_an_error), cmocka_unit_test(secondaries_are_seen),
    cmocka_unit_test(memory_runs_out),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
