#include "core/json_scan.h"

#include "core/utf8.h"

#include <stdlib.h>
#include <string.h>

struct scanner {
	char *text; /* the arena's: the texts of the tree are made where they stand */
	size_t length;
	size_t at;
	int line;
	size_t line_start;
	int depth;
	struct json_places *places;
	const struct json_document *document;
	size_t first_place;
	struct problems *problems;
};

struct mark {
	int line;
	int column;
};

static struct mark here(const struct scanner *scanner)
{
	return (struct mark){ .line = scanner->line, .column = (int)(scanner->at - scanner->line_start) + 1 };
}

static void report(struct scanner *scanner, struct mark mark, const char *what)
{
	const struct place place = { .file = scanner->document->file,
		                     .source = scanner->document->source,
		                     .line = mark.line,
		                     .column = mark.column };

	problems_add(scanner->problems, &place, NULL, "%s", what);
}

static bool refuse(struct scanner *scanner, const char *what)
{
	report(scanner, here(scanner), what);
	return false;
}

/* Zero at the end; elsewhere, where a zero stands. */
static char peek(const struct scanner *scanner)
{
	return scanner->text[scanner->at];
}

static bool at_end(const struct scanner *scanner)
{
	return scanner->at >= scanner->length;
}

static void skip_blanks(struct scanner *scanner)
{
	const char *text = scanner->text;
	size_t at = scanner->at;

	for (;;) {
		if (text[at] == '\n') {
			scanner->line++;
			scanner->line_start = ++at;
		} else if (text[at] == ' ' || text[at] == '\t' || text[at] == '\r') {
			at++;
		} else if (text[at] == '/' && text[at + 1] == '/') {
			while (at < scanner->length && text[at] != '\n')
				at++;
		} else {
			break;
		}
	}
	scanner->at = at;
}

/* A value that begins here; NULL when there are too many. */
static cJSON *new_value(struct scanner *scanner, const struct mark *key)
{
	struct json_places *places = scanner->places;
	const struct mark mark = here(scanner);
	cJSON *value;

	if (places->count - scanner->first_place >= DOCUMENT_VALUES_MAX) {
		refuse(scanner, "the file has too many values");
		return NULL;
	}
	if (places->count == places->capacity) {
		const size_t capacity = places->capacity ? places->capacity * 2 : 256;
		struct json_place *items = realloc(places->items, capacity * sizeof *items);

		if (!items) {
			refuse(scanner, "out of memory");
			return NULL;
		}
		places->items = items;
		places->capacity = capacity;
	}
	value = arena_alloc(places->arena, sizeof *value);
	value->valueint = (int)places->count;
	places->items[places->count++] = (struct json_place){
		.document = scanner->document,
		.line = mark.line,
		.column = mark.column,
		.key_line = key ? key->line : mark.line,
		.key_column = key ? key->column : mark.column,
	};
	return value;
}

/* ---- texts ---- */

/* Reads the four digits of a \u escape; -1 when they are not. */
static int scan_code_unit(struct scanner *scanner)
{
	int unit = 0;

	for (int i = 0; i < 4; i++) {
		const int digit = hex_value(peek(scanner));

		if (digit < 0)
			return -1;
		unit = unit * 16 + digit;
		scanner->at++;
	}
	return unit;
}

/* What stands behind "\u". */
static bool scan_code_point(struct scanner *scanner, unsigned *code)
{
	int unit = scan_code_unit(scanner);

	if (unit < 0)
		return refuse(scanner, "wanted four hexadecimal digits after \\u");
	if (unit == 0)
		return refuse(scanner, "\\u0000 is not allowed in a text");
	if (unit >= 0xDC00 && unit <= 0xDFFF)
		return refuse(scanner, "half of a surrogate pair");
	*code = (unsigned)unit;
	if (unit >= 0xD800 && unit <= 0xDBFF) {
		if (peek(scanner) != '\\')
			return refuse(scanner, "half of a surrogate pair");
		scanner->at++;
		if (peek(scanner) != 'u')
			return refuse(scanner, "half of a surrogate pair");
		scanner->at++;
		unit = scan_code_unit(scanner);
		if (unit < 0xDC00 || unit > 0xDFFF)
			return refuse(scanner, "half of a surrogate pair");
		*code = 0x10000 + ((*code & 0x3FF) << 10) + ((unsigned)unit & 0x3FF);
	}
	return true;
}

