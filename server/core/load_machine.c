/*
 * Settings, regions and states.
 */
#include "core/calendar.h"
#include "core/loading.h"
#include "core/login.h"
#include "core/names.h"
#include "core/setting.h"

#include <stdlib.h>
#include <string.h>

/* How many members may be taken: a problem, and none, when there are too many. */
size_t load_count(const struct loading *loading, const cJSON *object, const char *what, size_t most)
{
	const size_t count = (size_t)cJSON_GetArraySize(object);

	if (count <= most)
		return count;
	reader_key_problem(&loading->reader, object, NULL, "%zu %s; at most %zu are allowed", count, what, most);
	return 0;
}

/* ---- values ---- */

bool load_has_control_character(const char *text)
{
	for (; *text; text++)
		if ((unsigned char)*text < 0x20 || *text == 0x7F)
			return true;
	return false;
}

/* A plain value. Texts that are durations become so only where `durations` is set. */
bool load_value(struct loading *loading, const cJSON *item, bool durations, struct value *value)
{
	int64_t ms = 0;

	if (!reader_type(&loading->reader, item, "a value", FIELD_TEXT | FIELD_NUMBER | FIELD_BOOL | FIELD_NULL))
		return false;
	if (cJSON_IsNull(item)) {
		value->kind = VALUE_NULL;
	} else if (cJSON_IsBool(item)) {
		value->kind = VALUE_BOOL;
		value->number = cJSON_IsTrue(item);
	} else if (cJSON_IsNumber(item)) {
		value->kind = VALUE_INT;
		return reader_integer(&loading->reader, item, "a number here", -SETTING_NUMBER_MAX, SETTING_NUMBER_MAX,
		                      &value->number);
	} else {
		if (!setting_text_is_fine(item->valuestring)) {
			reader_problem(&loading->reader, item, NULL,
			               "a text here has at most %d bytes and no control characters", SETTING_TEXT_MAX);
			return false;
		}
		value->kind = VALUE_TEXT;
		value->text = reader_copy(&loading->reader, item->valuestring);
		if (durations && duration_parse(item->valuestring, &ms)) {
			value->kind = VALUE_DURATION;
			value->number = ms;
		}
	}
	return true;
}

/* ---- settings ---- */

/* Reports a value that the setting may not have. */
static bool check_value(struct loading *loading, const cJSON *item, const struct setting *setting,
                        const struct value *value)
{
	struct error why = { 0 };
	struct nearest nearest;

	if (setting_allows(setting, value, &nearest, &why))
		return true;
	reader_problem(&loading->reader, item, nearest.best, "%s", why.text);
	return false;
}

static enum value_kind kind_of(const cJSON *item)
{
	int64_t ms = 0;

	if (cJSON_IsNull(item))
		return VALUE_NULL;
	if (cJSON_IsBool(item))
		return VALUE_BOOL;
	if (cJSON_IsNumber(item))
		return VALUE_INT;
	if (!cJSON_IsString(item))
		return VALUE_NONE;
	if (!(item->type & JSON_PLAIN_TEXT) && duration_parse(item->valuestring, &ms))
		return VALUE_DURATION;
	return VALUE_TEXT;
}

bool load_setting_override(struct loading *loading, const cJSON *base, cJSON *over)
{
	const struct setting setting = { .name = over->string, .value = { .kind = kind_of(base) } };
	struct value value = { 0 };

	if (setting.value.kind == VALUE_NONE)
		return true;
	if (setting.value.kind == VALUE_TEXT && cJSON_IsString(over))
		over->type |= JSON_PLAIN_TEXT;
	return load_value(loading, over, setting.value.kind != VALUE_TEXT, &value) &&
	       check_value(loading, over, &setting, &value);
}

/* A setting that the core itself reads: it is of this kind, and stays so. */
static void load_core_setting(struct loading *loading, const char *name, enum value_kind kind, const char *const *words,
                              int16_t *index)
{
	const cJSON *item = json_member(json_member(loading->tree, "settings"), name);
	const int found = machine_find_setting(loading->machine, name);
	struct setting *setting;
	struct value value;

	*index = (int16_t)found;
	if (found == INDEX_NONE)
		return;
	loading->setting_used[found] = true;
	setting = &loading->machine->settings[found];
	/* A text that looks like a duration is still a text here. */
	if (kind == VALUE_TEXT && setting->value.kind == VALUE_DURATION)
		setting->value = (struct value){ .kind = VALUE_TEXT, .text = setting->value.text };
	value = setting->value;
	setting->value.kind = kind;
	setting->words = words;
	setting->needed = true;
	if (value.kind != VALUE_NONE)
		check_value(loading, item, setting, &value);
}

