#include "core/json.h"

#include "core/utf8.h"

#include <stdlib.h>
#include <string.h>

/* One pass over the text: checks the grammar, blanks out comments, notes the place of each value in order. */
struct scanner {
	char *text; /* a copy: comments become blanks */
	size_t length;
	size_t at;
	int line;
	size_t line_start;
	int depth;
	const char *file;
	const char *source;
	struct json_places *places;
	size_t first_place;
	struct problems *problems;
};

static struct place here(const struct scanner *scanner)
{
	return (struct place){ .file = scanner->file,
		               .source = scanner->source,
		               .line = scanner->line,
		               .column = (int)(scanner->at - scanner->line_start) + 1 };
}

static bool refuse(struct scanner *scanner, const char *what)
{
	const struct place place = here(scanner);

	problems_add(scanner->problems, &place, NULL, "%s", what);
	return false;
}

static char peek(const struct scanner *scanner)
{
	return scanner->at < scanner->length ? scanner->text[scanner->at] : '\0';
}

static bool at_end(const struct scanner *scanner)
{
	return scanner->at >= scanner->length;
}

static void skip_comment(struct scanner *scanner)
{
	while (!at_end(scanner) && peek(scanner) != '\n')
		scanner->text[scanner->at++] = ' ';
}

static void skip_blanks(struct scanner *scanner)
{
	while (!at_end(scanner)) {
		const char c = peek(scanner);

		if (c == '/' && scanner->at + 1 < scanner->length && scanner->text[scanner->at + 1] == '/') {
			skip_comment(scanner);
			continue;
		}
		if (c != ' ' && c != '\t' && c != '\r' && c != '\n')
			return;
		scanner->at++;
		if (c == '\n') {
			scanner->line++;
			scanner->line_start = scanner->at;
		}
	}
}

/* Remembers where the value that begins here stands. Returns false when there are too many. */
static bool note_place(struct scanner *scanner, const struct place *key)
{
	struct json_places *places = scanner->places;
	const struct place value = here(scanner);

	if (places->count - scanner->first_place >= DOCUMENT_VALUES_MAX)
		return refuse(scanner, "the file has too many values");
	if (places->count == places->capacity) {
		const size_t capacity = places->capacity ? places->capacity * 2 : 256;
		struct json_place *items = realloc(places->items, capacity * sizeof *items);

		if (!items)
			return refuse(scanner, "out of memory");
		places->items = items;
		places->capacity = capacity;
	}
	places->items[places->count++] = (struct json_place){ .value = value, .key = key ? *key : value };
	return true;
}

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

static bool scan_escape(struct scanner *scanner)
{
	int unit;

	scanner->at++;
	if (peek(scanner) != '\0' && strchr("\"\\/bfnrt", peek(scanner))) {
		scanner->at++;
		return true;
	}
	if (peek(scanner) != 'u')
		return refuse(scanner, "unknown escape; wanted one of \\\" \\\\ \\/ \\b \\f \\n \\r \\t \\uXXXX");
	scanner->at++;
	unit = scan_code_unit(scanner);
	if (unit < 0)
		return refuse(scanner, "wanted four hexadecimal digits after \\u");
	if (unit == 0)
		return refuse(scanner, "\\u0000 is not allowed in a text");
	if (unit >= 0xDC00 && unit <= 0xDFFF)
		return refuse(scanner, "half of a surrogate pair");
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
	}
	return true;
}

/* Moves over one character outside ASCII; false when it is not well-formed UTF-8 (RFC 3629). */
static bool scan_utf8(struct scanner *scanner)
{
	const size_t length = utf8_length(scanner->text + scanner->at, scanner->length - scanner->at);

	scanner->at += length;
	return length > 0 || refuse(scanner, "not valid UTF-8");
}

