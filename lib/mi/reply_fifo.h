/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef OHA_MI_REPLY_FIFO_H
#define OHA_MI_REPLY_FIFO_H
/*
 * The FIFO that a server writes its reply to. It must be there before the request, with its reader waiting:
 * the server opens it without blocking and gives up after a few tries.
 */
#include <opensips-ha/error.h>
#include "base/span.h"

#include <sys/stat.h>

#define OHA_REPLY_FIFO_NAME_SIZE 48 /* "oha-mi-" and 128 random bits in hex */
#define OHA_REPLY_FIFO_PATH_SIZE 160

struct oha__reply_fifo {
  char name[OHA_REPLY_FIFO_NAME_SIZE]; /* "" = none was named */
  char path[OHA_REPLY_FIFO_PATH_SIZE]; /* "" = there is no file */
  int fd;                              /* valid while path is not "" */
};

/* Think of a name that nobody can guess. Makes no file. */
OHA_NODISCARD enum oha_rc oha__reply_fifo_name(struct oha__reply_fifo *fifo, const char *dir,
                                               struct oha_error *err);

/*
 * Make it and open it for reading. Only we may read; writing is left to the owner of the server's FIFO, whose
 * stat(2) @p server is, as narrowly as our rights allow. Returns OHA_OK; OHA_E_DENIED; OHA_E_IO.
 */
OHA_NODISCARD enum oha_rc oha__reply_fifo_make(struct oha__reply_fifo *fifo, const char *dir,
                                               const struct stat *server, struct oha_error *err);

/* Close and remove it; one that was not made is fine. */
void oha__reply_fifo_remove(struct oha__reply_fifo *fifo);

/* Remove what clients of ours left there when they were killed: our user's, old, and without a reader. */
void oha__reply_fifo_sweep(const char *dir, int64_t now_s);

#endif
