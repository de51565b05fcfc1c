#!/usr/bin/env bash
# tests/transcripts/runner.sh RUNNER
# The runner itself: one that found every story fitting would pass all the others.
set -euo pipefail

runner=$1
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
story=$folder/story.txt

fail() {
	echo "$1"
	cat "$folder/said"
	exit 1
}

# run WANTED ARGUMENT...: the runner must end with this status.
run() {
	local status=0
	"$runner" "${@:2}" >"$folder/said" 2>&1 || status=$?
	[ "$status" = "$1" ] || fail "status $status, wanted $1: ${*:2}"
}

says() {
	grep -qF -- "$1" "$folder/said" || fail "does not say: $1"
}

printf 'scenario fresh\n\n> GET /v1/api/tickle\n< 200\n+ 1m\n= ?\n' >"$story"
run 1 "$story"
says "$story:4: the story (-) is not what happens (+)"
says "-< 200"
says "+< 401"
says "-= ?"
says "+= fresh"

run 0 --update "$story"
run 0 "$story"
diff <(printf 'scenario fresh\n\n> GET /v1/api/tickle\n< 401\n+ 1m\n= fresh\n') "$story"

# Something more, or something less, is a difference too.
printf '> GET /v1/api/tickle\n' >>"$story"
run 1 "$story"
printf 'scenario fresh\n\n+ 1m\n* at 1m timer idle\n' >"$story"
run 1 "$story"

# What cannot be read has a place, and is never brought up to date.
for wrong in '+ soon' '> GET' '> GET / (loudly)' '! shout x' '!event x' 'event x'; do
	printf 'scenario fresh\n\n= fresh\n%s\n' "$wrong" >"$story"
	run 2 --update "$story"
	says "$story:4: wanted"
	grep -qFx -- "$wrong" "$story" || fail "changed: $wrong"
done
printf '= fresh\n' >"$story"
run 2 "$story"
says "$story:1: a story names its scenario"
printf 'scenario {\n  "extends": "fresh",\n  "settins": {}\n}\n= fresh\n' >"$story"
run 2 "$story"
says "$story:3:3:"
run 2 "$folder/nosuch.txt"
