/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Recorded exchanges with real servers, over real sockets and FIFOs: the client must ask what was asked then,
 * and understand the very bytes that were answered.
 */
#include "cm.h"

#include "mi/client.h"
#include "fakes/mi_replay.h"

#include <dirent.h>
#include <stdlib.h>

static struct oha_ctx *ctx;

static void play(struct fake *f, const void *arg)
{
  const struct replay *r = arg;

  if (replay_matches(r, f))
    fake_send(f, r->capture.response.p, r->capture.response.n);
  else
    fake_send(f, "the request differs", 19);
  fake_end(f);
}

static enum fake_carrier carrier_of(const char *transport)
{
  return strcmp(transport, "fifo") == 0 ? FAKE_FIFO : strcmp(transport, "dgram") == 0 ? FAKE_UNIX : FAKE_TCP;
}

static void address_of(const struct replay *r, const struct fake *f, char *out, size_t size)
{
  const char *port = strrchr(f->address, ':') + 1;
  int n_port = (int)strcspn(port, "/");

  if (strncmp(r->transport, "xml", 3) == 0)
    snprintf(out, size, "xmlrpc://127.0.0.1:%.*s/RPC2", n_port, port);
  else if (strcmp(r->transport, "json") == 0)
    snprintf(out, size, "json://127.0.0.1:%.*s/json", n_port, port);
  else
    snprintf(out, size, "%s", f->address);
}

static void replay_one(const char *name, struct replay *r)
{
  struct oha_mi_opts o = { .size = sizeof(o), .timeout_us = 5 * OHA_US_PER_S };
  struct oha_error err = OHA_ERROR_INIT;
  struct oha_mi_reply *reply = NULL;
  struct oha_mi *mi;
  struct fake fake;
  char address[256];
  enum oha_rc rc;
  bool is_unknown;

  assert_true(fake_start(&fake, carrier_of(r->transport), play, r));
  address_of(r, &fake, address, sizeof(address));
  o.address = address;
  o.era = r->is_text_era ? OHA_MI_ERA_TEXT : OHA_MI_ERA_JSONRPC;
  assert_int_equal(oha_mi_open(ctx, &o, &mi, NULL), OHA_OK);
  rc = oha_mi_call(mi, r->command, r->args, r->n_args, &reply, &err);
  is_unknown = memmem(r->capture.response.p, r->capture.response.n, "-32601", 6) != NULL;
  if (strcmp(r->command, "ul_sync") == 0 ? rc != OHA_E_REFUSED
      : is_unknown                       ? rc != OHA_E_NOTFOUND
                                         : rc != OHA_OK)
    fail_msg("%s: %s, %s", name, oha_rc_name(rc), err.text);
  if (rc == OHA_OK)
    free(mi_tree_text(oha_mi_reply_value(reply)));
  oha_mi_reply_free(reply);
  oha_mi_close(mi);
  fake_stop(&fake);
}

static void replay_version(const char *version, unsigned at_least)
{
  const char *top = getenv("top_srcdir");
  const struct dirent *entry;
  struct replay replay;
  char path[512];
  unsigned n = 0;
  DIR *dir;

  snprintf(path, sizeof(path), "%s/tests/data/mi/%s", top == NULL ? "." : top, version);
  dir = opendir(path);
  assert_non_null(dir);
  while ((entry = readdir(dir)) != NULL) {
    if (entry->d_name[0] == '.' || !replay_load(version, entry->d_name, &replay))
      continue;
    replay_one(entry->d_name, &replay);
    replay_free(&replay);
    n++;
  }
  closedir(dir);
  assert_true(n >= at_least);
}

static void opensips_3_6(void **state)
{
  (void)state;
  replay_version("3.6", 120);
}

static void opensips_2_4(void **state)
{
  (void)state;
  replay_version("2.4", 28);
}

static void opensips_1_11(void **state)
{
  (void)state;
  replay_version("1.11", 35);
}

static int make_ctx(void **state)
{
  (void)state;
  oha__mi_fixed_id = "1";
  return oha_ctx_new(NULL, &ctx, NULL) == OHA_OK ? 0 : -1;
}

static int free_ctx(void **state)
{
  (void)state;
  oha_ctx_free(ctx);
  return 0;
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(opensips_3_6),
    cmocka_unit_test(opensips_2_4),
    cmocka_unit_test(opensips_1_11),
  };

  return cmocka_run_group_tests(tests, make_ctx, free_ctx);
}
