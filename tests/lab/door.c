// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * The door into the hosts of the lab: runs a command inside one of them.
 *
 *   door serve DIR              answer on the socket DIR/door until killed
 *   door boot HOST              give HOST its own PID, mount and UTS namespace; print its init's pid
 *   door on DIR HOST CMD...     run CMD in HOST; ends with CMD's exit code, and takes CMD along when killed
 *   door remote DIR HOST CMD... the same as a remote shell would: CMD survives the caller, and 255 means
 *                               that the host could not be reached
 *
 * A process can enter a PID namespace below its own but never one beside it (setns(2)), so a command that
 * one node runs on another must go through somebody above both: that is `door serve`.
 *
 * DIR/host/HOST holds what is known of a host: `init` (pid of its init, if it was booted), `node` (its name,
 * what a cluster calls its identity), and the marks `cut` (no power), `frozen` and `unreachable` (by remote).
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/pidfd.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

enum { TEXT_BYTES = 128 * 1024, MAX_STRINGS = 4096, EXIT_UNREACHABLE = 255, EXIT_LAB = 254 };

extern char **environ;

__attribute__((noreturn, format(printf, 1, 2))) static void die(const char *fmt, ...)
{
  va_list ap;

  va_start(ap, fmt);
  fputs("door: ", stderr);
  vfprintf(stderr, fmt, ap);
  fputc('\n', stderr);
  va_end(ap);
  exit(EXIT_LAB);
}

__attribute__((format(printf, 3, 4))) static void format_path(char *out, size_t size, const char *fmt, ...)
{
  va_list ap;
  int n;

  va_start(ap, fmt);
  n = vsnprintf(out, size, fmt, ap);
  va_end(ap);
  if (n < 0 || (size_t)n >= size)
    die("path too long");
}

static int connect_or_bind(const char *dir, bool server)
{
  struct sockaddr_un a = { .sun_family = AF_UNIX };
  int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
  int size = 2 * TEXT_BYTES;

  if (fd < 0)
    die("socket: %m");
  format_path(a.sun_path, sizeof(a.sun_path), "%s/door", dir);
  (void)setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
  if (server ? bind(fd, (struct sockaddr *)&a, sizeof(a)) != 0 || listen(fd, 128) != 0
             : connect(fd, (struct sockaddr *)&a, sizeof(a)) != 0)
    die("%s: %m", a.sun_path);
  return fd;
}

static bool has_mark(const char *dir, const char *host, const char *mark)
{
  char path[512];

  format_path(path, sizeof(path), "%s/host/%s/%s", dir, host, mark);
  return access(path, F_OK) == 0;
}

/* The pid of a booted host's init, 0 for a host that is a network namespace only. */
static int init_pid(const char *dir, const char *host)
{
  char path[512], text[32] = "";
  int fd;

  format_path(path, sizeof(path), "%s/host/%s/init", dir, host);
  fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0)
    return 0;
  if (read(fd, text, sizeof(text) - 1) < 0)
    text[0] = '\0';
  close(fd);
  return (int)strtol(text, NULL, 10);
}

static bool enter_net(const char *host)
{
  char path[512];
  int fd;
  bool ok;

  format_path(path, sizeof(path), "/run/netns/%s", host);
  fd = open(path, O_RDONLY | O_CLOEXEC);
  ok = fd >= 0 && setns(fd, CLONE_NEWNET) == 0;
  if (fd >= 0)
    close(fd);
  return ok;
}

static bool enter_host(const char *dir, const char *host)
{
  int pid = init_pid(dir, host), fd;
  bool ok;

  if (!enter_net(host))
    return false;
  if (pid == 0)
    return true;
  fd = pidfd_open(pid, 0);
  ok = fd >= 0 && setns(fd, CLONE_NEWPID | CLONE_NEWNS | CLONE_NEWUTS) == 0;
  if (fd >= 0)
    close(fd);
  return ok;
}

/* ---- boot: the host's own init ---- */

static void run_init(const char *host, int ready)
{
  int null = open("/dev/null", O_RDWR);

  if (null < 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0 ||
      mount("proc", "/proc", "proc", MS_NOSUID | MS_NOEXEC | MS_NODEV, NULL) != 0)
    _exit(EXIT_LAB);
  (void)sethostname(host, strlen(host));
  (void)setsid();
  signal(SIGCHLD, SIG_IGN); /* orphans vanish by themselves */
  dup2(null, 0);
  dup2(null, 1);
  dup2(null, 2);
  if (write(ready, "1", 1) != 1)
    _exit(EXIT_LAB);
  close(ready);
  for (;;)
    pause();
}

static int boot(const char *host)
{
  int ready[2];
  char byte;
  pid_t pid;

  if (!enter_net(host))
    die("no host '%s': %m", host);
  if (unshare(CLONE_NEWPID | CLONE_NEWNS | CLONE_NEWUTS) != 0 || pipe2(ready, O_CLOEXEC) != 0)
    die("boot %s: %m", host);
  pid = fork();
  if (pid < 0)
    die("fork: %m");
  if (pid == 0) {
    close(ready[0]);
    run_init(host, ready[1]);
  }
  close(ready[1]);
  if (read(ready[0], &byte, 1) != 1)
    die("the init of %s did not start", host);
  printf("%d\n", (int)pid);
  return 0;
}

