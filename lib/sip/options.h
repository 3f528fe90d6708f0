/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef OHA_SIP_OPTIONS_H
#define OHA_SIP_OPTIONS_H
/* OPTIONS requests (RFC 3261 section 11.1). The caller brings the random bits, so that this is pure. */
#include <opensips-ha/error.h>
#include <opensips-ha/sock.h>

/* RFC 3261 section 18.1.1: what is longer must not go over UDP. */
#define OHA_SIP_REQUEST_SIZE 1301

struct oha_sip_ids {
  uint8_t branch[16];
  uint8_t call_id[16];
  uint8_t tag[8];
};

#define OHA_SIP_HEX_SIZE 33 /* 16 bytes in hex and a NUL */

struct oha_sip_options {
  enum oha_proto proto; /* UDP, TCP or TLS, for Via */
  struct oha_addr local;
  uint16_t local_port;
  const char *uri;     /* of the request, and To */
  const char *from;    /* a URI */
  const char *contact; /* a URI; NULL = no Contact */
  struct oha_sip_ids ids;
};

/* Everything that can be put in angle brackets without ending them or the line. */
bool oha__sip_uri_is_safe(const char *uri);

/* Lower case. Gives back @p buf. */
char *oha__sip_hex(const uint8_t *bytes, size_t n, char *buf);

/* The bits of a branch that oha__sip_options_build() wrote; false for any other. */
bool oha__sip_branch_read(const char *branch, size_t n, uint8_t out[16]);

/*
 * The same parameters give the same bytes: a retransmission is built anew.
 *
 * OHA_OK; OHA_E_ARG (an unsafe URI, a protocol without a name in Via); OHA_E_NOSPACE
 */
OHA_NODISCARD enum oha_rc oha__sip_options_build(const struct oha_sip_options *q, char *buf, size_t size,
                                                 size_t *n_bytes, struct oha_error *err);

#endif
