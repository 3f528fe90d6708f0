/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "mi/xmlrpc_tree.h"
#include "base/error.h"
#include "base/mem.h"
#include "base/sbuf.h"
#include "base/utf8.h"

#include <libxml/parser.h>
#include <libxml/xmlerror.h>
#include <limits.h>
#include <pthread.h>
#include <string.h>

#define OPEN_VALUES_MAX ((size_t)2 * OHA_MI_DEPTH) /* 2.4 writes <value><value><struct> */

enum element {
  OTHER,
  IGNORED,
  VALUE,
  STRUCT,
  ARRAY,
  NAME,
  FAULT,
  STRING,
  INTEGER,
  DOUBLE,
  BOOLEAN,
  NIL,
};

struct reading {
  xmlParserCtxt *xml;
  struct oha__mi_builder b;
  bool is_fault;
  const char *name; /* of the member whose value comes next */
  /* Whether something was put for each open <value>: if not, its own text is a string. */
  bool has_value[OPEN_VALUES_MAX];
  size_t n_open;
  char *text; /* since the last tag */
  size_t n_text, cap;
  char why[160]; /* the first thing wrong */
};

static void complain(struct reading *r, const char *what)
{
  if (r->why[0] == '\0') {
    struct oha_sbuf b;

    oha__sbuf_init(&b, r->why, sizeof(r->why));
    oha__sbuf_put_safe(&b, oha__span(what), sizeof(r->why) - 8);
  }
  xmlStopParser(r->xml);
}

static enum element element_of(const xmlChar *xml_name)
{
  // clang-format off
  static const struct { const char *name; enum element element; } rows[] = {
    { "value", VALUE },     { "struct", STRUCT },          { "array", ARRAY },      { "name", NAME },
    { "string", STRING },   { "dateTime.iso8601", STRING }, { "base64", STRING },
    { "int", INTEGER },     { "i4", INTEGER },             { "i8", INTEGER },       { "double", DOUBLE },
    { "boolean", BOOLEAN }, { "nil", NIL },                { "fault", FAULT },      { "member", IGNORED },
    { "data", IGNORED },    { "params", IGNORED },         { "param", IGNORED },    { "methodResponse", IGNORED },
  };
  // clang-format on

  for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
    if (strcmp((const char *)xml_name, rows[i].name) == 0)
      return rows[i].element;
  return OTHER;
}

/* What went wrong in the builder comes out at its end; there is no use in reading on. */
static void check(struct reading *r)
{
  if (r->b.rc != OHA_OK)
    xmlStopParser(r->xml);
}

/* Members need names; the top and elements of arrays have none. */
static bool take_name(struct reading *r, const char **name)
{
  bool in_struct = r->b.depth > 0 && r->b.open[r->b.depth - 1].type == OHA_MI_OBJECT;

  *name = r->name;
  r->name = NULL;
  if (in_struct == (*name != NULL))
    return true;
  complain(r, in_struct ? "a member without a name" : "a name without a member");
  return false;
}

static void note_value(struct reading *r)
{
  if (r->n_open == 0)
    complain(r, "a type outside a value");
  else
    r->has_value[r->n_open - 1] = true;
}

static void begin_container(struct reading *r, enum oha_mi_type type)
{
  const char *name;

  note_value(r);
  if (take_name(r, &name))
    oha__mi_begin(&r->b, name, type);
  check(r);
}

static void on_start(void *arg, const xmlChar *local, const xmlChar *prefix, const xmlChar *uri,
                     int n_namespaces, const xmlChar **namespaces, int n_attributes, int n_defaulted,
                     const xmlChar **attributes)
{
  struct reading *r = arg;

  (void)prefix;
  (void)uri;
  (void)n_namespaces;
  (void)namespaces;
  (void)n_attributes;
  (void)n_defaulted;
  (void)attributes;
  r->n_text = 0;
  switch (element_of(local)) {
  case VALUE:
    if (r->n_open == OPEN_VALUES_MAX)
      complain(r, "too deep");
    else
      r->has_value[r->n_open++] = false;
    break;
  case STRUCT:
    begin_container(r, OHA_MI_OBJECT);
    break;
  case ARRAY:
    begin_container(r, OHA_MI_ARRAY);
    break;
  case FAULT:
    r->is_fault = true;
    break;
  case OTHER:
    complain(r, "an element that XML-RPC does not have");
    break;
  case IGNORED:
  case NAME:
  case STRING:
  case INTEGER:
  case DOUBLE:
  case BOOLEAN:
  case NIL:
    break;
  }
}

