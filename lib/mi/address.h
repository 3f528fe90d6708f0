/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef OHA_MI_ADDRESS_H
#define OHA_MI_ADDRESS_H
/* Where a management interface is and how it is spoken to, from the text of oha_mi_opts.address. Pure. */
#include <opensips-ha/mi.h>
#include <opensips-ha/sock.h>

#define OHA_MI_PATH_SIZE 108 /* of sockaddr_un; FIFOs and URLs do with as much */

enum oha__mi_scheme {
  OHA_MI_HTTP = 0,   /* JSON-RPC by HTTP */
  OHA_MI_XMLRPC = 1, /* by HTTP */
  OHA_MI_MIJSON = 2, /* mi_json, by HTTP */
  OHA_MI_FIFO = 3,
  OHA_MI_UDP = 4,
  OHA_MI_UNIX = 5
};

struct oha__mi_address {
  enum oha__mi_scheme scheme;
  enum oha_mi_era era;              /* UNKNOWN = not said */
  struct oha_addr addr;             /* HTTP, XMLRPC, MIJSON, UDP */
  uint16_t port;                    /* the same */
  char path[OHA_MI_PATH_SIZE];      /* of the URL with its '/' and without one at its end, FIFO or socket */
  char reply_dir[OHA_MI_PATH_SIZE]; /* FIFO */
};

/* Returns OHA_OK; OHA_E_PARSE. */
OHA_NODISCARD enum oha_rc oha__mi_address_parse(const char *text, struct oha__mi_address *out,
                                                struct oha_error *err);

#endif
