/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The client against made-up servers: what they answer, how they fail, and what is left behind. */
#include "cm.h"

#include "base/mem.h"
#include "mi/value.h"
#include "fakes/mi_fake.h"
#include "mi_tree.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define LONG_MS  5000 /* nothing here should take that long */
#define SHORT_MS 60   /* where nothing comes, the test waits for it */

static struct oha_ctx *ctx;

static int make_ctx(void **state)
{
  (void)state;
  return oha_ctx_new(NULL, &ctx, NULL) == OHA_OK ? 0 : -1;
}

static int free_ctx(void **state)
{
  (void)state;
  oha_ctx_free(ctx);
  return 0;
}

/* ---- servers ---- */

#define RESULT(text) "{\"jsonrpc\":\"2.0\",\"result\":" text ",\"id\":\"@ID@\"}"

static void answer(struct fake *f, const void *arg)
{
  fake_answer(f, arg);
  if (f->carrier == FAKE_FIFO)
    fake_end(f);
}

/* Without a head of ours: the text has its own, or should not have one. */
static void answer_raw(struct fake *f, const void *arg)
{
  static char text[FAKE_BYTES];

  fake_send(f, text, fake_fill(f, arg, text, sizeof(text)));
  if (f->carrier == FAKE_FIFO)
    fake_end(f);
}

static void answer_raw_and_close(struct fake *f, const void *arg)
{
  answer_raw(f, arg);
  fake_end(f);
}

static void answer_half(struct fake *f, const void *arg)
{
  static char text[FAKE_BYTES];
  size_t n = fake_fill(f, arg, text, sizeof(text));

  fake_send(f, text, n / 2);
  fake_end(f);
}

/* In pieces of a few bytes. */
static void answer_split(struct fake *f, const void *arg)
{
  static char text[FAKE_BYTES];
  size_t n = fake_fill(f, arg, text, sizeof(text));

  for (size_t i = 0; i < n; i += 7) {
    fake_send(f, text + i, n - i < 7 ? n - i : 7);
    fake_pause(1);
  }
  if (f->carrier == FAKE_FIFO)
    fake_end(f);
}

static void answer_twice(struct fake *f, const void *arg)
{
  fake_answer(f, arg);
  fake_answer(f, arg);
  if (f->carrier == FAKE_FIFO)
    fake_end(f);
}

static void answer_another_first(struct fake *f, const void *arg)
{
  static const char another[] = "{\"jsonrpc\":\"2.0\",\"result\":\"stolen\",\"id\":\"0\"}";

  fake_send(f, another, sizeof(another) - 1);
  answer(f, arg);
}

static void stay_silent(struct fake *f, const void *arg)
{
  (void)f;
  (void)arg;
}

static void close_silently(struct fake *f, const void *arg)
{
  (void)arg;
  if (f->carrier == FAKE_FIFO)
    fake_send(f, "", 1); /* opened, and a NUL that says nothing */
  fake_end(f);
}

/* Data that never ends, as fast as it goes. */
static void answer_for_ever(struct fake *f, const void *arg)
{
  static char block[4096];

  (void)arg;
  memset(block, ' ', sizeof(block));
  if (f->carrier >= FAKE_TCP)
    answer_raw(f, "HTTP/1.1 200 OK\r\n\r\n");
  for (int i = 0; i < 100000; i++)
    fake_send(f, block, sizeof(block));
  fake_end(f);
}

/* A little now and then, for longer than anybody waits. */
static void answer_drop_by_drop(struct fake *f, const void *arg)
{
  (void)arg;
  if (f->carrier >= FAKE_TCP)
    answer_raw(f, "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n");
  for (int i = 0; i < 100; i++) {
    fake_send(f, " ", 1);
    fake_pause(20);
  }
}

/* ---- the table ---- */

#define CHUNKED                                                                                              \
  "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Type: application/json\r\n\r\n10\r\n"            \
  "{\"jsonrpc\":\"2.0\"\r\n13;x=y\r\n,\"result\":\"1\",\"id\":\r\n23\r\n\"@ID@\"}\r\n0\r\n\r\n"

