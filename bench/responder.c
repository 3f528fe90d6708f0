/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * responder: answers every OPTIONS that comes to any 127.0.0.0/8 address with 200 OK, as cheaply as it can,
 * so that a benchmark measures who asks and not who answers. A second port is open and silent. Prints "PORT
 * SILENT_PORT" and runs until it is killed.
 */
#include <arpa/inet.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define BATCH        64
#define BYTES        2048
#define BUFFER_BYTES (64 * 1024 * 1024)

static const char status[] = "SIP/2.0 200 OK\r\n";
static const char end[] = "Content-Length: 0\r\n\r\n";

static int listen_somewhere(unsigned *port)
{
  struct sockaddr_in name = { .sin_family = AF_INET };
  socklen_t n = sizeof(name);
  int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), bytes = BUFFER_BYTES;

  if (fd < 0 || bind(fd, (struct sockaddr *)&name, sizeof(name)) != 0 ||
      getsockname(fd, (struct sockaddr *)&name, &n) != 0) {
    perror("responder");
    exit(1);
  }
  if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &bytes, sizeof(bytes)) != 0)
    setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof(bytes));
  *port = ntohs(name.sin_port);
  return fd;
}

/* The request's headers up to Content-Length, behind a status line: all that a reply must copy is among them.
 */
static size_t answer(const char *request, size_t n, char *reply)
{
  const char *from = memmem(request, n, "\r\n", 2);
  const char *to = memmem(request, n, "Content-Length:", 15);
  size_t n_copied;

  if (from == NULL || to == NULL || to < from)
    return 0;
  from += 2;
  n_copied = (size_t)(to - from);
  memcpy(reply, status, sizeof(status) - 1);
  memcpy(reply + sizeof(status) - 1, from, n_copied);
  memcpy(reply + sizeof(status) - 1 + n_copied, end, sizeof(end) - 1);
  return sizeof(status) - 1 + n_copied + sizeof(end) - 1;
}

int main(void)
{
  static char in[BATCH][BYTES], out[BATCH][BYTES + sizeof(status) + sizeof(end)];
  static struct sockaddr_in from[BATCH];
  static struct iovec in_iov[BATCH], out_iov[BATCH];
  static struct mmsghdr requests[BATCH], replies[BATCH];
  unsigned port, silent_port;
  int fd = listen_somewhere(&port);

  listen_somewhere(&silent_port);
  printf("%u %u\n", port, silent_port);
  fflush(stdout);
  for (;;) {
    int n, n_replies = 0;

    for (int i = 0; i < BATCH; i++) {
      in_iov[i] = (struct iovec){ in[i], BYTES };
      requests[i] = (struct mmsghdr){ .msg_hdr = { .msg_name = &from[i],
                                                   .msg_namelen = sizeof(from[i]),
                                                   .msg_iov = &in_iov[i],
                                                   .msg_iovlen = 1 } };
    }
    n = recvmmsg(fd, requests, BATCH, MSG_WAITFORONE, NULL);
    for (int i = 0; i < n; i++) {
      size_t n_out = answer(in[i], requests[i].msg_len, out[n_replies]);

      if (n_out == 0)
        continue;
      out_iov[n_replies] = (struct iovec){ out[n_replies], n_out };
      replies[n_replies] = (struct mmsghdr){ .msg_hdr = { .msg_name = &from[i],
                                                          .msg_namelen = sizeof(from[i]),
                                                          .msg_iov = &out_iov[n_replies],
                                                          .msg_iovlen = 1 } };
      n_replies++;
    }
    for (int sent = 0; sent < n_replies;) {
      int more = sendmmsg(fd, replies + sent, (unsigned)(n_replies - sent), 0);

      sent += more > 0 ? more : 1;
    }
  }
}
