# shellcheck shell=sh
# Tells the controller, through a directory that it watches, that a job of this runner began or ended.
# A job can forge this; the controller takes it as a hint. It must never fail or hold up a job.

# Keeps what ids and names consist of, so that the result needs no JSON escapes.
plain() {
  printf %s "${1-}" | tr -cd 'A-Za-z0-9._/-' | cut -c 1-200
}

# signal NAME: writes NAME aside and renames it, so that it is never seen half.
signal() {
  directory=${RUNNER_SIGNALS:-/run/runner-signals}
  aside=$directory/.$1.$$
  {
    printf '{"run_id":"%s","run_attempt":"%s","job":"%s","repository":"%s","at":"%s"}\n' \
      "$(plain "${GITHUB_RUN_ID-}")" "$(plain "${GITHUB_RUN_ATTEMPT-}")" "$(plain "${GITHUB_JOB-}")" \
      "$(plain "${GITHUB_REPOSITORY-}")" "$(date -u +%Y-%m-%dT%H:%M:%SZ)" > "$aside"
  } 2> /dev/null && mv -fT "$aside" "$directory/$1" 2> /dev/null
}
