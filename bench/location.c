/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * location list|lookup ROWS ROUNDS, below tests/db/with-mariadb: this library against the bare client
 * library, interleaved in one run, medians. The last line is the result as JSON.
 */
#include <opensips-ha/location.h>

#include <inttypes.h>
#include <mysql.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define N_LOOKUPS  2000
#define ROUNDS_MAX 25

static struct oha_ctx *ctx;
static struct oha_db *db;
static MYSQL *raw;

OHA_PRINTF(1, 2) static void __attribute__((noreturn)) die(const char *fmt, ...)
{
  va_list ap;

  va_start(ap, fmt);
  vfprintf(stderr, fmt, ap);
  va_end(ap);
  fputc('\n', stderr);
  exit(70);
}

static double clock_s(clockid_t clock)
{
  struct timespec ts;

  clock_gettime(clock, &ts);
  return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

static double now_s(void)
{
  return clock_s(CLOCK_MONOTONIC);
}

static double cpu_s(void)
{
  return clock_s(CLOCK_PROCESS_CPUTIME_ID);
}

static const char *env(const char *name)
{
  const char *value = getenv(name);

  if (value == NULL)
    die("%s is not set: run by bench/run", name);
  return value;
}

static void connect_raw(void)
{
  raw = mysql_init(NULL);
  if (raw == NULL || mysql_options(raw, MYSQL_SET_CHARSET_NAME, "binary") != 0 ||
      mysql_real_connect(raw, NULL, "oha", "test", env("OHA_TEST_SCHEMA"), 0, env("OHA_TEST_SOCKET"), 0) ==
          NULL)
    die("connect: %s", raw == NULL ? "no memory" : mysql_error(raw));
}

static void connect_both(void)
{
  char host[300];
  const char *hosts[] = { host };
  const struct oha_db_opts opts = { .size = sizeof(opts),
                                    .hosts = hosts,
                                    .n_hosts = 1,
                                    .option_file = env("OHA_TEST_OPTION_FILE"),
                                    .schema = env("OHA_TEST_SCHEMA"),
                                    .read_timeout_us = 60 * OHA_US_PER_S };
  struct oha_error err = OHA_ERROR_INIT;

  snprintf(host, sizeof(host), "unix:%s", env("OHA_TEST_SOCKET"));
  if (oha_ctx_new(NULL, &ctx, &err) != OHA_OK || oha_db_open(ctx, &opts, &db, &err) != OHA_OK)
    die("%s", err.text);
  connect_raw();
}

static void sql(const char *text)
{
  if (mysql_query(raw, text) != 0)
    die("%s: %.200s", mysql_error(raw), text);
}

/* ---- a table: ids packed as a registrar with a cache makes them, in their order ---- */

struct id {
  uint64_t id;
  unsigned n;
};

static int by_id(const void *a, const void *b)
{
  const struct id *x = a, *y = b;

  return x->id < y->id ? -1 : x->id > y->id;
}

static void make_table(void)
{
  char path[4096], text[8192], *charset;
  size_t n;
  FILE *f;

  snprintf(path, sizeof(path), "%s/tests/data/location/opensips-3.1.sql", env("top_srcdir"));
  f = fopen(path, "r");
  if (f == NULL)
    die("%s: cannot be read", path);
  n = fread(text, 1, sizeof(text) - 1, f);
  fclose(f);
  while (n > 0 && strchr(";\n", text[n - 1]) != NULL)
    n--;
  text[n] = '\0';
  charset = strstr(text, " DEFAULT CHARSET"); /* the server's, utf8mb4: CHAR takes no more than it needs */
  if (charset != NULL)
    *charset = '\0';
  sql("DROP TABLE IF EXISTS location, version");
  sql(text);
  sql("CREATE TABLE version (table_name CHAR(32), table_version INT UNSIGNED)");
  sql("INSERT INTO version VALUES ('location', 1013)");
}

/* Of ten phones eight are behind NAT, one is not, one speaks TCP; three of four registered at the VIP. */
static int put_row(char *out, size_t size, const struct id *id, bool packed)
{
  unsigned n = id->n;
  char key[24] = "NULL", received[64] = "NULL", contact[128];

  if (packed)
    snprintf(key, sizeof(key), "%" PRIu64, id->id);
  snprintf(contact, sizeof(contact), "sip:u%u@192.168.%u.%u:5060%s", n, n / 250 % 250, n % 250 + 1,
           n % 10 == 9 ? ";transport=tcp" : "");
  if (n % 10 != 8)
    snprintf(received, sizeof(received), "'sip:198.51.%u.%u:%u'", n / 250 % 250, n % 250 + 1,
             1024 + n % 60000);
  else
    snprintf(contact, sizeof(contact), "sip:u%u@198.51.%u.%u:5060", n, n / 250 % 250, n % 250 + 1);
  return snprintf(out, size,
                  "(%s,'u%u','voice.example.net','%s',%s,UNIX_TIMESTAMP()+%u,-1,'%08x-%u@192.168.1.1',%u,"
                  "'2026-11-22 07:17:15',0,'%s','Example Phone T46G 28.83.0.120','%s:192.0.2.%s:5060',7967,"
                  "'<urn:uuid:00000000-0000-1000-8000-%012x>')",
                  key, n, contact, received, 60 + n % 3600, n * 2654435761u, n, n % 1000,
                  n % 10 == 8 ? "" : "SIPPING NAT", n % 10 == 9 ? "tcp" : "udp", n % 4 == 0 ? "11" : "100",
                  n);
}

static void fill(unsigned n_rows, bool packed)
{
  static char text[600000];
  struct id *ids = calloc(n_rows, sizeof(*ids));

  if (ids == NULL)
    die("no memory");
  for (unsigned i = 0; i < n_rows; i++) {
    char aor[64];
    int n = snprintf(aor, sizeof(aor), "u%u@voice.example.net", i);

    ids[i] = (struct id){ (uint64_t)(oha_aor_hash(aor, (size_t)n) & 0xffff) << 46 | (uint64_t)i << 14, i };
  }
  qsort(ids, n_rows, sizeof(*ids), by_id);
  sql("START TRANSACTION");
  for (unsigned i = 0; i < n_rows;) {
    size_t n =
        (size_t)snprintf(text, sizeof(text),
                         "INSERT INTO location (contact_id,username,domain,contact,received,expires,q,"
                         "callid,cseq,last_modified,flags,cflags,user_agent,socket,methods,sip_instance) "
                         "VALUES ");

    for (unsigned end = i + 1000 < n_rows ? i + 1000 : n_rows; i < end; i++) {
      n += (size_t)put_row(text + n, sizeof(text) - n, &ids[i], packed);
      if (i + 1 < end)
        text[n++] = ',';
    }
    text[n] = '\0';
    sql(text);
  }
  sql("COMMIT");
  sql("ANALYZE TABLE location");
  mysql_free_result(mysql_store_result(raw));
  free(ids);
}

/* In a child, so that its memory is not counted as ours. */
static void prepare(unsigned n_rows, bool packed)
{
  pid_t pid = fork();
  int status = -1;

  if (pid == 0) {
    connect_raw();
    make_table();
    fill(n_rows, packed);
    mysql_close(raw);
    _exit(0);
  }
  if (pid < 0 || waitpid(pid, &status, 0) != pid || status != 0)
    die("the table could not be filled");
}

/* ---- what is measured ---- */

static volatile uint64_t sink;

static double raw_scan(const char *columns, const char *where)
{
  double began = now_s();
  char text[1024];
  MYSQL_RES *result;
  MYSQL_ROW row;

  snprintf(text, sizeof(text), "SELECT %s FROM location %s", columns, where);
  sql(text);
  result = mysql_use_result(raw);
  while ((row = mysql_fetch_row(result)) != NULL)
    sink += row[0] != NULL;
  mysql_free_result(result);
  return now_s() - began;
}

static enum oha_rc count_binding(void *arg, const struct oha_binding *binding)
{
  *(uint64_t *)arg += 1;
  sink += binding->id;
  return OHA_OK;
}

static double our_scan(struct oha_location *l, uint32_t columns, const char *aor, uint64_t wanted,
                       bool *scanned)
{
  const struct oha_location_filter f = {
    .size = sizeof(f), .columns = columns, .aor = aor, .include_expired = true, .scanned = scanned
  };
  struct oha_error err = OHA_ERROR_INIT;
  double began = now_s();
  uint64_t n = 0;

  if (oha_location_each(l, &f, count_binding, &n, &err) != OHA_OK)
    die("%s", err.text);
  if (n != wanted)
    die("%" PRIu64 " bindings, not %" PRIu64, n, wanted);
  return now_s() - began;
}

static double our_reach(struct oha_location *l, const struct oha_move *move, uint64_t wanted)
{
  struct oha_error err = OHA_ERROR_INIT;
  struct oha_reach_sum sum;
  double began = now_s(), took;
  char line[OHA_REACH_LINE_SIZE];
  uint64_t n = 0;

  if (oha_reach_scan(l, move, NULL, NULL, NULL, &sum, &err) != OHA_OK)
    die("%s", err.text);
  took = now_s() - began;
  for (int i = 0; i < OHA_REACH_N; i++)
    n += sum.n[i];
  if (n != wanted || sum.n_bad != 0)
    die("%s: %" PRIu64 " bindings, not %" PRIu64, oha_reach_line(&sum, line), n, wanted);
  return took;
}

static int by_size(const void *a, const void *b)
{
  double x = *(const double *)a, y = *(const double *)b;

  return x < y ? -1 : x > y;
}

static double median(double *values, unsigned n)
{
  qsort(values, n, sizeof(*values), by_size);
  return n % 2 == 1 ? values[n / 2] : (values[n / 2 - 1] + values[n / 2]) / 2;
}

static struct oha_location *open_location(void)
{
  const struct oha_location_opts opts = { .size = sizeof(opts), .use_domain = OHA_YES };
  struct oha_error err = OHA_ERROR_INIT;
  struct oha_location *l;

  if (oha_location_open(db, &opts, &l, &err) != OHA_OK)
    die("%s", err.text);
  return l;
}

static void set_socket(struct oha_move_socket *s, enum oha_socket_fate fate, const char *text)
{
  s->fate = fate;
  if (oha_sock_parse(text, strlen(text), &s->listen, NULL) != OHA_OK)
    die("%s", text);
}

static const char reach_columns[] = "contact_id,username,domain,contact,received,path,socket,expires,cflags";
static const char all_columns[] =
    "contact_id,username,domain,contact,received,path,socket,expires,cflags,q,callid,"
    "cseq,last_modified,flags,user_agent,methods,sip_instance,kv_store,attr";

static void bench_list(unsigned n_rows, unsigned rounds)
{
  double raw9[ROUNDS_MAX] = { 0 }, ours9[ROUNDS_MAX] = { 0 }, reach[ROUNDS_MAX] = { 0 };
  double raw19[ROUNDS_MAX] = { 0 }, ours19[ROUNDS_MAX] = { 0 }, classify[ROUNDS_MAX] = { 0 };
  struct oha_move_socket sockets[4] = { { .fate = OHA_FATE_TARGET } };
  struct oha_move move = {
    .from = "sip1", .to = "sip2", .nat_flag = "NAT", .sockets = sockets, .n_sockets = 4
  };
  struct oha_location *l;
  struct rusage usage;
  double r9, o9, r19, o19, rss_mib, cpu[2];

  set_socket(&sockets[0], OHA_FATE_SHARED, "udp:192.0.2.100:5060");
  set_socket(&sockets[1], OHA_FATE_SHARED, "tcp:192.0.2.100:5060");
  set_socket(&sockets[2], OHA_FATE_SOURCE, "udp:192.0.2.11:5060");
  set_socket(&sockets[3], OHA_FATE_TARGET, "udp:192.0.2.12:5060");
  l = open_location();
  raw_scan(all_columns, "");
  for (unsigned i = 0; i < rounds; i++) {
    raw9[i] = raw_scan(reach_columns, "");
    cpu[0] = cpu_s();
    ours9[i] = our_scan(l, OHA_BINDING_REACH, NULL, n_rows, NULL);
    cpu[1] = cpu_s();
    reach[i] = our_reach(l, &move, n_rows);
    classify[i] = cpu_s() - cpu[1] - (cpu[1] - cpu[0]); /* what the classes cost beyond the scan */
    raw19[i] = raw_scan(all_columns, "");
    ours19[i] = our_scan(l, OHA_BINDING_DETAILS, NULL, n_rows, NULL);
    fprintf(stderr,
            "round %u: 9 columns raw %.3f ours %.3f with classes %.3f; 19 columns raw %.3f ours %.3f s\n",
            i + 1, raw9[i], ours9[i], reach[i], raw19[i], ours19[i]);
  }
  getrusage(RUSAGE_SELF, &usage);
  rss_mib = (double)usage.ru_maxrss / 1024;
  r9 = median(raw9, rounds);
  o9 = median(ours9, rounds);
  r19 = median(raw19, rounds);
  o19 = median(ours19, rounds);
  printf("{\"bench\":\"list\",\"figures\":{\"rows\":%u,\"rounds\":%u,\"raw_us\":%.0f,\"list_us\":%.0f,"
         "\"list_ratio\":%.3f,\"raw_details_us\":%.0f,\"details_us\":%.0f,\"details_ratio\":%.3f,"
         "\"reach_us\":%.0f,\"classify_cpu_us_per_million\":%.0f,\"rss_mib\":%.1f},"
         "\"targets\":{\"list_ratio\":1.3,\"details_ratio\":1.3,\"rss_mib\":16},\"met\":%s}\n",
         n_rows, rounds, r9 * 1e6, o9 * 1e6, o9 / r9, r19 * 1e6, o19 * 1e6, o19 / r19,
         median(reach, rounds) * 1e6, median(classify, rounds) * 1e12 / n_rows, rss_mib,
         o9 <= 1.3 * r9 && o19 <= 1.3 * r19 && rss_mib <= 16 ? "true" : "false");
  oha_location_close(l);
}

/* One lookup each; p50 of many. The key is of another row each time. */
static double raw_by_key(unsigned n)
{
  char text[512], aor[64];
  double began = now_s();
  int len = snprintf(aor, sizeof(aor), "u%u@voice.example.net", n);
  MYSQL_RES *result;

  snprintf(text, sizeof(text), "SELECT %s FROM location WHERE contact_id = %" PRIu64, all_columns,
           (uint64_t)(oha_aor_hash(aor, (size_t)len) & 0xffff) << 46 | (uint64_t)n << 14);
  sql(text);
  result = mysql_use_result(raw);
  while (mysql_fetch_row(result) != NULL)
    sink++;
  mysql_free_result(result);
  return now_s() - began;
}

static double our_lookup(struct oha_location *l, unsigned n, bool scan_wanted)
{
  char aor[64];
  bool scanned;
  double took;

  snprintf(aor, sizeof(aor), "u%u@voice.example.net", n);
  took = our_scan(l, OHA_BINDING_DETAILS, aor, 1, &scanned);
  if (scanned != scan_wanted)
    die("%s: scanned: %d", aor, scanned);
  return took;
}

static void bench_lookup(unsigned n_rows, unsigned rounds)
{
  static double key[N_LOOKUPS], ours[N_LOOKUPS];
  double key_p50[ROUNDS_MAX] = { 0 }, ours_p50[ROUNDS_MAX] = { 0 };
  double raw_s[ROUNDS_MAX] = { 0 }, scan_s[ROUNDS_MAX] = { 0 };
  double k, o, r, s;
  char where[128];
  struct oha_location *l = open_location();

  for (unsigned i = 0; i < rounds; i++) {
    for (unsigned j = 0; j < N_LOOKUPS; j++) {
      unsigned n = (j * 7919u + i) % n_rows;

      key[j] = raw_by_key(n);
      ours[j] = our_lookup(l, n, false);
    }
    key_p50[i] = median(key, N_LOOKUPS);
    ours_p50[i] = median(ours, N_LOOKUPS);
    fprintf(stderr, "round %u: by key %.0f us, packed %.0f us\n", i + 1, key_p50[i] * 1e6, ours_p50[i] * 1e6);
  }
  oha_location_close(l);
  prepare(n_rows, false);
  l = open_location();
  for (unsigned i = 0; i < rounds; i++) {
    snprintf(where, sizeof(where), "WHERE username = 'u%u' AND domain = 'voice.example.net'", i);
    raw_s[i] = raw_scan(all_columns, where);
    scan_s[i] = our_lookup(l, i, true);
    fprintf(stderr, "round %u: bare scan %.3f s, lookup %.3f s\n", i + 1, raw_s[i], scan_s[i]);
  }
  oha_location_close(l);
  k = median(key_p50, rounds);
  o = median(ours_p50, rounds);
  r = median(raw_s, rounds);
  s = median(scan_s, rounds);
  printf("{\"bench\":\"lookup\",\"figures\":{\"rows\":%u,\"rounds\":%u,\"key_p50_us\":%.1f,\"packed_p50_us\":"
         "%.1f,"
         "\"packed_ratio\":%.3f,\"bare_scan_us\":%.0f,\"scan_us\":%.0f,\"scan_ratio\":%.3f},"
         "\"targets\":{\"packed_ratio\":2,\"scan_ratio\":1.1},\"met\":%s}\n",
         n_rows, rounds, k * 1e6, o * 1e6, o / k, r * 1e6, s * 1e6, s / r,
         o <= 2 * k && s <= 1.1 * r ? "true" : "false");
}

int main(int argc, char **argv)
{
  unsigned long n_rows = argc == 4 ? strtoul(argv[2], NULL, 10) : 0;
  unsigned long rounds = argc == 4 ? strtoul(argv[3], NULL, 10) : 0;

  if (n_rows < 1000 || n_rows > 10000000 || rounds < 1 || rounds > ROUNDS_MAX)
    die("usage: location list|lookup ROWS ROUNDS");
  prepare((unsigned)n_rows, true);
  connect_both();
  if (strcmp(argv[1], "list") == 0)
    bench_list((unsigned)n_rows, (unsigned)rounds);
  else
    bench_lookup((unsigned)n_rows, (unsigned)rounds);
  mysql_close(raw);
  oha_db_close(db);
  oha_ctx_free(ctx);
  return 0;
}
