/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ARP and Neighbour Discovery frames, compared with what Linux 6 and iputils arping send. */
#include "cm.h"

#include "base/span.h"
#include "engine/native/arp.h"
#include "engine/native/nd.h"
#include "engine/native/owners_seen.h"

static const uint8_t mac1[] = { 2, 0, 0, 0, 0, 1 }, mac2[] = { 2, 0, 0, 0, 0, 2 };
static const uint8_t ip1[] = { 10, 9, 0, 1 }, ip2[] = { 10, 9, 0, 2 };
static const uint8_t six1[16] = { 0x20, 0x01, 0x0d, 0xb8, [15] = 1 };
static const uint8_t six2[16] = { 0x20, 0x01, 0x0d, 0xb8, [15] = 2 };

static size_t from_hex(const char *hex, uint8_t *out)
{
  size_t n = 0;

  for (; hex[0] != '\0'; hex += hex[0] == ' ' ? 1 : 2)
    if (hex[0] != ' ')
      out[n++] = (uint8_t)(oha__hex_digit(hex[0]) << 4 | oha__hex_digit(hex[1]));
  return n;
}

static void check_frame(const char *what, const uint8_t *frame, size_t n, const char *hex)
{
  uint8_t want[OHA_ETHER_FRAME_BYTES];
  size_t n_want = from_hex(hex, want);

  if (n != n_want)
    fail_msg("%s: %zu bytes instead of %zu", what, n, n_want);
  for (size_t i = 0; i < n; i++)
    if (frame[i] != want[i])
      fail_msg("%s: byte %zu is %02x instead of %02x", what, i, frame[i], want[i]);
}

#define REPLY_OF_2                                                                                           \
  "020000000001 020000000002 0806 0001 0800 06 04 0002 020000000002 0a090002 020000000001 0a090001"
#define ADVERT_OF_2                                                                                          \
  "020000000001 020000000002 86dd 60000000 0020 3a ff 20010db8000000000000000000000002 "                     \
  "20010db8000000000000000000000001 88 00 8a71 60000000 20010db8000000000000000000000002 02 01 020000000002"

static void frames_are_built(void **state)
{
  uint8_t arp[OHA_ARP_FRAME_BYTES], nd[OHA_ND_FRAME_BYTES];
  static const uint8_t unspecified[16];
  size_t n;

  (void)state;
  oha__arp_build_probe(arp, mac1, ip2);
  check_frame(
      "ARP probe", arp, sizeof(arp),
      "ffffffffffff 020000000001 0806 0001 0800 06 04 0001 020000000001 00000000 000000000000 0a090002");
  oha__arp_build_announcement(arp, OHA_ARP_REQUEST, mac1, ip1);
  check_frame(
      "announcement by request", arp, sizeof(arp),
      "ffffffffffff 020000000001 0806 0001 0800 06 04 0001 020000000001 0a090001 000000000000 0a090001");
  oha__arp_build_announcement(arp, OHA_ARP_REPLY, mac1, ip1);
  check_frame(
      "announcement by reply", arp, sizeof(arp),
      "ffffffffffff 020000000001 0806 0001 0800 06 04 0002 020000000001 0a090001 020000000001 0a090001");

  oha__nd_build_advert(nd, mac1, six1, false);
  check_frame("advert, as Linux with ndisc_notify", nd, sizeof(nd),
              "333300000001 020000000001 86dd 60000000 0020 3a ff 20010db8000000000000000000000001 "
              "ff020000000000000000000000000001 88 00 f92a 20000000 20010db8000000000000000000000001 02 01 "
              "020000000001");
  oha__nd_build_advert(nd, mac1, six1, true);
  check_frame("advert of a router", nd, sizeof(nd),
              "333300000001 020000000001 86dd 60000000 0020 3a ff 20010db8000000000000000000000001 "
              "ff020000000000000000000000000001 88 00 792a a0000000 20010db8000000000000000000000001 02 01 "
              "020000000001");
  n = oha__nd_build_solicit(nd, mac1, six1, six2);
  check_frame("solicitation, as Linux", nd, n,
              "3333ff000002 020000000001 86dd 60000000 0020 3a ff 20010db8000000000000000000000001 "
              "ff0200000000000000000001ff000002 87 00 1c27 00000000 20010db8000000000000000000000002 01 01 "
              "020000000001");
  n = oha__nd_build_solicit(nd, mac1, unspecified, six2);
  assert_int_equal(n, OHA_ND_FRAME_BYTES - 8);
}

