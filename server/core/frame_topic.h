/*
 * What a message of a websocket is about: its topic, as clients write it and as the gateway does (docs/gateway.md#websocket).
 */
#ifndef CPGW_CORE_FRAME_TOPIC_H
#define CPGW_CORE_FRAME_TOPIC_H

#include "core/buffer.h"
#include "core/websocket.h"

#include <stdbool.h>

/* "smd" of "smd+265598+{…}": all up to the first "+". Empty for an object, which has none. */
struct span frame_topic_in(struct span message);

/* "smd" of {"topic":"smd+265598",…}; empty where there is none. The end of the message may be missing. */
struct span frame_topic_out(struct span message);

/* Whether the gateway ever sends a frame of that topic by itself. */
bool frame_topic_is_sent(const struct websocket *websocket, struct span topic);

#endif
