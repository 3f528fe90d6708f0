/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What parses must format, and parse again to the same socket; nothing else may come of any input. */
#include <opensips-ha/sock.h>

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds)
{
  if (!holds)
    abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  struct oha_sock sock, again;
  struct oha_network network;
  struct oha_addr addr, addr_again;
  char text[OHA_SOCK_SIZE], twice[OHA_SOCK_SIZE], people[OHA_ADDR_SIZE];

  if (oha_sock_parse((const char *)data, size, &sock, NULL) == OHA_OK) {
    require(oha_sock_equal(&sock, &sock));
    if (sock.proto == OHA_PROTO_ANY)
      sock.proto = OHA_PROTO_UDP;
    if (sock.port == 0)
      sock.port = 5060;
    require(oha_sock_format(&sock, text, sizeof(text), NULL) == OHA_OK);
    require(oha_sock_parse(text, strlen(text), &again, NULL) == OHA_OK);
    require(oha_sock_equal(&sock, &again) && oha_sock_matches(&sock, NULL, &again));
    require(strcmp(sock.host, again.host) == 0);
    require(oha_sock_format(&again, twice, sizeof(twice), NULL) == OHA_OK && strcmp(text, twice) == 0);
  }
  if (oha_addr_parse((const char *)data, size, &addr, NULL) == OHA_OK) {
    oha_addr_format(&addr, people);
    require(oha_addr_parse(people, strlen(people), &addr_again, NULL) == OHA_OK);
    require(oha_addr_equal(&addr, &addr_again));
    (void)oha_addr_is_private(&addr);
  }
  if (oha_network_parse((const char *)data, size, &network, NULL) == OHA_OK)
    require(oha_network_contains(&network, &network.addr));
  return 0;
}
