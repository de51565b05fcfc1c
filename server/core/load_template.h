/*
 * How a text becomes a template: shared by what compiles replies, and by nothing else.
 */
#ifndef CPGW_CORE_LOAD_TEMPLATE_H
#define CPGW_CORE_LOAD_TEMPLATE_H

#include "core/loading.h"

struct compiler {
	struct loading *loading;
	const cJSON *place;    /* where problems are reported */
	bool json;             /* the text is printed JSON: variables have types */
	bool html;             /* it is a page: values cannot change what it is made of */
	const cJSON *values;   /* the reply's own, which win over all others; or NULL */
	struct buffer literal; /* what has come since the last variable */
	struct piece *pieces;
	size_t count;
	size_t capacity;
	size_t size_most; /* bytes that the text can become when it is rendered */
};

/* load_template.c. Cuts a text at its {{variables}}. In printed JSON, a string that is one variable and nothing else
 * loses its quotes: the variable brings its own type. */
void compile_text(struct compiler *compiler, const char *text);
/* A text that is taken as it is. */
void compile_literal(struct compiler *compiler, const char *text, size_t length);
/* Ends the compiler. */
struct text_template compiled(struct compiler *compiler);

/* load_variables.c. Resolves one name; false when nothing has it. */
bool variable_find(const struct machine *machine, const char *name, struct variable *variable);
void variable_report_unknown(const struct loading *loading, const cJSON *item, const char *name);
/* What shows or sets it is of use. */
void variable_use(struct loading *loading, const struct variable *variable);
/* The most bytes that it can become. */
size_t variable_size_most(const struct machine *machine, const struct variable *variable);

#endif
