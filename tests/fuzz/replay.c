/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Runs a fuzz harness over its corpus where libFuzzer is not linked in: each file as it is, then cut short
 * and with bytes changed by a generator of fixed seed, so that a failure repeats. Files and directories
 * come from the command line, else from tests/fuzz/corpus/NAME for the program fuzz_NAME.
 */
#include <dirent.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define INPUT_MAX   (1024 * 1024)
#define N_MUTATIONS 200

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static unsigned long n_files, n_inputs;

static uint64_t next_random(uint64_t *state)
{
  /* splitmix64, S. Vigna: public domain */
  uint64_t z = (*state += UINT64_C(0x9E3779B97F4A7C15));

  z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
  z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
  return z ^ (z >> 31);
}

/* An exact-size copy, so that a sanitizer sees the first byte read behind the end. */
static void feed(const uint8_t *data, size_t n)
{
  uint8_t *copy = malloc(n > 0 ? n : 1);

  if (copy == NULL)
    abort();
  if (n > 0)
    memcpy(copy, data, n);
  LLVMFuzzerTestOneInput(copy, n);
  free(copy);
  n_inputs++;
}

static void feed_mutated(uint8_t *data, size_t n)
{
  static const uint8_t likely[] = { 0,   '\n', '\r', ' ', '"', ':',  ';', '[',
                                    ']', '@',  '%',  '-', '9', 0x7f, 0xff };
  uint64_t state = n;

  for (int i = 0; i < N_MUTATIONS && n > 0; i++) {
    size_t at = (size_t)(next_random(&state) % n), keep = n;
    uint8_t old = data[at];
    uint64_t how = next_random(&state);

    if (how % 4 == 0)
      keep = at;
    else if (how % 4 == 1)
      data[at] = (uint8_t)(how >> 8);
    else
      data[at] = likely[(how >> 8) % sizeof(likely)];
    feed(data, keep);
    data[at] = old;
  }
}

static int run_file(const char *path)
{
  static uint8_t data[INPUT_MAX];
  FILE *f = fopen(path, "rb");
  size_t n;
  int bad;

  if (f == NULL) {
    fprintf(stderr, "%s: %s\n", path, strerrordesc_np(errno));
    return 1;
  }
  n = fread(data, 1, sizeof(data), f);
  bad = ferror(f);
  fclose(f);
  if (bad) {
    fprintf(stderr, "%s: cannot be read\n", path);
    return 1;
  }
  /* Named before it runs: when the harness aborts, this line says on what. */
  printf("%s (%zu bytes)\n", path, n);
  fflush(stdout);
  n_files++;
  feed(data, n);
  feed_mutated(data, n);
  return 0;
}

static int run_path(const char *path)
{
  struct dirent **names;
  struct stat st;
  int n, failed = 0;

  if (stat(path, &st) != 0) {
    fprintf(stderr, "%s: %s\n", path, strerrordesc_np(errno));
    return 1;
  }
  if (!S_ISDIR(st.st_mode))
    return run_file(path);
  n = scandir(path, &names, NULL, alphasort);
  for (int i = 0; i < n; i++) {
    char file[4096];

    if (names[i]->d_name[0] != '.' &&
        snprintf(file, sizeof(file), "%s/%s", path, names[i]->d_name) < (int)sizeof(file))
      failed |= run_file(file);
    free(names[i]);
  }
  if (n >= 0)
    free(names);
  return failed;
}

int main(int argc, char **argv)
{
  int failed = 0;

  for (int i = 1; i < argc; i++)
    failed |= run_path(argv[i]);
  if (argc < 2) {
    const char *top = getenv("top_srcdir"), *name = strstr(argv[0], "fuzz_");
    const char *later;
    char path[4096];

    while (name != NULL && (later = strstr(name + 1, "fuzz_")) != NULL)
      name = later;
    if (name == NULL) {
      fprintf(stderr, "%s: not named fuzz_NAME: give the corpus as an argument\n", argv[0]);
      return 2;
    }
    snprintf(path, sizeof(path), "%s/tests/fuzz/corpus/%s", top != NULL ? top : ".", name + strlen("fuzz_"));
    failed = run_path(path);
  }
  printf("%lu files, %lu inputs\n", n_files, n_inputs);
  return failed || n_files == 0;
}