static const struct row {
  const char *what;
  enum fake_carrier carrier;
  const char *era;
  fake_fn *fn;
  const char *arg;
  int timeout_ms;
  size_t cap;
  enum oha_rc rc;
  const char *says; /* the reply's tree, or a part of the error's text */
} rows[] = {
  { "JSON", FAKE_UNIX, "jsonrpc", answer, RESULT("1"), LONG_MS, 0, OHA_OK, "1" },
  { "JSON", FAKE_UDP, "jsonrpc", answer, RESULT("1"), LONG_MS, 0, OHA_OK, "1" },
  { "JSON", FAKE_FIFO, "jsonrpc", answer, RESULT("1"), LONG_MS, 0, OHA_OK, "1" },
  { "JSON", FAKE_TCP, "jsonrpc", answer, RESULT("1"), LONG_MS, 0, OHA_OK, "1" },
  { "Kamailio", FAKE_FIFO, "kamailio", answer, RESULT("1"), LONG_MS, 0, OHA_OK, "1" },
  { "text", FAKE_UNIX, "text", answer, "200 OK\nA:: 1\n\n", LONG_MS, 0, OHA_OK, "{\"A\":\"1\"}" },
  { "text", FAKE_FIFO, "text", answer, "200 OK\nA:: 1\n\n", LONG_MS, 0, OHA_OK, "{\"A\":\"1\"}" },
  { "closed after", FAKE_TCP, "jsonrpc", answer_raw_and_close,
    "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" RESULT("1"), LONG_MS, 0, OHA_OK, "1" },
  { "chunks", FAKE_TCP, "jsonrpc", answer_raw, CHUNKED, LONG_MS, 0, OHA_OK, "\"1\"" },
  { "split chunks", FAKE_TCP, "jsonrpc", answer_split, CHUNKED, LONG_MS, 0, OHA_OK, "\"1\"" },
  { "no length", FAKE_TCP, "jsonrpc", answer_raw_and_close, "HTTP/1.0 200 OK\r\n\r\n" RESULT("1"), LONG_MS, 0,
    OHA_OK, "1" },
  { "100 first", FAKE_TCP, "jsonrpc", answer_raw_and_close,
    "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n\r\n" RESULT("1"), LONG_MS, 0, OHA_OK, "1" },
  { "error in JSON with HTTP 500", FAKE_TCP, "kamailio", answer_raw_and_close,
    "HTTP/1.1 500 x\r\n\r\n{\"jsonrpc\":\"2.0\",\"error\":{\"code\":500,\"message\":\"no\"},"
    "\"id\":\"@ID@\"}",
    LONG_MS, 0, OHA_OK, "null" },
  /* split */
  { "split", FAKE_FIFO, "jsonrpc", answer_split, RESULT("[1,2,3]"), LONG_MS, 0, OHA_OK, "[1,2,3]" },
  { "split", FAKE_FIFO, "text", answer_split, "200 OK\nA:: 1\n\n", LONG_MS, 0, OHA_OK, "{\"A\":\"1\"}" },
  { "split", FAKE_UNIX, "jsonrpc", answer_split, RESULT("1"), LONG_MS, 0, OHA_E_PROTOCOL, "JSON, byte 7" },
  /* duplicated */
  { "twice", FAKE_UNIX, "jsonrpc", answer_twice, RESULT("1"), LONG_MS, 0, OHA_OK, "1" },
  { "twice", FAKE_UDP, "jsonrpc", answer_twice, RESULT("1"), LONG_MS, 0, OHA_OK, "1" },
  { "twice", FAKE_FIFO, "jsonrpc", answer_twice, RESULT("1"), LONG_MS, 0, OHA_OK, "1" },
  { "twice", FAKE_TCP, "jsonrpc", answer_twice, RESULT("1"), LONG_MS, 0, OHA_OK, "1" },
  { "twice", FAKE_UNIX, "text", answer_twice, "200 OK\nA:: 1\n\n", LONG_MS, 0, OHA_OK, "{\"A\":\"1\"}" },
  /* another's */
  { "another first", FAKE_UNIX, "jsonrpc", answer_another_first, RESULT("1"), LONG_MS, 0, OHA_OK, "1" },
  { "another first", FAKE_UDP, "jsonrpc", answer_another_first, RESULT("1"), LONG_MS, 0, OHA_OK, "1" },
  { "another first", FAKE_FIFO, "jsonrpc", answer_another_first, RESULT("1"), LONG_MS, 0, OHA_OK, "1" },
  { "another only", FAKE_UNIX, "jsonrpc", answer, "{\"jsonrpc\":\"2.0\",\"result\":1,\"id\":\"x\"}", SHORT_MS,
    0, OHA_E_TIMEOUT, "no answer within 0.06 s" },
  { "another only", FAKE_FIFO, "jsonrpc", answer, "{\"jsonrpc\":\"2.0\",\"result\":1,\"id\":\"x\"}", LONG_MS,
    0, OHA_E_PROTOCOL, "belongs to another request" },
  { "another only", FAKE_TCP, "jsonrpc", answer, "{\"jsonrpc\":\"2.0\",\"result\":1,\"id\":\"x\"}", LONG_MS,
    0, OHA_E_PROTOCOL, "belongs to another request" },
  /* truncated */
  { "half", FAKE_UNIX, "jsonrpc", answer_half, RESULT("1"), LONG_MS, 0, OHA_E_PROTOCOL, "JSON" },
  { "half", FAKE_FIFO, "jsonrpc", answer_half, RESULT("1"), LONG_MS, 0, OHA_E_PROTOCOL, "JSON" },
  { "half", FAKE_TCP, "jsonrpc", answer_half, "HTTP/1.1 200 OK\r\nContent-Length: 60\r\n\r\n" RESULT("1"),
    LONG_MS, 0, OHA_E_PROTOCOL, "cut off" },
  { "half", FAKE_FIFO, "text", answer_half, "200 OK\nAAAAAAAAAAAAAAAA:: 1\nB:: 2\n\n", LONG_MS, 0,
    OHA_E_PROTOCOL, "cut off after" },
  { "half a head", FAKE_TCP, "jsonrpc", answer_half, "HTTP/1.1 200 OK\r\nContent-Length", LONG_MS, 0,
    OHA_E_PROTOCOL, "cut off" },
  { "half in chunks", FAKE_TCP, "jsonrpc", answer_half, CHUNKED, LONG_MS, 0, OHA_E_PROTOCOL, "cut off" },
  /* oversized and never-ending */
  { "for ever", FAKE_FIFO, "jsonrpc", answer_for_ever, NULL, LONG_MS, 100000, OHA_E_NOSPACE,
    "longer than 100000" },
  { "for ever", FAKE_TCP, "jsonrpc", answer_for_ever, NULL, LONG_MS, 100000, OHA_E_NOSPACE,
    "longer than 100000" },
  { "for ever", FAKE_FIFO, "text", answer_for_ever, NULL, LONG_MS, 100000, OHA_E_NOSPACE,
    "longer than 100000" },
  { "over the cap", FAKE_UNIX, "jsonrpc", answer, RESULT("\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\""), LONG_MS, 60,
    OHA_E_NOSPACE, "longer than 60" },
  /* slow */
  { "drop by drop", FAKE_FIFO, "jsonrpc", answer_drop_by_drop, NULL, SHORT_MS, 0, OHA_E_PROTOCOL,
    "did not end" },
  { "drop by drop", FAKE_TCP, "jsonrpc", answer_drop_by_drop, NULL, SHORT_MS, 0, OHA_E_PROTOCOL,
    "did not end" },
  { "drop by drop", FAKE_UNIX, "jsonrpc", answer_drop_by_drop, NULL, SHORT_MS, 0, OHA_E_PROTOCOL, "JSON" },
  { "silence", FAKE_UNIX, "jsonrpc", stay_silent, NULL, SHORT_MS, 0, OHA_E_TIMEOUT, "no answer within" },
  { "silence", FAKE_UDP, "text", stay_silent, NULL, SHORT_MS, 0, OHA_E_TIMEOUT, "no answer within" },
  { "silence", FAKE_FIFO, "jsonrpc", stay_silent, NULL, SHORT_MS, 0, OHA_E_TIMEOUT, "no answer within" },
  { "silence", FAKE_TCP, "jsonrpc", stay_silent, NULL, SHORT_MS, 0, OHA_E_TIMEOUT, "no answer within" },
  { "silence", FAKE_FIFO, "", stay_silent, NULL, SHORT_MS, 0, OHA_E_TIMEOUT, "(is its reply_dir" },
  { "closed", FAKE_TCP, "jsonrpc", close_silently, NULL, LONG_MS, 0, OHA_E_PROTOCOL,
    "closed without a reply" },
  { "closed", FAKE_FIFO, "jsonrpc", close_silently, NULL, LONG_MS, 0, OHA_E_PROTOCOL, "JSON" },
  /* no replies at all */
  { "plain text", FAKE_UNIX, "jsonrpc", answer, "400 Parse_error", LONG_MS, 0, OHA_E_PROTOCOL,
    "400 Parse_error" },
  { "plain text", FAKE_FIFO, "jsonrpc", answer, "failed to build response", LONG_MS, 0, OHA_E_PROTOCOL,
    "failed to" },
  { "JSON to text", FAKE_UNIX, "text", answer, RESULT("1"), LONG_MS, 0, OHA_E_PROTOCOL, "no status line" },
  { "no HTTP", FAKE_TCP, "jsonrpc", answer_raw, "SSH-2.0-OpenSSH_9.2\r\n\r\n", LONG_MS, 0, OHA_E_PROTOCOL,
    "no status line" },
  { "HTML", FAKE_TCP, "jsonrpc", answer, "<html></html>", LONG_MS, 0, OHA_E_PROTOCOL, "JSON" },
  { "nothing", FAKE_UNIX, "jsonrpc", answer, "", LONG_MS, 0, OHA_E_PROTOCOL, "JSON" },
  { "bad length", FAKE_TCP, "jsonrpc", answer_raw, "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n", LONG_MS,
    0, OHA_E_PROTOCOL, "cannot be" },
  { "two lengths", FAKE_TCP, "jsonrpc", answer_raw,
    "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", LONG_MS, 0, OHA_E_PROTOCOL,
    "cannot be" },
  { "bad chunk", FAKE_TCP, "jsonrpc", answer_raw,
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n", LONG_MS, 0, OHA_E_PROTOCOL,
    "no size of a chunk" },
  { "huge chunk", FAKE_TCP, "jsonrpc", answer_raw,
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffffffff\r\n", LONG_MS, 0,
    OHA_E_PROTOCOL, "no size of a chunk" },
  /* what httpd answers without an end */
  { "202", FAKE_TCP, "jsonrpc", answer_raw, "HTTP/1.1 202 Accepted\r\nTransfer-Encoding: chunked\r\n\r\n",
    LONG_MS, 0, OHA_E_PROTOCOL, "HTTP 202" },
  { "400", FAKE_TCP, "jsonrpc", answer_raw, "HTTP/1.1 400 Bad Request\r\nTransfer-Encoding: chunked\r\n\r\n",
    LONG_MS, 0, OHA_E_PROTOCOL, "HTTP 400 Bad Request: no management interface" },
  { "405", FAKE_TCP, "jsonrpc", answer_raw, "HTTP/1.1 405 x\r\nTransfer-Encoding: chunked\r\n\r\n", LONG_MS,
    0, OHA_E_PROTOCOL, "HTTP 405" },
  { "401", FAKE_TCP, "jsonrpc", answer_raw, "HTTP/1.1 401 x\r\nContent-Length: 2\r\n\r\nno", LONG_MS, 0,
    OHA_E_DENIED, "wants a user and a password" },
  { "403", FAKE_TCP, "jsonrpc", answer_raw, "HTTP/1.1 403 x\r\nContent-Length: 0\r\n\r\n", LONG_MS, 0,
    OHA_E_DENIED, "HTTP 403" },
  { "404", FAKE_TCP, "jsonrpc", answer_raw, "HTTP/1.1 404 x\r\nContent-Length: 2\r\n\r\nno", LONG_MS, 0,
    OHA_E_PROTOCOL, "at /mi" },
  { "500", FAKE_TCP, "jsonrpc", answer_raw, "HTTP/1.1 500 x\r\nContent-Length: 2\r\n\r\nno", LONG_MS, 0,
    OHA_E_PROTOCOL, "buf_size" },
  { "503", FAKE_TCP, "jsonrpc", answer_raw, "HTTP/1.1 503 x\r\nContent-Length: 2\r\n\r\nno", LONG_MS, 0,
    OHA_E_UNAVAILABLE, "HTTP 503" },
};

