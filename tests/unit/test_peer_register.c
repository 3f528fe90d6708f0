/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A test registration against a registrar that the test plays. */
#include "cm.h"

#include "base/span.h"
#include "sip/register.h"

#include <opensips-ha/peer.h>

#include <netinet/in.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <signal.h>
#include <unistd.h>

static struct oha_ctx *ctx;
static struct oha_sock target;
static int registrar = -1;

static int setup(void **state)
{
  struct sockaddr_in sin = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
  socklen_t size = sizeof(sin);
  char text[64];

  (void)state;
  registrar = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  assert_int_equal(bind(registrar, (struct sockaddr *)&sin, size), 0);
  assert_int_equal(getsockname(registrar, (struct sockaddr *)&sin, &size), 0);
  snprintf(text, sizeof(text), "udp:127.0.0.1:%u", (unsigned)ntohs(sin.sin_port));
  assert_int_equal(oha_sock_parse(text, strlen(text), &target, NULL), OHA_OK);
  return oha_ctx_new(NULL, &ctx, NULL);
}

static int teardown(void **state)
{
  (void)state;
  oha_ctx_free(ctx);
  close(registrar);
  return 0;
}

/* Answer one request by each of these lines in turn; "%" in front: with a branch of somebody else. */
static pid_t play(const char *const *answers, unsigned n_ignored)
{
  char request[2048], reply[4096];
  struct sockaddr_in from;
  socklen_t size = sizeof(from);
  pid_t pid = fork();
  ssize_t got = 0;
  char *headers;

  if (pid != 0)
    return pid;
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  for (unsigned i = 0; i <= n_ignored; i++)
    got = recvfrom(registrar, request, sizeof(request) - 1, 0, (struct sockaddr *)&from, &size);
  request[got > 0 ? got : 0] = '\0';
  headers = strstr(request, "\r\n");
  for (; headers != NULL && *answers != NULL; answers++) {
    bool foreign = **answers == '%';
    int n = snprintf(reply, sizeof(reply), "%s%s", *answers + foreign, headers);

    if (foreign)
      memset(strstr(reply, "z9hG4bK") + 7, '0', 32);
    sendto(registrar, reply, (size_t)n, 0, (struct sockaddr *)&from, size);
  }
  _exit(0);
}

static enum oha_rc send_to_player(const char *const *answers, unsigned n_ignored, int64_t timeout_us,
                                  int *code, char reason[64])
{
  struct oha_register *reg;
  pid_t pid;
  enum oha_rc rc;

  assert_int_equal(oha_register_open(ctx, &target, "test@lab.example", timeout_us, &reg, NULL), OHA_OK);
  pid = play(answers, n_ignored);
  rc = oha_register_send(reg, 60, code, reason, 64, NULL);
  kill(pid, SIGKILL);
  assert_int_equal(waitpid(pid, NULL, 0), pid);
  oha_register_close(reg);
  return rc;
}

static void final_replies_end_it(void **state)
{
  static const char *const ok[] = { "SIP/2.0 100 Trying", "%SIP/2.0 500 Not Yours", "no SIP",
                                    "SIP/2.0 200 OK", NULL };
  static const char *const challenge[] = { "SIP/2.0 401 Unauthorized", NULL };
  char reason[64] = "";
  int code;

  (void)state;
  assert_int_equal(send_to_player(ok, 0, OHA_US_PER_S, &code, reason), OHA_OK);
  assert_int_equal(code, 200);
  assert_string_equal(reason, "OK");
  assert_int_equal(send_to_player(challenge, 0, OHA_US_PER_S, &code, reason), OHA_OK);
  assert_int_equal(code, 401);
}

static void a_lost_request_is_repeated(void **state)
{
  static const char *const ok[] = { "SIP/2.0 200 OK", NULL };
  char reason[64];
  int code;

  (void)state;
  assert_int_equal(send_to_player(ok, 1, 5 * OHA_US_PER_S, &code, reason), OHA_OK);
  assert_int_equal(code, 200);
}

