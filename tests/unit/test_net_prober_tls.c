/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The prober over TLS, against a server of ours that runs in a thread with a certificate made on the spot. */
#include "net_bed.h"

#include "base/mem.h"
#include "net/sockaddr.h"

#include <errno.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#define OPTS(...)                                                                                            \
  &(struct oha_probe_opts)                                                                                   \
  {                                                                                                          \
    .size = sizeof(struct oha_probe_opts), .timeout_us = 3000000, __VA_ARGS__                                \
  }

enum manner {
  ANSWER,
  ANSWER_IN_PIECES,
  CLOSE_AFTER_REQUEST,
  RESET_AFTER_REQUEST,
  SAY_NONSENSE,
  CLOSE_BEFORE_HANDSHAKE,
  NO_TLS
};

static struct {
  SSL_CTX *ssl;
  char ca_file[64], own_file[64]; /* the certificate; certificate and key */
  char other_ca_file[64];
  int fd;
  struct oha_sock sock;
  enum manner manner;
  pthread_t thread;
  char request[4096];
  char server_name[256];
} tls;

static X509 *make_certificate(EVP_PKEY *key)
{
  X509 *cert = X509_new();
  X509_NAME *name = X509_get_subject_name(cert);
  X509_EXTENSION *names =
      X509V3_EXT_conf_nid(NULL, NULL, NID_subject_alt_name, "DNS:sip.example.com,IP:127.0.0.1");

  X509_set_version(cert, 2);
  ASN1_INTEGER_set(X509_get_serialNumber(cert), 1);
  X509_gmtime_adj(X509_getm_notBefore(cert), -3600);
  X509_gmtime_adj(X509_getm_notAfter(cert), 3600);
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, (const unsigned char *)"made up", -1, -1, 0);
  X509_set_issuer_name(cert, name);
  X509_add_ext(cert, names, -1);
  X509_EXTENSION_free(names);
  X509_set_pubkey(cert, key);
  assert_true(X509_sign(cert, key, EVP_sha256()) > 0);
  return cert;
}

static void write_pem(char path[64], X509 *cert, EVP_PKEY *key)
{
  FILE *f;
  int fd;

  snprintf(path, 64, "/tmp/oha-test-XXXXXX");
  fd = mkstemp(path);
  f = fdopen(fd, "w");
  assert_non_null(f);
  assert_int_equal(PEM_write_X509(f, cert), 1);
  if (key != NULL)
    assert_int_equal(PEM_write_PrivateKey(f, key, NULL, NULL, 0, NULL, NULL), 1);
  assert_int_equal(fclose(f), 0);
}

static int make_server(void **state)
{
  EVP_PKEY *key = EVP_EC_gen("P-256"), *other_key = EVP_EC_gen("P-256");
  X509 *cert = make_certificate(key), *other = make_certificate(other_key);
  struct sockaddr_storage name;
  socklen_t n;

  (void)state;
  write_pem(tls.ca_file, cert, NULL);
  write_pem(tls.own_file, cert, key);
  write_pem(tls.other_ca_file, other, NULL);
  tls.ssl = SSL_CTX_new(TLS_server_method());
  assert_int_equal(SSL_CTX_use_certificate(tls.ssl, cert), 1);
  assert_int_equal(SSL_CTX_use_PrivateKey(tls.ssl, key), 1);
  assert_int_equal(SSL_CTX_load_verify_locations(tls.ssl, tls.ca_file, NULL), 1);
  X509_free(cert);
  X509_free(other);
  EVP_PKEY_free(key);
  EVP_PKEY_free(other_key);
  tls.sock = (struct oha_sock){ .proto = OHA_PROTO_TLS, .addr = { 4, { 127, 0, 0, 1 } } };
  tls.fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  n = oha__sockaddr_from(&tls.sock.addr, 0, &name);
  assert_int_equal(bind(tls.fd, (struct sockaddr *)&name, n), 0);
  assert_int_equal(listen(tls.fd, 10), 0);
  return oha__sockaddr_of(tls.fd, &tls.sock.addr, &tls.sock.port) ? 0 : -1;
}