static enum oha_rc open_client(const char *address, const char *era, int timeout_ms, size_t cap,
                               struct oha_mi **mi, struct oha_error *err)
{
  char whole[512];
  struct oha_mi_opts o = {
    .size = sizeof(o), .address = whole, .timeout_us = timeout_ms * OHA_US_PER_MS, .reply_cap_bytes = cap
  };

  snprintf(whole, sizeof(whole), "%s%s%s", address,
           *era == '\0'                   ? ""
           : strchr(address, '?') != NULL ? "&era="
                                          : "?era=",
           era);
  return oha_mi_open(ctx, &o, mi, err);
}

/* Nothing but the server's own end of the line may be left. */
static void expect_clean(const struct fake *f, const char *what)
{
  DIR *dir = opendir(f->dir);
  const struct dirent *entry;

  assert_non_null(dir);
  while ((entry = readdir(dir)) != NULL)
    if (strncmp(entry->d_name, "oha-mi-", 7) == 0)
      fail_msg("%s: %s was left behind", what, entry->d_name);
  closedir(dir);
}

static int64_t now_us(void)
{
  return oha_now_mono(ctx).us;
}

static void servers_do_all_kinds_of_things(void **state)
{
  (void)state;
  for (size_t i = 0; i < N_OF(rows); i++) {
    const struct row *row = &rows[i];
    struct oha_error err = OHA_ERROR_INIT;
    struct oha_mi_reply *reply = NULL;
    struct oha_mi *mi;
    struct fake fake;
    int64_t began;
    enum oha_rc rc;
    char *text;

    assert_true(fake_start(&fake, row->carrier, row->fn, row->arg));
    assert_int_equal(open_client(fake.address, row->era, row->timeout_ms, row->cap, &mi, &err), OHA_OK);
    /* Twice: the first call must leave nothing that the second stumbles over. */
    for (int again = 0; again < 2; again++) {
      oha_error_clear(&err);
      began = now_us();
      rc = oha_mi_call(mi, "uptime", NULL, 0, &reply, &err);
      text = rc == OHA_OK ? mi_tree_text(oha_mi_reply_value(reply)) : strdup(err.text);
      if (rc != row->rc || err.rc != (rc == OHA_OK ? OHA_OK : rc) || (reply == NULL) != (rc != OHA_OK) ||
          (rc == OHA_OK ? strcmp(text, row->says) != 0 : strstr(text, row->says) == NULL))
        fail_msg("%s by %d as %s, call %d: %s, %s", row->what, row->carrier, row->era, again, oha_rc_name(rc),
                 text);
      if (now_us() - began > (row->timeout_ms + 1000) * OHA_US_PER_MS)
        fail_msg("%s by %d as %s: took too long", row->what, row->carrier, row->era);
      free(text);
      oha_mi_reply_free(reply);
      expect_clean(&fake, row->what);
      if (row->timeout_ms == SHORT_MS)
        break;
    }
    oha_mi_close(mi);
    fake_stop(&fake);
  }
}

