/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which stored texts name the old active's sockets, and what replaces each. */
#include "base/error.h"
#include "base/mem.h"
#include "location/rewrite_page.h"

#include <string.h>

/* What a server of this flavour writes for a socket: the advertised one where there is one. */
static enum oha_rc stored_text(const struct oha_move_socket *socket, enum oha_flavour flavour, char *buf,
                               size_t size, struct oha_error *err)
{
  enum oha_rc rc =
      oha_sock_format(socket->has_advertised ? &socket->advertised : &socket->listen, buf, size, err);

  if (rc == OHA_OK && flavour == OHA_FLAVOUR_KAMAILIO) /* its IPv6 digits are lower case */
    for (char *c = buf; *c != '\0'; c++)
      *c = oha__lower(*c);
  return rc;
}

enum oha_rc oha__rewrite_put_candidates(struct oha__sql *q, const struct oha_location *location,
                                        const struct oha_move *move, struct oha_error *err)
{
  char text[OHA_SOCK_SIZE];
  bool first = true;

  oha__location_put_column(q, location, OHA__FIELD_SOCKET);
  oha__sql_puts(q, " NOT IN ('");
  for (size_t i = 0; i < move->n_sockets; i++) {
    enum oha_rc rc;

    if (move->sockets[i].fate == OHA_FATE_SOURCE)
      continue;
    rc = stored_text(&move->sockets[i], location->dialect.flavour, text, sizeof(text), err);
    if (rc != OHA_OK)
      return rc;
    oha__sql_puts(q, first ? "'," : ",");
    oha__sql_text(q, oha__span(text));
    first = false;
  }
  oha__sql_puts(q, first ? "')" : ")");
  return OHA_OK;
}

static enum oha_rc fill_pair(struct oha__rewrite_pair *pair, const struct oha_move *move,
                             const struct oha_dialect *dialect, struct oha_error *err)
{
  const struct oha_move_socket *target;
  struct oha_sock stored, check;
  enum oha_rc rc;

  if (oha_sock_parse(pair->old_text, strlen(pair->old_text), &stored, NULL) != OHA_OK ||
      (target = oha_move_target_of(move, &stored)) == NULL)
    return OHA_OK; /* not the old active's, or nothing could replace it */
  rc = stored_text(target, dialect->flavour, pair->new_text, sizeof(pair->new_text), err);
  if (rc != OHA_OK)
    return rc;
  if (oha_sock_parse(pair->new_text, strlen(pair->new_text), &check, NULL) != OHA_OK)
    return oha__fail(err, OHA_E_REFUSED, "socket '%s' would be refused by the registrar", pair->new_text);
  if (strlen(pair->new_text) > dialect->socket_size)
    return oha__fail(err, OHA_E_REFUSED, "socket '%s' is longer than the %u characters of its column",
                     pair->new_text, dialect->socket_size);
  pair->wanted = true;
  return OHA_OK;
}

enum oha_rc oha__rewrite_pair_of(struct oha__rewrite_pairs *pairs, const struct oha_move *move,
                                 const struct oha_dialect *dialect, const char *socket, uint32_t *index,
                                 struct oha_error *err)
{
  struct oha__rewrite_pair *pair;
  enum oha_rc rc;

  for (size_t i = 0; i < pairs->n; i++)
    if (strcmp(pairs->items[i].old_text, socket) == 0) {
      *index = (uint32_t)i;
      return OHA_OK;
    }
  if (!oha__grow((void **)&pairs->items, &pairs->cap, pairs->n, sizeof(*pairs->items)))
    return oha__fail_nomem(err);
  pair = &pairs->items[pairs->n];
  memset(pair, 0, sizeof(*pair));
  *index = (uint32_t)pairs->n;
  if (!oha__span_copy(oha__span(socket), pair->old_text, sizeof(pair->old_text)))
    return OHA_OK; /* longer than any socket: nobody's */
  rc = fill_pair(pair, move, dialect, err);
  /* Sockets of others are remembered too, to be judged once; a table full of nonsense is judged row by row.
   */
  if (rc == OHA_OK && (pair->wanted || pairs->n < OHA__REWRITE_PAIRS_KEPT))
    pairs->n++;
  return rc;
}

void oha__rewrite_pairs_clear(struct oha__rewrite_pairs *pairs)
{
  oha__free(pairs->items);
  memset(pairs, 0, sizeof(*pairs));
}
