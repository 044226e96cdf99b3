#!/bin/sh
# Install what tools/packages.txt lists and this machine lacks.
#   tools/deps.sh run     what building and running needs (the default)
#   tools/deps.sh test    that, and what the tests need
#   tools/deps.sh --list run|test    print the packages instead
# When nothing is missing it is done in a moment and asks for no rights.
set -eu

here=$(dirname "$0")
list_only=
if [ "${1:-}" = --list ]; then
	list_only=1
	shift
fi
want=${1:-run}
case $want in
run | test) ;;
*)
	echo "usage: tools/deps.sh [--list] [run|test]" >&2
	exit 2
	;;
esac

packages() {
	section=
	while read -r name _; do
		case $name in
		'' | '#'*) ;;
		'['*']') section=$name ;;
		*)
			if [ "$section" = '[run]' ] || [ "$want" = test ]; then
				echo "$name"
			fi
			;;
		esac
	done <"$here/packages.txt"
}

if [ -n "$list_only" ]; then
	packages | sed 's/|.*//'
	exit 0
fi
if ! command -v dpkg-query >/dev/null 2>&1; then
	echo "deps: this is not a Debian system; install these yourself:" $(packages | sed 's/|.*//') >&2
	exit 3
fi

missing=
for p in $(packages); do
	case $p in
	*'|'*)
		! command -v "${p#*|}" >/dev/null 2>&1 || continue
		p=${p%|*}
		;;
	esac
	state=$(dpkg-query -W -f='${db:Status-Status}' "$p" 2>/dev/null) || state=
	[ "$state" = installed ] || missing="$missing $p"
done
[ -n "$missing" ] || exit 0

root=
if [ "$(id -u)" -ne 0 ]; then
	if ! command -v sudo >/dev/null 2>&1; then
		echo "deps: missing:$missing" >&2
		echo "deps: run as root, or install sudo" >&2
		exit 3
	fi
	root=sudo
fi
echo "installing:$missing" >&2
log=$(mktemp)
trap 'rm -f "$log"' EXIT

apt() {
	$root env DEBIAN_FRONTEND=noninteractive apt-get -qq -o Dpkg::Use-Pty=0 "$@" >"$log" 2>&1
}
install() {
	apt install -y --no-install-recommends $missing
}

# An old package list names files that are gone, so a failure is tried once more with a new list.
have_lists=$(find /var/lib/apt/lists -name '*_Packages*' 2>/dev/null | head -n 1)
if [ -n "$have_lists" ] && install; then
	exit 0
fi
if apt update && install; then
	exit 0
fi
cat "$log" >&2
echo "deps: apt-get failed, see above" >&2
exit 3