static void load_core_settings(struct loading *loading)
{
	static const char *const pacings[] = { "observed", "documented", NULL };
	static const char *const frames[] = { "binary", "text", NULL };
	struct machine *machine = loading->machine;

	load_core_setting(loading, "strict_http", VALUE_BOOL, NULL, &machine->strict_http);
	load_core_setting(loading, "ips_allow", VALUE_TEXT, NULL, &machine->ips_allow);
	load_core_setting(loading, "ips_deny", VALUE_TEXT, NULL, &machine->ips_deny);
	load_core_setting(loading, "pacing", VALUE_TEXT, pacings, &machine->pacing);
	load_core_setting(loading, "websocket_frames", VALUE_TEXT, frames, &machine->websocket_frames);
	load_core_setting(loading, "login_mode", VALUE_TEXT, login_mode_names, &machine->login_mode);
	load_core_setting(loading, "second_factor", VALUE_TEXT, second_factor_names, &machine->second_factor);
}

bool load_setting_value(struct loading *loading, const cJSON *item, const struct setting *setting, struct value *value)
{
	if (setting->value.kind == VALUE_NONE)
		return load_value(loading, item, true, value);
	return load_value(loading, item, setting->value.kind == VALUE_DURATION, value) &&
	       check_value(loading, item, setting, value);
}

/* A pack knows better than the base machine what its vintage showed, but not better than the scenario itself. */
static void load_pack_setting(struct loading *loading, const cJSON *item)
{
	struct machine *machine = loading->machine;
	const cJSON *own = json_member(json_member(loading->tree, "settings"), item->string);
	const int found = machine_find_setting(machine, item->string);
	struct value value = { 0 };
	struct nearest nearest;

	if (!own || found == INDEX_NONE) {
		machine_nearest_setting(machine, item->string, &nearest);
		reader_key_problem(&loading->reader, item, nearest.best, "the scenario has no setting \"%s\"",
		                   item->string);
		return;
	}
	if (machine->settings[found].value.kind == VALUE_NONE || (own->type & JSON_OVERRIDES) ||
	    json_place_of(loading->reader.places, own).file == loading->top_file ||
	    !load_setting_value(loading, item, &machine->settings[found], &value))
		return;
	machine->settings[found].value = value;
}

void load_settings(struct loading *loading)
{
	struct machine *machine = loading->machine;
	const cJSON *settings = json_member(loading->tree, "settings");
	const size_t count = settings ? load_count(loading, settings, "settings", SETTINGS_MAX) : 0;

	machine->settings = arena_alloc(machine->arena, (count + 1) * sizeof *machine->settings);
	for (const cJSON *item = count ? settings->child : NULL; item; item = item->next) {
		struct setting *setting = &machine->settings[machine->setting_count];

		/* One that is wrong is there all the same, without a value: said once is enough. */
		reader_name(&loading->reader, item, "a setting");
		if (!load_value(loading, item, !(item->type & JSON_PLAIN_TEXT), &setting->value))
			setting->value = (struct value){ .kind = VALUE_NONE };
		setting->name = reader_copy(&loading->reader, item->string);
		machine->setting_count++;
	}
	load_core_settings(loading);
	for (size_t i = loading->pack_count; i-- > 0;) {
		const cJSON *pack_settings = json_member(loading->pack_trees[i], "settings");

		for (const cJSON *item = pack_settings ? pack_settings->child : NULL; item; item = item->next)
			load_pack_setting(loading, item);
	}
}

struct amount load_amount(struct loading *loading, const cJSON *item, int64_t least_ms)
{
	struct amount amount = { .setting = INDEX_NONE };
	struct machine *machine = loading->machine;
	struct nearest nearest;
	int setting;

	if (!cJSON_IsString(item) || (item->valuestring[0] >= '0' && item->valuestring[0] <= '9')) {
		reader_duration(&loading->reader, item, least_ms, &amount.ms);
		return amount;
	}
	setting = machine_find_setting(machine, item->valuestring);
	if (setting != INDEX_NONE && machine->settings[setting].value.kind == VALUE_DURATION) {
		if (machine->settings[setting].value.number < least_ms)
			reader_problem(&loading->reader,
			               json_member(json_member(loading->tree, "settings"), item->valuestring), NULL,
			               "this duration must be at least %d ms", (int)least_ms);
		if (machine->settings[setting].least_ms < least_ms)
			machine->settings[setting].least_ms = least_ms;
		amount.setting = (int16_t)setting;
		loading->setting_used[setting] = true;
		return amount;
	}
	if (setting != INDEX_NONE && machine->settings[setting].value.kind == VALUE_NONE)
		return amount;
	nearest_begin(&nearest, item->valuestring);
	for (size_t i = 0; i < machine->setting_count; i++)
		if (machine->settings[i].value.kind == VALUE_DURATION)
			nearest_offer(&nearest, machine->settings[i].name);
	reader_problem(&loading->reader, item, nearest.best,
	               "wanted a duration such as \"90s\", or a setting that is one; found \"%s\"", item->valuestring);
	return amount;
}