/* ---- what is sent ---- */

/* Answers with the request itself, as a JSON string. */
static void echo(struct fake *f, const void *arg)
{
  static char text[2 * FAKE_BYTES];
  size_t n = 0;

  (void)arg;
  n += (size_t)snprintf(text, sizeof(text), "{\"jsonrpc\":\"2.0\",\"id\":\"@ID@\",\"result\":\"%s ",
                        f->n_first == f->n_request ? "whole" : "pieces");
  for (size_t i = 0; i < f->n_request; i++)
    n += (size_t)snprintf(text + n, sizeof(text) - n, "\\u%04x", (unsigned char)f->request[i]);
  snprintf(text + n, sizeof(text) - n, "\"}");
  answer(f, text);
}

static char *sent(const struct fake *fake, const char *era, const char *command,
                  const struct oha_mi_arg *args, size_t n_args, enum oha_rc *rc)
{
  struct oha_mi_reply *reply;
  struct oha_mi *mi;
  char *text = NULL;

  assert_int_equal(open_client(fake->address, era, LONG_MS, 0, &mi, NULL), OHA_OK);
  *rc = oha_mi_call(mi, command, args, n_args, &reply, NULL);
  if (*rc == OHA_OK)
    text = strdup(oha_mi_reply_value(reply)->string);
  oha_mi_reply_free(reply);
  oha_mi_close(mi);
  return text;
}

static void requests_arrive_whole(void **state)
{
  static char value[66000];
  struct oha_mi_arg arg = { NULL, value, OHA_MI_ARG_TEXT };
  static const struct {
    enum fake_carrier carrier;
    size_t fits, does_not;
  } limits[] = { { FAKE_TCP, 900, 1024 },
                 { FAKE_FIFO, 3900, 4096 },
                 { FAKE_UNIX, 65000, 65457 },
                 { FAKE_UDP, 65000, 65457 } };
  struct fake fake;
  enum oha_rc rc;

  (void)state;
  for (size_t i = 0; i < N_OF(limits); i++) {
    /* ten bytes for each one sent come back: more than a datagram holds */
    assert_true(fake_start(&fake, limits[i].carrier, limits[i].carrier <= FAKE_UDP ? answer : echo,
                           RESULT("\"whole \"")));
    for (int k = 0; k < 2; k++) {
      size_t n = k == 0 ? limits[i].fits : limits[i].does_not;
      char *text;

      memset(value, 'a', n);
      value[n] = '\0';
      text = sent(&fake, "jsonrpc", "uptime", &arg, 1, &rc);
      assert_int_equal(rc, k == 0 ? OHA_OK : OHA_E_REFUSED);
      assert_true(k == 1 || strncmp(text, "whole ", 6) == 0);
      free(text);
    }
    fake_stop(&fake);
  }
}

static void http_head_is_as_httpd_wants_it(void **state)
{
  struct fake fake;
  enum oha_rc rc;
  char *text;

  (void)state;
  for (enum fake_carrier carrier = FAKE_TCP; carrier <= FAKE_TCP6; carrier++) {
    if (!fake_start(&fake, carrier, echo, NULL))
      continue; /* no IPv6 here */
    text = sent(&fake, "jsonrpc", "uptime", NULL, 0, &rc);
    assert_int_equal(rc, OHA_OK);
    assert_true(strncmp(text, "whole POST /mi HTTP/1.1\r\nHost: ", 31) == 0);
    assert_non_null(strstr(text, carrier == FAKE_TCP6 ? "Host: [::1]:" : "Host: 127.0.0.1:"));
    assert_non_null(strstr(text, "\r\nContent-Type: application/json\r\n"));
    assert_null(strstr(text, "Expect:"));
    assert_non_null(strstr(text, "\"method\":\"uptime\"}"));
    free(text);
    fake_stop(&fake);
  }
}

