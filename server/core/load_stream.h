/*
 * Scripts of websockets, for load_stream.c and nobody else.
 */
#ifndef CPGW_CORE_LOAD_STREAM_H
#define CPGW_CORE_LOAD_STREAM_H

#include "core/loading.h"
#include "core/websocket.h"

/* load_script.c: the frame that a text names; INDEX_NONE, and a problem. */
int load_frame(struct loading *loading, const cJSON *item);
/* One step or a list of them; NULL gives none. */
struct stream_script load_script(struct loading *loading, const cJSON *item);

#endif