/* ---- regions and states ---- */

static void load_regions(struct loading *loading)
{
	struct machine *machine = loading->machine;
	const cJSON *regions = json_member(loading->tree, "regions");
	const size_t count = regions ? load_count(loading, regions, "regions", REGIONS_MAX) : 1;

	machine->regions = arena_alloc(machine->arena, (count + 1) * sizeof *machine->regions);
	if (!regions) {
		machine->regions[0].name = "session";
		machine->region_count = 1;
		return;
	}
	for (const cJSON *item = count ? regions->child : NULL; item; item = item->next)
		if (reader_type(&loading->reader, item, "a region", FIELD_TEXT) &&
		    reader_text_name(&loading->reader, item, "a region"))
			machine->regions[machine->region_count++].name =
			    reader_copy(&loading->reader, item->valuestring);
	if (machine->region_count == 0)
		reader_problem(&loading->reader, regions, NULL, "\"regions\" must name at least one region");
}

static int find_region(const struct machine *machine, const char *name)
{
	for (size_t i = 0; i < machine->region_count; i++)
		if (strcmp(machine->regions[i].name, name) == 0)
			return (int)i;
	return INDEX_NONE;
}

static const struct field state_fields[] = {
	{ "region", FIELD_TEXT, false },
	{ "shows", FIELD_OBJECT, false },
	{ "answers", FIELD_OBJECT, false },
	{ "on", FIELD_OBJECT, false },
	{ "quiet", FIELD_BOOL, false },
	{ "websocket", FIELD_TEXT | FIELD_NULL, false },
	{ 0 },
};

static void load_state(struct loading *loading, const cJSON *item)
{
	struct machine *machine = loading->machine;
	struct state *state = &machine->states[machine->state_count];
	const char *region_name;
	int region = 0;

	if (!reader_name(&loading->reader, item, "a state") ||
	    !reader_object(&loading->reader, item, "a state", state_fields))
		return;
	region_name = reader_text(item, "region");
	if (region_name) {
		region = find_region(machine, region_name);
		if (region == INDEX_NONE) {
			struct nearest nearest;

			nearest_begin(&nearest, region_name);
			for (size_t i = 0; i < machine->region_count; i++)
				nearest_offer(&nearest, machine->regions[i].name);
			reader_problem(&loading->reader, json_member(item, "region"), nearest.best,
			               "there is no region \"%s\"", region_name);
			region = 0; /* the state is there all the same: what names it is no mistake */
		}
	}
	state->name = reader_copy(&loading->reader, item->string);
	state->region = (uint8_t)region;
	state->quiet = reader_flag(item, "quiet", false);
	state->stream_mode = INDEX_NONE; /* load_stream.c */
	machine->regions[region].states |= 1ULL << machine->state_count;
	machine->state_count++;
}

int load_find_shown(const struct machine *machine, const char *name)
{
	for (size_t i = 0; i < machine->shown_count; i++)
		if (strcmp(machine->shown[i], name) == 0)
			return (int)i;
	return INDEX_NONE;
}

/* False when there are too many. */
static bool add_shown(struct loading *loading, const cJSON *shown)
{
	struct machine *machine = loading->machine;

	if (load_find_shown(machine, shown->string) != INDEX_NONE ||
	    !reader_name(&loading->reader, shown, "a shown value"))
		return true;
	if (machine->shown_count == SHOWN_MAX) {
		reader_key_problem(&loading->reader, shown, NULL, "too many shown names; at most %d are allowed",
		                   SHOWN_MAX);
		return false;
	}
	machine->shown[machine->shown_count++] = reader_copy(&loading->reader, shown->string);
	return true;
}