static int free_server(void **state)
{
  (void)state;
  SSL_CTX_free(tls.ssl);
  close(tls.fd);
  unlink(tls.ca_file);
  unlink(tls.own_file);
  unlink(tls.other_ca_file);
  return 0;
}

static void answer(SSL *ssl)
{
  char reply[4096];
  int n = SSL_read(ssl, tls.request, sizeof(tls.request) - 1), n_first;

  if (n <= 0)
    return;
  tls.request[n] = '\0';
  reply_to(tls.request, "200 OK", "Server: made up (1.0)\r\n", reply);
  n = (int)strlen(reply);
  n_first = tls.manner == ANSWER_IN_PIECES ? n / 2 : n;
  SSL_write(ssl, reply, n_first);
  if (n_first < n)
    SSL_write(ssl, reply + n_first, n - n_first);
  SSL_read(ssl, reply, sizeof(reply)); /* until the prober closes */
}

static void *serve_one(void *arg)
{
  int fd = accept(tls.fd, NULL, NULL);
  SSL *ssl = SSL_new(tls.ssl);
  const char *name;
  sigset_t pipe_set;

  (void)arg;
  /* in this thread alone: the library must not need it */
  sigemptyset(&pipe_set);
  sigaddset(&pipe_set, SIGPIPE);
  pthread_sigmask(SIG_BLOCK, &pipe_set, NULL);
  SSL_set_fd(ssl, fd);
  if (tls.manner == NO_TLS)
    send_reply(fd, "220 smtp.example ESMTP\r\n", NULL, 0);
  else if (tls.manner != CLOSE_BEFORE_HANDSHAKE && SSL_accept(ssl) == 1) {
    name = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name);
    snprintf(tls.server_name, sizeof(tls.server_name), "%s", name == NULL ? "" : name);
    if (tls.manner == ANSWER || tls.manner == ANSWER_IN_PIECES)
      answer(ssl);
    else
      SSL_read(ssl, tls.request, sizeof(tls.request));
    if (tls.manner == SAY_NONSENSE)
      SSL_write(ssl, "HTTP/1.1 400 Bad Request\r\n\r\n", 28);
    if (tls.manner != RESET_AFTER_REQUEST)
      SSL_shutdown(ssl);
    else
      setsockopt(fd, SOL_SOCKET, SO_LINGER, &(struct linger){ 1, 0 }, sizeof(struct linger));
  }
  SSL_free(ssl);
  close(fd);
  return NULL;
}

/* One probe against one connection of the server. */
static struct oha_probe_result probe(struct bed *bed, enum manner manner, const struct oha_probe_opts *opts)
{
  struct oha_probe_result result;
  struct oha_error err = OHA_ERROR_INIT;

  tls.manner = manner;
  tls.request[0] = tls.server_name[0] = '\0';
  assert_int_equal(pthread_create(&tls.thread, NULL, serve_one, NULL), 0);
  if (oha_probe(bed->ctx, opts, &result, &err) != OHA_OK)
    fail_msg("oha_probe: %s", err.text);
  pthread_join(tls.thread, NULL);
  return result;
}

static void final_reply_is_alive(void **state)
{
  struct oha_probe_result r = probe(*state, ANSWER, OPTS(.target = tls.sock, .tls_ca_file = tls.ca_file));

  if (r.end != OHA_PROBE_ALIVE)
    fail_msg("%s: %s", oha_probe_end_name(r.end), r.reason);
  assert_int_equal(r.code, 200);
  assert_string_equal(r.reason, "OK");
  assert_string_equal(r.server, "made up (1.0)");
  assert_true(r.rtt_us >= 0 && r.elapsed_us > r.rtt_us);
  assert_non_null(strstr(tls.request, "\r\nVia: SIP/2.0/TLS 127.0.0.1:"));
  assert_null(strstr(tls.request, ":0;branch"));
  assert_string_equal(tls.server_name, "");
}