/* Puts what an escape means at `end`, which moves: that is never longer than the escape. */
static bool scan_escape(struct scanner *scanner, char **end)
{
	static const char names[] = "\"\\/bfnrt";
	static const char meanings[] = "\"\\/\b\f\n\r\t";
	const char *name;
	unsigned code = 0;

	scanner->at++;
	name = peek(scanner) != '\0' ? strchr(names, peek(scanner)) : NULL;
	if (name) {
		scanner->at++;
		*(*end)++ = meanings[name - names];
		return true;
	}
	if (peek(scanner) != 'u')
		return refuse(scanner, "unknown escape; wanted one of \\\" \\\\ \\/ \\b \\f \\n \\r \\t \\uXXXX");
	scanner->at++;
	if (!scan_code_point(scanner, &code))
		return false;
	*end += utf8_put(*end, code);
	return true;
}

static bool is_plain(unsigned char c)
{
	return c >= 0x20 && c < 0x80 && c != '"' && c != '\\';
}

/* How many bytes stand for themselves from here on: well-formed UTF-8 (RFC 3629) without quotes, escapes and control
 * characters. */
static size_t run_length(const struct scanner *scanner)
{
	const char *run = scanner->text + scanner->at;
	const size_t left = scanner->length - scanner->at;
	size_t length = 0;

	for (;;) {
		size_t character = 0;

		while (is_plain((unsigned char)run[length]))
			length++;
		if ((unsigned char)run[length] >= 0x80)
			character = utf8_length(run + length, left - length);
		if (character == 0)
			return length;
		length += character;
	}
}

/* From the opening quote on. NULL when it is none. */
static char *scan_string(struct scanner *scanner)
{
	const struct mark start = here(scanner);
	char *const string = scanner->text + scanner->at + 1;
	char *end = string;

	scanner->at++;
	for (;;) {
		const size_t length = run_length(scanner);
		unsigned char c;

		if (end != scanner->text + scanner->at)
			memmove(end, scanner->text + scanner->at, length);
		end += length;
		scanner->at += length;
		c = (unsigned char)peek(scanner);
		if (at_end(scanner) || c == '\n') {
			report(scanner, start, "this text has no closing quote");
			return NULL;
		}
		if (c == '"') {
			scanner->at++;
			*end = '\0';
			return string;
		}
		if (c != '\\') {
			refuse(scanner,
			       c < 0x20 ? "control character in a text; write it as an escape" : "not valid UTF-8");
			return NULL;
		}
		if (!scan_escape(scanner, &end))
			return NULL;
	}
}

/* ---- numbers and words ---- */

static size_t scan_digits(struct scanner *scanner)
{
	const size_t start = scanner->at;

	while (peek(scanner) >= '0' && peek(scanner) <= '9')
		scanner->at++;
	return scanner->at - start;
}

/* Shows where the value began, not how far it was read: both are on one line. */
static bool refuse_from(struct scanner *scanner, size_t start, const char *why)
{
	scanner->at = start;
	return refuse(scanner, why);
}

static bool scan_number(struct scanner *scanner, double *number)
{
	const size_t start = scanner->at;
	size_t digits;
	bool leading_zero;

	if (peek(scanner) == '-')
		scanner->at++;
	leading_zero = peek(scanner) == '0';
	digits = scan_digits(scanner);
	if (digits == 0)
		return refuse(scanner, "wanted a digit");
	if (leading_zero && digits > 1)
		return refuse_from(scanner, start, "a number does not start with 0");
	if (digits > 15)
		return refuse_from(scanner, start, "a number has at most 15 digits; write a longer one as a text");
	if (peek(scanner) == '.') {
		scanner->at++;
		if (scan_digits(scanner) == 0)
			return refuse(scanner, "wanted a digit after the point");
	}
	if (peek(scanner) == 'e' || peek(scanner) == 'E')
		return refuse(scanner, "a number has no exponent here; write it out");
	if (scanner->at - start > NUMBER_LENGTH_MAX)
		return refuse_from(scanner, start, "this number is too long");
	*number = strtod(scanner->text + start, NULL);
	return true;
}

#define VALUE_WANTED "wanted a value: { [ \" a number, true, false or null"

static bool scan_word(struct scanner *scanner, const char *word)
{
	const size_t length = strlen(word);

	if (scanner->length - scanner->at < length || memcmp(scanner->text + scanner->at, word, length) != 0)
		return refuse(scanner, VALUE_WANTED);
	scanner->at += length;
	return true;
}

/* ---- values ---- */

static cJSON *scan_value(struct scanner *scanner, const struct mark *key);

