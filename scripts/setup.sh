#!/bin/sh
# setup.sh [--compiler]
#
# Sees to it that this machine has a PostgreSQL server with pgvector for Earshot to run; with --compiler, a C compiler
# too, which Go's race detector needs. What is there is used, so a second run does nothing.
#
# On Debian and Ubuntu the server comes from the distribution's own packages, whose signatures apt checks, and is unpacked
# into a folder of Earshot's. It is not installed: installing it would also make and start a database for the whole
# machine, add accounts and write to /etc, and it would need root. The compiler, if it is missing, is installed by apt.
# pgvector comes from the distribution's package too, or is built from its source where there is no such package.
#
# The folder is $XDG_CACHE_HOME/earshot or ~/.cache/earshot, and root's is /var/cache/earshot: root's server runs as
# another account, which can't enter root's home. It may be deleted at any time; no data is in it.
set -eu
umask 022
export LC_ALL=C

oldest=0.8.0 # of pgvector

say() { echo "setup: $*" >&2; }
die() {
	say "$1"
	shift
	for line in "$@"; do say "  $line"; done
	exit 1
}

# usable BIN: is a server with pgvector there, and does it run? This and servers below follow Find in internal/localpg.
usable() {
	[ -x "$1/postgres" ] && [ -x "$1/initdb" ] || return 1
	libs=$1/../../../shared
	[ -d "$libs" ] || libs=
	run="env LD_LIBRARY_PATH="
	$run"$libs" "$1/postgres" --version >/dev/null 2>&1 || return 1
	share=$($run"$libs" "$1/pg_config" --sharedir 2>/dev/null) || share=$1/../share
	control=$share/extension/vector.control
	[ -f "$control" ] || return 1
	version=$(sed -n "s/^default_version *= *'\(.*\)'.*/\1/p" "$control")
	case $version in 0.[0-7] | 0.[0-7].*) return 1 ;; esac
	bin=$1
}

# server: finds a usable one, and puts its folder into bin.
server() {
	if [ -n "${EARSHOT_POSTGRES_BIN:-}" ]; then
		usable "$EARSHOT_POSTGRES_BIN" && return
		die "EARSHOT_POSTGRES_BIN is $EARSHOT_POSTGRES_BIN, and no PostgreSQL with pgvector $oldest or newer runs there" \
			"set it to the bin folder of one, or unset it"
	fi
	for dir in "$cache"/postgresql-*-pgvector-*/lib/postgresql/*/bin /var/cache/earshot/postgresql-*-pgvector-*/lib/postgresql/*/bin \
		/usr/lib/postgresql/*/bin /usr/pgsql-*/bin \
		/opt/homebrew/opt/postgresql@*/bin /usr/local/opt/postgresql@*/bin /home/linuxbrew/.linuxbrew/opt/postgresql@*/bin \
		/opt/homebrew/opt/postgresql/bin /usr/local/opt/postgresql/bin /usr/local/pgsql/bin \
		"$(pg_config --bindir 2>/dev/null || true)"; do
		usable "$dir" && return
	done
	return 1
}

# quietly COMMAND...: shows what it says only when it fails.
quietly() {
	"$@" >"$work/log" 2>&1 && return
	status=$?
	tail -n 15 "$work/log" >&2
	return $status
}

# packages NAME...: installs packages on the system.
packages() {
	command -v apt-get >/dev/null || die "missing: $*" "install them with this system's package manager, and run this again"
	if [ "$(id -u)" = 0 ]; then
		root=
	elif command -v sudo >/dev/null && sudo -n true 2>/dev/null; then
		root="sudo -n"
	else
		die "missing: $*; to install them takes root once" "run: sudo apt-get install -y $*" "and then this again"
	fi
	say "installing $*"
	get="$root env DEBIAN_FRONTEND=noninteractive apt-get -qq -o DPkg::Lock::Timeout=300"
	$get install -y --no-install-recommends "$@" >"$work/log" 2>&1 && return
	# The index of a fresh image is empty, and that of an old one names packages that are gone.
	quietly $get update || say "apt-get update failed; going on with what it has"
	quietly $get install -y --no-install-recommends "$@" ||
		die "apt-get could not install $*" "see above; then run: apt-get update && apt-get install -y $*"
}

