/*
 * Texts with {{variables}} → templates: pieces that are copied as they are, and pieces that are filled in.
 */
#include "core/load_template.h"

#include "core/html.h"
#include "core/names.h"

#include <string.h>

/* In a page each byte may become six, and a text above has two of them already. */
#define HTML_GROWTH 6

static void add_piece(struct compiler *compiler, struct piece piece)
{
	if (compiler->count == compiler->capacity) {
		const size_t capacity = compiler->capacity ? compiler->capacity * 2 : 16;
		struct piece *pieces = arena_alloc(compiler->loading->machine->arena, capacity * sizeof *pieces);

		if (compiler->count)
			memcpy(pieces, compiler->pieces, compiler->count * sizeof *pieces);
		compiler->pieces = pieces;
		compiler->capacity = capacity;
	}
	compiler->pieces[compiler->count++] = piece;
	compiler->size_most += piece.form == PIECE_LITERAL
	                           ? piece.literal.length
	                           : variable_size_most(compiler->loading->machine, &piece.variable) *
	                                 (piece.form == PIECE_HTML ? HTML_GROWTH : 1);
}

void compile_literal(struct compiler *compiler, const char *text, size_t length)
{
	buffer_add(&compiler->literal, text, length);
}

/* Neighbouring literals become one piece: what does not vary is copied in one go when the reply is rendered. */
static void end_literal(struct compiler *compiler)
{
	const struct buffer *literal = &compiler->literal;
	struct arena *arena = compiler->loading->machine->arena;

	if (buffer_failed(literal))
		reader_problem(&compiler->loading->reader, compiler->place, NULL, "out of memory");
	if (literal->length)
		add_piece(compiler, (struct piece){ .form = PIECE_LITERAL,
		                                    .literal = { arena_text(arena, literal->data, literal->length),
		                                                 literal->length } });
	buffer_clear(&compiler->literal);
}

/* "byte.99": a byte that JSON could not hold, in hex. False when the name is no such thing. */
static bool add_byte(struct compiler *compiler, const char *name)
{
	char byte;

	if (strlen(name) != 7 || strncmp(name, "byte.", 5) != 0 || hex_value(name[5]) < 0 || hex_value(name[6]) < 0)
		return false;
	byte = (char)(hex_value(name[5]) << 4 | hex_value(name[6]));
	compile_literal(compiler, &byte, 1);
	return true;
}

static void add_variable(struct compiler *compiler, const char *name, size_t length, enum piece_form form)
{
	struct piece piece = { .form = form };
	struct loading *loading = compiler->loading;
	char copy[2 * NAME_LENGTH_MAX + 2];

	if (length >= sizeof copy) {
		reader_problem(&loading->reader, compiler->place, NULL, "the name between {{ and }} is too long");
		return;
	}
	memcpy(copy, name, length);
	copy[length] = '\0';
	if (compiler->html && cJSON_IsString(json_member(compiler->values, copy))) {
		html_add(&compiler->literal, span_of(json_member(compiler->values, copy)->valuestring));
		return;
	}
	if (add_byte(compiler, copy))
		return;
	if (!variable_find(loading->machine, copy, &piece.variable)) {
		variable_report_unknown(loading, compiler->place, copy);
		return;
	}
	if (piece.variable.kind >= VARIABLE_TOPIC && !loading->in_frame)
		reader_problem(&loading->reader, compiler->place, NULL,
		               "\"%s\" is something that only frames of websockets tell", copy);
	variable_use(loading, &piece.variable);
	end_literal(compiler);
	add_piece(compiler, piece);
}

void compile_text(struct compiler *compiler, const char *text)
{
	const char *start = text;
	const char *open;

	while ((open = strstr(text, "{{")) != NULL) {
		const char *name = open + 2;
		const char *close = strstr(name, "}}");
		bool whole;

		if (!close) {
			reader_problem(&compiler->loading->reader, compiler->place, NULL, "{{ has no }}");
			return;
		}
		/* In printed JSON a quote just before {{ opens a string unless it is escaped or ends a name or value. A name
		 * stays a text: what follows its closing quote is a colon. */
		whole = compiler->json && open > start && open[-1] == '"' && close[2] == '"' && close[3] != ':' &&
		        (open - 1 == start || open[-2] == ':' || open[-2] == ',' || open[-2] == '[');
		compile_literal(compiler, text, (size_t)(open - text) - whole);
		add_variable(compiler, name, (size_t)(close - name),
		             whole            ? PIECE_TYPED
		             : compiler->json ? PIECE_INSIDE
		             : compiler->html ? PIECE_HTML
		                              : PIECE_PLAIN);
		text = close + 2 + whole;
	}
	compile_literal(compiler, text, strlen(text));
}

struct text_template compiled(struct compiler *compiler)
{
	end_literal(compiler);
	buffer_release(&compiler->literal);
	return (struct text_template){ .pieces = compiler->pieces,
		                       .count = compiler->count,
		                       .size_most = compiler->size_most };
}
