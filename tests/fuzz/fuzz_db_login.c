/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Option files: any bytes end in a login or in one error of one line, without the value of an option. */
#include "db/host.h"
#include "db/optfile.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds)
{
  if (!holds)
    abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  struct oha_span text = { (const char *)data, size };
  struct oha_error err = OHA_ERROR_INIT;
  struct oha__db_login login;
  struct oha__db_host host;
  enum oha_rc rc = oha__db_login_parse(text, "f", "opensips-ha", &login, &err);

  require(rc == err.rc && (rc == OHA_OK || rc == OHA_E_CONFIG));
  if (rc != OHA_OK)
    require(login.password == NULL && err.text[0] == 'f' && strchr(err.text, '\n') == NULL);
  require(!login.verify_cert || login.wants_tls);
  oha__db_login_clear(&login);
  if (oha__db_host_parse(text, &host, NULL) == OHA_OK)
    require(host.name[0] != '\0' && host.is_unix == (host.port == 0) && strlen(host.text) == size);
  return 0;
}
