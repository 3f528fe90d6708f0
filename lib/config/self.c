/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config/self.h"

#include "base/error.h"
#include "base/mem.h"
#include "base/sbuf.h"

#include <errno.h>
#include <ifaddrs.h>
#include <netinet/in.h>
#include <string.h>

enum oha_rc oha__self_of(const struct oha_cluster *cluster, const struct oha_addr *addrs, size_t n_addrs,
                         const struct oha_node **out, struct oha_error *err)
{
  const struct oha_node *found = NULL;

  *out = NULL;
  for (size_t i = 0; i < cluster->n_nodes; i++) {
    const struct oha_node *n = &cluster->nodes[i];
    size_t a = 0;

    while (a < n_addrs && !oha_addr_equal(&addrs[a], &n->host))
      a++;
    if (a == n_addrs)
      continue;
    if (found != NULL)
      return oha__fail(err, OHA_E_CONFIG,
                       "this machine has the hosts of both node %s and node %s; say which it is (--node)",
                       found->name, n->name);
    found = n;
  }
  *out = found;
  return OHA_OK;
}

static bool addr_of(const struct sockaddr *sa, struct oha_addr *out)
{
  memset(out, 0, sizeof(*out));
  if (sa == NULL)
    return false;
  if (sa->sa_family == AF_INET) {
    out->family = 4;
    memcpy(out->bytes, &((const struct sockaddr_in *)(const void *)sa)->sin_addr, 4);
  } else if (sa->sa_family == AF_INET6) {
    out->family = 6;
    memcpy(out->bytes, &((const struct sockaddr_in6 *)(const void *)sa)->sin6_addr, 16);
  }
  return out->family != 0;
}

static enum oha_rc self_by_interfaces(const struct oha_cluster *cluster, const struct oha_node **out,
                                      struct oha_error *err)
{
  struct ifaddrs *list = NULL;
  struct oha_addr *addrs = NULL;
  size_t n = 0, cap = 0;
  enum oha_rc rc = OHA_OK;

  if (getifaddrs(&list) != 0)
    return oha__fail_errno(err, errno == ENOMEM ? OHA_E_NOMEM : OHA_E_IO, errno, "addresses of this machine");
  for (const struct ifaddrs *i = list; i != NULL && rc == OHA_OK; i = i->ifa_next) {
    if (!oha__grow((void **)&addrs, &cap, n, sizeof(*addrs)))
      rc = oha__fail_nomem(err);
    else if (addr_of(i->ifa_addr, &addrs[n]))
      n++;
  }
  freeifaddrs(list);
  if (rc == OHA_OK)
    rc = oha__self_of(cluster, addrs, n, out, err);
  oha__free(addrs);
  return rc;
}

enum oha_rc oha_cluster_self(const struct oha_cluster *cluster, const char *wanted,
                             const struct oha_node **out, struct oha_error *err)
{
  char shown[OHA_SAFE_SIZE];

  *out = NULL;
  if (wanted == NULL)
    return self_by_interfaces(cluster, out, err);
  *out = oha_cluster_node(cluster, wanted);
  if (*out == NULL)
    return oha__fail(err, OHA_E_NOTFOUND, "there is no node '%s' in %s", oha__safe(oha__span(wanted), shown),
                     cluster->path);
  return OHA_OK;
}