static void silence_and_refusal(void **state)
{
  static const char *const early[] = { "SIP/2.0 100 Trying", NULL };
  struct oha_register *reg;
  char reason[64];
  int code;

  (void)state;
  assert_int_equal(send_to_player(early, 0, 200 * OHA_US_PER_MS, &code, reason), OHA_E_TIMEOUT);
  assert_int_equal(code, 0);
  assert_int_equal(oha_register_open(ctx, &target, "test@lab.example", 700 * OHA_US_PER_MS, &reg, NULL),
                   OHA_OK);
  close(registrar);
  registrar = -1;
  assert_int_equal(oha_register_send(reg, 0, &code, reason, sizeof(reason), NULL), OHA_E_UNAVAILABLE);
  oha_register_close(reg);
}

static void only_plain_addresses_of_record(void **state)
{
  static const char *const wrong[] = { "",        "test",    "@host",       "test@",
                                       "a@b@c",   "a b@c",   "a@b\r\nX: y", "sip:a@b",
                                       "a@b;x=y", "a@b?X=y", "<a>@b",       "\xff@b" };
  struct oha_register *reg = NULL;
  struct oha_sock tcp = target;

  (void)state;
  for (size_t i = 0; i < N_OF(wrong); i++)
    assert_int_equal(oha_register_open(ctx, &target, wrong[i], 0, &reg, NULL), OHA_E_ARG);
  assert_int_equal(oha_register_open(ctx, &target, NULL, 0, &reg, NULL), OHA_E_ARG);
  tcp.proto = OHA_PROTO_TCP;
  assert_int_equal(oha_register_open(ctx, &tcp, "a@b", 0, &reg, NULL), OHA_E_ARG);
  assert_null(reg);
  oha_register_close(NULL);
}

static void the_request(void **state)
{
  struct oha_sip_register q = { .local_port = 5070,
                                .domain = "lab.example",
                                .aor = "sip:test@lab.example",
                                .contact = "sip:x@192.0.2.9:5070",
                                .expires_s = 60,
                                .cseq = 2 };
  char buf[OHA_SIP_REQUEST_SIZE];
  size_t n;

  (void)state;
  assert_int_equal(oha_addr_parse("192.0.2.9", 9, &q.local, NULL), OHA_OK);
  assert_int_equal(oha__sip_register_build(&q, buf, sizeof(buf), &n, NULL), OHA_OK);
  assert_int_equal(n, strlen(buf));
  assert_string_equal(
      buf, "REGISTER sip:lab.example SIP/2.0\r\n"
           "Via: SIP/2.0/UDP 192.0.2.9:5070;branch=z9hG4bK00000000000000000000000000000000;rport\r\n"
           "Max-Forwards: 70\r\n"
           "From: <sip:test@lab.example>;tag=0000000000000000\r\n"
           "To: <sip:test@lab.example>\r\n"
           "Call-ID: 00000000000000000000000000000000\r\n"
           "CSeq: 2 REGISTER\r\n"
           "Contact: <sip:x@192.0.2.9:5070>;expires=60\r\n"
           "User-Agent: opensips-ha/" OHA_VERSION "\r\nContent-Length: 0\r\n\r\n");
  assert_int_equal(oha__sip_register_build(&q, buf, 100, &n, NULL), OHA_E_NOSPACE);
  q.contact = "sip:x>\r\nEvil: y";
  assert_int_equal(oha__sip_register_build(&q, buf, sizeof(buf), &n, NULL), OHA_E_ARG);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test_setup_teardown(final_replies_end_it, setup, teardown),
    cmocka_unit_test_setup_teardown(a_lost_request_is_repeated, setup, teardown),
    cmocka_unit_test_setup_teardown(silence_and_refusal, setup, teardown),
    cmocka_unit_test_setup_teardown(only_plain_addresses_of_record, setup, teardown),
    cmocka_unit_test(the_request),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
