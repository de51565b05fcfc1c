/*
 * How the bytes of an answer leave, once they may: at once, or in steps with pauses between them. Pure arithmetic: the
 * wire asks for one step after the other and waits on the gateway's clock.
 */
#ifndef CPGW_CORE_PACE_H
#define CPGW_CORE_PACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A pause that only the client's leaving ends. */
#define PACE_NEVER INT64_MAX

enum pace_kind {
	PACE_AT_ONCE,
	PACE_AFTER_HEAD, /* the head, a pause, the rest */
	PACE_PIECES,     /* the body, or all of it, in equal pieces, the last after `ms` */
	PACE_RATE,       /* all of it, so many bytes a second */
	PACE_SLICES,     /* all of it, in pieces of about one size, `ms` from one to the next */
};

struct pace {
	enum pace_kind kind;
	int64_t ms;
	uint32_t pieces; /* PACE_PIECES: 2 at the least */
	bool with_head;  /* PACE_PIECES: the head dribbles too */
	int64_t rate;    /* PACE_RATE: bytes a second, 10 at the least */
	size_t slice;    /* PACE_SLICES: bytes, on the average */
	size_t varies;   /* so many more or fewer; less than that */
	uint64_t random; /* PACE_SLICES: what their sizes are drawn from */
	int64_t rest_ms; /* after the last byte, before the answer counts as sent; PACE_NEVER */
};

struct pace_step {
	size_t open;     /* bytes that may have left by now, of all */
	int64_t wait_ms; /* until the next step */
	bool is_last;
};

/* Step number `step`, from 0, of an answer of `length` bytes whose first `head` are its head. */
struct pace_step pace_at(const struct pace *pace, size_t head, size_t length, uint32_t step);

/* How long it takes from the first step until the last byte may leave. */
int64_t pace_length_ms(const struct pace *pace, size_t head, size_t length);

#endif
