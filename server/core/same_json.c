#include "core/same_json.h"

#include "core/json.h"

#include <string.h>

cJSON *parse_json(struct span text)
{
	const char *end = NULL;
	cJSON *tree = cJSON_ParseWithLengthOpts(text.at, text.length, &end, false);

	for (; tree && end < text.at + text.length; end++) {
		if (*end != ' ' && *end != '\t' && *end != '\r' && *end != '\n') {
			cJSON_Delete(tree);
			return NULL;
		}
	}
	return tree;
}

/* Bodies may have one name twice: so the names are looked at from both sides. */
static bool is_same_object(const cJSON *a, const cJSON *b)
{
	if (cJSON_GetArraySize(a) != cJSON_GetArraySize(b))
		return false;
	for (const cJSON *member = b->child; member; member = member->next)
		if (!json_member(a, member->string))
			return false;
	for (const cJSON *member = a->child; member; member = member->next) {
		const cJSON *other = json_member(b, member->string);

		if (!other || !is_same_json(member, other))
			return false;
	}
	return true;
}

bool is_same_json(const cJSON *a, const cJSON *b)
{
	const cJSON *other = b->child;

	if (cJSON_IsObject(a) && cJSON_IsObject(b))
		return is_same_object(a, b);
	if (cJSON_IsArray(a) && cJSON_IsArray(b)) {
		for (const cJSON *item = a->child; item; item = item->next, other = other->next)
			if (!other || !is_same_json(item, other))
				return false;
		return !other;
	}
	if (cJSON_IsString(a) && cJSON_IsString(b))
		return strcmp(a->valuestring, b->valuestring) == 0;
	if (cJSON_IsNumber(a) && cJSON_IsNumber(b))
		return a->valuedouble <= b->valuedouble && a->valuedouble >= b->valuedouble;
	return (cJSON_IsNull(a) && cJSON_IsNull(b)) || (cJSON_IsTrue(a) && cJSON_IsTrue(b)) ||
	       (cJSON_IsFalse(a) && cJSON_IsFalse(b));
}

bool has_same_json(const cJSON *whole, const cJSON *part)
{
	const cJSON *item = whole->child;

	if (cJSON_IsObject(whole) && cJSON_IsObject(part)) {
		for (const cJSON *member = part->child; member; member = member->next) {
			const cJSON *other = json_member(whole, member->string);

			if (!other || !has_same_json(other, member))
				return false;
		}
		return true;
	}
	if (cJSON_IsArray(whole) && cJSON_IsArray(part)) {
		for (const cJSON *each = part->child; each; each = each->next, item = item->next)
			if (!item || !has_same_json(item, each))
				return false;
		return !item;
	}
	return is_same_json(whole, part);
}