/* "4294967295.000000": a number that did not fit <int>. */
static struct oha_span without_zeros(struct oha_span text)
{
  struct oha_span whole, fraction;

  if (!oha__span_cut(text, '.', &whole, &fraction) || fraction.n == 0)
    return text;
  for (size_t i = 0; i < fraction.n; i++)
    if (fraction.p[i] != '0')
      return text;
  return whole;
}

static void put_scalar(struct reading *r, enum element element)
{
  struct oha_span text = { r->n_text == 0 ? "" : r->text, r->n_text };
  struct oha_mi_value value = { .type = OHA_MI_NULL };
  const char *name;

  if (!take_name(r, &name))
    return;
  if (element == STRING) {
    oha__mi_put_string(&r->b, name, text);
  } else if (element == INTEGER || element == DOUBLE) {
    text = oha__span_trim(text);
    if (!oha__mi_is_number(text))
      complain(r, "a number that is none");
    else
      oha__mi_put_number(&r->b, name, element == DOUBLE ? without_zeros(text) : text);
  } else if (element == BOOLEAN) {
    value.type = OHA_MI_BOOL;
    value.boolean = oha__span_is(oha__span_trim(text), "1");
    oha__mi_put(&r->b, name, value);
  } else {
    oha__mi_put(&r->b, name, value);
  }
  check(r);
}

static void end_value(struct reading *r)
{
  if (!r->has_value[--r->n_open]) {
    /* Kamailio 5.x escapes the tag of a null. */
    bool is_nil = r->n_text == 6 && memcmp(r->text, "<nil/>", 6) == 0;

    put_scalar(r, is_nil ? NIL : STRING);
  }
  if (r->n_open > 0)
    r->has_value[r->n_open - 1] = true;
}

static void end_name(struct reading *r)
{
  r->name = oha__mi_text(r->b.reply, (struct oha_span){ r->n_text == 0 ? "" : r->text, r->n_text });
  if (r->name == NULL && r->b.rc == OHA_OK)
    r->b.rc = OHA_E_NOMEM;
  check(r);
}

static void on_end(void *arg, const xmlChar *local, const xmlChar *prefix, const xmlChar *uri)
{
  struct reading *r = arg;
  enum element element = element_of(local);

  (void)prefix;
  (void)uri;
  switch (element) {
  case VALUE:
    end_value(r);
    break;
  case STRUCT:
  case ARRAY:
    oha__mi_end(&r->b);
    check(r);
    break;
  case NAME:
    end_name(r);
    break;
  case STRING:
  case INTEGER:
  case DOUBLE:
  case BOOLEAN:
  case NIL:
    note_value(r);
    put_scalar(r, element);
    break;
  case OTHER:
  case IGNORED:
  case FAULT:
    break;
  }
  r->n_text = 0;
}

static void on_text(void *arg, const xmlChar *bytes, int n)
{
  struct reading *r = arg;
  void *array = r->text;

  if (!oha__grow(&array, &r->cap, r->n_text + (size_t)n, 1)) {
    if (r->b.rc == OHA_OK)
      r->b.rc = OHA_E_NOMEM;
    check(r);
    return;
  }
  r->text = array;
  memcpy(r->text + r->n_text, bytes, (size_t)n);
  r->n_text += (size_t)n;
}

/* Where entities would be declared. */
static void on_document_type(void *arg, const xmlChar *name, const xmlChar *public_id,
                             const xmlChar *system_id)
{
  (void)name;
  (void)public_id;
  (void)system_id;
  complain(arg, "a document type: not allowed in XML-RPC");
}

#if LIBXML_VERSION >= 21200
static void on_error(void *arg, const xmlError *error)
#else
static void on_error(void *arg, xmlError *error)
#endif
{
  struct reading *r = arg;
  char text[sizeof(r->why)];
  struct oha_sbuf b;

  if (error->level < XML_ERR_ERROR || r->why[0] != '\0')
    return;
  oha__sbuf_init(&b, text, sizeof(text));
  oha__sbuf_printf(&b, "line %d: %.*s", error->line,
                   (int)strcspn(error->message == NULL ? "" : error->message, "\n"),
                   error->message == NULL ? "" : error->message);
  complain(r, oha__sbuf_done(&b) == OHA_OK ? text : "malformed");
}

