# SPDX-License-Identifier: GPL-3.0-or-later
# Tools use the public headers only.
tools_common_sources = \
  tools/common/exits.c \
  tools/common/exits.h \
  tools/common/identity.c \
  tools/common/identity.h \
  tools/common/options.c \
  tools/common/options.h \
  tools/common/out.c \
  tools/common/out.h \
  tools/common/progress.c \
  tools/common/progress.h \
  tools/common/prompt.c \
  tools/common/prompt.h \
  tools/common/table.c \
  tools/common/table.h \
  tools/common/text.c \
  tools/common/text.h
