/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <opensips-ha/location.h>

static uint32_t mix(uint32_t h, uint32_t v)
{
  return h + (v ^ (v >> 3));
}

/* Four bytes, the first one highest. Bytes count as signed, as `char` does where OpenSIPS runs. */
static uint32_t word_of(const char *p, size_t n)
{
  uint32_t v = 0;

  for (size_t i = 0; i < n; i++)
    v = (v << 8) + (uint32_t)(int32_t)(signed char)p[i];
  return v;
}

/* core_hash() of OpenSIPS, hash_func.h, for one string. */
uint32_t oha_aor_hash(const char *aor, size_t n)
{
  uint32_t h = 0;

  for (; n >= 4; aor += 4, n -= 4)
    h = mix(h, word_of(aor, 4));
  h = mix(h, word_of(aor, n));
  return (h + (h >> 11)) + ((h >> 13) + (h >> 23));
}
