#!/bin/sh
# Make this checkout ready: a virtual environment, the packages, and the libraries and fonts PDFs are drawn with.
# Usage: scripts/setup.sh run|test      Safe to call again; does nothing when nothing has changed.
set -eu
cd "$(dirname "$0")/.."
for_what=${1:-run}

say() { printf '%s\n' "$*" >&2; }

# --- Python ---------------------------------------------------------------------------------------------------------
good_python() {
    "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null
}

find_python() {
    for candidate in ${PYTHON:-} python3 python3.13 python3.12 python3.11 python3.14; do
        if command -v "$candidate" >/dev/null 2>&1 && good_python "$candidate"; then
            command -v "$candidate"
            return 0
        fi
    done
    return 1
}

# --- Debian packages ------------------------------------------------------------------------------------------------
# Installs what it may; otherwise says the one line to type. Gives 1 when the packages are still missing.
debian() {
    if ! command -v apt-get >/dev/null 2>&1; then
        say "Please install with your system's package manager: $*"
        return 1
    fi
    as_root=""
    if [ "$(id -u)" != 0 ]; then
        if command -v sudo >/dev/null 2>&1 && sudo -n true 2>/dev/null; then
            as_root="sudo -n"
        else
            say "This needs packages that only an administrator can install. Type this line, then try again:"
            say ""
            say "    sudo apt-get update && sudo apt-get install -y --no-install-recommends $*"
            say ""
            return 1
        fi
    fi
    say "Installing with apt: $*"
    { $as_root env DEBIAN_FRONTEND=noninteractive apt-get update -qq &&
      $as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@"; } >&2 || {
        say "apt could not install: $*. Its own words are above."
        return 1
    }
}

python=$(find_python) || {
    debian python3 python3-venv || true
    python=$(find_python) || { say "staffing needs Python 3.11 or newer. Install it, or name one: PYTHON=/usr/bin/python3.12 make $for_what"; exit 1; }
}

if ! .venv/bin/python -c 'import pip' >/dev/null 2>&1; then     # absent, or made for a folder that has moved
    rm -rf .venv
    if ! "$python" -c 'import ensurepip, venv' >/dev/null 2>&1; then
        debian "python$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')-venv" || exit 1
    fi
    say "Making the virtual environment .venv …"
    "$python" -m venv .venv
fi

# --- Python packages ------------------------------------------------------------------------------------------------
case $for_what in
    test) extras=embedded,test ;;
    *)    extras=embedded ;;
esac
stamp=.venv/installed-for
wanted="$(pwd) $(cat pyproject.toml constraints.txt | cksum)"
have=$(cat "$stamp" 2>/dev/null || true)
if [ "$have" != "$wanted test" ] && [ "$have" != "$wanted $for_what" ]; then
    say "Installing Python packages (the first time takes a minute or two) …"
    .venv/bin/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e ".[$extras]" || {
        say "The packages could not be installed; pip's own words are above. Check the connection to the package index and try again."
        exit 1
    }
    printf '%s' "$wanted $for_what" > "$stamp"
fi

# --- Libraries and fonts for PDFs -----------------------------------------------------------------------------------
missing=$(.venv/bin/python scripts/system_packages.py "$for_what")
if [ -n "$missing" ]; then
    # shellcheck disable=SC2086  # one word a package
    if ! debian $missing; then
        case $for_what in
            test) exit 1 ;;
            *)    say "Going on without: pages work, but badges cannot be printed until the line above has been typed." ;;
        esac
    fi
fi
