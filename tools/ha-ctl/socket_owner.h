/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef HA_CTL_SOCKET_OWNER_H
#define HA_CTL_SOCKET_OWNER_H
/* The sockets that the location table names, and whose they are by the cluster file. */
#include "app.h"

#include <opensips-ha/location.h>

/**
 * Stream the array `sockets`: each distinct stored socket with its bindings and its owner.
 *
 * @return OHA_OK, or the library's failure, not reported
 */
OHA_NODISCARD enum oha_rc sockets_show(struct app *app, struct oha_location *location, const char *heading,
                                       struct oha_error *err);

#endif
