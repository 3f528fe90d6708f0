/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "journal/journal.h"
#include "journal/local.h"
#include "journal/text.h"
#include "base/error.h"
#include "base/mem.h"
#include "base/sbuf.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define NOTE_MAX 1024

/*
 * An open file description lock (fcntl(2)): gone with its process, however that ends, and unlike flock(2) one
 * can ask who has it without taking it.
 */
static struct flock whole_file(void)
{
  return (struct flock){ .l_type = F_WRLCK, .l_whence = SEEK_SET };
}

/* The file is named after the cluster, whose name may hold anything. */
static enum oha_rc open_lock(const struct oha_journal *journal, int flags, int *fd, struct oha_error *err)
{
  char name[64 * 3 + 8], path[OHA__PATH_SIZE];
  struct oha_sbuf b;

  *fd = -1;
  oha__sbuf_init(&b, name, sizeof(name));
  for (const char *p = journal->cluster; *p != '\0'; p++)
    if (oha__is_alpha(*p) || oha__is_digit(*p) || *p == '-' || *p == '_')
      oha__sbuf_putc(&b, *p);
    else
      oha__sbuf_printf(&b, "%%%02X", (unsigned char)*p);
  oha__sbuf_puts(&b, ".lock");
  if (!oha__local_path(journal, path, name, NULL))
    return oha__fail(err, OHA_E_ARG, "%s: the path is too long", journal->state_dir);
  *fd = open(path, flags | O_CLOEXEC | O_NOFOLLOW, 0640);
  if (*fd >= 0)
    return OHA_OK;
  return oha__fail_errno(err, oha__local_rc_of_errno(errno), errno, "%s", path);
}

static void read_note(int fd, struct oha__lock_note *note)
{
  char text[NOTE_MAX];
  ssize_t n = pread(fd, text, sizeof(text), 0);

  memset(note, 0, sizeof(*note));
  if (n > 0)
    oha__lock_note_parse((struct oha_span){ text, (size_t)n }, note);
}

/* A full disk must not keep anybody from the lock: the note is for people, and for taking over sooner. */
static void write_note(const struct oha_journal *journal, const char *op_id)
{
  struct oha__lock_note note = { .at = oha_now_wall(journal->ctx) };
  char text[OHA_ERRNO_TEXT_SIZE];
  char *line;
  size_t n;

  oha__text_clean(note.holder, sizeof(note.holder), journal->holder);
  oha__text_clean(note.op_id, sizeof(note.op_id), op_id);
  if (oha__lock_note_line(&note, &line, NULL) != OHA_OK)
    return;
  n = strlen(line);
  errno = ENOSPC; /* what a short write means */
  if (pwrite(journal->lock_fd, line, n, 0) != (ssize_t)n || ftruncate(journal->lock_fd, (off_t)n) != 0 ||
      fdatasync(journal->lock_fd) != 0)
    oha__log(journal->ctx, OHA_LOG_WARN, "journal", "the lock file in %s: %s", journal->state_dir,
             oha__errno_text(errno, text));
  oha__free(line);
}

enum oha_rc oha__lock_take(struct oha_journal *journal, const char *op_id, struct oha__lock_note *before,
                           struct oha_error *err)
{
  struct flock lock = whole_file();
  char at[OHA_RFC3339_SIZE];
  enum oha_rc rc;

  memset(before, 0, sizeof(*before));
  rc = oha__local_make_dirs(journal, err);
  if (rc == OHA_OK)
    rc = open_lock(journal, O_RDWR | O_CREAT, &journal->lock_fd, err);
  if (rc != OHA_OK)
    return rc;
  if (fcntl(journal->lock_fd, F_OFD_SETLK, &lock) != 0) {
    rc = errno == EAGAIN || errno == EACCES
             ? OHA_E_BUSY
             : oha__fail_errno(err, OHA_E_IO, errno, "lock in %s", journal->state_dir);
    read_note(journal->lock_fd, before);
    if (rc == OHA_E_BUSY)
      oha__fail(err, rc, "cluster '%s': %s is at it on this machine (operation %s, since %s)",
                journal->cluster, before->holder[0] == '\0' ? "another process" : before->holder,
                before->op_id[0] == '\0' ? "not known yet" : before->op_id,
                before->at.us == 0 ? "just now" : oha_wall_format(before->at, at));
    close(journal->lock_fd);
    journal->lock_fd = -1;
    return rc;
  }
  read_note(journal->lock_fd, before);
  write_note(journal, op_id);
  return OHA_OK;
}

/* The file stays: to remove it would let two processes lock two files of one name. */
void oha__lock_release(struct oha_journal *journal, bool keep_note)
{
  if (journal->lock_fd < 0)
    return;
  if (!keep_note && ftruncate(journal->lock_fd, 0) != 0)
    oha__log(journal->ctx, OHA_LOG_WARN, "journal", "the lock file in %s could not be emptied",
             journal->state_dir);
  close(journal->lock_fd);
  journal->lock_fd = -1;
}

enum oha_rc oha__lock_show(const struct oha_journal *journal, bool *held, struct oha__lock_note *note,
                           struct oha_error *err)
{
  struct oha_error local = OHA_ERROR_INIT;
  struct flock lock = whole_file();
  enum oha_rc rc;
  int fd;

  *held = false;
  memset(note, 0, sizeof(*note));
  if (journal->lock_fd >= 0) {
    *held = true;
    read_note(journal->lock_fd, note);
    return OHA_OK;
  }
  rc = open_lock(journal, O_RDONLY, &fd, &local);
  if (rc == OHA_E_NOTFOUND)
    return OHA_OK;
  if (fd < 0)
    return oha__hand_on(err, &local);
  if (fcntl(fd, F_OFD_GETLK, &lock) != 0)
    rc = oha__fail_errno(err, OHA_E_IO, errno, "lock in %s", journal->state_dir);
  *held = rc == OHA_OK && lock.l_type != F_UNLCK;
  read_note(fd, note);
  close(fd);
  return rc;
}
