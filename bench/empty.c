/* SPDX-License-Identifier: GPL-3.0-or-later */
/* empty: what a program costs that is linked to the library and does nothing. */
#include <opensips-ha/api.h>

int main(void)
{
  return oha_version()[0] == '\0';
}
