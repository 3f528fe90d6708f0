/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bindings.h"
#include "move_choice.h"
#include "show.h"
#include "verbs.h"

static const char *const group_names[] = { "at once", "later", "unknown", "lost", "expired" };

static void show_classes(struct out *o, const struct oha_reach_sum *sum)
{
  out_array(o, "classes", "Classes", NULL, OUT_TABLE);
  for (int i = 0; i < OHA_REACH_N; i++) {
    out_record(o);
    out_str(o, "class", "CLASS", oha_reach_name((enum oha_reach)i));
    out_uint(o, "n", "BINDINGS", sum->n[i]);
    out_str(o, "group", "REACHABLE", group_names[oha_reach_group_of((enum oha_reach)i)]);
  }
}

static void show_histogram(struct out *o, const struct oha_reach_sum *sum)
{
  uint64_t n_later = 0;

  for (int i = 0; i < OHA_REACH_BUCKETS; i++)
    n_later += sum->later[i];
  out_array(o, "histogram", n_later > 0 ? "Back by themselves" : NULL, NULL, OUT_TABLE);
  for (int i = 0; i < OHA_REACH_BUCKETS; i++) {
    char text[OHA_DURATION_SIZE];
    bool last = i + 1 == OHA_REACH_BUCKETS;

    if (o->form == OUT_TEXT && sum->later[i] == 0)
      continue;
    out_record(o);
    if (o->form == OUT_TEXT)
      out_str(o, "within_s", "WITHIN",
              last ? "later" : oha_duration_format(oha_reach_bucket_s[i] * OHA_US_PER_S, text));
    else if (last)
      out_none(o, "within_s", NULL);
    else
      out_int(o, "within_s", NULL, oha_reach_bucket_s[i]);
    out_uint(o, "n", "BINDINGS", sum->later[i]);
  }
}

static void show_sum(struct out *o, const struct oha_reach_sum *sum)
{
  char line[OHA_REACH_LINE_SIZE];

  show_classes(o, sum);
  show_histogram(o, sum);
  out_top_uint(o, "n_never", sum->n_never);
  out_top_uint(o, "last_return_s", (uint64_t)sum->last_return_s);
  if (o->form == OUT_TEXT)
    out_say(o, NULL, "%s", "");
  out_say(o, "summary", "%s", oha_reach_line(sum, line));
}

int cmd_reach(struct app *app)
{
  struct oha_location_filter filter = { .size = sizeof(filter) };
  struct oha_reach_sum sum = { 0 };
  struct oha_move move = { 0 };
  struct bindings b = { .shape = OUT_TABLE, .move = &move };
  int code = app_cluster(app);

  if (code == 0)
    code = classes_parse(app, OPT_LIST, &b.class_mask);
  filter.include_expired = (b.class_mask >> OHA_REACH_EXPIRED & 1) != 0;
  if (code == 0)
    code = move_choose(app, &move);
  if (code == 0)
    code = bindings_open(&b, app);
  if (code == 0 && b.class_mask != 0) {
    code = bindings_show(&b, &filter, NULL, "no binding of these classes", &sum);
  } else if (code == 0) {
    code = bindings_sum(&b, &filter, &sum);
  }
  if (code == 0) {
    show_sum(&app->out, &sum);
    bindings_say_bad(&b);
  }
  bindings_close(&b);
  oha_move_clear(&move);
  return code;
}
