/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cm.h"

#include "sip/addr.h"

static void addresses_parse(void **state)
{
  static const struct {
    const char *text;
    const char *people;   /* oha_addr_format(); NULL = refused */
    const char *opensips; /* oha__addr_canonical() */
  } rows[] = {
    { "192.0.2.1", "192.0.2.1", "192.0.2.1" },
    { "0.0.0.0", "0.0.0.0", "0.0.0.0" },
    { "255.255.255.255", "255.255.255.255", "255.255.255.255" },
    { "2001:db8::1f", "2001:db8::1f", "2001:DB8:0:0:0:0:0:1F" },
    { "[2001:DB8:0:0:0:0:0:1F]", "2001:db8::1f", "2001:DB8:0:0:0:0:0:1F" },
    { "::", "::", "0:0:0:0:0:0:0:0" },
    { "[::1]", "::1", "0:0:0:0:0:0:0:1" },
    { "2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1", "2001:DB8:0:1:1:1:1:1" },
    { "2001:0:0:1:0:0:0:1", "2001:0:0:1::1", "2001:0:0:1:0:0:0:1" },
    { "::ffff:192.0.2.1", "::ffff:192.0.2.1", "0:0:0:0:0:FFFF:C000:201" },
    { "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
      "FFFF:FFFF:FFFF:FFFF:FFFF:FFFF:FFFF:FFFF" },
    { "", NULL, NULL },
    { "1.2.3", NULL, NULL },
    { "1.2.3.4.5", NULL, NULL },
    { "1.2.3.256", NULL, NULL },
    { "01.2.3.4", NULL, NULL },
    { "1.2.3.4 ", NULL, NULL },
    { "1.2.3.", NULL, NULL },
    { "1..2.3", NULL, NULL },
    { "0001.2.3.4", NULL, NULL },
    { "[192.0.2.1]", NULL, NULL },
    { "2001:db8::1::2", NULL, NULL },
    { "2001:db8::12345", NULL, NULL },
    { "[2001:db8::1", NULL, NULL },
    { "2001:db8::1]", NULL, NULL },
    { "fe80::1%eth0", NULL, NULL },
    { "[]", NULL, NULL },
    { ":", NULL, NULL },
    { "1:2:3:4:5:6:7", NULL, NULL },
    { "1:2:3:4:5:6:7:8:9", NULL, NULL },
    { "name", NULL, NULL },
  };
  char buf[OHA_ADDR_SIZE];

  (void)state;
  for (size_t i = 0; i < N_OF(rows); i++) {
    struct oha_addr addr = { .family = 9 };
    struct oha_error err = OHA_ERROR_INIT;
    enum oha_rc rc = oha_addr_parse(rows[i].text, strlen(rows[i].text), &addr, &err);

    if ((rc == OHA_OK) != (rows[i].people != NULL) || err.rc != rc)
      fail_msg("'%s': %s '%s'", rows[i].text, oha_rc_name(rc), err.text);
    if (rc != OHA_OK) {
      assert_int_equal(rc, OHA_E_PARSE);
      assert_int_equal(addr.family, 0);
      continue;
    }
    if (strcmp(oha_addr_format(&addr, buf), rows[i].people) != 0)
      fail_msg("'%s' for people: '%s'", rows[i].text, buf);
    if (oha__addr_canonical(&addr, buf) != strlen(rows[i].opensips) || strcmp(buf, rows[i].opensips) != 0)
      fail_msg("'%s' for OpenSIPS: '%s'", rows[i].text, buf);
  }
}

static void a_nul_inside_is_refused(void **state)
{
  struct oha_addr addr;

  (void)state;
  assert_int_equal(oha_addr_parse("2001:db8::1\0x", 13, &addr, NULL), OHA_E_PARSE);
  assert_int_equal(oha_addr_parse("192.0.2.1\0", 10, &addr, NULL), OHA_E_PARSE);
  assert_int_equal(oha_addr_parse(NULL, 1, &addr, NULL), OHA_E_ARG);
  assert_int_equal(oha_addr_parse(NULL, 0, &addr, NULL), OHA_E_PARSE);
}

static void no_address_formats_empty(void **state)
{
  struct oha_addr none = { 0 };
  char buf[OHA_ADDR_SIZE] = "x";

  (void)state;
  assert_string_equal(oha_addr_format(&none, buf), "");
  assert_int_equal(oha__addr_canonical(&none, buf), 0);
}

static struct oha_addr addr_of(const char *text)
{
  struct oha_addr addr;