static void login_comes_from_a_file(void **state)
{
  struct oha_error err = OHA_ERROR_INIT;
  struct oha_mi_opts o = { .size = sizeof(o), .timeout_us = LONG_MS * OHA_US_PER_MS };
  struct oha_mi_reply *reply;
  struct oha_mi *mi;
  struct fake fake;
  char path[128];
  FILE *f;

  (void)state;
  assert_true(fake_start(&fake, FAKE_TCP, echo, NULL));
  snprintf(path, sizeof(path), "%s/login", fake.dir);
  f = fopen(path, "w");
  assert_non_null(f);
  fputs("[opensips-ha-mi]\nuser = Aladdin\npassword = \"open sesame\"\n[other]\npassword = x\n", f);
  fclose(f);
  chmod(path, 0640);
  o.address = fake.address;
  o.option_file = path;
  assert_int_equal(oha_mi_open(ctx, &o, &mi, &err), OHA_E_CONFIG);
  assert_null(mi);
  assert_null(strstr(err.text, "sesame"));
  chmod(path, 0600);
  o.group = "other";
  assert_int_equal(oha_mi_open(ctx, &o, &mi, NULL), OHA_E_CONFIG);
  o.group = NULL;
  assert_int_equal(oha_mi_open(ctx, &o, &mi, NULL), OHA_OK);
  assert_int_equal(oha_mi_call(mi, "uptime", NULL, 0, &reply, NULL), OHA_OK);
  /* RFC 7617 section 2 */
  assert_non_null(
      strstr(oha_mi_reply_value(reply)->string, "\r\nAuthorization: Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==\r\n"));
  oha_mi_reply_free(reply);
  oha_mi_close(mi);
  unlink(path);
  fake_stop(&fake);
}

/* ---- eras ---- */

/* As the servers of an era answer what they are asked, commands that they do not know included. */
static void be_text(struct fake *f, const void *arg)
{
  const char *version = strstr(f->request, ":version:");

  (void)arg;
  if (f->carrier != FAKE_FIFO) {
    fake_answer(f, version != NULL        ? "200 OK\nServer:: OpenSIPS (2.4.11 (x86_64/linux))\n\n"
                   : f->request[0] == ':' ? "200 OK\nA:: 1\n\n"
                                          : "500 command not available\n");
    return;
  }
  if (version != NULL) {
    memmove(f->request, version, strlen(version) + 1);
    f->reply_name[0] = '\0';
    sscanf(f->request, ":version:%100[^\n]", f->reply_name);
    answer(f, "200 OK\nServer:: OpenSIPS (2.4.11 (x86_64/linux))\n\n");
  } else if (f->request[0] == ':' && strchr(f->request, '{') == NULL) {
    answer(f, "200 OK\nA:: 1\n\n");
  }
}

static void be_json(struct fake *f, const void *arg)
{
  char text[256];

  if (strstr(f->request, "version\"") == NULL) {
    answer(f, RESULT("{\"A\":\"1\"}"));
    return;
  }
  snprintf(text, sizeof(text), RESULT("{\"Server\":\"OpenSIPS (%s (x86_64/linux))\"}"), (const char *)arg);
  answer(f, text);
}

static void be_kamailio(struct fake *f, const void *arg)
{
  (void)arg;
  if (f->carrier == FAKE_FIFO && f->request[0] != '{')
    return;
  if (strstr(f->request, "core.version") != NULL)
    answer(f, RESULT("\"kamailio 5.6.3 (x86_64/linux) \""));
  else if (strstr(f->request, "core.uptime") != NULL)
    answer(f, RESULT("{\"A\":\"1\"}"));
  else
    answer(f,
           "{\"jsonrpc\":\"2.0\",\"error\":{\"code\":500,\"message\":\"Method Not Found\"},\"id\":\"@ID@\"}");
}

static void eras_are_found(void **state)
{
  static const struct {
    enum fake_carrier carrier;
    fake_fn *fn;
    const char *arg;
    enum oha_mi_era era;
    const char *version;
  } servers[] = {
    { FAKE_UNIX, be_text, NULL, OHA_MI_ERA_TEXT, "OpenSIPS (2.4.11 (x86_64/linux))" },
    { FAKE_UDP, be_text, NULL, OHA_MI_ERA_TEXT, "OpenSIPS (2.4.11 (x86_64/linux))" },
    { FAKE_FIFO, be_text, NULL, OHA_MI_ERA_TEXT, "OpenSIPS (2.4.11 (x86_64/linux))" },
    { FAKE_UNIX, be_json, "3.6.8", OHA_MI_ERA_JSONRPC, "OpenSIPS (3.6.8 (x86_64/linux))" },
    { FAKE_FIFO, be_json, "3.0.5", OHA_MI_ERA_JSONRPC, "OpenSIPS (3.0.5 (x86_64/linux))" },
    { FAKE_TCP, be_json, "4.0.1", OHA_MI_ERA_MODULES, "OpenSIPS (4.0.1 (x86_64/linux))" },
    { FAKE_FIFO, be_json, "10.2.0-dev", OHA_MI_ERA_MODULES, "OpenSIPS (10.2.0-dev (x86_64/linux))" },
    { FAKE_UNIX, be_kamailio, NULL, OHA_MI_ERA_KAMAILIO, "kamailio 5.6.3 (x86_64/linux)" },
    { FAKE_FIFO, be_kamailio, NULL, OHA_MI_ERA_KAMAILIO, "kamailio 5.6.3 (x86_64/linux)" },
    { FAKE_TCP, be_kamailio, NULL, OHA_MI_ERA_KAMAILIO, "kamailio 5.6.3 (x86_64/linux)" },
  };

  (void)state;
  for (size_t i = 0; i < N_OF(servers); i++) {
    /* asked first, asked by a call, and told */
    for (int how = 0; how < 3; how++) {
      struct oha_error err = OHA_ERROR_INIT;
      enum oha_mi_era era;
      struct oha_mi_reply *reply;
      struct oha_mi *mi;
      struct fake fake;
      char version[64], *text;

      assert_true(fake_start(&fake, servers[i].carrier, servers[i].fn, servers[i].arg));
      assert_int_equal(
          open_client(fake.address, how == 2 ? oha_mi_era_name(servers[i].era) : "", LONG_MS, 0, &mi, &err),
          OHA_OK);
      if (how != 0 && oha_mi_call(mi, "uptime", NULL, 0, &reply, &err) != OHA_OK)
        fail_msg("server %zu: %s", i, err.text);
      if (how != 0) {
        text = mi_tree_text(oha_mi_reply_value(reply));
        assert_string_equal(text, "{\"A\":\"1\"}");
        free(text);
        oha_mi_reply_free(reply);
      }
      if (oha_mi_version(mi, version, sizeof(version), &era, &err) != OHA_OK)
        fail_msg("server %zu: %s", i, err.text);
      assert_string_equal(version, servers[i].version);
      assert_int_equal(era, servers[i].era);
      assert_int_equal(oha_mi_version(mi, NULL, 0, NULL, NULL), OHA_OK);
      expect_clean(&fake, "era");
      oha_mi_close(mi);
      fake_stop(&fake);
    }
  }
}

