/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Probes over TLS: libcurl connects and shakes hands (CURLOPT_CONNECT_ONLY), then the connection is ours to
 * send and receive on. It is never asked to look up a name, and takes no proxy from the environment.
 */
#include "net/curl.h"
#include "net/sockaddr.h"
#include "net/stream.h"
#include "base/mem.h"
#include "base/sbuf.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#define URL_SIZE 512

struct oha_tls {
  struct oha_curl_call call;
  struct oha_watch watch; /* once libcurl has let go of the socket; fd -1 before */
  struct oha_stream stream;
  int fd; /* made for libcurl; -1 once it has taken it */
  struct curl_slist *connect_to;
  char openssl[128], why[CURL_ERROR_SIZE]; /* why it failed; "" = not said */
};

static const char routines[] = "SSL routines::";

/*
 * The error buffer keeps libcurl's first words, which may be about a matter of no weight; what OpenSSL says
 * comes by the way of its talk. Without OpenSSL's numbers.
 */
static int on_talk(CURL *easy, curl_infotype type, char *text, size_t n, void *arg)
{
  struct oha_tls *tls = arg;
  const char *from = type == CURLINFO_TEXT ? memmem(text, n, routines, sizeof(routines) - 1) : NULL;
  const char *end;

  (void)easy;
  if (from == NULL)
    return 0;
  from += sizeof(routines) - 1;
  n -= (size_t)(from - text);
  end = memmem(from, n, ", errno ", 8);
  if (end == NULL)
    end = memchr(from, '\n', n);
  oha__sip_value_text((struct oha_span){ from, end == NULL ? n : (size_t)(end - from) }, tls->openssl,
                      sizeof(tls->openssl));
  return 0;
}

static void end_tls(struct oha_tls *tls, CURLcode code)
{
  bool in_transit = code == CURLE_SEND_ERROR || code == CURLE_RECV_ERROR;
  const char *why = tls->openssl[0] != '\0' ? tls->openssl : tls->why[0] != '\0' ? tls->why : NULL;
  long e = 0;

  curl_easy_getinfo(tls->call.easy, CURLINFO_OS_ERRNO, &e);
  /* In TLS 1.3 a server may refuse our certificate when the handshake is over for us: an alert, then a reset.
   */
  if (in_transit && strstr(tls->openssl, " alert ") != NULL)
    e = 0;
  if (code == CURLE_OUT_OF_MEMORY)
    oha__probe_end_errno(tls->stream.probe, ENOMEM);
  else if (e != 0 && (in_transit || code == CURLE_COULDNT_CONNECT))
    oha__probe_end_errno(tls->stream.probe, (int)e);
  else
    oha__probe_end_text(tls->stream.probe, OHA_PROBE_TLS_FAILED,
                        oha__span(why != NULL ? why : curl_easy_strerror(code)));
}

/* All there is: what TLS has decrypted already does not make the socket readable. False: the probe ended. */
static bool read_all(struct oha_tls *tls)
{
  for (;;) {
    size_t n_room, n = 0;
    char *room = oha__stream_room(&tls->stream, &n_room);
    CURLcode code;

    if (room == NULL) {
      oha__probe_end_errno(tls->stream.probe, ENOMEM);
      return false;
    }
    code = curl_easy_recv(tls->call.easy, room, n_room, &n);
    if (code == CURLE_AGAIN)
      return true;
    if (code != CURLE_OK) {
      end_tls(tls, code);
      return false;
    }
    if (n == 0) {
      oha__stream_closed(&tls->stream);
      return false;
    }
    if (!oha__stream_took(&tls->stream, n))
      return false;
  }
}

static CURLcode send_rest(struct oha_tls *tls)
{
  char request[OHA_SIP_REQUEST_SIZE];
  struct oha_span rest = oha__stream_rest(&tls->stream, request);
  struct oha_mono at = oha_now_mono(tls->stream.probe->prober->ctx);
  size_t n = 0;
  CURLcode code = rest.n == 0 ? CURLE_AGAIN : curl_easy_send(tls->call.easy, rest.p, rest.n, &n);

  if (code == CURLE_OK && oha__stream_sent(&tls->stream, n, at))
    (void)oha__loop_rewatch(&tls->stream.probe->prober->loop, &tls->watch, EPOLLIN);
  return code == CURLE_AGAIN ? CURLE_OK : code;
}

