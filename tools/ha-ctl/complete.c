/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "complete.h"

#include <opensips-ha/location.h>
#include <opensips-ha/sock.h>

#include <string.h>

struct collector {
  const char *part;
  complete_fn *fn;
  void *arg;
};

static void offer_n(const struct collector *c, const char *text, size_t n)
{
  char candidate[512];

  if (n >= sizeof(candidate) || strncmp(text, c->part, strlen(c->part)) != 0 || n < strlen(c->part))
    return;
  memcpy(candidate, text, n);
  candidate[n] = '\0';
  c->fn(c->arg, candidate);
}

static void offer(const struct collector *c, const char *text)
{
  offer_n(c, text, strlen(text));
}

/* "text|json" */
static void offer_choices(const struct collector *c, const char *choices)
{
  while (*choices != '\0') {
    size_t n = strcspn(choices, "|");

    offer_n(c, choices, n);
    choices += choices[n] == '|' ? n + 1 : n;
  }
}

static enum option_id option_named(const char *name, size_t n)
{
  for (int id = 0; id < OPT_N; id++)
    if (strlen(option_rows[id].name) == n && memcmp(option_rows[id].name, name, n) == 0)
      return (enum option_id)id;
  return OPT_N;
}

static enum option_id option_lettered(char letter)
{
  for (int id = 0; id < OPT_N; id++)
    if (option_rows[id].letter == letter)
      return (enum option_id)id;
  return OPT_N;
}

static void note_option(struct complete_point *at, enum option_id id, const char *value)
{
  if (id == OPT_N)
    return;
  at->given |= UINT64_C(1) << id;
  if (id == OPT_CONFIG && value != NULL)
    at->config = value;
}

/* One word that begins with "-". @return the option that wants the next word as its value; OPT_N = none does
 */
static enum option_id look_at_option(struct complete_point *at, const char *word)
{
  const char *equals = strchr(word, '=');
  enum option_id id;

  if (word[1] == '-') {
    id = option_named(word + 2, equals != NULL ? (size_t)(equals - word) - 2 : strlen(word + 2));
    note_option(at, id, equals != NULL ? equals + 1 : NULL);
    return id != OPT_N && option_rows[id].argument != NULL && equals == NULL ? id : OPT_N;
  }
  for (const char *p = word + 1; *p != '\0'; p++) {
    id = option_lettered(*p);
    note_option(at, id, p[1] != '\0' ? p + 1 : NULL);
    if (id != OPT_N && option_rows[id].argument != NULL)
      return p[1] == '\0' ? id : OPT_N;
  }
  return OPT_N;
}

static void look_at_last(struct complete_point *at, const char *last)
{
  const char *equals = strchr(last, '='), *comma;

  at->part = last;
  if (at->value_of == OPT_N && !at->only_words && strncmp(last, "--", 2) == 0 && equals != NULL) {
    at->value_of = option_named(last + 2, (size_t)(equals - last) - 2);
    at->part = equals + 1;
  }
  if (at->value_of != OPT_N && (comma = strrchr(at->part, ',')) != NULL)
    at->part = comma + 1;
}

void complete_look(const struct words *line, const struct verb *table, struct complete_point *at)
{
  int n_before = line->open ? line->n - 1 : line->n, n_words = 0, n_used = 0;
  char *word[3] = { NULL, NULL, NULL };

  memset(at, 0, sizeof(*at));
  at->value_of = OPT_N;
  for (int i = 0; i < n_before; i++) {
    char *text = line->word[i];

    if (at->value_of != OPT_N) {
      note_option(at, at->value_of, text);
      at->value_of = OPT_N;
    } else if (!at->only_words && strcmp(text, "--") == 0) {
      at->only_words = true;
    } else if (!at->only_words && text[0] == '-' && text[1] != '\0') {
      at->value_of = look_at_option(at, text);
    } else {
      if (n_words < 3)
        word[n_words] = text;
      n_words++;
    }
  }
  if (n_words > 0) {
    at->verb = verb_find(table, n_words < 2 ? n_words : 2, word, &n_used);
    at->n_words = n_words - (at->verb != NULL ? n_used : 0);
    at->word = at->verb != NULL ? word[n_used] : word[0];
  }
  look_at_last(at, line->open ? line->word[line->n - 1] : "");
}

/* Each first word once: verbs of two words share theirs. */
static void offer_verbs(const struct collector *c, const struct verb *table)
{
  for (const struct verb *v = table; v->name != NULL; v++) {
    size_t n = strcspn(v->name, " ");
    bool seen = false;

    for (const struct verb *w = table; w != v && !seen; w++)
      seen = strncmp(w->name, v->name, n) == 0 && w->name[n] == ' ';
    if (!seen)
      offer_n(c, v->name, n);
  }
}

static void offer_second_words(const struct collector *c, const struct verb *table, const char *first)
{
  size_t n = strlen(first);

  for (const struct verb *v = table; v->name != NULL; v++)
    if (strncmp(v->name, first, n) == 0 && v->name[n] == ' ')
      offer(c, v->name + n + 1);
}

