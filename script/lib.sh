# shellcheck shell=bash disable=SC2034
# What the scripts in this folder share. Sourced; leaves the caller in the repository's root.

cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit 1
root=$PWD

# Debian 12's packages. The pins name what was tested and end in a star: a security update inside Debian 12 fits them
# (3.0.17 became 3.0.20 there), another release of the program does not.
packages_build=(
	"gcc=4:12.*" libc6-dev binutils "cmake=3.25.*" "ninja-build=1.11.*" pkg-config
	"libmicrohttpd-dev=0.9.75-*" "libcjson-dev=1.7.15-*" "libssl-dev=3.0.*"
	"libwslay-dev=1.1.1-*"
)
packages_lint=("clang-format-14=1:14.*" "clang-tidy-14=1:14.*" shellcheck)
packages_test=(
	"libcriterion-dev=2.4.1-*" "clang-14=1:14.*" "libclang-rt-14-dev=1:14.*" "llvm-14=1:14.*" # llvm names lines in reports
	python3-venv curl openssl ca-certificates
	chromium chromium-driver xvfb # the login pages are looked at in a browser, and IBeam wants a display
	iproute2 # interactive-brokers-mcp looks for gateways with its ss
)
# What certs/README.md's programs take besides, by the tool that must be on the path. cargo-web is Debian's current Rust,
# kept for its browsers: cargo as old as Debian 12's own has to fetch the history of all crates before the first one.
tools_test=(javac default-jdk-headless go golang-go cargo cargo-web)

say() {
	printf '%s\n' "$*" >&2
}

fail() {
	say "$0: $*"
	exit 1
}

# quietly NAME COMMAND...: keeps the output in build/log/NAME.log, and shows it only when the command fails.
quietly() {
	local log=$root/build/log/$1.log
	shift
	mkdir -p "$root/build/log"
	if ! "$@" >"$log" 2>&1 </dev/null; then
		cat "$log" >&2
		fail "failed: $*"
	fi
}

as_root() {
	if [ "$(id -u)" = 0 ]; then
		"$@"
	else
		sudo "$@"
	fi
}

apt_install() {
	as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "$@"
}

# Once with the package lists as they are, once with fresh ones, and at last without the pins: another Debian may well
# do, and the compiler will say so if it does not.
apt_install_pinned() {
	apt_install "$@" && return
	as_root apt-get update -q
	apt_install "$@" && return
	echo "no such versions here: installing what there is instead"
	apt_install "${@%%=*}"
}

# need NAME[=VERSION]...: installs those that are missing. A package that is there in another version stays: it is not
# for a build script to change it.
need() {
	local package missing=()
	if ! command -v dpkg-query >/dev/null; then
		say "not a Debian system: taking for granted what these provide: ${*%%=*}"
		return
	fi
	for package in "$@"; do
		if [ "$(dpkg-query -W -f '${db:Status-Status}' "${package%%=*}" 2>/dev/null)" != installed ]; then
			missing+=("$package")
		fi
	done
	if [ ${#missing[@]} -gt 0 ]; then
		say "installing ${missing[*]}"
		quietly apt apt_install_pinned "${missing[@]}"
	fi
}

# need_tools TOOL PACKAGE...: installs the packages whose tool is not on the path: many have such a tool from elsewhere.
need_tools() {
	local packages=()
	while [ $# -gt 0 ]; do
		command -v "$1" >/dev/null || packages+=("$2")
		shift 2
	done
	[ ${#packages[@]} -eq 0 ] || need "${packages[@]}"
}

# build PRESET [OPTION...]: build/PRESET, up to date. Ninja configures again by itself when a CMake file has changed.
build() {
	local preset=$1
	shift
	if [ $# -gt 0 ] || [ ! -e "build/$preset/build.ninja" ]; then
		quietly "configure-$preset" cmake --preset "$preset" "$@"
	fi
	say "building $preset"
	quietly "build-$preset" cmake --build --preset "$preset"
}
