/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The calls of <opensips-ha/vip.h> from the command line, for tests/lab/vip.t:
 *
 *   vip_tool list | here ADDR | if ADDR | add ADDR[/BITS] [IF] | del ADDR[/BITS] [IF]
 *            | announce ADDR IF COUNT EVERY | owners ADDR IF TIME
 *
 * Prints one line: the code's name and what was found; the error's text on stderr. Exit code 0 for OHA_OK.
 */
#include <opensips-ha/vip.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct oha_error err;

static int say(enum oha_rc rc, const char *found)
{
  printf("%s%s%s\n", oha_rc_name(rc), *found == '\0' ? "" : " ", found);
  if (rc != OHA_OK)
    fprintf(stderr, "%s\n", err.text);
  return rc != OHA_OK;
}

static enum oha_rc print_holding(void *arg, const struct oha_vip_holding *h)
{
  char addr[OHA_ADDR_SIZE];

  (void)arg;
  printf("%s/%d %s%s%s%s\n", oha_addr_format(&h->addr, addr), h->prefix_bits, h->interface_,
         h->link_up ? " up" : " down", h->tentative ? " tentative" : "", h->dad_failed ? " dadfailed" : "");
  return OHA_OK;
}

static enum oha_rc take_spec(char *text, const char *interface, struct oha_vip_spec *spec)
{
  char *slash = strchr(text, '/');

  memset(spec, 0, sizeof(*spec));
  if (slash != NULL) {
    *slash = '\0';
    spec->prefix_bits = (uint8_t)strtoul(slash + 1, NULL, 10);
  }
  if (interface != NULL)
    snprintf(spec->interface_, sizeof(spec->interface_), "%s", interface);
  return oha_addr_parse(text, strlen(text), &spec->addr, &err);
}

static int show_owners(struct oha_ctx *ctx, const struct oha_vip_spec *spec, int64_t timeout_us)
{
  struct oha_vip_owners owners;
  char line[OHA_MACS_MAX * OHA_MAC_SIZE + 16];
  enum oha_rc rc = oha_vip_owners(ctx, spec, timeout_us, &owners, &err);
  size_t n = (size_t)snprintf(line, sizeof(line), "%u", owners.n_macs);

  for (unsigned i = 0; i < owners.n_macs; i++)
    n += (size_t)snprintf(line + n, sizeof(line) - n, " %s", owners.mac[i]);
  if ((owners.n_macs == 0) != (owners.first_answer_us == -1))
    return say(OHA_E_BUG, "first_answer_us");
  return say(rc, line);
}

static int run(struct oha_ctx *ctx, int argc, char **argv)
{
  const char *verb = argc > 1 ? argv[1] : "";
  struct oha_vip_spec spec;
  char text[32] = "";
  bool flag = false;
  enum oha_rc rc;

  if (strcmp(verb, "list") == 0)
    return oha_addrs_each(ctx, print_holding, NULL, &err) != OHA_OK;
  if (argc < 3)
    return 64;
  rc = take_spec(argv[2], argc > 3 ? argv[3] : NULL, &spec);
  if (rc != OHA_OK)
    return say(rc, argv[2]);
  if (strcmp(verb, "here") == 0) {
    rc = oha_vip_is_here(ctx, &spec.addr, &flag, NULL, &err);
    return say(rc, flag ? "here" : "not here");
  }
  if (strcmp(verb, "if") == 0) {
    rc = oha_vip_interface_for(ctx, &spec.addr, text, &err);
    return say(rc, text);
  }
  if (strcmp(verb, "add") == 0) {
    rc = oha_vip_add(ctx, &spec, &flag, &err);
    return say(rc, flag ? "already" : "");
  }
  if (strcmp(verb, "del") == 0) {
    rc = oha_vip_del(ctx, &spec, &flag, &err);
    return say(rc, flag ? "was here" : "");
  }
  if (strcmp(verb, "announce") == 0 && argc == 6) {
    int64_t every_us;

    rc = oha_duration_parse(argv[5], &every_us, &err);
    if (rc == OHA_OK)
      rc = oha_vip_announce(ctx, &spec, (unsigned)strtoul(argv[4], NULL, 10), every_us, &err);
    return say(rc, "");
  }
  if (strcmp(verb, "owners") == 0 && argc == 5) {
    int64_t timeout_us;

    rc = oha_duration_parse(argv[4], &timeout_us, &err);
    return rc != OHA_OK ? say(rc, argv[4]) : show_owners(ctx, &spec, timeout_us);
  }
  return 64;
}

int main(int argc, char **argv)
{
  struct oha_ctx *ctx = NULL;
  int code = 70;

  if (oha_ctx_new(NULL, &ctx, &err) == OHA_OK)
    code = run(ctx, argc, argv);
  oha_ctx_free(ctx);
  return code;
}