static pthread_once_t once = PTHREAD_ONCE_INIT;

/*
 * What a phone wrote gets into replies as it is. Bytes that cannot be in XML at all, where it says or implies
 * UTF-8, become '?', so that one User-Agent does not spoil a whole listing. NULL: nothing to change.
 */
static enum oha_rc clean(struct oha_span bytes, char **out, struct oha_error *err)
{
  struct oha_span head = { bytes.p, bytes.n > 100 ? 100 : bytes.n }, before, behind;

  *out = NULL;
  if (oha__span_cut(head, '>', &before, &behind) && oha__span_starts(before, "<?xml") &&
      memmem(before.p, before.n, "encoding", 8) != NULL && memmem(before.p, before.n, "UTF-8", 5) == NULL &&
      memmem(before.p, before.n, "utf-8", 5) == NULL)
    return OHA_OK;
  for (size_t i = 0, len; i < bytes.n; i += len) {
    unsigned char c = (unsigned char)bytes.p[i];

    len = oha__utf8_len(bytes.p + i, bytes.n - i);
    if (len > 0 && (c >= 0x20 || c == '\t' || c == '\n' || c == '\r'))
      continue;
    len = 1;
    if (*out == NULL && (*out = oha__strndup(bytes.p, bytes.n)) == NULL)
      return oha__fail_nomem(err);
    (*out)[i] = '?';
  }
  return OHA_OK;
}

static enum oha_rc parse(struct reading *r, struct oha_span bytes, struct oha_error *err)
{
  xmlSAXHandler sax = {
    .initialized = XML_SAX2_MAGIC,
    .startElementNs = on_start,
    .endElementNs = on_end,
    .characters = on_text,
    .cdataBlock = on_text,
    .internalSubset = on_document_type,
    .serror = on_error,
  };
  int bad;

  r->xml = xmlCreatePushParserCtxt(&sax, r, NULL, 0, NULL);
  if (r->xml == NULL)
    return oha__fail_nomem(err);
  xmlCtxtUseOptions(r->xml, XML_PARSE_NONET);
  bad = xmlParseChunk(r->xml, bytes.p, (int)bytes.n, 1);
  if (bad == XML_ERR_NO_MEMORY && r->b.rc == OHA_OK)
    r->b.rc = OHA_E_NOMEM;
  if ((bad != 0 || r->xml->wellFormed == 0) && r->why[0] == '\0')
    complain(r, "malformed");
  xmlFreeParserCtxt(r->xml);
  return OHA_OK;
}

enum oha_rc oha__xmlrpc_tree(struct oha_span bytes, struct oha_mi_reply *reply, struct oha_mi_value *top,
                             bool *is_fault, struct oha_error *err)
{
  struct reading r = { .xml = NULL };
  char *cleaned = NULL;
  enum oha_rc rc;

  *top = (struct oha_mi_value){ .type = OHA_MI_NULL };
  *is_fault = false;
  if (bytes.n == 0 || bytes.n > INT_MAX)
    return oha__fail(err, OHA_E_PROTOCOL, "XML-RPC: %zu bytes", bytes.n);
  pthread_once(&once, xmlInitParser);
  oha__mi_build(&r.b, reply);
  rc = clean(bytes, &cleaned, err);
  if (rc == OHA_OK && cleaned != NULL)
    bytes.p = cleaned;
  if (rc == OHA_OK)
    rc = parse(&r, bytes, err);
  if (rc == OHA_OK && r.b.rc == OHA_E_NOMEM)
    rc = oha__fail_nomem(err);
  if (rc == OHA_OK && r.why[0] != '\0')
    rc = oha__fail(err, OHA_E_PROTOCOL, "XML-RPC: %s", r.why);
  if (rc == OHA_OK && r.b.rc == OHA_OK && r.b.n_pending == 0)
    oha__mi_put(&r.b, NULL, *top); /* no parameter */
  if (oha__mi_built(&r.b, top) != OHA_OK && rc == OHA_OK)
    rc = oha__fail(err, OHA_E_PROTOCOL, "XML-RPC: deeper than %d levels, or not one value", OHA_MI_DEPTH);
  if (rc == OHA_OK)
    *is_fault = r.is_fault;
  oha__free(cleaned);
  oha__free(r.text);
  return rc;
}
