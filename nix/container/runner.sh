#!/bin/sh
# Main process of the runner's unit. As root it reads the registration, waits for the network and, with a registration token, uses the
# token up. Then the job's user takes over this very process, with an environment that is built by name.
#
# Given: CREDENTIALS_DIRECTORY (by systemd), RUNNER_LISTENER, RUNNER_ROOT, HOME, RUNNER_UID, RUNNER_GID, RUNNER_KEEP (names of
# variables that the job gets), and optionally RUNNER_GROUPS (more group ids), RUNNER_SETUID_ALLOWED=1, NETWORK_TIMEOUT (seconds).
# Secrets stand in variables and files only: a command line can be read by everybody.
set -eu
umask 077

registration=$CREDENTIALS_DIRECTORY/runner-registration

fail() {
  echo "runner: $1" >&2
  exit 1
}

# A field of the registration as text; empty when it is missing.
field() {
  jq -r "$1 // empty" "$registration"
}

# The host's end of the link comes up after this container has said that it is ready: until then the default route is
# missing or marked `linkdown`.
wait_for_network() {
  attempts=$((${NETWORK_TIMEOUT:-300} * 20))
  while :; do
    route=$(ip -4 route show default 2> /dev/null || :)
    case $route in
      '' | *linkdown*) ;;
      *) return 0 ;;
    esac
    [ "$attempts" -gt 0 ] || fail "no default route after ${NETWORK_TIMEOUT:-300} s; is the host's end of the link up?"
    attempts=$((attempts - 1))
    sleep 0.05
  done
}

# Root registers the runner, so that no process of the job's user ever sees the token. What stays is the runner's own key.
use_token_up() {
  token=$(field .token)
  [ -n "$token" ] || fail 'the registration has no token'
  set -- --url "$(field .url)" --name "$(field .name)" --labels "$(jq -r '.labels | join(",")' "$registration")"
  group=$(field .group)
  # Repositories know no groups, and this is the name of having none.
  case $group in
    '' | Default) ;;
    *) set -- "$@" --runnergroup "$group" ;;
  esac
  ACTIONS_RUNNER_INPUT_TOKEN=$token "$RUNNER_LISTENER" configure --unattended --disableupdate --ephemeral \
    --no-default-labels --work _work "$@" < /dev/null || fail 'GitHub did not accept the registration'
  rm -rf "$RUNNER_ROOT/_diag"
}

[ -r "$registration" ] || fail 'there is no credential runner-registration; the controller hands it in for one boot'
[ ! -e "$RUNNER_ROOT/.runner" ] || fail "$RUNNER_ROOT was used before; a container runs one job"
mkdir -p "$RUNNER_ROOT"

wait_for_network

jit=
case $(field .mode) in
  jit)
    jit=$(field .jitConfig)
    [ -n "$jit" ] || fail 'the registration has no jitConfig'
    ;;
  token) use_token_up ;;
  *) fail 'the registration has an unknown mode; the container template is older than the controller' ;;
esac

chown "$RUNNER_UID:$RUNNER_GID" "$HOME"
chown -R "$RUNNER_UID:$RUNNER_GID" "$RUNNER_ROOT"

set -- setpriv "--reuid=$RUNNER_UID" "--regid=$RUNNER_GID"
if [ -n "${RUNNER_GROUPS-}" ]; then
  set -- "$@" "--groups=$RUNNER_GROUPS"
else
  set -- "$@" --clear-groups
fi
# Without a user namespace, root in here is root for the host's Nix daemon: no set-uid program may lead there.
[ "${RUNNER_SETUID_ALLOWED-}" = 1 ] || set -- "$@" --no-new-privs --bounding-set=-all
set -- "$@" -- "$RUNNER_LISTENER" run

keep=" $RUNNER_KEEP "
for name in $(env | sed -n 's/^\([A-Za-z_][A-Za-z0-9_]*\)=.*/\1/p'); do
  case $keep in
    *" $name "*) ;;
    *) unset "$name" ;;
  esac
done
if [ -n "$jit" ]; then
  export ACTIONS_RUNNER_INPUT_JITCONFIG="$jit"
  unset jit
fi
cd "$HOME"
umask 022
exec "$@"