compiler() {
	missing=
	command -v gcc >/dev/null || missing="gcc"
	[ -f /usr/include/stdlib.h ] || missing="$missing libc6-dev"
	command -v make >/dev/null || missing="$missing make"
	[ -z "$missing" ] || packages $missing
}

# An apt that reads the machine's sources and keeps its index and its downloads in the work folder.
apt() {
	tool=$1
	shift
	"$tool" -q -o Dir::State::Lists="$work/lists" -o Dir::Cache="$work/cache" -o APT::Sandbox::User="$(id -un)" \
		-o Acquire::Languages=none -o Acquire::Retries=3 "$@"
}

# candidate PACKAGE FIELD
candidate() { apt apt-cache --no-all-versions show "$1" 2>/dev/null | sed -n "s/^$2: //p" | head -n 1; }

# fetch_source: downloads pgvector's source package from a release of the distribution that has it. apt checks the
# release's signature, by that the index's hash, and by that the source's.
fetch_source() {
	for release in Debian:trixie:main:debian-archive-keyring Ubuntu:resolute:universe:ubuntu-archive-keyring; do
		IFS=: read -r origin suite component keyring <<-END
			$release
		END
		keyring=/usr/share/keyrings/$keyring.gpg
		site=$(apt apt-get indextargets --format '$(REPO_URI)' 'Identifier: Packages' "Origin: $origin" "Label: $origin" | head -n 1)
		[ -n "$site" ] && [ -f "$keyring" ] || continue
		mkdir -p "$work/source/parts" "$work/source/lists/partial"
		printf 'Types: deb-src\nURIs: %s\nSuites: %s\nComponents: %s\nSigned-By: %s\n' "$site" "$suite" "$component" "$keyring" \
			>"$work/source/parts/source.sources"
		only="-o Dir::Etc::SourceList=/dev/null -o Dir::Etc::SourceParts=$work/source/parts -o Dir::State::Lists=$work/source/lists"
		quietly apt apt-get $only update || true
		(cd "$work/source" && quietly apt apt-get $only source --download-only pgvector) && return
	done
	return 1
}

# unpack FOLDER DEB...
unpack() {
	into=$1
	shift
	for deb in "$@"; do dpkg-deb -x "$deb" "$into"; done
}