/* 4.0 knows nathelper:enable_ping only; others know nh_enable_ping only. */
static void know_one_name(struct fake *f, const void *arg)
{
  char name[64];

  snprintf(name, sizeof(name), "\"method\":\"%s\"", (const char *)arg);
  answer(f, strstr(f->request, name) != NULL ? RESULT("1")
                                             : "{\"jsonrpc\":\"2.0\",\"error\":{\"code\":-32601,\"message\":"
                                               "\"Method not found\"},\"id\":\"@ID@\"}");
}

static void commands_are_called_by_the_right_name(void **state)
{
  static const struct {
    const char *era, *known, *called;
    enum oha_rc rc;
  } calls[] = {
    { "modules", "nathelper:enable_ping", "nh_enable_ping", OHA_OK },
    { "modules", "nathelper:enable_ping", "nathelper:enable_ping", OHA_OK },
    { "modules", "nathelper:enable_ping", "nathelper.enable_ping", OHA_OK },
    { "modules", "domain_reload", "domain:reload", OHA_OK },
    { "jsonrpc", "ul_dump", "usrloc:dump", OHA_OK },
    { "jsonrpc", "ul_dump", "ul.dump", OHA_OK },
    { "kamailio", "ul.dump", "ul_dump", OHA_OK },
    { "jsonrpc", "my_own", "my_own", OHA_OK },
    { "modules", "nathelper:enable_ping", "my_own", OHA_E_NOTFOUND },
    { "jsonrpc", "ul_dump", "uptime", OHA_E_NOTFOUND },
  };

  (void)state;
  for (size_t i = 0; i < N_OF(calls); i++) {
    struct oha_mi_reply *reply;
    struct oha_mi *mi;
    struct fake fake;

    assert_true(fake_start(&fake, FAKE_UNIX, know_one_name, calls[i].known));
    assert_int_equal(open_client(fake.address, calls[i].era, LONG_MS, 0, &mi, NULL), OHA_OK);
    assert_int_equal(oha_mi_call(mi, calls[i].called, NULL, 0, &reply, NULL), calls[i].rc);
    oha_mi_reply_free(reply);
    oha_mi_close(mi);
    fake_stop(&fake);
  }
}

static void be_ambiguous(struct fake *f, const void *arg)
{
  (void)arg;
  answer(f,
         "{\"jsonrpc\":\"2.0\",\"error\":{\"code\":-32001,\"message\":\"Method ambiguous\",\"data\":[\"a:x\","
         "\"b:x\"]},\"id\":\"@ID@\"}");
}

static void ambiguity_is_a_reply(void **state)
{
  struct oha_mi_reply *reply;
  struct oha_mi *mi;
  struct fake fake;

  (void)state;
  assert_true(fake_start(&fake, FAKE_UNIX, be_ambiguous, NULL));
  assert_int_equal(open_client(fake.address, "modules", LONG_MS, 0, &mi, NULL), OHA_OK);
  assert_int_equal(oha_mi_call(mi, "trace", NULL, 0, &reply, NULL), OHA_OK);
  assert_int_equal(oha_mi_reply_code(reply), -32001);
  assert_int_equal(oha_mi_reply_value(reply)->n_children, 2);
  oha_mi_reply_free(reply);
  oha_mi_close(mi);
  fake_stop(&fake);
}

/* ---- connections ---- */

static void tell_connections(struct fake *f, const void *arg)
{
  static unsigned n_on_this;
  char text[128];

  n_on_this++;
  snprintf(text, sizeof(text), RESULT("\"%u\""), n_on_this);
  fake_answer(f, text);
  if (arg != NULL && n_on_this == 2) {
    fake_end(f);
    n_on_this = 0;
  }
}

static void connections_are_used_again(void **state)
{
  static const char *const kept[] = { "1", "2", "3", "4" }, *const closed[] = { "1", "2", "1", "2" };

  (void)state;
  for (int closes = 0; closes < 2; closes++) {
    struct oha_mi_reply *reply;
    struct oha_mi *mi;
    struct fake fake;

    assert_true(fake_start(&fake, FAKE_TCP, tell_connections, closes == 0 ? NULL : ""));
    assert_int_equal(open_client(fake.address, "jsonrpc", LONG_MS, 0, &mi, NULL), OHA_OK);
    for (size_t i = 0; i < 4; i++) {
      assert_int_equal(oha_mi_call(mi, "uptime", NULL, 0, &reply, NULL), OHA_OK);
      assert_string_equal(oha_mi_reply_value(reply)->string, closes == 0 ? kept[i] : closed[i]);
      assert_string_equal(oha_mi_reply_date(reply), "Sun, 22 Nov 2026 07:19:52 GMT");
      oha_mi_reply_free(reply);
      fake_pause(20); /* the server closes it meanwhile */
    }
    oha_mi_close(mi);
    fake_stop(&fake);
  }
}

/* ---- nobody there ---- */