static bool scan_string(struct scanner *scanner)
{
	const struct place start = here(scanner);

	scanner->at++;
	for (;;) {
		const unsigned char c = (unsigned char)peek(scanner);

		if (at_end(scanner) || c == '\n') {
			problems_add(scanner->problems, &start, NULL, "this text has no closing quote");
			return false;
		}
		if (c == '"') {
			scanner->at++;
			return true;
		}
		if (c < 0x20)
			return refuse(scanner, "control character in a text; write it as an escape");
		if (c == '\\') {
			if (!scan_escape(scanner))
				return false;
		} else if (c >= 0x80) {
			if (!scan_utf8(scanner))
				return false;
		} else {
			scanner->at++;
		}
	}
}

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

static bool scan_number(struct scanner *scanner)
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
	return true;
}

static bool scan_word(struct scanner *scanner, const char *word)
{
	const size_t length = strlen(word);

	if (scanner->length - scanner->at < length || memcmp(scanner->text + scanner->at, word, length) != 0)
		return refuse(scanner, "wanted a value: { [ \" a number, true, false or null");
	scanner->at += length;
	return true;
}

static bool scan_value(struct scanner *scanner, const struct place *key);

static bool scan_member(struct scanner *scanner)
{
	const struct place key = here(scanner);

	if (peek(scanner) != '"')
		return refuse(scanner, peek(scanner) == '}' ? "a comma before } is not allowed"
		                                            : "wanted a name in double quotes");
	if (!scan_string(scanner))
		return false;
	skip_blanks(scanner);
	if (peek(scanner) != ':')
		return refuse(scanner, "wanted : after the name");
	scanner->at++;
	skip_blanks(scanner);
	return scan_value(scanner, &key);
}

static bool scan_element(struct scanner *scanner)
{
	if (peek(scanner) == ']')
		return refuse(scanner, "a comma before ] is not allowed");
	return scan_value(scanner, NULL);
}

