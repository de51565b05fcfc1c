/*
 * Settings, regions, states, groups, endpoints and their paths.
 */
#include "core/calendar.h"
#include "core/loading.h"
#include "core/names.h"

#include <stdlib.h>
#include <string.h>

static size_t member_count(const cJSON *object)
{
	return (size_t)cJSON_GetArraySize(object);
}

/* How many members may be taken: a problem, and none, when there are too many. */
static size_t bounded_count(const struct loading *loading, const cJSON *object, const char *what, size_t most)
{
	const size_t count = member_count(object);

	if (count <= most)
		return count;
	reader_key_problem(&loading->reader, object, NULL, "%zu %s; at most %zu are allowed", count, what, most);
	return 0;
}

/* ---- values ---- */

static bool has_control_character(const char *text)
{
	for (; *text; text++)
		if ((unsigned char)*text < 0x20 || *text == 0x7F)
			return true;
	return false;
}

/* A plain value. Texts that are durations become so only where `durations` is set. */
static bool load_value(struct loading *loading, const cJSON *item, bool durations, struct value *value)
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
		return reader_integer(&loading->reader, item, "a number here", -999999999999999, 999999999999999,
		                      &value->number);
	} else {
		if (has_control_character(item->valuestring) || strlen(item->valuestring) > SETTING_TEXT_MAX) {
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

static void check_core_setting(struct loading *loading, const char *name, enum value_kind kind, int16_t *index)
{
	const cJSON *item = json_member(json_member(loading->tree, "settings"), name);
	const int found = machine_find_setting(loading->machine, name);

	*index = (int16_t)found;
	if (found != INDEX_NONE)
		loading->setting_used[found] = true;
	if (found == INDEX_NONE || loading->machine->settings[found].value.kind == kind)
		return;
	reader_problem(&loading->reader, item, NULL, "setting \"%s\" must be %s, found %s", name, value_kind_name(kind),
	               json_kind(item));
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
		nearest_begin(&nearest, item->string);
		for (size_t i = 0; i < machine->setting_count; i++)
			nearest_offer(&nearest, machine->settings[i].name);
		reader_key_problem(&loading->reader, item, nearest.best, "the scenario has no setting \"%s\"",
		                   item->string);
		return;
	}
	if ((own->type & JSON_OVERRIDES) || json_place_of(loading->reader.places, own).file == loading->top_file ||
	    !load_value(loading, item, true, &value))
		return;
	if (value.kind != machine->settings[found].value.kind)
		reader_problem(&loading->reader, item, NULL, "setting \"%s\" must be %s, found %s", item->string,
		               value_kind_name(machine->settings[found].value.kind), json_kind(item));
	machine->settings[found].value = value;
}

void load_settings(struct loading *loading)
{
	struct machine *machine = loading->machine;
	const cJSON *settings = json_member(loading->tree, "settings");
	const cJSON *pacing;
	const size_t count = settings ? bounded_count(loading, settings, "settings", SETTINGS_MAX) : 0;

	machine->settings = arena_alloc(machine->arena, (count + 1) * sizeof *machine->settings);
	for (const cJSON *item = count ? settings->child : NULL; item; item = item->next) {
		struct setting *setting = &machine->settings[machine->setting_count];

		if (!reader_name(&loading->reader, item, "a setting") ||
		    !load_value(loading, item, true, &setting->value))
			continue;
		setting->name = reader_copy(&loading->reader, item->string);
		machine->setting_count++;
	}
	for (size_t i = loading->pack_count; i-- > 0;) {
		const cJSON *pack_settings = json_member(loading->pack_trees[i], "settings");

		for (const cJSON *item = pack_settings ? pack_settings->child : NULL; item; item = item->next)
			load_pack_setting(loading, item);
	}
	check_core_setting(loading, "strict_http", VALUE_BOOL, &machine->strict_http);
	check_core_setting(loading, "ips_allow", VALUE_TEXT, &machine->ips_allow);
	check_core_setting(loading, "ips_deny", VALUE_TEXT, &machine->ips_deny);
	check_core_setting(loading, "pacing", VALUE_TEXT, &machine->pacing);
	pacing = json_member(settings, "pacing");
	if (cJSON_IsString(pacing) && strcmp(pacing->valuestring, "observed") != 0 &&
	    strcmp(pacing->valuestring, "documented") != 0)
		reader_problem(&loading->reader, pacing, NULL, "\"pacing\" must be \"observed\" or \"documented\"");
}

struct amount load_amount(struct loading *loading, const cJSON *item, int64_t least_ms)
{
	struct amount amount = { .setting = INDEX_NONE };
	const struct machine *machine = loading->machine;
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
		amount.setting = (int16_t)setting;
		loading->setting_used[setting] = true;
		return amount;
	}
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
	const size_t count = regions ? bounded_count(loading, regions, "regions", REGIONS_MAX) : 1;

	machine->regions = arena_alloc(machine->arena, (count + 1) * sizeof *machine->regions);
	if (!regions) {
		machine->regions[0].name = "session";
		machine->region_count = 1;
		return;
	}
	for (const cJSON *item = count ? regions->child : NULL; item; item = item->next)
		if (reader_type(&loading->reader, item, "a region", FIELD_TEXT))
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
	{ "region", FIELD_TEXT, false }, { "shows", FIELD_OBJECT, false }, { "answers", FIELD_OBJECT, false },
	{ "on", FIELD_OBJECT, false },   { "quiet", FIELD_BOOL, false },   { 0 },
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
			return;
		}
	}
	state->name = reader_copy(&loading->reader, item->string);
	state->region = (uint8_t)region;
	state->quiet = reader_flag(item, "quiet", false);
	machine->regions[region].states |= 1ULL << machine->state_count;
	machine->state_count++;
}

