/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * probe window PORT N_PEERS N_PROBES OUTSTANDING: so many probes over so many peers 127.x.y.z:PORT, never
 * more than OUTSTANDING at a time. probe burst PORT N_ALIVE SILENT_PORT N_DEAD TIMEOUT_MS: all at once.
 * Prints one line: "us=... alive=... timeout=... other=... max_rss_kib=...".
 */
#include <opensips-ha/probe.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

struct work {
  struct oha_prober *prober;
  unsigned port, n_peers;
  unsigned long n_left, n_added;
  int64_t timeout_us;
  unsigned long n_alive, n_timeout, n_other;
};

static void ended(void *arg, const struct oha_probe_result *result);

static void fail(const char *what, const struct oha_error *err)
{
  fprintf(stderr, "probe: %s: %s\n", what, err->text);
  exit(1);
}

static void add(struct work *work, unsigned port, unsigned long peer)
{
  struct oha_error err = OHA_ERROR_INIT;
  struct oha_probe_opts o = { .size = sizeof(o), .timeout_us = work->timeout_us, .retransmit = true };

  o.target.proto = OHA_PROTO_UDP;
  o.target.port = (uint16_t)port;
  o.target.addr.family = 4;
  o.target.addr.bytes[0] = 127;
  o.target.addr.bytes[1] = (uint8_t)(1 + (peer >> 16));
  o.target.addr.bytes[2] = (uint8_t)(peer >> 8);
  o.target.addr.bytes[3] = (uint8_t)peer;
  if (oha_prober_add(work->prober, &o, ended, work, &err) != OHA_OK)
    fail("add", &err);
}

static void add_next(struct work *work)
{
  work->n_left--;
  add(work, work->port, work->n_added++ % work->n_peers);
}

static void ended(void *arg, const struct oha_probe_result *result)
{
  struct work *work = arg;

  if (result->end == OHA_PROBE_ALIVE)
    work->n_alive++;
  else if (result->end == OHA_PROBE_TIMEOUT)
    work->n_timeout++;
  else
    work->n_other++;
  if (work->n_left > 0)
    add_next(work);
}

static unsigned long number(const char *text)
{
  return strtoul(text, NULL, 10);
}

int main(int argc, char **argv)
{
  struct oha_error err = OHA_ERROR_INIT;
  struct oha_ctx *ctx = NULL;
  struct work work = { .timeout_us = 2000000 };
  struct oha_mono began;
  struct rusage usage;
  int64_t us;

  if (argc < 6 || (strcmp(argv[1], "burst") == 0 && argc != 7)) {
    fprintf(stderr, "usage: probe window PORT N_PEERS N_PROBES OUTSTANDING\n"
                    "       probe burst PORT N_ALIVE SILENT_PORT N_DEAD TIMEOUT_MS\n");
    return 64;
  }
  if (oha_ctx_new(NULL, &ctx, &err) != OHA_OK || oha_prober_new(ctx, &work.prober, &err) != OHA_OK)
    fail("open", &err);
  work.port = (unsigned)number(argv[2]);
  work.n_peers = (unsigned)number(argv[3]);
  began = oha_now_mono(ctx);
  if (strcmp(argv[1], "window") == 0) {
    unsigned long outstanding = number(argv[5]);

    work.n_left = number(argv[4]);
    for (unsigned long i = 0; i < outstanding && work.n_left > 0; i++)
      add_next(&work);
  } else {
    unsigned long n_dead = number(argv[5]);

    work.timeout_us = (int64_t)number(argv[6]) * 1000;
    for (unsigned long i = 0, n_dead_added = 0; i < work.n_peers; i++) {
      add(&work, work.port, i);
      while (n_dead_added * work.n_peers < n_dead * (i + 1)) /* spread evenly */
        add(&work, (unsigned)number(argv[4]), n_dead_added++);
    }
  }
  if (oha_prober_run(work.prober, &err) != OHA_OK)
    fail("run", &err);
  us = oha_mono_diff_us(oha_now_mono(ctx), began);
  getrusage(RUSAGE_SELF, &usage);
  printf("us=%lld alive=%lu timeout=%lu other=%lu max_rss_kib=%ld\n", (long long)us, work.n_alive,
         work.n_timeout, work.n_other, usage.ru_maxrss);
  oha_prober_free(work.prober);
  oha_ctx_free(ctx);
  return 0;
}
