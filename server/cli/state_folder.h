/*
 * Where the program keeps what outlives it, its certificates above all: $XDG_STATE_HOME/cpgw-mock, or
 * ~/.local/state/cpgw-mock. Only the user can look inside.
 */
#ifndef CPGW_CLI_STATE_FOLDER_H
#define CPGW_CLI_STATE_FOLDER_H

#include "core/buffer.h"
#include "core/error.h"

#include <stdbool.h>

/* Appends its path. As the XDG rules have it, an XDG_STATE_HOME that is not absolute counts as not set; without HOME
 * the user database is asked. False when there is no home either. */
bool state_folder_find(char *(*environment)(const char *name), struct buffer *path, struct error *error);

/* Makes the folder and those above it. */
bool state_folder_make(const char *path, struct error *error);

#endif