static int find_shown(const struct machine *machine, const char *name)
{
	for (size_t i = 0; i < machine->shown_count; i++)
		if (strcmp(machine->shown[i], name) == 0)
			return (int)i;
	return INDEX_NONE;
}

/* The names that any state shows, then each state's values by name. */
static void load_shown(struct loading *loading, const cJSON *states)
{
	struct machine *machine = loading->machine;
	size_t most = 0;

	for (const cJSON *item = states->child; item; item = item->next)
		most += member_count(json_member(item, "shows"));
	machine->shown = arena_alloc(machine->arena, (most + 1) * sizeof *machine->shown);
	for (const cJSON *item = states->child; item; item = item->next)
		for (const cJSON *shown =
		         cJSON_IsObject(item) && json_member(item, "shows") ? json_member(item, "shows")->child : NULL;
		     shown; shown = shown->next)
			if (find_shown(machine, shown->string) == INDEX_NONE &&
			    reader_name(&loading->reader, shown, "a shown value"))
				machine->shown[machine->shown_count++] = reader_copy(&loading->reader, shown->string);

	loading->shown_used = arena_alloc(machine->arena, (machine->shown_count + 1) * sizeof *loading->shown_used);
	for (size_t i = 0; i < machine->state_count; i++) {
		struct value *values = arena_alloc(machine->arena, (machine->shown_count + 1) * sizeof *values);
		const cJSON *shows = json_member(json_member(states, machine->states[i].name), "shows");

		for (const cJSON *shown = shows ? shows->child : NULL; shown; shown = shown->next) {
			const int index = find_shown(machine, shown->string);

			if (index != INDEX_NONE)
				load_value(loading, shown, false, &values[index]);
		}
		machine->states[i].shows = values;
	}
}

/* A mistyped state's problem, with the nearest name. */
static int find_state(struct loading *loading, const cJSON *item)
{
	const struct machine *machine = loading->machine;
	struct nearest nearest;
	int state;

	if (!reader_type(&loading->reader, item, "a state's name", FIELD_TEXT))
		return INDEX_NONE;
	state = machine_find_state(machine, item->valuestring);
	if (state != INDEX_NONE)
		return state;
	nearest_begin(&nearest, item->valuestring);
	for (size_t i = 0; i < machine->state_count; i++)
		nearest_offer(&nearest, machine->states[i].name);
	reader_problem(&loading->reader, item, nearest.best, "there is no state \"%s\"", item->valuestring);
	return INDEX_NONE;
}

