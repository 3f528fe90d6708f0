/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app.h"
#include "probes.h"
#include "verbs.h"

#include <string.h>

#define PROBE_MAX        64
#define PROBE_TIMEOUT_US (1 * OHA_US_PER_S)

/* "udp:192.0.2.1:5060"; UDP and the protocol's own port where they are left out. */
static int parse_target(struct app *app, const char *text, struct oha_sock *out)
{
  struct oha_error err = OHA_ERROR_INIT;

  if (oha_sock_parse(text, strlen(text), out, &err) != OHA_OK)
    return app_usage(app, "%s", err.text);
  if (out->proto == OHA_PROTO_ANY)
    out->proto = OHA_PROTO_UDP;
  if (out->port == 0)
    out->port = out->proto == OHA_PROTO_TLS ? 5061 : 5060; /* RFC 3261 section 18.1.1, 26.2.2 */
  if (out->addr.family == 0)
    return app_usage(app, "socket '%s': must be an address, not a name", text);
  if (!probe_is_possible(out))
    return app_usage(app, "socket '%s': only udp, tcp and tls can be probed", text);
  return 0;
}

int cmd_probe(struct app *app)
{
  static struct probe_item items[PROBE_MAX];
  struct oha_error err = OHA_ERROR_INIT;
  size_t n = (size_t)app->n_words;
  int code = HA_JUDGE_OK;

  for (size_t i = 0; i < n; i++) {
    code = parse_target(app, app->words[i], &items[i].target);
    if (code != 0)
      return code;
  }
  if (probes_run(app, items, n, app_timeout_us(app, PROBE_TIMEOUT_US), &err) != OHA_OK)
    return app_fail(app, &err);
  out_array(&app->out, "peers", NULL, NULL, OUT_TABLE);
  for (size_t i = 0; i < n; i++) {
    show_peer(&app->out, &items[i]);
    if (!items[i].asked || items[i].result.end != OHA_PROBE_ALIVE)
      code = HA_JUDGE_CRITICAL;
  }
  return code;
}