static void nobody_is_there(void **state)
{
  static const struct {
    const char *scheme, *file; /* file NULL: the scheme is the whole address */
    const char *options;
    enum oha_rc rc;
  } places[] = {
    { "unix:", "none", "", OHA_E_UNAVAILABLE },
    { "unix:", "none", "?era=text", OHA_E_UNAVAILABLE },
    { "unix:", "file", "", OHA_E_UNAVAILABLE },
    { "fifo:", "none", "", OHA_E_UNAVAILABLE },
    { "fifo:", "fifo", "", OHA_E_UNAVAILABLE },
    { "fifo:", "fifo", "?era=jsonrpc", OHA_E_UNAVAILABLE },
    { "fifo:", "link", "", OHA_E_CONFIG },
    { "fifo:", "file", "", OHA_E_CONFIG },
    { "http://127.0.0.1:1/mi", NULL, "", OHA_E_UNAVAILABLE },
    { "udp:127.0.0.1:1", NULL, "", OHA_E_UNAVAILABLE },
  };
  char dir[] = "/tmp/oha-fake-XXXXXX", fifo[64], link_path[64], file[64];

  (void)state;
  assert_non_null(mkdtemp(dir));
  snprintf(fifo, sizeof(fifo), "%s/fifo", dir);
  snprintf(link_path, sizeof(link_path), "%s/link", dir);
  snprintf(file, sizeof(file), "%s/file", dir);
  assert_int_equal(mkfifo(fifo, 0600), 0);
  assert_int_equal(symlink(fifo, link_path), 0);
  close(open(file, O_CREAT | O_WRONLY, 0600));
  for (size_t i = 0; i < N_OF(places); i++) {
    struct oha_error err = OHA_ERROR_INIT;
    struct oha_mi_reply *reply;
    struct oha_mi *mi;
    char address[128];
    enum oha_rc rc;

    snprintf(address, sizeof(address), "%s%s%s%s%s", places[i].scheme, places[i].file == NULL ? "" : dir,
             places[i].file == NULL ? "" : "/", places[i].file == NULL ? "" : places[i].file,
             places[i].options);
    assert_int_equal(open_client(address, "", LONG_MS, 0, &mi, NULL), OHA_OK);
    rc = oha_mi_call(mi, "uptime", NULL, 0, &reply, &err);
    if (rc != places[i].rc || err.rc != rc || reply != NULL ||
        strncmp(err.text, address, strlen(address)) != 0)
      fail_msg("%s: %s, %s", address, oha_rc_name(rc), err.text);
    assert_int_equal(oha_mi_version(mi, NULL, 0, NULL, NULL), rc);
    oha_mi_close(mi);
  }
  unlink(fifo);
  unlink(link_path);
  unlink(file);
  rmdir(dir);
}

static struct oha_mono mono_now(void *arg)
{
  (void)arg;
  return oha_now_mono(ctx);
}

static struct oha_wall wall_in_two_minutes(void *arg)
{
  struct oha_wall now = oha_now_wall(ctx);

  (void)arg;
  now.us += 120 * OHA_US_PER_S;
  return now;
}

static void no_sleep(void *arg, int64_t d_us)
{
  (void)arg;
  (void)d_us;
}

static void call_once(struct oha_ctx *with, const char *address)
{
  struct oha_mi_opts o = { .size = sizeof(o), .address = address, .era = OHA_MI_ERA_JSONRPC };
  struct oha_mi_reply *reply;
  struct oha_mi *mi;

  assert_int_equal(oha_mi_open(with, &o, &mi, NULL), OHA_OK);
  assert_int_equal(oha_mi_call(mi, "uptime", NULL, 0, &reply, NULL), OHA_OK);
  oha_mi_reply_free(reply);
  oha_mi_close(mi);
}

/* A client that was killed leaves its reply FIFO; the next one removes it, but nothing that somebody waits
 * at. */
static void abandoned_fifos_are_removed(void **state)
{
  static const char *const names[] = { "oha-mi-left", "oha-mi-read", "other" };
  struct oha_clock_ops clock = {
    .size = sizeof(clock), .mono = mono_now, .wall = wall_in_two_minutes, .sleep = no_sleep
  };
  struct oha_ctx_opts later_opts = { .size = sizeof(later_opts), .clock = &clock };
  struct oha_ctx *later;
  struct fake fake;
  char paths[N_OF(names)][128];
  int fd;

  (void)state;
  assert_int_equal(oha_ctx_new(&later_opts, &later, NULL), OHA_OK);
  assert_true(fake_start(&fake, FAKE_FIFO, answer, RESULT("1")));
  for (size_t i = 0; i < N_OF(names); i++) {
    snprintf(paths[i], sizeof(paths[i]), "%s/%s", fake.dir, names[i]);
    assert_int_equal(mkfifo(paths[i], 0600), 0);
  }
  fd = open(paths[1], O_RDONLY | O_NONBLOCK | O_CLOEXEC);
  assert_true(fd >= 0);
  call_once(ctx, fake.address);
  for (size_t i = 0; i < N_OF(names); i++) /* they are young */
    assert_int_equal(access(paths[i], F_OK), 0);
  call_once(later, fake.address);
  for (size_t i = 0; i < N_OF(names); i++) {
    assert_int_equal(access(paths[i], F_OK), i == 0 ? -1 : 0);
    unlink(paths[i]);
  }
  close(fd);
  oha_ctx_free(later);
  fake_stop(&fake);
}