static void arp_parses(void **state)
{
  uint8_t frame[OHA_ETHER_FRAME_BYTES] = { 0 };
  size_t n = from_hex(REPLY_OF_2, frame);
  struct oha__arp arp;

  (void)state;
  assert_true(oha__arp_parse(frame, n, &arp));
  assert_int_equal(arp.op, OHA_ARP_REPLY);
  assert_memory_equal(arp.sender_mac, mac2, 6);
  assert_memory_equal(arp.sender_ip, ip2, 4);
  assert_memory_equal(arp.target_mac, mac1, 6);
  assert_memory_equal(arp.target_ip, ip1, 4);
  assert_true(oha__arp_parse(frame, 60, &arp)); /* padded */
  for (size_t cut = 0; cut < n; cut++)
    assert_false(oha__arp_parse(frame, cut, &arp));
  /* Ethernet type, hardware, protocol, both lengths, operation: any other value is not ours. */
  for (size_t i = 12; i < 22; i++) {
    frame[i] ^= 0x40;
    if (oha__arp_parse(frame, n, &arp))
      fail_msg("byte %zu is not looked at", i);
    frame[i] ^= 0x40;
  }
}

/* Sets one byte of a good advert and puts the checksum right again (one's complement arithmetic). */
static void poke(uint8_t *frame, size_t at, uint8_t value)
{
  size_t even = at & ~(size_t)1;
  uint16_t old = oha__get_be16(frame + even);
  uint32_t sum;

  frame[at] = value;
  sum = (uint32_t)(uint16_t)~oha__get_be16(frame + 56) + (uint16_t)~old + oha__get_be16(frame + even);
  sum = (sum & 0xffff) + (sum >> 16);
  sum = (sum & 0xffff) + (sum >> 16);
  oha__put_be16(frame + 56, (uint16_t)~sum);
}

static void adverts_parse(void **state)
{
  static const struct {
    const char *what;
    size_t at;
    uint8_t value;
    bool valid;
  } rows[] = {
    { "router flag", 58, 0xe0, true },
    { "no flag", 58, 0x00, true },
    { "reserved bits are ignored", 61, 0xff, true },
    { "another option", 78, 1, true },
    { "unknown option", 78, 200, true },
    { "code", 55, 1, false },
    { "a solicitation", 54, 135, false },
    { "target is a group", 62, 0xff, false },
    { "option of no length", 79, 0, false },
    { "option longer than the packet", 79, 2, false },
    { "solicited, but to a group", 38, 0xff, false },
  };
  static const struct {
    const char *what;
    size_t at;
    uint8_t value;
  } headers[] = {
    { "Ethernet type", 12, 0x08 }, { "IP version", 14, 0x40 },     { "next header", 20, 17 },
    { "hop limit", 21, 254 },      { "too short", 19, 23 },        { "longer than the frame", 19, 33 },
    { "checksum", 56, 0x8b },      { "length, high byte", 18, 1 },
  };
  uint8_t frame[OHA_ETHER_FRAME_BYTES];
  struct oha__nd_advert advert;
  size_t n = from_hex(ADVERT_OF_2, frame);

  (void)state;
  assert_true(oha__nd_parse_advert(frame, n, &advert));
  assert_memory_equal(advert.target, six2, 16);
  assert_memory_equal(advert.source, six2, 16);
  assert_memory_equal(advert.mac, mac2, 6);
  assert_true(advert.solicited && advert.override_ && !advert.router);
  for (size_t cut = 0; cut < n; cut++)
    assert_false(oha__nd_parse_advert(frame, cut, &advert));
  for (size_t i = 0; i < N_OF(rows); i++) {
    from_hex(ADVERT_OF_2, frame);
    poke(frame, rows[i].at, rows[i].value);
    if (oha__nd_parse_advert(frame, n, &advert) != rows[i].valid)
      fail_msg("%s: %s", rows[i].what, rows[i].valid ? "refused" : "accepted");
  }
  for (size_t i = 0; i < N_OF(headers); i++) {
    from_hex(ADVERT_OF_2, frame);
    frame[headers[i].at] = headers[i].value;
    if (oha__nd_parse_advert(frame, n, &advert))
      fail_msg("%s: accepted", headers[i].what);
  }
  /* Without the option the frame's source is the station. */
  from_hex(ADVERT_OF_2, frame);
  poke(frame, 78, 1);
  frame[11] = 9;
  assert_true(oha__nd_parse_advert(frame, n, &advert));
  assert_int_equal(advert.mac[5], 9);
}