/* An object or array, from its opening bracket on. */
static bool scan_container(struct scanner *scanner, char close, bool (*scan_item)(struct scanner *))
{
	bool more = true;

	if (++scanner->depth > DOCUMENT_DEPTH_MAX)
		return refuse(scanner, "nested too deep");
	scanner->at++;
	skip_blanks(scanner);
	if (peek(scanner) == close)
		more = false;
	while (more) {
		if (!scan_item(scanner))
			return false;
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

static bool scan_value(struct scanner *scanner, const struct place *key)
{
	if (!note_place(scanner, key))
		return false;
	switch (peek(scanner)) {
	case '{':
		return scan_container(scanner, '}', scan_member);
	case '[':
		return scan_container(scanner, ']', scan_element);
	case '"':
		return scan_string(scanner);
	case 't':
		return scan_word(scanner, "true");
	case 'f':
		return scan_word(scanner, "false");
	case 'n':
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
		return scan_number(scanner);
	default:
		return refuse(scanner, at_end(scanner) ? "the file ends where a value was wanted"
		                                       : "wanted a value: { [ \" a number, true, false or null");
	}
}

static bool scan_document(struct scanner *scanner)
{
	skip_blanks(scanner);
	if (!scan_value(scanner, NULL))
		return false;
	skip_blanks(scanner);
	if (!at_end(scanner))
		return refuse(scanner, "wanted nothing more after the value");
	return true;
}

/* Gives each value its index; the tree is in the order in which the scanner met the values. */
static void number_values(cJSON *item, size_t *next)
{
	item->valueint = (int)(*next)++;
	for (cJSON *child = item->child; child; child = child->next)
		number_values(child, next);
}

struct member {
	const cJSON *item;
	const cJSON *first; /* the first member of that name */
};

static int compare_names(const void *left, const void *right)
{
	const struct member *a = left;
	const struct member *b = right;
	const int order = strcmp(a->item->string, b->item->string);

	return order ? order : a->item->valueint - b->item->valueint;
}

static int compare_places(const void *left, const void *right)
{
	return ((const struct member *)left)->item->valueint - ((const struct member *)right)->item->valueint;
}

/* Reports the members that an object has twice, in their order. Sorting finds them: one object may have thousands. */
static bool check_names(const struct json_places *places, const cJSON *object, size_t count, struct problems *problems)
{
	struct member *members = calloc(count, sizeof *members);
	size_t i = 0;
	bool fine = true;

	if (!members) {
		const struct place place = json_place_of(places, object);

		problems_add(problems, &place, NULL, "out of memory");
		return false;
	}
	for (const cJSON *child = object->child; child; child = child->next)
		members[i++].item = child;
	qsort(members, count, sizeof *members, compare_names);
	for (i = 0; i < count; i++) {
		const bool again = i > 0 && strcmp(members[i].item->string, members[i - 1].item->string) == 0;

		members[i].first = again ? members[i - 1].first : members[i].item;
		fine = fine && !again;
	}
	if (!fine)
		qsort(members, count, sizeof *members, compare_places);
	for (i = 0; i < count && !fine; i++) {
		if (members[i].first != members[i].item) {
			const struct place first = json_key_place_of(places, members[i].first);
			const struct place place = json_key_place_of(places, members[i].item);

			problems_add(problems, &place, NULL, "\"%s\" is here twice; the first is on line %d",
			             members[i].item->string, first.line);
		}
	}
	free(members);
	return fine;
}

static bool check_duplicates(const struct json_places *places, const cJSON *item, struct problems *problems)
{
	const size_t count = cJSON_IsObject(item) ? (size_t)cJSON_GetArraySize(item) : 0;
	bool fine = count < 2 || check_names(places, item, count, problems);

	for (const cJSON *child = item->child; child; child = child->next)
		fine = check_duplicates(places, child, problems) && fine;
	return fine;
}

cJSON *json_read(struct json_places *places, const char *file, const char *text, size_t length,
                 struct problems *problems)
{
	const struct place whole = { .file = file };
	struct scanner scanner = { .length = length,
		                   .line = 1,
		                   .file = file,
		                   .source = text,
		                   .places = places,
		                   .first_place = places->count,
		                   .problems = problems };
	size_t next = places->count;
	cJSON *tree = NULL;

	if (length > DOCUMENT_SIZE_MAX) {
		problems_add(problems, &whole, NULL, "the file has more than %d bytes: no more are read",
		             DOCUMENT_SIZE_MAX);
		return NULL;
	}
	scanner.text = malloc(length + 1);
	if (!scanner.text) {
		problems_add(problems, &whole, NULL, "out of memory");
		return NULL;
	}
	memcpy(scanner.text, text, length);
	scanner.text[length] = '\0';
	if (!scan_document(&scanner))
		goto out;
	tree = cJSON_ParseWithLengthOpts(scanner.text, length + 1, NULL, 1);
	if (!tree) {
		problems_add(problems, &whole, NULL, "cJSON could not read the file");
		goto out;
	}
	number_values(tree, &next);
	if (!check_duplicates(places, tree, problems)) {
		cJSON_Delete(tree);
		tree = NULL;
	}
out:
	free(scanner.text);
	return tree;
}

void json_places_release(struct json_places *places)
{
	free(places->items);
	*places = (struct json_places){ 0 };
}

struct place json_place_of(const struct json_places *places, const cJSON *item)
{
	return places->items[item->valueint].value;
}

struct place json_key_place_of(const struct json_places *places, const cJSON *item)
{
	return places->items[item->valueint].key;
}

const char *json_kind(const cJSON *item)
{
	if (cJSON_IsObject(item))
		return "an object";
	if (cJSON_IsArray(item))
		return "a list";
	if (cJSON_IsString(item))
		return "a text";
	if (cJSON_IsNumber(item))
		return "a number";
	if (cJSON_IsBool(item))
		return cJSON_IsTrue(item) ? "true" : "false";
	return "null";
}

cJSON *json_member(const cJSON *object, const char *name)
{
	return cJSON_GetObjectItemCaseSensitive(object, name);
}