static cJSON *scan_member(struct scanner *scanner)
{
	const struct mark key = here(scanner);
	char *name;
	cJSON *value;

	if (peek(scanner) != '"') {
		refuse(scanner,
		       peek(scanner) == '}' ? "a comma before } is not allowed" : "wanted a name in double quotes");
		return NULL;
	}
	name = scan_string(scanner);
	if (!name)
		return NULL;
	skip_blanks(scanner);
	if (peek(scanner) != ':') {
		refuse(scanner, "wanted : after the name");
		return NULL;
	}
	scanner->at++;
	skip_blanks(scanner);
	value = scan_value(scanner, &key);
	if (value)
		value->string = name;
	return value;
}

static cJSON *scan_element(struct scanner *scanner)
{
	if (peek(scanner) == ']') {
		refuse(scanner, "a comma before ] is not allowed");
		return NULL;
	}
	return scan_value(scanner, NULL);
}

/* As cJSON has it: the first child's `prev` is the last. */
static void add_child(cJSON *parent, cJSON *child)
{
	if (parent->child) {
		cJSON *last = parent->child->prev;

		last->next = child;
		child->prev = last;
	} else {
		parent->child = child;
	}
	parent->child->prev = child;
}

/* An object or array, from its opening bracket on. */
static bool scan_container(struct scanner *scanner, cJSON *container, char close, cJSON *(*scan_item)(struct scanner *))
{
	bool more = true;

	if (++scanner->depth > DOCUMENT_DEPTH_MAX)
		return refuse(scanner, "nested too deep");
	scanner->at++;
	skip_blanks(scanner);
	if (peek(scanner) == close)
		more = false;
	while (more) {
		cJSON *item = scan_item(scanner);

		if (!item)
			return false;
		add_child(container, item);
		skip_blanks(scanner);
		more = peek(scanner) == ',';
		if (more) {
			scanner->at++;
			skip_blanks(scanner);
		} else if (peek(scanner) != close) {
			return refuse(scanner, close == '}' ? "wanted , or }" : "wanted , or ]");
		}
	}
	scanner->at++;
	scanner->depth--;
	return true;
}

/* Goes over the value that begins here, and fills it. */
static bool fill_value(struct scanner *scanner, cJSON *value)
{
	switch (peek(scanner)) {
	case '{':
		value->type = cJSON_Object;
		return scan_container(scanner, value, '}', scan_member);
	case '[':
		value->type = cJSON_Array;
		return scan_container(scanner, value, ']', scan_element);
	case '"':
		value->type = cJSON_String;
		value->valuestring = scan_string(scanner);
		return value->valuestring != NULL;
	case 't':
		value->type = cJSON_True;
		return scan_word(scanner, "true");
	case 'f':
		value->type = cJSON_False;
		return scan_word(scanner, "false");
	case 'n':
		value->type = cJSON_NULL;
		return scan_word(scanner, "null");
	case '-':
	case '0':
	case '1':
	case '2':
	case '3':
	case '4':
	case '5':
	case '6':
	case '7':
	case '8':
	case '9':
		value->type = cJSON_Number;
		return scan_number(scanner, &value->valuedouble);
	default:
		return refuse(scanner, at_end(scanner) ? "the file ends where a value was wanted" : VALUE_WANTED);
	}
}

static cJSON *scan_value(struct scanner *scanner, const struct mark *key)
{
	cJSON *value = new_value(scanner, key);

	return value && fill_value(scanner, value) ? value : NULL;
}

/* What editors on other systems put in front, or write altogether: in the report it would not be seen. NULL: it is fine. */
static const char *what_is_odd(const char *text, size_t length)
{
	const unsigned char first = (unsigned char)text[0]; /* a zero stands behind the last */
	const unsigned char second = length > 1 ? (unsigned char)text[1] : first;

	if (length >= 3 && memcmp(text, "\xEF\xBB\xBF", 3) == 0)
		return "a byte order mark stands before the value: save it as UTF-8 without one";
	if ((first == 0xFF && second == 0xFE) || (first == 0xFE && second == 0xFF) || (first == 0) != (second == 0))
		return "this looks like UTF-16 or UTF-32: save it as UTF-8";
	return NULL;
}

cJSON *json_scan(struct json_places *places, const struct json_document *document, char *text, size_t length,
                 struct problems *problems)
{
	struct scanner scanner = { .text = text,
		                   .length = length,
		                   .line = 1,
		                   .places = places,
		                   .document = document,
		                   .first_place = places->count,
		                   .problems = problems };
	const char *odd = what_is_odd(text, length);
	cJSON *tree;

	if (odd) {
		refuse(&scanner, odd);
		return NULL;
	}
	skip_blanks(&scanner);
	tree = scan_value(&scanner, NULL);
	if (!tree)
		return NULL;
	skip_blanks(&scanner);
	if (!at_end(&scanner)) {
		refuse(&scanner, "wanted nothing more after the value");
		return NULL;
	}
	return tree;
}
