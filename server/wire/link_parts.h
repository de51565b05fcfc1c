/*
 * What the parts of a link say to each other: link.c its life, link_send.c what goes to the client, link_feed.c what
 * comes from it, link_stream.c what a websocket does, link_queue.c what waits for time to pass. Nobody else includes this.
 */
#ifndef CPGW_WIRE_LINK_PARTS_H
#define CPGW_WIRE_LINK_PARTS_H

#include "wire/link.h"

#include <stdbool.h>
#include <stddef.h>

/* ---- link.c ---- */

/* The session has failed, or the client is through: to be told of before the link is given up. */
void link_note_failed(struct link *link);
void link_note_left(struct link *link);

/* Goes on with the handshake; it is through. */
void link_greet(struct link *link);
void link_greeted(struct link *link);

/* Ends our half. The client may still be sending: closing a socket with unread bytes would be a reset to it. */
void link_linger(struct link *link);

/* ---- link_send.c ---- */

/* errno says that the socket will never take or give more. */
bool link_io_failed(void);

/* Records that wait for the socket. */
size_t link_backlog_waiting(const struct link *link);
void link_flush_backlog(struct link *link);

/* Sends the records that OpenSSL has just made; what the socket does not take becomes the backlog. */
void link_send_cipher(struct link *link);

/* ---- link_feed.c ---- */

/* The client may send more requests, and there is room for them. */
bool link_wants_requests(const struct link *link);

/* Reads what the client has sent and does something about it. */
void link_read_requests(struct link *link);

/* Reads what OpenSSL already holds. Records that it made before leave in any case, with the answers if there are
 * any. */
void link_read_more(struct link *link);

/* Offers again what there was no room for. */
void link_feed_input(struct link *link);
void link_drop_input(struct link *link);

/* Gives back what the link holds in libmicrohttpd. */
void link_drop_parser(struct link *link);

/* ---- link_stream.c ---- */

/* Reads frames, as far as there is something to do about them; how many bytes were taken. */
size_t link_take_frames(struct link *link, const char *bytes, size_t length);

/* Begins the stream once the answer may leave, says what there is room for, ends it when its client has. */
void link_settle_stream(struct link *link);

/* Frees the websocket; the emulator forgets its stream. */
void link_end_stream(struct link *link);

/* ---- link_queue.c ---- */

/* Puts the link at the queue's end, after taking it out of the one that it is in. */
void link_queue_join(struct link *link, struct link_queue *queue);
void link_queue_leave(struct link *link);

#endif