/* Reading comes first, and last: a failure to send says less than what the other side said before it. */
static void tls_ready(struct oha_watch *watch, uint32_t events)
{
  struct oha_tls *tls = OHA_CONTAINER(watch, struct oha_tls, watch);
  CURLcode code;

  (void)events;
  if (!read_all(tls))
    return;
  code = send_rest(tls);
  if (code != CURLE_OK && read_all(tls))
    end_tls(tls, code);
}

static void connected(struct oha_curl_call *call, CURLcode code)
{
  struct oha_tls *tls = OHA_CONTAINER(call, struct oha_tls, call);
  struct oha_probe *probe = tls->stream.probe;
  curl_socket_t fd = CURL_SOCKET_BAD;
  int e;

  if (code == CURLE_OK)
    code = curl_easy_getinfo(call->easy, CURLINFO_ACTIVESOCKET, &fd);
  if (code == CURLE_OK && fd == CURL_SOCKET_BAD)
    code = CURLE_SSL_CONNECT_ERROR;
  if (code != CURLE_OK) {
    end_tls(tls, code);
    return;
  }
  tls->watch = (struct oha_watch){ fd, EPOLLIN | EPOLLOUT, tls_ready };
  e = oha__loop_watch(&probe->prober->loop, &tls->watch);
  if (e != 0)
    tls->watch.fd = -1;
  else if (!oha__sockaddr_of(fd, &probe->source, &probe->source_port))
    e = errno;
  if (e != 0)
    oha__probe_end_errno(probe, e);
}

static curl_socket_t give_socket(void *arg, curlsocktype purpose, struct curl_sockaddr *address)
{
  struct oha_tls *tls = arg;
  int fd = tls->fd;

  (void)purpose;
  (void)address;
  tls->fd = -1;
  return fd;
}

/* The name that the certificate must have goes into the URL, the address that is asked into CONNECT_TO. */
static CURLcode set_target(struct oha_tls *tls, const struct oha_probe *probe)
{
  char addr[OHA_ADDR_SIZE], url[URL_SIZE];
  const char *open = probe->target.family == 6 ? "[" : "", *close = probe->target.family == 6 ? "]" : "";
  unsigned port = probe->target_port;
  struct oha_sbuf b;

  oha_addr_format(&probe->target, addr);
  oha__sbuf_init(&b, url, sizeof(url));
  oha__sbuf_printf(&b, "::%s%s%s:%u", open, addr, close, port);
  tls->connect_to = curl_slist_append(NULL, url);
  if (tls->connect_to == NULL)
    return CURLE_OUT_OF_MEMORY;
  oha__sbuf_init(&b, url, sizeof(url));
  if (probe->tls_name != NULL)
    oha__sbuf_printf(&b, "https://%s:%u/", probe->tls_name, port);
  else
    oha__sbuf_printf(&b, "https://%s%s%s:%u/", open, addr, close, port);
  if (curl_easy_setopt(tls->call.easy, CURLOPT_CONNECT_TO, tls->connect_to) != CURLE_OK)
    return CURLE_OUT_OF_MEMORY;
  return curl_easy_setopt(tls->call.easy, CURLOPT_URL, url);
}

static CURLcode set_certificates(CURL *easy, const struct oha_probe *probe)
{
  CURLcode code = CURLE_OK;

  curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, probe->tls_verify == OHA_TLS_VERIFY_NONE ? 0L : 1L);
  curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, probe->tls_verify == OHA_TLS_VERIFY_FULL ? 2L : 0L);
  if (probe->tls_ca_file != NULL) {
    code = curl_easy_setopt(easy, CURLOPT_CAINFO, probe->tls_ca_file);
    curl_easy_setopt(easy, CURLOPT_CAPATH, NULL);
  }
  if (code == CURLE_OK && probe->tls_cert_file != NULL)
    code = curl_easy_setopt(easy, CURLOPT_SSLCERT, probe->tls_cert_file);
  if (code == CURLE_OK && probe->tls_key_file != NULL)
    code = curl_easy_setopt(easy, CURLOPT_SSLKEY, probe->tls_key_file);
  return code;
}

