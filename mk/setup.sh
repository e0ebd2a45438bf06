#!/bin/sh
# SPDX-License-Identifier: MIT OR Apache-2.0
# usage: mk/setup.sh GROUP...
#
# Sees what mk/packages.txt asks for in these groups, and installs what is
# missing where it may: on Debian and Ubuntu, as root or with a sudo that asks
# nothing. Anywhere else it prints the one line to run and ends with status 3.
set -eu
here=$(dirname "$0")
python=${PYTHON:-python3}

present() {
	case $1 in
	command:*) command -v "${1#*:}" >/dev/null 2>&1 ;;
	header:*) echo "#include <${1#*:}>" | gcc -E -x c - >/dev/null 2>&1 ;;
	cross:*) echo "#include <${1#*:}>" | aarch64-linux-gnu-gcc -E -x c - >/dev/null 2>&1 ;;
	clang:*) [ -e "$(clang -print-file-name="${1#*:}" 2>/dev/null)" ] ;;
	archive:*) [ "$(gcc -print-file-name="${1#*:}" 2>/dev/null)" != "${1#*:}" ] ;;
	python:*) "$python" -c "import ${1#*:}" >/dev/null 2>&1 ;;
	*) echo "mk/packages.txt: unknown kind of need: $1" >&2 && exit 3 ;;
	esac
}

# Prints the missing packages of the groups: column 3 for Debian, 4 for Fedora.
missing() {
	column=$1
	shift
	while read -r group need debian fedora; do
		case $group in '' | \#*) continue ;; esac
		case " $* " in *" $group "*) ;; *) continue ;; esac
		present "$need" && continue
		[ "$column" = 3 ] && echo "$debian" || echo "$fedora"
	done <"$here/packages.txt" | sort -u | tr '\n' ' '
}

# "$@" is what gives the right to install: nothing for root, or sudo.
apt_install() {
	echo "setup: installing $packages"
	# $packages is a list of words.
	# shellcheck disable=SC2086
	if ! "$@" apt-get -qq update >"$log" 2>&1 ||
		! "$@" env DEBIAN_FRONTEND=noninteractive apt-get -qq install -y \
			--no-install-recommends $packages </dev/null >>"$log" 2>&1; then
		cat "$log" >&2
		echo "setup: apt-get could not install $packages" >&2
		exit 3
	fi
}

packages=$(missing 3 "$@")
if [ -n "$packages" ]; then
	log=$(mktemp)
	trap 'rm -f "$log"' EXIT
	if ! command -v apt-get >/dev/null 2>&1; then
		echo "setup: packages are missing; on Fedora run" >&2
		echo "    sudo dnf install $(missing 4 "$@")" >&2
		echo "setup: and on another system install what they hold" >&2
		exit 3
	elif [ "$(id -u)" = 0 ]; then
		apt_install
	elif sudo -n true 2>/dev/null; then
		apt_install sudo -n
	else
		echo "setup: packages are missing; run" >&2
		echo "    sudo apt-get install --no-install-recommends $packages" >&2
		exit 3
	fi
	packages=$(missing 3 "$@")
	if [ -n "$packages" ]; then
		echo "setup: still missing after the installation: $packages" >&2
		exit 3
	fi
fi

"$python" - <<'PY'
import sys
if sys.version_info < (3, 11):
    sys.exit("setup: python3 is %d.%d, 3.11 or newer is needed; "
             "name another one with PYTHON=..." % sys.version_info[:2])
PY