/* The names that any state shows, then each state's values by name. */
static void load_shown(struct loading *loading, const cJSON *states)
{
	struct machine *machine = loading->machine;
	const cJSON *variants = json_member(loading->tree, "variants");
	bool room = true;

	machine->shown = arena_alloc(machine->arena, SHOWN_MAX * sizeof *machine->shown);
	for (const cJSON *item = states->child; item && room; item = item->next) {
		const cJSON *shows = cJSON_IsObject(item) ? json_member(item, "shows") : NULL;

		for (const cJSON *shown = shows ? shows->child : NULL; shown && room; shown = shown->next)
			room = add_shown(loading, shown);
	}
	for (const cJSON *variant = variants ? variants->child : NULL; variant && room; variant = variant->next)
		for (const cJSON *set = variant->child; set; set = set->next)
			for (const cJSON *shown = set->child; shown && room; shown = shown->next)
				room = !shown->string || add_shown(loading, shown);
	loading->shown_used = arena_alloc(machine->arena, (machine->shown_count + 1) * sizeof *loading->shown_used);
	for (size_t i = 0; i < machine->state_count; i++) {
		struct value *values = arena_alloc(machine->arena, (machine->shown_count + 1) * sizeof *values);
		const cJSON *shows = json_member(json_member(states, machine->states[i].name), "shows");

		for (const cJSON *shown = shows ? shows->child : NULL; shown; shown = shown->next) {
			const int index = load_find_shown(machine, shown->string);

			if (index != INDEX_NONE)
				load_value(loading, shown, false, &values[index]);
		}
		machine->states[i].shows = values;
	}
}

/* A mistyped state's problem, with the nearest name. */
int load_state_name(struct loading *loading, const cJSON *item)
{
	const struct machine *machine = loading->machine;
	struct nearest nearest;
	int state;

	if (!reader_type(&loading->reader, item, "a state's name", FIELD_TEXT))
		return INDEX_NONE;
	state = machine_find_state(machine, item->valuestring);
	if (state != INDEX_NONE)
		return state;
	machine_nearest_state(machine, item->valuestring, &nearest);
	reader_problem(&loading->reader, item, nearest.best, "there is no state \"%s\"", item->valuestring);
	return INDEX_NONE;
}

/* Where each region starts, which can be told only when the states' regions are known. Later entries win over earlier ones from a file that this one extends; two of one region
 * in the same file are a mistake. */
static void load_initial(struct loading *loading, bool regions_are_known)
{
	struct machine *machine = loading->machine;
	const cJSON *initial = json_member(loading->tree, "initial");
	const cJSON *chosen[REGIONS_MAX] = { 0 };

	for (const cJSON *item = initial->child; item; item = item->next) {
		const int state = load_state_name(loading, item);
		size_t region;

		if (state == INDEX_NONE)
			continue;
		region = machine->states[state].region;
		if (regions_are_known && chosen[region] &&
		    json_place_of(loading->reader.places, chosen[region]).file ==
		        json_place_of(loading->reader.places, item).file)
			reader_problem(&loading->reader, item, NULL,
			               "\"%s\" and \"%s\" are both of region \"%s\": it starts in one",
			               chosen[region]->valuestring, item->valuestring, machine->regions[region].name);
		chosen[region] = item;
		machine->regions[region].initial = (uint8_t)state;
	}
	for (size_t i = 0; i < machine->region_count && regions_are_known; i++) {
		if (machine->regions[i].states == 0)
			reader_key_problem(&loading->reader, initial, NULL, "region \"%s\" has no states",
			                   machine->regions[i].name);
		else if (!chosen[i])
			reader_key_problem(&loading->reader, initial, NULL,
			                   "\"initial\" must name a state of region \"%s\"", machine->regions[i].name);
	}
}

void load_states(struct loading *loading)
{
	struct machine *machine = loading->machine;
	const cJSON *states = json_member(loading->tree, "states");
	const size_t count = load_count(loading, states, "states", STATES_MAX);
	bool regions_are_known;
	size_t problems;

	load_regions(loading);
	if (machine->region_count == 0)
		return;
	machine->session_region =
	    find_region(machine, "session") == INDEX_NONE ? 0 : (size_t)find_region(machine, "session");
	machine->states = arena_alloc(machine->arena, (count + 1) * sizeof *machine->states);
	problems = loading->reader.problems->total;
	for (const cJSON *item = count ? states->child : NULL; item; item = item->next)
		load_state(loading, item);
	regions_are_known = loading->reader.problems->total == problems;
	if (count == 0 && (size_t)cJSON_GetArraySize(states) == 0)
		reader_key_problem(&loading->reader, states, NULL, "a machine must have at least one state");
	load_shown(loading, states);
	load_initial(loading, regions_are_known);
}

struct state_set load_state_set(struct loading *loading, const cJSON *list)
{
	struct state_set set = { 0 };
	const struct machine *machine = loading->machine;
	const bool many = cJSON_IsArray(list);
	uint64_t named = 0;

	for (const cJSON *item = many ? list->child : list; item; item = many ? item->next : NULL) {
		const int state = load_state_name(loading, item);

		if (state != INDEX_NONE)
			named |= 1ULL << state;
	}
	if (many && !list->child)
		reader_problem(&loading->reader, list, NULL, "\"%s\" must name at least one state", list->string);
	for (size_t i = 0; i < machine->region_count; i++)
		if (named & machine->regions[i].states)
			set.breaks |= machine->regions[i].states & ~named;
	return set;
}