# build: makes a server with pgvector in a folder under $cache, and puts it in place in one step.
build() {
	mkdir -p "$work/lists/partial" "$work/cache/archives/partial" "$work/debs" "$work/libs"
	say "fetching the package index"
	apt apt-get update >"$work/log" 2>&1 || true # one broken source among several does no harm
	package=$(candidate postgresql Depends | grep -o 'postgresql-[0-9]*' | head -n 1)
	[ -n "$package" ] || {
		tail -n 5 "$work/log" >&2
		die "apt knows no PostgreSQL" "check the network and /etc/apt/sources.list, or set EARSHOT_DATABASE_URL to a PostgreSQL with pgvector"
	}
	major=${package#postgresql-}
	debs="$package postgresql-client-$major"
	version=$(candidate "$package-pgvector" Version)
	version=${version%-*}
	if [ -n "$version" ] && dpkg --compare-versions "$version" ge $oldest; then
		debs="$debs $package-pgvector"
	else
		version=
		compiler
		debs="$debs postgresql-server-dev-$major"
	fi

	say "downloading PostgreSQL $major"
	(cd "$work/debs" && quietly apt apt-get download $debs) ||
		die "PostgreSQL could not be downloaded" "see above; check the network, and run this again"
	unpack "$work/root" "$work"/debs/*.deb
	# The libraries that it needs and the system lacks. LLVM would serve to compile plans, which Earshot turns off.
	wanted=$(for deb in "$work/debs/${package}_"*.deb "$work/debs/postgresql-client-"*.deb; do dpkg-deb -f "$deb" Depends; done |
		tr ',' '\n' | sed 's/|.*//; s/(.*//; s/[[:space:]]//g' | grep '^lib' | grep -v '^libllvm' | sort -u)
	lacking=$(apt apt-get -s --no-install-recommends install $wanted 2>"$work/log" | awk '$1 == "Inst" && $2 ~ /^lib/ && $3 !~ /^\[/ { print $2 }')
	if [ -n "$lacking" ]; then
		(cd "$work/libs" && quietly apt apt-get download $lacking) ||
			die "the libraries of PostgreSQL could not be downloaded" "see above; check the network, and run this again"
		unpack "$work/libroot" "$work"/libs/*.deb
	fi

	prefix=$work/prefix
	mkdir -p "$prefix/lib" "$prefix/share"
	mv "$work/root/usr/lib/postgresql" "$prefix/lib/"
	mv "$work/root/usr/share/postgresql" "$prefix/share/"
	here=$prefix/lib/postgresql/$major
	rm -rf "$here/lib/bitcode" "$here/lib/llvmjit"*
	if [ -n "$lacking" ]; then
		mkdir "$prefix/lib/shared"
		find "$work/libroot" \( -path '*/share/*' -prune \) -o -name 'lib*.so*' ! -type d -exec mv {} "$prefix/lib/shared/" \;
		export LD_LIBRARY_PATH="$prefix/lib/shared"
	fi

	if [ -z "$version" ]; then
		fetch_source || die "the source of pgvector could not be downloaded" \
			"check the network and run this again, or install pgvector yourself (see the README)"
		archive=$(echo "$work"/source/pgvector_*.orig.tar.*)
		version=${archive##*/pgvector_}
		version=${version%.orig.tar.*}
		say "building pgvector $version"
		mkdir "$work/pgvector"
		tar -xf "$archive" -C "$work/pgvector" --strip-components=1
		mv "$work/root/usr/include" "$prefix/"
		quietly make -s -C "$work/pgvector" -j2 OPTFLAGS= with_llvm=no PG_CONFIG="$here/bin/pg_config" all install ||
			die "pgvector $version could not be built" "see above"
		rm -rf "$prefix/include" "$here/lib/pgxs"
	fi
	usable "$here/bin" || die "the PostgreSQL that was put together does not run:" "$("$here/bin/postgres" --version 2>&1)"
	unset LD_LIBRARY_PATH

	name=postgresql-$major-pgvector-$version
	rm -rf "$cache/$name"
	mv "$prefix" "$cache/.new" # may copy; the second mv never does
	mv "$cache/.new" "$cache/$name"
	say "made $cache/$name"
}

case ${1:-} in '' | --compiler) ;; *) die "unknown argument $1" "usage: scripts/setup.sh [--compiler]" ;; esac
if [ "$(id -u)" = 0 ]; then
	cache=/var/cache/earshot
else
	cache=${XDG_CACHE_HOME:-${HOME:-/nonexistent}/.cache}/earshot
fi
work=$(mktemp -d "${TMPDIR:-/tmp}/earshot-setup.XXXXXX")
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM HUP

if [ "${1:-}" = --compiler ] && [ "$(uname)" = Linux ]; then compiler; fi
[ -z "${EARSHOT_DATABASE_URL:-}" ] || exit 0
server && exit 0

if [ "$(uname)" = Darwin ]; then
	die "there is no PostgreSQL with pgvector" "run: brew install postgresql@17 pgvector" \
		"or set EARSHOT_DATABASE_URL to a PostgreSQL with pgvector"
elif ! command -v apt-get >/dev/null || ! command -v dpkg-deb >/dev/null; then
	die "there is no PostgreSQL with pgvector" "install both with this system's package manager, or run: docker compose up" \
		"or set EARSHOT_DATABASE_URL to a PostgreSQL with pgvector"
fi
mkdir -p "$cache" 2>/dev/null && [ -w "$cache" ] || die "$cache can't be written" "make it writable, or set XDG_CACHE_HOME to another folder"
exec 9>"$cache/lock"
flock -n 9 || {
	say "waiting for another setup to finish"
	flock 9
}
server && exit 0 # the other one made it
rm -rf "$cache/.new"
build
