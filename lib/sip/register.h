/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef OHA_SIP_REGISTER_H
#define OHA_SIP_REGISTER_H
/* REGISTER requests of one contact (RFC 3261 section 10.2), over UDP, without credentials. Pure. */
#include "sip/options.h"

struct oha_sip_register {
  struct oha_addr local;
  uint16_t local_port;
  const char *domain;  /* of the request URI */
  const char *aor;     /* a URI; From and To */
  const char *contact; /* a URI */
  uint32_t expires_s;  /* 0 removes this contact, and no other */
  uint32_t cseq;
  struct oha_sip_ids ids;
};

/* OHA_OK; OHA_E_ARG (an unsafe URI); OHA_E_NOSPACE */
OHA_NODISCARD enum oha_rc oha__sip_register_build(const struct oha_sip_register *q, char *buf, size_t size,
                                                  size_t *n_bytes, struct oha_error *err);

#endif
