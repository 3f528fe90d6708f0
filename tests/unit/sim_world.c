/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim_world.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define VIP     "127.0.9.100"
#define ADOPTED "127.0.9.111"

static pid_t responder;

struct sim_world *sim_world(void)
{
  static struct sim_world *world;

  if (world == NULL)
    world = mmap(NULL, sizeof(*world), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (world == MAP_FAILED)
    abort();
  return world;
}

uint16_t sim_port(void)
{
  static uint16_t port;

  if (port == 0) /* children keep their parent's */
    port = (uint16_t)(20000 + getpid() % 20000);
  return port;
}

void sim_reset(void)
{
  memset(sim_world(), 0, sizeof(struct sim_world));
  sim_world()->a = (struct sim_node){ .power = true, .has_vip = true };
  sim_world()->b = (struct sim_node){ .power = true };
  sim_world()->fence_works = true;
}

static void traced(const char *what)
{
  struct sim_world *w = sim_world();
  size_t n = strlen(w->trace);

  snprintf(w->trace + n, sizeof(w->trace) - n, "%s ", what);
  w->n_changes++;
  w->n_both += w->a.power && w->a.has_vip && w->b.has_vip ? 1 : 0;
}

static void answer(struct oha_run_result *result, int code, const char *array, const char *row)
{
  char text[640];

  snprintf(text, sizeof(text),
           "{\"schema\":\"opensips-ha/1\",\"command\":\"x\",\"%s\":[%s],\"errors\":[],\"exit\":{\"code\":%d,"
           "\"name\":\"X\"},\"ok\":%s}\n",
           array, row, code, code == 0 ? "true" : "false");
  result->exit_status = code;
  result->out = strdup(text);
  result->n_out = strlen(text);
}

static void vip_verb(struct sim_node *node, char name, const char *verb, const char *address,
                     struct oha_run_result *result)
{
  bool is_vip = strncmp(address, VIP, strlen(VIP)) == 0;
  bool *has = is_vip ? &node->has_vip : &node->has_adopted;
  bool had = *has;
  char row[256], what[32], plain[64];

  snprintf(plain, sizeof(plain), "%.*s", (int)strcspn(address, "/"), address);
  if ((strcmp(verb, "add") == 0 && node->refuses_vip) || (strcmp(verb, "del") == 0 && node->keeps_vip)) {
    answer(result, 69, "vips", "");
    return;
  }
  if (strcmp(verb, "show") != 0) {
    *has = strcmp(verb, "add") == 0;
    snprintf(what, sizeof(what), "%c%s%s", name, *has ? "+" : "-", is_vip ? "vip" : "adopted");
    if (*has != had)
      traced(what);
  }
  snprintf(
      row, sizeof(row),
      "{\"name\":null,\"address\":\"%s\",\"prefix_bits\":32,\"interface\":\"e0\",\"node\":null,\"here\":%s,"
      "\"already\":%s,\"was_here\":%s}",
      plain, *has ? "true" : "false", had ? "true" : "false", had ? "true" : "false");
  answer(result, 0, "vips", row);
}

static void fence(const char *node, struct oha_run_result *result)
{
  struct sim_world *w = sim_world();

  w->n_fenced++;
  result->exit_status = w->fence_works ? 0 : 1;
  result->out = strdup("");
  if (w->fence_works && strcmp(node, "a") == 0) {
    w->a = (struct sim_node){ .power = false };
    traced("a-power");
  }
}

enum oha_rc sim_run(void *arg, const struct oha_run_opts *opts, struct oha_run_result *result,
                    struct oha_error *err)
{
  const char *const *argv = opts->argv; /* remote NODE ha-ctl -j --node NODE vip VERB ADDRESS ... */
  struct sim_node *node;

  (void)arg;
  (void)err;
  memset(result, 0, sizeof(*result));
  result->err_out = strdup("");
  if (strcmp(argv[0], "missing") == 0) /* no such program here */
    return OHA_E_NOTFOUND;
  if (strcmp(argv[0], "fence") == 0) {
    fence(argv[1], result);
    return OHA_OK;
  }
  node = strcmp(argv[1], "a") == 0 ? &sim_world()->a : &sim_world()->b;
  if (!node->power) {
    result->exit_status = 255;
    result->out = strdup("");
  } else {
    vip_verb(node, argv[1][0], argv[7], argv[8], result);
  }
  return OHA_OK;
}

/* ---- SIP ---- */

static const char *line_of(const char *request, const char *header, int *n)
{
  const char *at = strcasestr(request, header);

  *n = at == NULL ? 0 : (int)strcspn(at, "\r\n");
  return at == NULL ? "" : at;
}

static void reply(int fd)
{
  static const char *const kept[] = { "Via:", "From:", "To:", "Call-ID:", "CSeq:" };
  struct sockaddr_in from;
  socklen_t n_from = sizeof(from);
  char request[2048], text[4096];
  ssize_t got = recvfrom(fd, request, sizeof(request) - 1, 0, (struct sockaddr *)&from, &n_from);
  int used;

  if (got <= 0)
    return;
  request[got] = '\0';
  used = snprintf(text, sizeof(text), "SIP/2.0 200 OK\r\n");
  for (size_t i = 0; i < sizeof(kept) / sizeof(kept[0]); i++) {
    int n;
    const char *line = line_of(request, kept[i], &n);

    used += snprintf(text + used, sizeof(text) - (size_t)used, "%.*s\r\n", n, line);
  }
  used += snprintf(text + used, sizeof(text) - (size_t)used, "Content-Length: 0\r\n\r\n");
  (void)!sendto(fd, text, (size_t)used, 0, (struct sockaddr *)&from, n_from);
}

static int listen_at(const char *address)
{
  struct sockaddr_in at = { .sin_family = AF_INET, .sin_port = htons(sim_port()) };
  int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

  inet_pton(AF_INET, address, &at.sin_addr);
  if (fd >= 0 && bind(fd, (struct sockaddr *)&at, sizeof(at)) != 0) {
    close(fd);
    fd = -1;
  }
  return fd;
}

static void respond_for_ever(struct pollfd fds[3])
{
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  for (;;) {
    poll(fds, 3, -1);
    for (int i = 0; i < 3; i++) {
      bool alive = i == 0   ? sim_world()->a.power
                   : i == 1 ? sim_world()->b.power
                            : (sim_world()->a.power && sim_world()->a.has_vip) || sim_world()->b.has_vip;
      char dropped[2048];

      if (fds[i].revents == 0)
        continue;
      if (alive)
        reply(fds[i].fd);
      else
        (void)!recv(fds[i].fd, dropped, sizeof(dropped), MSG_DONTWAIT);
    }
  }
}

bool sim_start_responder(void)
{
  static const char *const addresses[] = { "127.0.9.11", "127.0.9.12", VIP };
  struct pollfd fds[3];

  for (int i = 0; i < 3; i++) {
    fds[i] = (struct pollfd){ .fd = listen_at(addresses[i]), .events = POLLIN };
    if (fds[i].fd < 0)
      return false;
  }
  sim_world(); /* mapped before the fork: shared */
  responder = fork();
  if (responder == 0)
    respond_for_ever(fds);
  for (int i = 0; i < 3; i++)
    close(fds[i].fd);
  return responder > 0;
}

void sim_stop_responder(void)
{
  if (responder <= 0)
    return;
  kill(responder, SIGKILL);
  waitpid(responder, NULL, 0);
}