static void records_are_joined(void **state)
{
  struct oha_probe_result r =
      probe(*state, ANSWER_IN_PIECES, OPTS(.target = tls.sock, .tls_ca_file = tls.ca_file));

  assert_int_equal(r.end, OHA_PROBE_ALIVE);
}

static void local_port_is_kept(void **state)
{
  const struct oha_sock here = bed_dead(OHA_PROTO_TCP);
  struct oha_probe_result r = probe(
      *state, ANSWER,
      OPTS(.target = tls.sock, .tls_ca_file = tls.ca_file, .local = here.addr, .local_port = here.port));
  char sent_by[64];

  assert_int_equal(r.end, OHA_PROBE_ALIVE);
  snprintf(sent_by, sizeof(sent_by), "/TLS 127.0.0.1:%u;", (unsigned)here.port);
  assert_non_null(strstr(tls.request, sent_by));
}

static void certificates_are_checked(void **state)
{
  const struct {
    const char *ca_file, *name;
    enum oha_tls_verify verify;
    bool alive;
  } rows[] = {
    { tls.ca_file, NULL, OHA_TLS_VERIFY_FULL, true },
    { tls.ca_file, "sip.example.com", OHA_TLS_VERIFY_FULL, true },
    { tls.ca_file, "sip.example.net", OHA_TLS_VERIFY_FULL, false },
    { tls.ca_file, "sip.example.net", OHA_TLS_VERIFY_CHAIN, true },
    { tls.other_ca_file, NULL, OHA_TLS_VERIFY_FULL, false },
    { tls.other_ca_file, NULL, OHA_TLS_VERIFY_CHAIN, false },
    { tls.other_ca_file, "sip.example.net", OHA_TLS_VERIFY_NONE, true },
    { NULL, NULL, OHA_TLS_VERIFY_FULL, false },
    { "/nonexistent", NULL, OHA_TLS_VERIFY_FULL, false },
  };

  for (size_t i = 0; i < N_OF(rows); i++) {
    struct oha_probe_result r = probe(*state, ANSWER,
                                      OPTS(.target = tls.sock, .tls_ca_file = rows[i].ca_file,
                                           .tls_name = rows[i].name, .tls_verify = rows[i].verify));

    if (r.end != (rows[i].alive ? OHA_PROBE_ALIVE : OHA_PROBE_TLS_FAILED))
      fail_msg("row %zu: %s, %s", i, oha_probe_end_name(r.end), r.reason);
    if (!rows[i].alive)
      assert_true(r.reason[0] != '\0' && r.code == 0 && r.rtt_us == -1);
    else
      assert_string_equal(tls.server_name, rows[i].name == NULL ? "" : rows[i].name);
  }
}