static void claims_are_recognised(void **state)
{
  struct oha_addr four = { .family = 4, .bytes = { 10, 9, 0, 2 } }, six = { .family = 6 };
  uint8_t frame[OHA_ETHER_FRAME_BYTES], mac[6];
  size_t n = from_hex(REPLY_OF_2, frame);

  (void)state;
  memcpy(six.bytes, six2, 16);
  assert_true(oha__owners_claim(frame, n, &four, mac));
  assert_memory_equal(mac, mac2, 6);
  assert_false(oha__owners_claim(frame, n, &six, mac));
  frame[21] = 1; /* a request from the same sender claims it, too */
  assert_true(oha__owners_claim(frame, n, &four, mac));
  four.bytes[3] = 1; /* the target is no claimant */
  assert_false(oha__owners_claim(frame, n, &four, mac));
  four.bytes[3] = 2;
  frame[22] = 3; /* a group's MAC */
  assert_false(oha__owners_claim(frame, n, &four, mac));
  memset(frame + 22, 0, 6);
  assert_false(oha__owners_claim(frame, n, &four, mac));

  /* Our own probe and somebody else's claim nothing. */
  oha__arp_build_probe(frame, mac1, ip2);
  assert_false(oha__owners_claim(frame, OHA_ARP_FRAME_BYTES, &four, mac));

  n = from_hex(ADVERT_OF_2, frame);
  assert_true(oha__owners_claim(frame, n, &six, mac));
  assert_memory_equal(mac, mac2, 6);
  assert_false(oha__owners_claim(frame, n, &four, mac));
  six.bytes[15] = 1;
  assert_false(oha__owners_claim(frame, n, &six, mac));
}

static void owners_are_counted_once(void **state)
{
  struct oha_vip_owners seen = { .first_answer_us = -1 };
  uint8_t mac[6] = { 2, 0xab, 0, 0, 0, 0 };

  (void)state;
  oha__owners_note(&seen, mac1, 120);
  oha__owners_note(&seen, mac1, 130);
  assert_int_equal(seen.n_macs, 1);
  assert_int_equal(seen.first_answer_us, 120);
  assert_string_equal(seen.mac[0], "02:00:00:00:00:01");
  for (unsigned i = 0; i < 300; i++) { /* a liar with many addresses */
    mac[4] = (uint8_t)(i >> 8);
    mac[5] = (uint8_t)i;
    oha__owners_note(&seen, mac, 200);
  }
  assert_int_equal(seen.n_macs, OHA_MACS_MAX);
  assert_string_equal(seen.mac[1], "02:ab:00:00:00:00");
  assert_int_equal(seen.first_answer_us, 120);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(frames_are_built),        cmocka_unit_test(arp_parses),
    cmocka_unit_test(adverts_parse),           cmocka_unit_test(claims_are_recognised),
    cmocka_unit_test(owners_are_counted_once),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