/* ---- serve ---- */

struct request {
  char text[TEXT_BYTES];
  char *strings[MAX_STRINGS + 1];
  int fds[3];
  bool remote;
  const char *host, *cwd;
  char **argv, **env;
};

/* What arrives: "on" or "remote", host, directory, number of arguments, arguments, environment; stdin,
 * stdout, stderr. */
static bool receive_request(int conn, struct request *r)
{
  union {
    struct cmsghdr head;
    char room[CMSG_SPACE(sizeof(r->fds))];
  } control;
  struct iovec iov = { r->text, sizeof(r->text) - 1 };
  struct msghdr m = {
    .msg_iov = &iov, .msg_iovlen = 1, .msg_control = control.room, .msg_controllen = sizeof(control.room)
  };
  ssize_t n = recvmsg(conn, &m, MSG_CMSG_CLOEXEC);
  struct cmsghdr *c = n > 0 ? CMSG_FIRSTHDR(&m) : NULL;
  size_t n_strings = 0, n_args;

  if (c == NULL || c->cmsg_type != SCM_RIGHTS || c->cmsg_len != CMSG_LEN(sizeof(r->fds)) ||
      (m.msg_flags & MSG_TRUNC) != 0)
    return false;
  memcpy(r->fds, CMSG_DATA(c), sizeof(r->fds));
  for (char *p = r->text; p < r->text + n && n_strings < MAX_STRINGS; p += strlen(p) + 1)
    r->strings[n_strings++] = p;
  if (n_strings < 5)
    return false;
  n_args = strtoul(r->strings[3], NULL, 10);
  if (n_args == 0 || n_args > n_strings - 4)
    return false;
  r->remote = strcmp(r->strings[0], "remote") == 0;
  r->host = r->strings[1];
  r->cwd = r->strings[2];
  /* the count's place becomes the first argument's, so that a NULL fits between arguments and environment */
  memmove(r->strings + 3, r->strings + 4, n_args * sizeof(char *));
  r->argv = r->strings + 3;
  r->argv[n_args] = NULL;
  r->env = r->argv + n_args + 1;
  r->strings[n_strings] = NULL;
  return true;
}

static void set_path_env(const char *name, const char *dir, const char *host, const char *file)
{
  char path[512];

  format_path(path, sizeof(path), "%s/host/%s/%s", dir, host, file);
  setenv(name, path, 1);
}

__attribute__((noreturn)) static void run_command(const struct request *r, const char *dir)
{
  sigset_t none;

  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, NULL);
  for (int sig = 1; sig < NSIG; sig++)
    (void)signal(sig, SIG_DFL);
  (void)setsid();
  for (int i = 0; i < 3; i++)
    dup2(r->fds[i], i);
  environ = r->env;
  set_path_env("OPENSIPS_HA_NODE_FILE", dir, r->host, "node");
  set_path_env("OPENSIPS_HA_STATE_DIR", dir, r->host, "state");
  set_path_env("OPENSIPS_HA_CONFIG", dir, r->host, "../../cluster.conf");
  if (chdir(r->cwd) != 0 && chdir("/") != 0)
    _exit(126);
  execvp(r->argv[0], r->argv);
  fprintf(stderr, "%s: %s: %m\n", r->host, r->argv[0]);
  _exit(127);
}

/* A frozen host answers nobody: wait until it thaws. False when the caller gave up first. */
static bool wait_for_thaw(int conn, const char *dir, const char *host)
{
  struct pollfd p = { .fd = conn, .events = POLLIN };

  while (has_mark(dir, host, "frozen")) {
    if (poll(&p, 1, 50) > 0)
      return false;
  }
  return true;
}

