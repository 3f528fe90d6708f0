/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "identity.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *identity_path(void)
{
  const char *path = getenv("OPENSIPS_HA_NODE_FILE");

  return path != NULL && *path != '\0' ? path : OHA_SYSCONFDIR "/node";
}

enum identity_answer identity_compare(const char *name, char found[IDENTITY_SIZE])
{
  FILE *f = fopen(identity_path(), "re");
  size_t n;

  found[0] = '\0';
  if (f == NULL)
    return IDENTITY_UNKNOWN;
  if (fgets(found, IDENTITY_SIZE, f) == NULL)
    found[0] = '\0';
  fclose(f);
  n = strcspn(found, "\r\n");
  while (n > 0 && (found[n - 1] == ' ' || found[n - 1] == '\t'))
    n--;
  found[n] = '\0';
  if (n == 0)
    return IDENTITY_UNKNOWN;
  return strcmp(name, found) == 0 ? IDENTITY_IS : IDENTITY_IS_NOT;
}
