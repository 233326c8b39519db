#!/bin/sh
# Installs the Vedette sentinel on Linux and macOS: fetches the archive for this platform from the server, over the pin of
# the server's own key, checks its SHA-256, unpacks it, enrols and starts the service. Without administrator rights and for
# this user alone; with --system, as root, as a service with an account of its own. Again, without --code: a newer version.
set -eu

say() { echo "vedette-sentinel: $*"; }
fail() {
  echo "vedette-sentinel: $1" >&2
  exit "${2:-1}"
}

usage() {
  cat <<'END'
usage: install.sh --server URL --leaf-pin PIN [--pin PIN --code CODE [--name NAME]] [--system] [--no-service]
  --server URL     address of the server, https://host:port
  --leaf-pin PIN   pin of the server's own key, which curl compares
  --pin PIN        pin of the server's authority, which the sentinel keeps
  --code CODE      enrolment code; left out, nothing is enrolled
  --name NAME      name of this device; left out, its host name
  --system         for the whole device, as a service with an account of its own; needs root, and systemd
  --no-service     don't have it started with the device or the session
END
}

main() {
  umask 022 # what is installed is for its account to read, whatever the shell's own is
  PATH=$PATH:/usr/sbin:/sbin
  server='' pin='' leaf='' code='' name='' system='' service=yes
  while [ $# -gt 0 ]; do
    case $1 in
      --server | --pin | --leaf-pin | --code | --name) [ $# -ge 2 ] || fail "$1 needs a value: see --help" 2 ;;
    esac
    case $1 in
      --server) server=${2%/} && shift ;;
      --pin) pin=$2 && shift ;;
      --leaf-pin) leaf=${2#sha256//} && shift ;;
      --code) code=$2 && shift ;;
      --name) name=$2 && shift ;;
      --system) system=yes ;;
      --no-service) service='' ;;
      --help) usage && exit 0 ;;
      *) fail "there is no option $1: see --help" 2 ;;
    esac
    shift
  done
  [ -n "$server" ] && [ -n "$leaf" ] || fail 'give --server and --leaf-pin: the server prints the whole line' 2
  [ -z "$code" ] || [ -n "$pin" ] || fail 'with --code give --pin too' 2
  whose
  temp=$(mktemp -d)
  trap 'rm -rf "$temp"' EXIT # the code may be in it
  trap 'exit 1' INT TERM HUP # not every shell ends by these as by an exit
  fetch
  place
  [ -z "$code" ] || enrol
  [ -z "$service" ] || start
  say "installed. \"$link status\" says how it is, \"$link uninstall\" takes it away."
}

# Where everything goes, and whether this user may do that.
whose() {
  if [ -n "$system" ]; then
    [ "$(id -u)" = 0 ] || fail '--system needs root: run the line in a root shell, or leave --system out' 2
    [ "$(uname -s)" = Linux ] || fail '--system is for Linux: leave it out' 2
    command -v useradd >/dev/null && command -v runuser >/dev/null || fail '--system needs useradd and runuser'
    app=/opt/vedette-sentinel link=/usr/local/bin/vedette-sentinel account=vedette-sentinel home=/var/lib/vedette-sentinel
  else
    [ "$(id -u)" != 0 ] || fail 'as root add --system, or install as the user whose sentinel it shall be' 2
    app=${XDG_DATA_HOME:-$HOME/.local/share}/vedette-sentinel-app link=$HOME/.local/bin/vedette-sentinel
  fi
}

fetch() {
  for tool in curl tar gzip; do command -v $tool >/dev/null || fail "there is no $tool on this device: install it"; done
  get SHA256SUMS
  archive=$(awk -v end="-$(platform).tar.gz" 'index($2, end) > 1 { print $2 }' "$temp/SHA256SUMS")
  [ -n "$archive" ] || fail "the server has no archive for $(platform): its operator makes one with \"npm run package\""
  say "fetching $archive"
  get "$archive"
  (cd "$temp" && grep "  $archive\$" SHA256SUMS | sha256 -c - >/dev/null 2>&1) || fail "$archive is damaged: try again"
}

# The server's authority is not known to curl, hence --insecure. It compares the key with the pin even so.
get() {
  curl -fsSk --pinnedpubkey "sha256//$leaf" -o "$temp/$1" "$server/install/$1" || fail "$server/install/$1 can't be fetched"
}

platform() {
  case "$(uname -s) $(uname -m)" in
    'Linux x86_64') echo linux-x64 ;;
    'Linux aarch64') echo linux-arm64 ;;
    'Darwin arm64') echo darwin-arm64 ;;
    *) uname -sm ;;
  esac
}

sha256() {
  if command -v sha256sum >/dev/null; then sha256sum "$@"; else shasum -a 256 "$@"; fi
}

# Unpacks beside what is there, which stays until the new one takes its place. What is made is written down for "uninstall", folders included.
place() {
  [ -e "$app" ] || [ ! -e "$app.old" ] || mv "$app.old" "$app" # an earlier try was broken off between the two moves
  list=$app/installed
  [ ! -f "$list" ] || cp "$list" "$temp/installed"
  touch "$temp/installed"
  folder "$(dirname "$app")"
  folder "$(dirname "$link")"
  rm -rf "$app.new" "$app.old"
  mkdir "$app.new"
  tar -xzf "$temp/$archive" -C "$app.new" --strip-components=1
  [ -z "$system" ] || own_account
  [ ! -e "$app" ] || mv "$app" "$app.old"
  mv "$app.new" "$app" || {
    [ ! -e "$app.old" ] || mv "$app.old" "$app"
    fail "$app can't be put in its place: nothing was changed"
  }
  rm -rf "$app.old"
  front_door
  cp "$temp/installed" "$list"
}

# Makes a folder and those above it.
folder() {
  [ ! -d "$1" ] || return 0
  folder "$(dirname "$1")"
  mkdir "$1"
  note "folder $1"
}

note() { grep -qxF "$1" "$temp/installed" || echo "$1" >>"$temp/installed"; }

own_account() {
  if ! id "$account" >/dev/null 2>&1; then
    useradd --system --user-group --no-create-home --home-dir "$home" --shell /usr/sbin/nologin "$account"
    note "account $account"
  fi
  folder "$home"
  chown "$account:" "$home"
  chmod 700 "$home"
}

# The command. That of a service works as the service's account, but where it changes what is the system's.
front_door() {
  note "file $link"
  rm -f "$link"
  if [ -z "$system" ]; then
    ln -s "$app/bin/vedette-sentinel" "$link"
    return
  fi
  cat >"$link" <<END
#!/bin/sh
export VEDETTE_SENTINEL_HOME=$home
case "\${1-}" in
  service | uninstall) ;;
  *) [ "\$(id -u)" != 0 ] || exec runuser -u $account -- $app/bin/vedette-sentinel "\$@" ;;
esac
exec $app/bin/vedette-sentinel "\$@"
END
  chmod 755 "$link"
}

enrol() {
  set -- --server "$server" --pin "$pin" --code-file "$temp/code"
  [ -z "$name" ] || set -- "$@" --name "$name"
  (umask 077 && echo "$code" >"$temp/code")
  [ -z "$system" ] || chown -R "$account:" "$temp"
  "$link" enrol "$@" || fail "it is installed in $app but not enrolled: \"$link enrol --help\" says how"
}

start() {
  "$link" service install --restart || say "there is no service, for the reason above; \"$link service install\" tries again."
}

main "$@"