static CURLcode set_up(struct oha_tls *tls, const struct oha_probe *probe)
{
  CURL *easy = tls->call.easy = curl_easy_init();
  CURLcode code;

  if (easy == NULL)
    return CURLE_OUT_OF_MEMORY;
  curl_easy_setopt(easy, CURLOPT_CONNECT_ONLY, 1L);
  curl_easy_setopt(easy, CURLOPT_DEBUGDATA, tls);
  curl_easy_setopt(easy, CURLOPT_DEBUGFUNCTION, on_talk);
  curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, tls->why);
  curl_easy_setopt(easy, CURLOPT_VERBOSE, 1L);
  curl_easy_setopt(easy, CURLOPT_FRESH_CONNECT, 1L);
  curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, tls);
  curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, give_socket);
  curl_easy_setopt(easy, CURLOPT_SSL_ENABLE_ALPN, 0L);
  curl_easy_setopt(easy, CURLOPT_SSL_SESSIONID_CACHE, 0L);
  /* ours comes first */
  curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, (long)(probe->timeout_us / OHA_US_PER_MS) + 1000L);
  code = curl_easy_setopt(easy, CURLOPT_PROXY, "");
  if (code == CURLE_OK)
    code = curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "https");
  if (code == CURLE_OK)
    code = set_certificates(easy, probe);
  return code == CURLE_OK ? set_target(tls, probe) : code;
}

static void free_tls(struct oha_prober *prober, struct oha_tls *tls)
{
  if (tls->watch.fd >= 0)
    oha__loop_unwatch(&prober->loop, &tls->watch);
  if (tls->call.easy != NULL) {
    oha__curl_remove(prober->curl, &tls->call);
    curl_easy_cleanup(tls->call.easy);
  }
  curl_slist_free_all(tls->connect_to);
  if (tls->fd >= 0)
    close(tls->fd);
  oha__stream_clear(&tls->stream);
  oha__free(tls);
}

static struct oha_curl *curl_of(struct oha_prober *prober)
{
  struct oha_curl *curl = prober->curl;

  if (curl != NULL)
    return curl;
  curl = oha__calloc(1, sizeof(*curl));
  if (curl != NULL && oha__curl_open(curl, &prober->loop, NULL) != OHA_OK) {
    oha__free(curl);
    curl = NULL;
  }
  prober->curl = curl;
  return curl;
}

void oha__tls_close(struct oha_prober *prober)
{
  if (prober->curl == NULL)
    return;
  oha__curl_close(prober->curl);
  oha__free(prober->curl);
  prober->curl = NULL;
}

/* 0 or errno. */
static int open_connection(struct oha_probe *probe)
{
  struct oha_prober *prober = probe->prober;
  struct oha_tls *tls = curl_of(prober) == NULL ? NULL : oha__calloc(1, sizeof(*tls));
  int e;

  if (tls == NULL)
    return ENOMEM;
  tls->watch.fd = -1;
  tls->call.done = connected;
  tls->stream.probe = probe;
  tls->fd = oha__stream_socket(probe);
  e = tls->fd < 0 ? errno : 0;
  if (e == 0 && (set_up(tls, probe) != CURLE_OK || oha__curl_add(prober->curl, &tls->call, NULL) != OHA_OK))
    e = ENOMEM;
  if (e != 0) {
    free_tls(prober, tls);
    return e;
  }
  probe->tls = tls;
  prober->n_connections++;
  return 0;
}

static void tls_start(struct oha_probe *probe)
{
  struct oha_mono at = oha_now_mono(probe->prober->ctx);
  int e = open_connection(probe);

  if ((e == EMFILE || e == ENFILE) && oha__probe_starve(probe))
    return;
  oha__probe_begin(probe, at);
  if (e != 0)
    oha__probe_end_errno(probe, e);
}

static void tls_stop(struct oha_probe *probe)
{
  if (probe->tls == NULL)
    return;
  free_tls(probe->prober, probe->tls);
  probe->prober->n_connections--;
}

const struct oha_probe_kind oha__probe_tls = { .start = tls_start, .stop = tls_stop };