static void what_is_refused_is_not_sent(void **state)
{
  static const char *const commands[] = {
    "ul_sync",           "usrloc:sync", "sync", "UL_SYNC", "kill", "core.kill", "dlg_restore_db",
    "dialog:restore_db", "a b",         "a\n",  "",        "a\"b", "a{"
  };
  struct oha_mi_arg relay[] = { { "cluster_id", "1", OHA_MI_ARG_TEXT },
                                { "cmd_name", "ul_sync", OHA_MI_ARG_TEXT } };
  struct oha_mi_arg mixed[] = { { "a", "1", OHA_MI_ARG_TEXT }, { NULL, "2", OHA_MI_ARG_TEXT } };
  struct oha_mi_reply *reply;
  struct oha_mi *mi;

  (void)state;
  /* Nobody is there: UNAVAILABLE would show that it was tried. */
  assert_int_equal(open_client("unix:/none", "jsonrpc", LONG_MS, 0, &mi, NULL), OHA_OK);
  for (size_t i = 0; i < N_OF(commands); i++)
    if (oha_mi_call(mi, commands[i], NULL, 0, &reply, NULL) != OHA_E_REFUSED)
      fail_msg("'%s' was not refused", commands[i]);
  assert_int_equal(oha_mi_call(mi, "cluster_broadcast_mi", relay, 2, &reply, NULL), OHA_E_REFUSED);
  relay[1].value = "kill";
  assert_int_equal(oha_mi_call(mi, "clusterer:send_mi", relay, 2, &reply, NULL), OHA_E_REFUSED);
  relay[1].value = "uptime";
  assert_int_equal(oha_mi_call(mi, "clusterer:send_mi", relay, 2, &reply, NULL), OHA_E_UNAVAILABLE);
  assert_int_equal(oha_mi_call(mi, "uptime", mixed, 2, &reply, NULL), OHA_E_ARG);
  assert_int_equal(oha_mi_call(mi, NULL, NULL, 0, &reply, NULL), OHA_E_ARG);
  assert_int_equal(oha_mi_call(NULL, "uptime", NULL, 0, &reply, NULL), OHA_E_ARG);
  assert_int_equal(oha_mi_call(mi, "uptime", NULL, 0, NULL, NULL), OHA_E_ARG);
  oha_mi_close(mi);
  oha_mi_close(NULL);
}

static void options_are_checked(void **state)
{
  struct oha_mi_opts o = { .size = sizeof(o), .address = "unix:/none" };
  struct oha_mi *mi;

  (void)state;
  assert_int_equal(oha_mi_open(NULL, &o, &mi, NULL), OHA_E_ARG);
  assert_int_equal(oha_mi_open(ctx, NULL, &mi, NULL), OHA_E_ARG);
  assert_int_equal(oha_mi_open(ctx, &o, NULL, NULL), OHA_E_ARG);
  o.timeout_us = -1;
  assert_int_equal(oha_mi_open(ctx, &o, &mi, NULL), OHA_E_ARG);
  o.timeout_us = 0;
  o.address = NULL;
  assert_int_equal(oha_mi_open(ctx, &o, &mi, NULL), OHA_E_ARG);
  o.address = "ftp://x";
  assert_int_equal(oha_mi_open(ctx, &o, &mi, NULL), OHA_E_PARSE);
  assert_null(mi);
}

static void a_cancelled_call_ends(void **state)
{
  struct oha_ctx *own;
  struct oha_mi_opts o = { .size = sizeof(o),
                           .timeout_us = LONG_MS * OHA_US_PER_MS,
                           .era = OHA_MI_ERA_JSONRPC };
  struct oha_mi_reply *reply;
  struct oha_mi *mi;
  struct fake fake;

  (void)state;
  assert_int_equal(oha_ctx_new(NULL, &own, NULL), OHA_OK);
  for (enum fake_carrier carrier = FAKE_UNIX; carrier <= FAKE_TCP; carrier++) {
    assert_true(fake_start(&fake, carrier, stay_silent, NULL));
    o.address = fake.address;
    assert_int_equal(oha_mi_open(own, &o, &mi, NULL), OHA_OK);
    oha_ctx_cancel(own);
    assert_int_equal(oha_mi_call(mi, "uptime", NULL, 0, &reply, NULL), OHA_E_CANCELLED);
    expect_clean(&fake, "cancelled");
    oha_mi_close(mi);
    fake_stop(&fake);
  }
  oha_ctx_free(own);
}

/* Whichever request for memory fails, the call says so, and nothing is left behind. */
static void memory_may_run_out(void **state)
{
  (void)state;
  for (enum fake_carrier carrier = FAKE_UNIX; carrier <= FAKE_TCP; carrier++) {
    struct fake fake;
    enum oha_rc rc = OHA_E_NOMEM;

    assert_true(fake_start(&fake, carrier, be_json, "3.6.8"));
    for (long n = 0; n < 100 && rc != OHA_OK; n++) {
      struct oha_error err = OHA_ERROR_INIT;
      struct oha_mi_reply *reply = NULL;
      struct oha_mi *mi = NULL;

      oha__mem_fail_at = n;
      rc = open_client(fake.address, "", LONG_MS, 0, &mi, &err);
      if (rc == OHA_OK)
        rc = oha_mi_call(mi, "uptime", NULL, 0, &reply, &err);
      oha__mem_fail_at = -1;
      if (rc != OHA_OK && (rc != OHA_E_NOMEM || err.rc != rc || reply != NULL))
        fail_msg("carrier %d, request %ld: %s, %s", carrier, n, oha_rc_name(rc), err.text);
      oha_mi_reply_free(reply);
      oha_mi_close(mi);
      expect_clean(&fake, "no memory");
    }
    assert_int_equal(rc, OHA_OK);
    fake_stop(&fake);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(servers_do_all_kinds_of_things),
    cmocka_unit_test(requests_arrive_whole),
    cmocka_unit_test(http_head_is_as_httpd_wants_it),
    cmocka_unit_test(login_comes_from_a_file),
    cmocka_unit_test(eras_are_found),
    cmocka_unit_test(commands_are_called_by_the_right_name),
    cmocka_unit_test(ambiguity_is_a_reply),
    cmocka_unit_test(connections_are_used_again),
    cmocka_unit_test(nobody_is_there),
    cmocka_unit_test(abandoned_fifos_are_removed),
    cmocka_unit_test(what_is_refused_is_not_sent),
    cmocka_unit_test(options_are_checked),
    cmocka_unit_test(a_cancelled_call_ends),
    cmocka_unit_test(memory_may_run_out),
  };

  return cmocka_run_group_tests(tests, make_ctx, free_ctx);
}