  if (oha_addr_parse(text, strlen(text), &addr, NULL) != OHA_OK)
    fail_msg("'%s' is no address", text);
  return addr;
}

static void private_addresses(void **state)
{
  static const struct {
    const char *text;
    bool is_private;
  } rows[] = {
    { "10.0.0.0", true },
    { "10.255.255.255", true },
    { "9.255.255.255", false },
    { "11.0.0.0", false },
    { "172.15.255.255", false },
    { "172.16.0.0", true },
    { "172.31.255.255", true },
    { "172.32.0.0", false },
    { "192.168.0.1", true },
    { "192.167.255.255", false },
    { "192.169.0.0", false },
    { "100.63.255.255", false },
    { "100.64.0.0", true },
    { "100.127.255.255", true },
    { "100.128.0.0", false },
    { "127.0.0.1", true },
    { "169.254.1.1", true },
    { "169.253.1.1", false },
    { "0.0.0.0", true },
    { "192.0.2.1", false },
    { "198.51.100.7", false },
    { "203.0.113.1", false },
    { "8.8.8.8", false },
    { "fc00::1", true },
    { "fdff::1", true },
    { "fe00::1", false },
    { "fe80::1", true },
    { "febf::1", true },
    { "fec0::1", false },
    { "::1", true },
    { "::", true },
    { "::2", false },
    { "2001:db8::1", false },
    { "::ffff:10.0.0.1", true },
    { "::ffff:8.8.8.8", false },
    { "2001:470::1", false },
    { "::ffff:100.64.1.2", true },
  };
  struct oha_addr none = { 0 };

  (void)state;
  for (size_t i = 0; i < N_OF(rows); i++) {
    struct oha_addr addr = addr_of(rows[i].text);

    if (oha_addr_is_private(&addr) != rows[i].is_private)
      fail_msg("'%s': not %d", rows[i].text, rows[i].is_private);
  }
  assert_false(oha_addr_is_private(&none));
}

static void networks(void **state)
{
  static const struct {
    const char *network;
    const char *inside;  /* NULL = the network is refused */
    const char *outside; /* NULL = nothing is */
  } rows[] = {
    { "192.0.2.0/24", "192.0.2.255", "192.0.3.0" },
    { "192.0.2.128/25", "192.0.2.129", "192.0.2.127" },
    { "192.0.2.4/30", "192.0.2.7", "192.0.2.8" },
    { "192.0.2.1", "192.0.2.1", "192.0.2.2" },
    { "192.0.2.1/32", "192.0.2.1", "192.0.2.0" },
    { "0.0.0.0/0", "203.0.113.9", "2001:db8::1" },
    { "2001:db8::/32", "2001:db8:ffff::1", "2001:db9::1" },
    { "2001:db8::/33", "2001:db8:7fff::1", "2001:db8:8000::1" },
    { "[2001:db8::1]", "2001:db8::1", "2001:db8::2" },
    { "::/0", "2001:db8::1", "192.0.2.1" },
    { "192.0.2.1/24", NULL, NULL },
    { "192.0.2.0/33", NULL, NULL },
    { "192.0.2.0/", NULL, NULL },
    { "192.0.2.0/-1", NULL, NULL },
    { "192.0.2.0/ 24", NULL, NULL },
    { "192.0.2.0/24/24", NULL, NULL },
    { "2001:db8::/129", NULL, NULL },
    { "2001:db8::1/64", NULL, NULL },
    { "/24", NULL, NULL },
    { "", NULL, NULL },
  };

  (void)state;
  for (size_t i = 0; i < N_OF(rows); i++) {
    struct oha_network network;
    struct oha_error err = OHA_ERROR_INIT;
    enum oha_rc rc = oha_network_parse(rows[i].network, strlen(rows[i].network), &network, &err);
    struct oha_addr in, out;

    if ((rc == OHA_OK) != (rows[i].inside != NULL) || err.rc != rc)
      fail_msg("'%s': %s '%s'", rows[i].network, oha_rc_name(rc), err.text);
    if (rc != OHA_OK)
      continue;
    in = addr_of(rows[i].inside);
    out = addr_of(rows[i].outside);
    if (!oha_network_contains(&network, &in) || oha_network_contains(&network, &out))
      fail_msg("'%s' holds the wrong one of '%s' and '%s'", rows[i].network, rows[i].inside, rows[i].outside);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(addresses_parse),
    cmocka_unit_test(a_nul_inside_is_refused),
    cmocka_unit_test(no_address_formats_empty),
    cmocka_unit_test(private_addresses),
    cmocka_unit_test(networks),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
