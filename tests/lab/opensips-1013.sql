-- SPDX-License-Identifier: GPL-3.0-or-later
-- Tables that OpenSIPS 2.4 and later expects in SQL-only mode: location version 1013 with the column types of 3.1+.
CREATE TABLE version (
  table_name CHAR(32) NOT NULL,
  table_version INT UNSIGNED NOT NULL DEFAULT 0,
  CONSTRAINT t_name_idx UNIQUE (table_name)
) ENGINE=InnoDB;
INSERT INTO version (table_name, table_version) VALUES ('version', 1), ('location', 1013);
CREATE TABLE location (
  contact_id BIGINT(10) UNSIGNED AUTO_INCREMENT PRIMARY KEY NOT NULL,
  username CHAR(64) NOT NULL DEFAULT '',
  domain CHAR(64) DEFAULT NULL,
  contact TEXT NOT NULL,
  received CHAR(255) DEFAULT NULL,
  path CHAR(255) DEFAULT NULL,
  expires INT(10) UNSIGNED NOT NULL,
  q FLOAT(10,2) NOT NULL DEFAULT 1.0,
  callid CHAR(255) NOT NULL DEFAULT 'Default-Call-ID',
  cseq INT(11) NOT NULL DEFAULT 13,
  last_modified DATETIME NOT NULL DEFAULT '1900-01-01 00:00:01',
  flags INT(11) NOT NULL DEFAULT 0,
  cflags CHAR(255) DEFAULT NULL,
  user_agent CHAR(255) NOT NULL DEFAULT '',
  socket CHAR(64) DEFAULT NULL,
  methods INT(11) DEFAULT NULL,
  sip_instance CHAR(255) DEFAULT NULL,
  kv_store TEXT(512) DEFAULT NULL,
  attr CHAR(255) DEFAULT NULL
) ENGINE=InnoDB;