/* Passes the caller's signals on until the command ends; gives its exit code. */
static int follow_command(int conn, pid_t pid, bool remote)
{
  struct pollfd p[2] = { { .fd = pidfd_open(pid, 0), .events = POLLIN }, { .fd = conn, .events = POLLIN } };
  int status;

  while ((p[0].revents & POLLIN) == 0) {
    unsigned char sig;

    if (poll(p, 2, -1) < 0 && errno != EINTR)
      break;
    if (p[1].revents == 0 || (p[0].revents & POLLIN) != 0)
      continue;
    if (recv(conn, &sig, 1, MSG_DONTWAIT) == 1) {
      (void)kill(-pid, sig);
      continue;
    }
    if (!remote)
      (void)kill(-pid, SIGKILL);
    p[1].fd = -1; /* the caller is gone: a remote command goes on without it */
  }
  if (waitpid(pid, &status, 0) != pid)
    return EXIT_LAB;
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static int answer(int conn, const char *dir)
{
  static struct request r; /* too large for a stack */
  pid_t pid;
  int code;

  if (!receive_request(conn, &r))
    return EXIT_LAB;
  if (has_mark(dir, r.host, "cut") || (r.remote && has_mark(dir, r.host, "unreachable")))
    return EXIT_UNREACHABLE;
  if (!wait_for_thaw(conn, dir, r.host))
    return EXIT_UNREACHABLE;
  if (!enter_host(dir, r.host))
    return EXIT_UNREACHABLE;
  pid = fork();
  if (pid < 0)
    return EXIT_LAB;
  if (pid == 0)
    run_command(&r, dir);
  for (int i = 0; i < 3; i++)
    close(r.fds[i]);
  code = follow_command(conn, pid, r.remote);
  return has_mark(dir, r.host, "cut") ? EXIT_UNREACHABLE : code;
}

static int serve(const char *dir)
{
  int server = connect_or_bind(dir, true);

  signal(SIGPIPE, SIG_IGN);
  signal(SIGCHLD, SIG_IGN);
  for (;;) {
    int conn = accept4(server, NULL, NULL, SOCK_CLOEXEC);
    pid_t pid;

    if (conn < 0)
      continue;
    pid = fork();
    if (pid == 0) {
      unsigned char code;

      close(server);
      signal(SIGCHLD, SIG_DFL);
      code = (unsigned char)answer(conn, dir);
      (void)send(conn, &code, 1, 0);
      _exit(0);
    }
    close(conn);
  }
}

/* ---- on, remote: the caller's side ---- */

static size_t put_string(char *text, size_t used, const char *s)
{
  size_t n = strlen(s) + 1;

  if (n > TEXT_BYTES - 1 - used)
    die("arguments and environment are larger than %d bytes", TEXT_BYTES);
  memcpy(text + used, s, n);
  return used + n;
}

static void send_request(int conn, int argc, char **argv, const char *mode, const char *host)
{
  static char text[TEXT_BYTES];
  int fds[3] = { 0, 1, 2 };
  union {
    struct cmsghdr head;
    char room[CMSG_SPACE(sizeof(fds))];
  } control = { .room = "" };
  struct iovec iov = { .iov_base = text };
  struct msghdr m = {
    .msg_iov = &iov, .msg_iovlen = 1, .msg_control = control.room, .msg_controllen = sizeof(control.room)
  };
  struct cmsghdr *c = CMSG_FIRSTHDR(&m);
  char cwd[4096], count[16];

  if (getcwd(cwd, sizeof(cwd)) == NULL)
    cwd[0] = '/', cwd[1] = '\0';
  snprintf(count, sizeof(count), "%d", argc);
  iov.iov_len = put_string(text, 0, mode);
  iov.iov_len = put_string(text, iov.iov_len, host);
  iov.iov_len = put_string(text, iov.iov_len, cwd);
  iov.iov_len = put_string(text, iov.iov_len, count);
  for (int i = 0; i < argc; i++)
    iov.iov_len = put_string(text, iov.iov_len, argv[i]);
  for (char **e = environ; *e != NULL; e++)
    iov.iov_len = put_string(text, iov.iov_len, *e);
  c->cmsg_level = SOL_SOCKET;
  c->cmsg_type = SCM_RIGHTS;
  c->cmsg_len = CMSG_LEN(sizeof(fds));
  memcpy(CMSG_DATA(c), fds, sizeof(fds));
  if (sendmsg(conn, &m, MSG_NOSIGNAL) < 0)
    die("send: %m");
}

static int call(int argc, char **argv, const char *mode, const char *dir, const char *host)
{
  static const int passed_on[] = { SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGUSR1, SIGUSR2 };
  struct pollfd p[2] = { { .events = POLLIN }, { .events = POLLIN } };
  unsigned char code;
  sigset_t set;

  sigemptyset(&set);
  for (size_t i = 0; i < sizeof(passed_on) / sizeof(passed_on[0]); i++)
    sigaddset(&set, passed_on[i]);
  sigprocmask(SIG_BLOCK, &set, NULL);
  p[0].fd = connect_or_bind(dir, false);
  p[1].fd = signalfd(-1, &set, SFD_CLOEXEC);
  send_request(p[0].fd, argc, argv, mode, host);
  for (;;) {
    struct signalfd_siginfo info;

    if (poll(p, 2, -1) < 0)
      continue;
    if (p[0].revents != 0)
      return recv(p[0].fd, &code, 1, 0) == 1 ? code : EXIT_UNREACHABLE;
    if (read(p[1].fd, &info, sizeof(info)) == (ssize_t)sizeof(info)) {
      code = (unsigned char)info.ssi_signo;
      (void)send(p[0].fd, &code, 1, MSG_NOSIGNAL);
    }
  }
}

int main(int argc, char **argv)
{
  const char *verb = argc > 1 ? argv[1] : "";

  if (strcmp(verb, "serve") == 0 && argc == 3)
    return serve(argv[2]);
  if (strcmp(verb, "boot") == 0 && argc == 3)
    return boot(argv[2]);
  if ((strcmp(verb, "on") == 0 || strcmp(verb, "remote") == 0) && argc > 4)
    return call(argc - 4, argv + 4, verb, argv[2], argv[3]);
  fputs("usage: door serve DIR | boot HOST | on|remote DIR HOST CMD...\n", stderr);
  return EXIT_LAB;
}