static void our_own_certificate_is_shown(void **state)
{
  struct oha_probe_result r;

  SSL_CTX_set_verify(tls.ssl, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
  for (int i = 0; i < 5; i++) {
    r = probe(*state, ANSWER, OPTS(.target = tls.sock, .tls_ca_file = tls.ca_file));
    if (r.end != OHA_PROBE_TLS_FAILED || strstr(r.reason, "certificate required") == NULL)
      fail_msg("%s: %s", oha_probe_end_name(r.end), r.reason);
  }
  r = probe(*state, ANSWER,
            OPTS(.target = tls.sock, .tls_ca_file = tls.ca_file, .tls_cert_file = tls.own_file,
                 .tls_key_file = tls.own_file));
  SSL_CTX_set_verify(tls.ssl, SSL_VERIFY_NONE, NULL);
  if (r.end != OHA_PROBE_ALIVE)
    fail_msg("%s: %s", oha_probe_end_name(r.end), r.reason);
}

static void other_ends(void **state)
{
  static const struct {
    enum manner manner;
    enum oha_probe_end end;
  } rows[] = {
    { CLOSE_AFTER_REQUEST, OHA_PROBE_REFUSED }, { RESET_AFTER_REQUEST, OHA_PROBE_REFUSED },
    { SAY_NONSENSE, OHA_PROBE_GARBLED },        { CLOSE_BEFORE_HANDSHAKE, OHA_PROBE_TLS_FAILED },
    { NO_TLS, OHA_PROBE_TLS_FAILED },
  };

  for (size_t i = 0; i < N_OF(rows); i++) {
    struct oha_probe_result r =
        probe(*state, rows[i].manner, OPTS(.target = tls.sock, .tls_ca_file = tls.ca_file));

    if (r.end != rows[i].end)
      fail_msg("row %zu: %s, %s", i, oha_probe_end_name(r.end), r.reason);
  }
}

static void nobody_there(void **state)
{
  struct bed *bed = *state;
  struct server *silent = bed_serve(bed, OHA_PROTO_TCP, 4, serve_nothing);
  struct oha_sock dead = bed_dead(OHA_PROTO_TCP);
  const struct oha_addr not_ours = { 4, { 192, 0, 2, 77 } };
  struct oha_probe_result r;

  dead.proto = silent->sock.proto = OHA_PROTO_TLS;
  assert_int_equal(oha_probe(bed->ctx, OPTS(.target = dead), &r, NULL), OHA_OK);
  assert_int_equal(r.end, OHA_PROBE_REFUSED);
  assert_int_equal(r.sys_errno, ECONNREFUSED);
  assert_int_equal(oha_probe(bed->ctx, OPTS(.target = dead, .local = not_ours), &r, NULL), OHA_OK);
  assert_int_equal(r.end, OHA_PROBE_UNREACHABLE);
  assert_int_equal(r.sys_errno, EADDRNOTAVAIL);
  assert_int_equal(oha_probe(bed->ctx,
                             &(struct oha_probe_opts){ .size = sizeof(struct oha_probe_opts),
                                                       .target = silent->sock,
                                                       .tls_ca_file = tls.ca_file,
                                                       .timeout_us = 30000 },
                             &r, NULL),
                   OHA_OK);
  assert_int_equal(r.end, OHA_PROBE_TIMEOUT);
  assert_true(r.elapsed_us >= 30000 && r.elapsed_us < 1000000);
}

static void unfinished_probes_are_freed(void **state)
{
  struct bed *bed = *state;
  struct server *silent = bed_serve(bed, OHA_PROTO_TCP, 4, serve_nothing);

  silent->sock.proto = OHA_PROTO_TLS;
  bed_probe(bed, OPTS(.target = silent->sock, .tls_ca_file = tls.ca_file));
  silent->sock.proto = OHA_PROTO_TCP;
  bed_step(bed, 0);
  bed_step(bed, 0);
  assert_int_equal(oha_prober_pending(bed->prober), 1);
  assert_true(silent->n_requests > 0); /* in the middle of the handshake */
}

static void bad_names_are_refused(void **state)
{
  static const char *const bad[] = { "", "a b", "a/b", "a:1", "user@h", "h\r\n", "[::1]" };
  struct bed *bed = *state;
  struct oha_probe_result r;

  for (size_t i = 0; i < N_OF(bad); i++)
    assert_int_equal(oha_probe(bed->ctx, OPTS(.target = tls.sock, .tls_name = bad[i]), &r, NULL), OHA_E_ARG);
}

static void memory_runs_out(void **state)
{
  struct bed *bed = *state;

  for (long n = 0; n < 2; n++) {
    bed_probe(bed, OPTS(.target = tls.sock));
    oha__mem_fail_at = n;
    bed_run(bed);
    oha__mem_fail_at = -1;
    assert_int_equal(bed->last.end, OHA_PROBE_UNREACHABLE);
    assert_int_equal(bed->last.sys_errno, ENOMEM);
  }
}

#define BED(test) cmocka_unit_test_setup_teardown(test, bed_open, bed_close)

int main(void)
{
  const struct CMUnitTest tests[] = {
    BED(final_reply_is_alive),
    BED(records_are_joined),
    BED(local_port_is_kept),
    BED(certificates_are_checked),
    BED(our_own_certificate_is_shown),
    BED(other_ends),
    BED(nobody_there),
    BED(unfinished_probes_are_freed),
    BED(bad_names_are_refused),
    BED(memory_runs_out),
  };

  return cmocka_run_group_tests(tests, make_server, free_server);
}
