/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * mi_server VERSION TRANSPORT: a made-up server that answers what a real one of that version was recorded to
 * answer over that transport: 1.11, 2.4, 3.6; fifo, dgram, http, json, xmlrpc, xmlrpcng. Its address is the
 * first line of standard output; it ends with SIGTERM.
 */
#include "mi_replay.h"

#include <dirent.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define REPLAYS_MAX 256

struct script {
  const char *version, *transport;
  struct replay replays[REPLAYS_MAX];
  size_t n_replays;
};

static void load(struct script *s)
{
  const char *top = getenv("top_srcdir");
  const struct dirent *entry;
  char path[512];
  DIR *dir;

  snprintf(path, sizeof(path), "%s/tests/data/mi/%s", top == NULL ? "." : top, s->version);
  dir = opendir(path);
  while (dir != NULL && (entry = readdir(dir)) != NULL) {
    struct replay *r = &s->replays[s->n_replays];

    if (entry->d_name[0] == '.' || s->n_replays == REPLAYS_MAX || !replay_load(s->version, entry->d_name, r))
      continue;
    if (strcmp(r->transport, s->transport) == 0)
      s->n_replays++;
    else
      replay_free(r);
  }
  if (dir != NULL)
    closedir(dir);
  if (s->n_replays > 0)
    return;
  fprintf(stderr, "mi_server: nothing recorded of %s by %s\n", s->version, s->transport);
  exit(1);
}

/* The recorded bytes, in JSON-RPC with the id of today; over HTTP its head is ours then, for the length
 * changes. */
static void answer(struct fake *f, const struct replay *r)
{
  static char text[FAKE_BYTES];
  struct oha_span bytes = r->capture.response;
  const char *body = f->carrier >= FAKE_TCP ? memmem(bytes.p, bytes.n, "\r\n\r\n", 4) : NULL;
  size_t n = 0;

  if (f->id[0] == '\0') {
    fake_send(f, bytes.p, bytes.n);
    fake_end(f);
    return;
  }
  if (body != NULL)
    bytes = (struct oha_span){ body + 4, bytes.n - (size_t)(body + 4 - bytes.p) };
  for (size_t i = 0; i < bytes.n && n + 8 < sizeof(text); i++) {
    if (bytes.n - i == 7 && memcmp(bytes.p + i, "\"id\":1}", 7) == 0) {
      n += (size_t)snprintf(text + n, sizeof(text) - n, "\"id\":\"@ID@\"}");
      break;
    }
    text[n++] = bytes.p[i];
  }
  text[n] = '\0';
  fake_answer(f, text);
}

/* What no recording holds: the version of the text era, asked in the way of any era; unknown commands. */
static void answer_text(struct fake *f, const char *version)
{
  const char *asked = strstr(f->request, ":version:");
  char text[128];

  snprintf(text, sizeof(text), "200 OK\nServer:: OpenSIPS (%s.0 (x86_64/linux))\n\n", version);
  if (asked != NULL && f->carrier == FAKE_FIFO)
    sscanf(asked, ":version:%100[^\n]", f->reply_name);
  fake_answer(f, asked != NULL ? text : "500 command not available\n");
}

/* Connections stay open, for real servers keep them. */
static void end(struct fake *f)
{
  if (f->carrier == FAKE_FIFO)
    fake_end(f);
}

static void play(struct fake *f, const void *arg)
{
  const struct script *s = arg;

  for (size_t i = 0; i < s->n_replays; i++)
    if (replay_matches(&s->replays[i], f)) {
      answer(f, &s->replays[i]);
      end(f);
      return;
    }
  if (strncmp(s->transport, "xml", 3) == 0)
    fake_answer(
        f,
        "<methodResponse><fault><value><struct><member><name>faultCode</name><value><int>-506</int></value>"
        "</member><member><name>faultString</name><value><string>no such command</string></value></member>"
        "</struct></value></fault></methodResponse>");
  else if (strcmp(s->transport, "json") == 0)
    fake_answer(f, "{\"error\": {\"code\": 500, \"message\": \"Command not found\"}}");
  else if (s->version[0] != '3')
    answer_text(f, s->version);
  else
    fake_answer(
        f,
        "{\"jsonrpc\":\"2.0\",\"error\":{\"code\":-32601,\"message\":\"Method not found\"},\"id\":\"@ID@\"}");
  end(f);
}

static void print_address(const struct fake *f, const char *transport)
{
  const char *port = strrchr(f->address, ':') + 1;
  bool is_xml = strncmp(transport, "xml", 3) == 0;

  if (is_xml || strcmp(transport, "json") == 0)
    printf("%s://127.0.0.1:%.*s%s\n", is_xml ? "xmlrpc" : "json", (int)strcspn(port, "/"), port,
           is_xml ? "/RPC2" : "/json");
  else
    printf("%s\n", f->address);
  fflush(stdout);
}

int main(int argc, char **argv)
{
  static struct script script;
  enum fake_carrier carrier = FAKE_TCP;
  struct fake fake;
  sigset_t end;
  int signal_number;

  if (argc != 3) {
    fprintf(stderr, "usage: mi_server VERSION TRANSPORT\n");
    return 64;
  }
  script.version = argv[1];
  script.transport = argv[2];
  load(&script);
  if (strcmp(script.transport, "fifo") == 0)
    carrier = FAKE_FIFO;
  else if (strcmp(script.transport, "dgram") == 0)
    carrier = FAKE_UNIX;
  sigemptyset(&end);
  sigaddset(&end, SIGTERM);
  sigaddset(&end, SIGINT);
  sigprocmask(SIG_BLOCK, &end, NULL);
  if (!fake_start(&fake, carrier, play, &script))
    return 1;
  print_address(&fake, script.transport);
  sigwait(&end, &signal_number);
  fake_stop(&fake);
  return 0;
}
