# The three commands work for root without flags, and the emergency one with the service down.
{ pkgs }:
let
  common = import ./common.nix { inherit pkgs; };
in
{
  nodes = {
    inherit (common) github;
    host = common.host { };
  };
  testScript = common.steps + ''
    host.succeed("runner-status")
    host.succeed("cleanup-github-runners --dry-run")
    wait_for_job(queue("sleep 600"), "in_progress")
    host.succeed("systemctl stop runner-controller.service")
    host.fail("cleanup-all-containers </dev/null")
    host.succeed("cleanup-all-containers --yes")
    host.succeed("test -z \"$(nixos-container list)\"")
    host.succeed("test -z \"$(ls -A /var/lib/nixos-containers)\"")
  '';
}
