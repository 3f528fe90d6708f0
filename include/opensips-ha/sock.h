/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef OHA_SOCK_H
#define OHA_SOCK_H
/*
 * Addresses and listening sockets as OpenSIPS writes, reads and compares them.
 * Source: parse_phostport() and grep_sock_info() of OpenSIPS 1.4 to 4.0; column `socket` of table location.
 */
#include <opensips-ha/api.h>
#include <opensips-ha/error.h>

OHA_BEGIN_DECLS

/** Transport; ANY where a text leaves it out. Names are lower case in text. */
enum oha_proto {
  OHA_PROTO_ANY = 0,
  OHA_PROTO_UDP = 1,
  OHA_PROTO_TCP = 2,
  OHA_PROTO_TLS = 3,
  OHA_PROTO_SCTP = 4,
  OHA_PROTO_WS = 5,
  OHA_PROTO_WSS = 6,
  OHA_PROTO_BIN = 7,
  OHA_PROTO_BINS = 8,
  OHA_PROTO_HEP_UDP = 9,
  OHA_PROTO_HEP_TCP = 10,
  OHA_PROTO_SMPP = 11,
  OHA_PROTO_MSRP = 12,
  OHA_PROTO_IPSEC = 13,
  OHA_PROTO_HEP_TLS = 14,
  OHA_PROTO_MSRPS = 15
};

/** An IP address; family 0 = none, 4, 6. IPv4 uses the first four bytes; unused bytes are zero. */
struct oha_addr {
  uint8_t family;
  uint8_t bytes[16];
};

#define OHA_HOST_SIZE 256
#define OHA_SOCK_SIZE (OHA_HOST_SIZE + 24) /* "proto:[host]:port" and its NUL */

/** A listening socket; port 0 and OHA_PROTO_ANY where the text left them out. */
struct oha_sock {
  enum oha_proto proto;
  uint16_t port;
  struct oha_addr addr;     /* family 0 when host is a name */
  char host[OHA_HOST_SIZE]; /* canonical: dotted IPv4, upper-case uncompressed IPv6 without brackets, or the
                               name in lower case */
};

/** "udp", ...; "*" for OHA_PROTO_ANY. Static text. */
OHA_API const char *oha_proto_name(enum oha_proto proto);

/**
 * Parse "192.0.2.1" (no leading zeros) or IPv6 with or without brackets, without a zone.
 *
 * @param text borrows; need not end in NUL
 * @param out  zeroed on failure
 * @return OHA_OK; OHA_E_PARSE; OHA_E_ARG
 */
OHA_API OHA_NODISCARD enum oha_rc oha_addr_parse(const char *text, size_t n, struct oha_addr *out,
                                                 struct oha_error *err);

#define OHA_ADDR_SIZE 48

/** Format for people and for ip(8): dotted IPv4, RFC 5952 IPv6. Gives back @p buf. */
OHA_API char *oha_addr_format(const struct oha_addr *addr, char buf[OHA_ADDR_SIZE]);

OHA_API bool oha_addr_equal(const struct oha_addr *a, const struct oha_addr *b);

/**
 * RFC 1918, 3927, 6598, 4193, loopback, link-local, unspecified, and IPv4-mapped forms of those: an address
 * that means nothing outside its own network.
 */
OHA_API bool oha_addr_is_private(const struct oha_addr *addr);

/** A network such as 192.0.2.0/24. */
struct oha_network {
  struct oha_addr addr; /* host bits zero */
  uint8_t prefix_bits;
};

/** Parse "192.0.2.0/24"; a bare address is a host route. @return OHA_OK; OHA_E_PARSE (host bits set, too) */
OHA_API OHA_NODISCARD enum oha_rc oha_network_parse(const char *text, size_t n, struct oha_network *out,
                                                    struct oha_error *err);

OHA_API bool oha_network_contains(const struct oha_network *network, const struct oha_addr *addr);

/**
 * Parse a socket text by OpenSIPS's rules: protocol and port optional, protocol in any case, IPv6 in
 * brackets, trailing blanks ignored (a CHAR column drops them), "udp:5060" is host "udp", port 5060; refused,
 * as OpenSIPS refuses the whole row: "sip:" prefix, unknown protocol, port that is no number, anything behind
 * the port, too many colons. Refused as well, where OpenSIPS lets the row pass but finds no listener for it:
 * blanks, control and non-ASCII bytes, port 0 or above 65535, empty host, brackets around anything but IPv6.
 *
 * @param text borrows; need not end in NUL
 * @param out  zeroed on failure
 * @return OHA_OK; OHA_E_PARSE; OHA_E_ARG
 */
OHA_API OHA_NODISCARD enum oha_rc oha_sock_parse(const char *text, size_t n, struct oha_sock *out,
                                                 struct oha_error *err);

/**
 * Format as OpenSIPS writes it: "udp:192.0.2.1:5060", "tls:[2001:DB8:0:0:0:0:0:1F]:5061".
 *
 * @return OHA_OK; OHA_E_ARG protocol or port missing: such a text is never written; OHA_E_NOSPACE
 */
OHA_API OHA_NODISCARD enum oha_rc oha_sock_format(const struct oha_sock *sock, char *buf, size_t size,
                                                  struct oha_error *err);

/** Equal in protocol, port and host (addresses numerically, names without case). No wildcards. */
OHA_API bool oha_sock_equal(const struct oha_sock *a, const struct oha_sock *b);

/**
 * Would OpenSIPS, holding @p listener (and @p advertised, NULL = none), take @p stored for it? Missing
 * protocol and port match any; the host matches the listener's or the advertised one, the port either's.
 * A listener without a port has its protocol's default (5060, TLS 5061, WS 80, WSS 443), one without a
 * protocol listens on all.
 */
OHA_API bool oha_sock_matches(const struct oha_sock *listener, const struct oha_sock *advertised,
                              const struct oha_sock *stored);

/** Connection-oriented (all but UDP, HEP over UDP and IPsec): the flow dies with its server. */
OHA_API bool oha_proto_is_connection(enum oha_proto proto);

OHA_END_DECLS
#endif
