/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef OHA_NET_CONTAINER_H
#define OHA_NET_CONTAINER_H
#include <stddef.h>

/* The struct that @p member, which @p p points to, is part of. */
#define OHA_CONTAINER(p, type, member) ((type *)(void *)((char *)(p)-offsetof(type, member)))

#endif
