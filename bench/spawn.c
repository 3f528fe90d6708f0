/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * spawn ROUNDS COMMAND... -- COMMAND...: runs both in turn, so often each, and prints the medians of their
 * wall times in microseconds: "FIRST SECOND". Both must leave by 0; their standard output goes nowhere.
 */
#include <fcntl.h>
#include <spawn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>

#define ROUNDS_MAX 10000

extern char **environ;

static int64_t now_us(void)
{
  struct timespec t;

  clock_gettime(CLOCK_MONOTONIC, &t);
  return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static int64_t run(char **argv)
{
  posix_spawn_file_actions_t actions;
  int64_t began;
  pid_t pid;
  int status = -1;

  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
  began = now_us();
  if (posix_spawn(&pid, argv[0], &actions, NULL, argv, environ) == 0)
    waitpid(pid, &status, 0);
  began = now_us() - began;
  posix_spawn_file_actions_destroy(&actions);
  if (status != 0) {
    fprintf(stderr, "spawn: %s ended with %d\n", argv[0], status);
    exit(1);
  }
  return began;
}

static int compare(const void *a, const void *b)
{
  int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

  return (x > y) - (x < y);
}

int main(int argc, char **argv)
{
  static int64_t first[ROUNDS_MAX], second[ROUNDS_MAX];
  long rounds = argc > 1 ? strtol(argv[1], NULL, 10) : 0;
  int split = 2;

  while (split < argc && strcmp(argv[split], "--") != 0)
    split++;
  if (rounds < 1 || rounds > ROUNDS_MAX || split == 2 || split + 1 >= argc) {
    fprintf(stderr, "usage: spawn ROUNDS COMMAND... -- COMMAND...\n");
    return 64;
  }
  argv[split] = NULL;
  run(argv + 2); /* once for the page cache */
  run(argv + split + 1);
  for (long i = 0; i < rounds; i++) {
    first[i] = run(argv + 2);
    second[i] = run(argv + split + 1);
  }
  qsort(first, (size_t)rounds, sizeof(first[0]), compare);
  qsort(second, (size_t)rounds, sizeof(second[0]), compare);
  printf("%lld %lld\n", (long long)first[rounds / 2], (long long)second[rounds / 2]);
  return 0;
}