static void offer_nodes(const struct collector *c, const struct oha_cluster *k)
{
  for (size_t i = 0; k != NULL && i < k->n_nodes; i++)
    offer(c, k->nodes[i].name);
}

static void offer_witnesses(const struct collector *c, const struct oha_cluster *k)
{
  for (size_t i = 0; k != NULL && i < k->n_witnesses; i++)
    offer(c, k->witnesses[i].name);
}

static void offer_peers(const struct collector *c, const struct oha_cluster *k)
{
  for (size_t i = 0; k != NULL && i < k->n_peers; i++)
    offer(c, k->peers[i].name);
}

static void offer_vips(const struct collector *c, const struct oha_cluster *k)
{
  for (size_t i = 0; k != NULL && i < k->n_vips; i++)
    offer(c, k->vips[i].name);
}

static void offer_sockets(const struct collector *c, const struct oha_cluster *k)
{
  char text[OHA_SOCK_SIZE];

  for (size_t i = 0; k != NULL && i < k->n_vips; i++)
    for (size_t s = 0; s < k->vips[i].n_sockets; s++)
      if (oha_sock_format(&k->vips[i].sockets[s], text, sizeof(text), NULL) == OHA_OK)
        offer(c, text);
  for (size_t i = 0; k != NULL && i < k->n_nodes; i++)
    for (size_t s = 0; s < k->nodes[i].n_sockets; s++)
      if (oha_sock_format(&k->nodes[i].sockets[s].listen, text, sizeof(text), NULL) == OHA_OK)
        offer(c, text);
}

static enum complete_kind offer_values(const struct collector *c, enum option_id id,
                                       const struct oha_cluster *k)
{
  const char *argument = option_rows[id].argument;

  if (argument == NULL)
    return COMPLETE_WORD;
  if (strcmp(argument, "FILE") == 0)
    return COMPLETE_FILE;
  if (strcmp(argument, "NODE") == 0 || strcmp(argument, "NAME") == 0)
    offer_nodes(c, k);
  if (strcmp(argument, "NAME") == 0)
    offer_witnesses(c, k);
  if (id == OPT_PEER)
    offer_peers(c, k);
  if (strcmp(argument, "SOCKET") == 0)
    offer_sockets(c, k);
  if (strcmp(argument, "GATE,...") == 0)
    offer_choices(c, "sip|database|quorum|mode|fenced|address|lease");
  if (strcmp(argument, "CLASS,...") == 0)
    for (int i = 0; i < OHA_REACH_N; i++)
      offer(c, oha_reach_name((enum oha_reach)i));
  if (argument[0] >= 'a' && argument[0] <= 'z')
    offer_choices(c, argument);
  return strchr(argument, ',') != NULL ? COMPLETE_LIST : COMPLETE_WORD;
}

/* Names of the verb's options; those of the first verb, which is meant where there is none. */
static void offer_options(const struct collector *c, const struct complete_point *at,
                          const struct verb *table)
{
  uint64_t accepted = (at->verb != NULL ? at->verb : table)->options;

  for (int id = 0; id < OPT_N; id++) {
    char name[64];

    /* --verbose may be given twice. */
    if ((accepted >> id & 1) == 0 || (id != OPT_VERBOSE && (at->given >> id & 1) != 0))
      continue;
    snprintf(name, sizeof(name), "--%s", option_rows[id].name);
    offer(c, name);
  }
}

static void offer_arguments(const struct collector *c, const struct complete_point *at,
                            const struct oha_cluster *k)
{
  const char *arguments = at->verb->arguments;

  if (at->n_words >= at->verb->max_words)
    return;
  if (strstr(arguments, "NODE") != NULL)
    offer_nodes(c, k);
  if (strncmp(at->verb->name, "vip ", 4) == 0)
    offer_vips(c, k);
  if (strstr(arguments, "SOCKET") != NULL)
    offer_sockets(c, k);
}

enum complete_kind complete_each(const struct complete_point *at, const struct verb *table,
                                 const struct oha_cluster *k, const char *const *commands, complete_fn *fn,
                                 void *arg)
{
  struct collector c = { .part = at->part, .fn = fn, .arg = arg };

  if (at->value_of != OPT_N)
    return offer_values(&c, at->value_of, k);
  if (at->part[0] == '-' && !at->only_words) {
    offer_options(&c, at, table);
  } else if (at->verb != NULL) {
    offer_arguments(&c, at, k);
    if (strstr(at->verb->arguments, "VERB") != NULL && at->n_words == 0)
      offer_verbs(&c, table);
    if (strstr(at->verb->arguments, "VERB") != NULL && at->n_words == 1)
      offer_second_words(&c, table, at->word);
  } else if (at->n_words == 1) {
    offer_second_words(&c, table, at->word);
  } else if (at->n_words == 0) {
    offer_verbs(&c, table);
    for (size_t i = 0; commands[i] != NULL; i++)
      offer(&c, commands[i]);
  }
  return COMPLETE_WORD;
}
