/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef HA_CTL_VERBS_H
#define HA_CTL_VERBS_H
/* One function for each verb, each in its cmd_VERB.c. @return the exit code */
struct app;

int cmd_check(struct app *app);
int cmd_config_check(struct app *app);
int cmd_config_show(struct app *app);
int cmd_exit_codes(struct app *app);
int cmd_failover(struct app *app);
int cmd_health(struct app *app);
int cmd_help(struct app *app);
int cmd_history(struct app *app);
int cmd_locate(struct app *app);
int cmd_locations(struct app *app);
int cmd_mi(struct app *app);
int cmd_nodes(struct app *app);
int cmd_probe(struct app *app);
int cmd_reach(struct app *app);
int cmd_resume(struct app *app);
int cmd_rewrite(struct app *app);
int cmd_shell(struct app *app);
int cmd_sockets(struct app *app);
int cmd_status(struct app *app);
int cmd_tables_create(struct app *app);
int cmd_undo(struct app *app);
int cmd_vip_add(struct app *app);
int cmd_vip_del(struct app *app);
int cmd_vip_show(struct app *app);

#endif
