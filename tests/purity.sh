#!/usr/bin/env bash
# tests/purity.sh COMPILER ARCHIVE
# The core promises to be a function of what it is given: no clock, no files, no sockets, no randomness, no output, no
# state of its own. This reads what its objects ask of the outside, and fails on anything that is not known to be
# harmless. First it sees itself fail, on code that breaks the promise: a check that cannot fail proves nothing.
set -euo pipefail

compiler=$1
archive=$2

# Pure, or as good as: memory comes and goes; a broken promise, or no memory left, ends all.
allowed() {
	case $1 in
	malloc | calloc | realloc | reallocarray | free) ;;
	memchr | memcmp | memcpy | memmove | memset | memrchr | memmem) ;;
	strchr | strcmp | strcspn | strlen | strncmp | strnlen | strpbrk | strrchr | strspn | strstr) ;;
	strcasecmp | strncasecmp | strdup | strndup | strtod | strtol | strtoll | strtoul | strtoull) ;;
	__isoc*_strto*) ;; # what newer C libraries call strtol() and its kin
	snprintf | vsnprintf | qsort | bsearch | abs | labs | llabs) ;;
	ceil | floor | fmod | isinf | isnan | lround | llround | modf | round | trunc) ;;
	__ctype_b_loc | __ctype_tolower_loc | __ctype_toupper_loc | tolower | toupper) ;;
	__assert_fail | abort) ;;
	# What compilers add by themselves.
	_GLOBAL_OFFSET_TABLE_ | __stack_chk_fail | __mem*_chk | __str*_chk | __snprintf_chk | __vsnprintf_chk) ;;
	cJSON_GetErrorPtr | cJSON_InitHooks) return 1 ;; # cJSON's own global state
	cJSON_*) ;;
	*) return 1 ;;
	esac
}

why() {
	case $1 in
	time | clock* | gettimeofday | *time | *time_r | tz* | *sleep) echo "the machine's time: it comes in as an argument" ;;
	rand* | srand* | *rand48* | getrandom | getentropy | arc4random*) echo "randomness: draw from the seed" ;;
	*getenv | setlocale | getpid) echo "the process's surroundings" ;;
	*printf* | puts | putchar | fput* | fwrite | perror | syslog | std*) echo "output: the caller shows what you return" ;;
	exit | _exit | _Exit | raise) echo "ends the process: return an error" ;;
	open* | fopen* | read | write | close | socket* | *send* | *recv* | stat* | fread) echo "input or output" ;;
	data:*) echo "state that all gateways would share: put it into a struct" ;;
	*) echo "not known to be pure: if it is, add it to the list in tests/purity.sh" ;;
	esac
}

# What an archive takes from outside itself, then "data:NAME" for each variable that can be written.
impurities() {
	local symbol
	while read -r symbol; do
		allowed "$symbol" || echo "$symbol"
	done < <(comm -23 <(nm --undefined-only --format=posix "$1" | awk 'NF >= 2 { print $1 }' | LC_ALL=C sort -u) \
		<(nm --defined-only --extern-only --format=posix "$1" | awk 'NF >= 2 { print $1 }' | LC_ALL=C sort -u))
	# Constant tables that hold pointers are in .data.rel.ro, and writable only until the program has started.
	objdump --syms "$1" | awk '/ O (\.t?data|\.t?bss|\*COM\*)/ && !/\.data\.rel\.ro/ { print "data:" $NF }'
}

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

# must_find NAME CODE: the check finds NAME, and nothing else, in a library made of CODE.
must_find() {
	printf '%s\n' "$2" >"$scratch/probe.c"
	"$compiler" -std=c11 -O2 -c -o "$scratch/probe.o" "$scratch/probe.c"
	rm -f "$scratch/libprobe.a"
	ar rc "$scratch/libprobe.a" "$scratch/probe.o"
	local found
	found=$(impurities "$scratch/libprobe.a")
	if [ "$found" != "$1" ]; then
		echo "the check is broken: it should find '$1', and found '$found' in: $2"
		exit 1
	fi
}
must_find time '#include <time.h>
long now(void) { return (long)time(0); }'
must_find getenv '#include <stdlib.h>
char *home(void) { return getenv("HOME"); }'
must_find puts '#include <stdio.h>
void shout(void) { puts("!"); }'
must_find data:count 'static int count;
int next(void) { return count++; }'
must_find "" '#include <string.h>
static const char *const names[] = { "a", "b" };
int pure(const char *text, int i) { return strcmp(text, names[i & 1]); }'

found=$(impurities "$archive")
for symbol in $found; do
	echo "${symbol#data:}: $(why "$symbol")"
	nm -A --format=posix "$archive" | awk -v name="${symbol#data:}" '$2 == name && $3 ~ /[UdDbBC]/ { print "    in " $1 }'
done
[ -z "$found" ]