/* Where each region starts. Later entries win over earlier ones from a file that this one extends; two of one region
 * in the same file are a mistake. */
static void load_initial(struct loading *loading)
{
	struct machine *machine = loading->machine;
	const cJSON *initial = json_member(loading->tree, "initial");
	const cJSON *chosen[REGIONS_MAX] = { 0 };

	for (const cJSON *item = initial->child; item; item = item->next) {
		const int state = find_state(loading, item);
		size_t region;

		if (state == INDEX_NONE)
			continue;
		region = machine->states[state].region;
		if (chosen[region] && json_place_of(loading->reader.places, chosen[region]).file ==
		                          json_place_of(loading->reader.places, item).file)
			reader_problem(&loading->reader, item, NULL,
			               "\"%s\" and \"%s\" are both of region \"%s\": it starts in one",
			               chosen[region]->valuestring, item->valuestring, machine->regions[region].name);
		chosen[region] = item;
		machine->regions[region].initial = (uint8_t)state;
	}
	for (size_t i = 0; i < machine->region_count; i++) {
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
	const size_t count = bounded_count(loading, states, "states", STATES_MAX);

	load_regions(loading);
	if (machine->region_count == 0)
		return;
	machine->session_region =
	    find_region(machine, "session") == INDEX_NONE ? 0 : (size_t)find_region(machine, "session");
	machine->states = arena_alloc(machine->arena, (count + 1) * sizeof *machine->states);
	for (const cJSON *item = count ? states->child : NULL; item; item = item->next)
		load_state(loading, item);
	if (count == 0 && member_count(states) == 0)
		reader_key_problem(&loading->reader, states, NULL, "a machine must have at least one state");
	load_shown(loading, states);
	load_initial(loading);
}

struct state_set load_state_set(struct loading *loading, const cJSON *list)
{
	struct state_set set = { 0 };
	const struct machine *machine = loading->machine;
	uint64_t named = 0;

	for (const cJSON *item = list ? list->child : NULL; item; item = item->next) {
		const int state = find_state(loading, item);

		if (state != INDEX_NONE)
			named |= 1ULL << state;
	}
	if (list && !list->child)
		reader_problem(&loading->reader, list, NULL, "\"while\" must name at least one state");
	for (size_t i = 0; i < machine->region_count; i++)
		if (named & machine->regions[i].states)
			set.breaks |= machine->regions[i].states & ~named;
	return set;
}

/* ---- groups ---- */

static int find_group(const struct loading *loading, const char *name)
{
	for (size_t i = 0; i < loading->group_count; i++)
		if (strcmp(loading->groups[i].name, name) == 0)
			return (int)i;
	return INDEX_NONE;
}

/* The group of that name, made if need be; INDEX_NONE when there are too many. */
static int add_group(struct loading *loading, const cJSON *item, const char *name)
{
	int group = find_group(loading, name);

	if (group != INDEX_NONE)
		return group;
	if (loading->group_count == GROUPS_MAX) {
		reader_problem(&loading->reader, item, NULL, "too many groups; at most %d are allowed", GROUPS_MAX);
		return INDEX_NONE;
	}
	group = (int)loading->group_count++;
	loading->groups[group].name = reader_copy(&loading->reader, name);
	return group;
}

static void load_groups(struct loading *loading)
{
	const cJSON *groups = json_member(loading->tree, "groups");

	for (const cJSON *group = groups ? groups->child : NULL; group; group = group->next) {
		if (!reader_name(&loading->reader, group, "a group") ||
		    !reader_type(&loading->reader, group, "a group", FIELD_LIST))
			continue;
		add_group(loading, group, group->string);
		for (const cJSON *member = group->child; member; member = member->next)
			if (reader_type(&loading->reader, member, "a group's member", FIELD_TEXT))
				add_group(loading, member, member->valuestring);
	}
}

/* Groups contain what the groups in them contain. As many rounds as groups settle any nesting, even a circle. */
static void close_groups(struct loading *loading)
{
	const cJSON *groups = json_member(loading->tree, "groups");

	for (size_t round = 0; groups && round < loading->group_count; round++) {
		for (const cJSON *item = groups->child; item; item = item->next) {
			const int outer = find_group(loading, item->string);

			for (const cJSON *member = item->child; member && outer != INDEX_NONE; member = member->next) {
				const int inner =
				    cJSON_IsString(member) ? find_group(loading, member->valuestring) : INDEX_NONE;

				for (size_t i = 0; inner != INDEX_NONE && i < ENDPOINTS_MAX / 64; i++)
					loading->groups[outer].members.bits[i] |=
					    loading->groups[inner].members.bits[i];
			}
		}
	}
}

/* ---- endpoints ---- */

static const struct {
	const char *name;
	enum special_match match;
} matches[] = {
	{ "filter_broken", MATCH_PEER_FILTER_BROKEN },
	{ "peer_denied", MATCH_PEER_DENIED },
	{ "preflight", MATCH_PREFLIGHT },
	{ "malformed_target", MATCH_MALFORMED_TARGET },
	{ "no_user_agent", MATCH_NO_USER_AGENT },
	{ "no_content_length", MATCH_NO_CONTENT_LENGTH },
	{ "wrong_method", MATCH_WRONG_METHOD },
	{ "unknown_path", MATCH_UNKNOWN_PATH },
};

static const struct field endpoint_fields[] = {
	{ "path", FIELD_TEXT, false },
	{ "paths", FIELD_LIST, false },
	{ "match", FIELD_TEXT, false },
	{ "methods", FIELD_TEXT | FIELD_LIST, false },
	{ "group", FIELD_TEXT, false },
	{ "answer", FIELD_TEXT | FIELD_OBJECT | FIELD_LIST, false },
	{ 0 },
};

#define METHODS_ALL ((1U << METHOD_COUNT) - 1)

uint32_t load_methods(struct loading *loading, const cJSON *item, uint32_t otherwise)
{
	uint32_t methods = 0;

	if (!item)
		return otherwise;
	if (cJSON_IsString(item)) {
		if (strcmp(item->valuestring, "any") != 0)
			reader_problem(&loading->reader, item, "any",
			               "\"methods\" must be \"any\" or a list such as [\"GET\"]");
		return METHODS_ALL;
	}
	for (const cJSON *name = item->child; name; name = name->next) {
		enum http_method method = METHOD_OTHER;

		if (reader_type(&loading->reader, name, "a method", FIELD_TEXT)) {
			method = method_of(name->valuestring);
			if (method == METHOD_OTHER)
				reader_problem(&loading->reader, name, NULL,
				               "\"%s\" is not one of GET, HEAD, POST, PUT, DELETE, OPTIONS, PATCH",
				               name->valuestring);
		}
		methods |= 1U << method;
	}
	if (methods == 0)
		reader_problem(&loading->reader, item, NULL, "\"methods\" must name at least one");
	if (methods & (1U << METHOD_GET))
		methods |= 1U << METHOD_HEAD;
	return methods;
}

static void load_match(struct loading *loading, const cJSON *item, size_t index)
{
	struct machine *machine = loading->machine;
	const cJSON *match = json_member(item, "match");
	struct nearest nearest;

	nearest_begin(&nearest, match->valuestring);
	for (size_t i = 0; i < sizeof matches / sizeof *matches; i++) {
		nearest_offer(&nearest, matches[i].name);
		if (strcmp(matches[i].name, match->valuestring) != 0)
			continue;
		if (machine->special[matches[i].match] != INDEX_NONE)
			reader_problem(&loading->reader, match, NULL, "\"%s\" has an endpoint already: \"%s\"",
			               match->valuestring, machine->endpoints[machine->special[matches[i].match]].name);
		machine->endpoints[index].match = matches[i].match;
		machine->special[matches[i].match] = (int16_t)index;
		return;
	}
	reader_problem(&loading->reader, match, nearest.best, "there is no match \"%s\"", match->valuestring);
}

static bool path_is_fine(const char *path)
{
	const char *star = strchr(path, '*');

	if (path[0] != '/' || strlen(path) > PATH_LENGTH_MAX || has_control_character(path) || strpbrk(path, "?# "))
		return false;
	return !star || (star[1] == '\0' && star[-1] == '/');
}

static void load_aliases(struct loading *loading)
{
	struct machine *machine = loading->machine;
	const cJSON *aliases = json_member(loading->tree, "aliases");
	const size_t count = aliases ? bounded_count(loading, aliases, "aliases", ALIASES_MAX) : 0;

	machine->aliases = arena_alloc(machine->arena, (count + 1) * sizeof *machine->aliases);
	for (const cJSON *item = count ? aliases->child : NULL; item; item = item->next) {
		if (!reader_type(&loading->reader, item, "an alias", FIELD_TEXT))
			continue;
		if (item->string[0] != '/' || item->valuestring[0] != '/') {
			reader_key_problem(&loading->reader, item, NULL,
			                   "an alias and its target are paths: \"/old/\": \"/new/\"");
			continue;
		}
		machine->aliases[machine->alias_count++] =
		    (struct alias){ .from = reader_copy(&loading->reader, item->string),
			            .to = reader_copy(&loading->reader, item->valuestring) };
	}
}

/* Adds one path, and the same under each alias whose target it lies below. */
static size_t add_path(struct loading *loading, const cJSON *item, const char **paths, size_t count)
{
	const struct machine *machine = loading->machine;

	if (!reader_type(&loading->reader, item, "a path", FIELD_TEXT))
		return count;
	if (!path_is_fine(item->valuestring)) {
		reader_problem(
		    &loading->reader, item, NULL,
		    "a path starts with \"/\", has no \"?\", and a \"*\" only after its last \"/\"; found \"%s\"",
		    item->valuestring);
		return count;
	}
	paths[count++] = reader_copy(&loading->reader, item->valuestring);
	for (size_t i = 0; i < machine->alias_count; i++) {
		const struct alias *alias = &machine->aliases[i];
		struct buffer path = { 0 };

		if (strncmp(item->valuestring, alias->to, strlen(alias->to)) != 0)
			continue;
		buffer_add_text(&path, alias->from);
		buffer_add_text(&path, item->valuestring + strlen(alias->to));
		paths[count++] = reader_copy(&loading->reader, path.data);
		buffer_release(&path);
	}
	return count;
}

static void load_paths(struct loading *loading, const cJSON *item, struct endpoint *endpoint)
{
	const cJSON *path = json_member(item, "path");
	const cJSON *list = json_member(item, "paths");
	const size_t most = (path ? 1 : member_count(list)) * (loading->machine->alias_count + 1);
	const char **paths = arena_alloc(loading->machine->arena, (most + 1) * sizeof *paths);

	if (path)
		endpoint->path_count = add_path(loading, path, paths, 0);
	for (const cJSON *each = !path && list ? list->child : NULL; each; each = each->next)
		endpoint->path_count = add_path(loading, each, paths, endpoint->path_count);
	endpoint->paths = paths;
}

static void load_endpoint(struct loading *loading, const cJSON *item)
{
	struct machine *machine = loading->machine;
	const size_t index = machine->endpoint_count;
	struct endpoint *endpoint = &machine->endpoints[index];
	const char *group;
	int ways = 0;

	if (!reader_name(&loading->reader, item, "an endpoint") ||
	    !reader_object(&loading->reader, item, "an endpoint", endpoint_fields))
		return;
	ways = (json_member(item, "path") != NULL) + (json_member(item, "paths") != NULL) +
	       (json_member(item, "match") != NULL);
	if (ways != 1) {
		reader_problem(&loading->reader, item, NULL,
		               "an endpoint must have one of \"path\", \"paths\" and \"match\"");
		return;
	}
	endpoint->name = reader_copy(&loading->reader, item->string);
	endpoint->event = INDEX_NONE;
	endpoint->methods =
	    load_methods(loading, json_member(item, "methods"),
	                 json_member(item, "match") ? METHODS_ALL : (1U << METHOD_GET) | (1U << METHOD_HEAD));
	machine->endpoint_count++;
	if (json_member(item, "match"))
		load_match(loading, item, index);
	else
		load_paths(loading, item, endpoint);
	group = reader_text(item, "group");
	if (group) {
		int known = find_group(loading, group);

		if (known == INDEX_NONE && json_member(loading->tree, "groups")) {
			struct nearest nearest;

			nearest_begin(&nearest, group);
			for (size_t i = 0; i < loading->group_count; i++)
				nearest_offer(&nearest, loading->groups[i].name);
			reader_problem(&loading->reader, json_member(item, "group"), nearest.best,
			               "there is no group \"%s\"", group);
			return;
		}
		known = add_group(loading, item, group);
		if (known == INDEX_NONE)
			return;
		endpoint->group = loading->groups[known].name;
		endpoint_set_add(&loading->groups[known].members, index);
	}
}

/* ---- routes ---- */

/* Exact paths first, by path; then prefixes, the longest first. */
static int compare_routes(const void *left, const void *right)
{
	const struct route *a = left;
	const struct route *b = right;
	const size_t shorter = a->path.length < b->path.length ? a->path.length : b->path.length;
	int order;

	if (a->prefix != b->prefix)
		return a->prefix ? 1 : -1;
	if (a->prefix && a->path.length != b->path.length)
		return a->path.length > b->path.length ? -1 : 1;
	order = memcmp(a->path.at, b->path.at, shorter);
	if (order)
		return order;
	if (a->path.length != b->path.length)
		return a->path.length < b->path.length ? -1 : 1;
	return (int)a->endpoint - (int)b->endpoint;
}

static void load_routes(struct loading *loading)
{
	struct machine *machine = loading->machine;
	size_t count = 0;

	for (size_t i = 0; i < machine->endpoint_count; i++)
		count += machine->endpoints[i].path_count;
	machine->routes = arena_alloc(machine->arena, (count + 1) * sizeof *machine->routes);
	for (size_t i = 0; i < machine->endpoint_count; i++) {
		for (size_t j = 0; j < machine->endpoints[i].path_count; j++) {
			struct route *route = &machine->routes[machine->route_count++];

			route->path = span_of(machine->endpoints[i].paths[j]);
			route->endpoint = (uint16_t)i;
			if (route->path.length > 1 && route->path.at[route->path.length - 1] == '*') {
				route->prefix = true;
				route->path.length--;
			}
		}
	}
	qsort(machine->routes, machine->route_count, sizeof *machine->routes, compare_routes);
	for (size_t i = 0; i < machine->route_count; i++) {
		const struct route *route = &machine->routes[i];

		machine->exact_count += !route->prefix;
		if (i == 0 || route->prefix != route[-1].prefix || route->path.length != route[-1].path.length ||
		    memcmp(route->path.at, route[-1].path.at, route->path.length) != 0)
			continue;
		if (machine->endpoints[route->endpoint].methods & machine->endpoints[route[-1].endpoint].methods)
			reader_key_problem(&loading->reader,
			                   json_member(json_member(loading->tree, "endpoints"),
			                               machine->endpoints[route->endpoint].name),
			                   NULL, "endpoints \"%s\" and \"%s\" both claim %.*s with the same method",
			                   machine->endpoints[route[-1].endpoint].name,
			                   machine->endpoints[route->endpoint].name, (int)route->path.length,
			                   route->path.at);
	}
}

void load_endpoints(struct loading *loading)
{
	struct machine *machine = loading->machine;
	const cJSON *endpoints = json_member(loading->tree, "endpoints");
	const size_t count = bounded_count(loading, endpoints, "endpoints", ENDPOINTS_MAX);
	int upstream;

	load_aliases(loading);
	load_groups(loading);
	machine->endpoints = arena_alloc(machine->arena, (count + 1) * sizeof *machine->endpoints);
	for (const cJSON *item = count ? endpoints->child : NULL; item; item = item->next)
		load_endpoint(loading, item);
	close_groups(loading);
	upstream = find_group(loading, "upstream");
	for (size_t i = 0; i < machine->endpoint_count; i++)
		machine->endpoints[i].proxied =
		    upstream != INDEX_NONE && endpoint_set_has(&loading->groups[upstream].members, i);
	load_routes(loading);
}
