// SPDX-License-Identifier: GPL-3.0-or-later
/* What the lab's phone and its caller share: addresses, one UDP socket or TCP connection, SIP text, time. */
#ifndef LAB_SIP_LINK_H
#define LAB_SIP_LINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

enum { SIP_BYTES = 16 * 1024, ADDR_TEXT = 64, TOKEN_TEXT = 17 };

struct addr {
  struct sockaddr_storage ss;
  socklen_t n;
};

struct link {
  int fd; /* -1: closed */
  bool tcp;
  struct addr local, peer;
  char in[SIP_BYTES]; /* TCP: bytes of a message not yet complete */
  size_t n_in;
};

/* One SIP message that came in, NUL-terminated. */
struct sip_msg {
  char text[SIP_BYTES];
  size_t n;
  int code;        /* 0: a request */
  char method[16]; /* of a request its own, of a reply that in CSeq */
  struct addr from;
};

/* One SIP message being written; `full` sticks. */
struct sip_out {
  char text[SIP_BYTES];
  size_t n;
  bool full;
};

int64_t now_us(void);
void make_token(char out[TOKEN_TEXT]);

/* "198.51.100.30:5060" or "[2001:db8:100::30]:5060"; without a port 5060. */
bool addr_parse(const char *text, struct addr *out);
void addr_format(const struct addr *a, char out[ADDR_TEXT]);
/* The host part alone, IPv6 in brackets. */
void addr_format_host(const struct addr *a, char out[ADDR_TEXT]);

/* Opens from local (or any address, when NULL) towards peer; TCP connects within wait_ms. False: errno says
 * why. */
bool link_open(struct link *l, bool tcp, const struct addr *local, const struct addr *peer, int wait_ms);
void link_close(struct link *l);
/* To the peer when `to` is NULL; TCP always to its one peer. */
bool link_send(struct link *l, const struct sip_out *out, const struct addr *to);
enum link_got { LINK_MESSAGE, LINK_NOTHING, LINK_CLOSED };
enum link_got link_receive(struct link *l, struct sip_msg *m);

void sip_put(struct sip_out *out, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* The value of the nth header of that name (compact forms too), "" and false when there is none. */
bool sip_header(const struct sip_msg *m, const char *name, int nth, char *out, size_t size);
/* Copies every header line of that name. */
void sip_copy(struct sip_out *out, const struct sip_msg *m, const char *name);
/* A reply with the headers RFC 3261 8.2.6.2 asks for, open for more lines; ends with sip_end(). */
void sip_begin_reply(struct sip_out *out, const struct sip_msg *m, const char *status, const char *tag);
void sip_end(struct sip_out *out);

int caller_main(int argc, char **argv);

#endif
