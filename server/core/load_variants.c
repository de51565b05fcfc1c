/*
 * "variants": values that are shown while a setting is a certain word. The setting may then be no other word; a state
 * that shows something by the setting's name wins over it, as always.
 */
#include "core/loading.h"
#include "core/names.h"

#include <string.h>

/* The values of one word, by shown name. */
static const struct value *load_set(struct loading *loading, const cJSON *set)
{
	struct machine *machine = loading->machine;
	struct value *values = arena_alloc(machine->arena, (machine->shown_count + 1) * sizeof *values);

	if (!reader_type(&loading->reader, set, "what is shown", FIELD_OBJECT))
		return values;
	for (const cJSON *item = set->child; item; item = item->next) {
		const int shown = load_find_shown(machine, item->string);

		if (shown != INDEX_NONE)
			load_value(loading, item, false, &values[shown]);
	}
	return values;
}

static struct setting *find_setting(struct loading *loading, const cJSON *item)
{
	struct machine *machine = loading->machine;
	const int index = machine_find_setting(machine, item->string);
	struct nearest nearest;

	if (index != INDEX_NONE)
		return &machine->settings[index];
	machine_nearest_setting(machine, item->string, &nearest);
	reader_key_problem(&loading->reader, item, nearest.best, "there is no setting \"%s\" to choose a variant by",
	                   item->string);
	return NULL;
}

/* What the setting starts with must be a word of it, or none of them would be shown. */
static void check_start(struct loading *loading, const struct setting *setting)
{
	const cJSON *item = json_member(json_member(loading->tree, "settings"), setting->name);
	struct nearest nearest;

	if (setting->value.kind != VALUE_TEXT) {
		reader_problem(&loading->reader, item, NULL, "setting \"%s\" chooses a variant: it must be a text",
		               setting->name);
		return;
	}
	for (size_t i = 0; setting->words[i]; i++)
		if (strcmp(setting->words[i], setting->value.text) == 0)
			return;
	nearest_begin(&nearest, setting->value.text);
	for (size_t i = 0; setting->words[i]; i++)
		nearest_offer(&nearest, setting->words[i]);
	reader_problem(&loading->reader, item, nearest.best, "\"variants\" has no \"%s\" of setting \"%s\"",
	               setting->value.text, setting->name);
}

static void load_variant(struct loading *loading, const cJSON *item)
{
	struct machine *machine = loading->machine;
	struct variant *variant = &machine->variants[machine->variant_count];
	struct setting *setting = find_setting(loading, item);
	const char **words;
	size_t count;

	if (!setting || !reader_type(&loading->reader, item, "a variant", FIELD_OBJECT))
		return;
	count = load_count(loading, item, "variants", VARIANT_SETS_MAX);
	words = arena_alloc(machine->arena, (count + 1) * sizeof *words);
	variant->values = arena_alloc(machine->arena, (count + 1) * sizeof *variant->values);
	count = 0;
	for (const cJSON *set = item->child; set; set = set->next) {
		if (strcmp(set->string, "evidence") == 0 || strcmp(set->string, "note") == 0)
			continue;
		words[count] = reader_copy(&loading->reader, set->string);
		variant->values[count++] = load_set(loading, set);
	}
	variant->words = words;
	variant->chooser = (struct variable){
		.kind = VARIABLE_NAMED,
		.shown = (int16_t)load_find_shown(machine, item->string),
		.setting = (int16_t)(setting - machine->settings),
		.timer = INDEX_NONE,
	};
	loading->setting_used[variant->chooser.setting] = true;
	if (variant->chooser.shown != INDEX_NONE)
		loading->shown_used[variant->chooser.shown] = true;
	setting->words = words;
	setting->needed = true;
	check_start(loading, setting);
	machine->variant_count++;
}

/* A chooser that a variant shows would have to be known before it is chosen by. */
static void check_choosers(struct loading *loading, const cJSON *variants)
{
	for (const cJSON *variant = variants->child; variant; variant = variant->next)
		for (const cJSON *set = variant->child; set; set = set->next)
			for (const cJSON *item = set->child; item; item = item->next)
				if (item->string && json_member(variants, item->string))
					reader_key_problem(&loading->reader, item, NULL,
					                   "\"%s\" chooses a variant, and cannot be part of one",
					                   item->string);
}

void load_variants(struct loading *loading)
{
	struct machine *machine = loading->machine;
	const cJSON *variants = json_member(loading->tree, "variants");
	const size_t count = variants ? load_count(loading, variants, "variants", VARIANTS_MAX) : 0;
	const size_t before = loading->reader.problems->total;

	machine->variants = arena_alloc(machine->arena, (count + 1) * sizeof *machine->variants);
	if (count == 0)
		return;
	check_choosers(loading, variants);
	if (loading->reader.problems->total != before)
		return;
	for (const cJSON *item = variants->child; item; item = item->next)
		load_variant(loading, item);
}
