# The controller is killed in the middle of a job and of a start; nothing is lost and nothing is left.
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
    first = queue("sleep 15")
    wait_for_job(first, "in_progress")
    second = queue("true")
    host.wait_until_succeeds("test $(nixos-container list | wc -l) = 2")
    host.succeed("systemctl kill --kill-whom=main --signal=KILL runner-controller.service")
    host.wait_for_unit("runner-controller.service")
    for number in [first, second]:
        wait_for_job(number)
        assert job(number)["conclusion"] == "success"
    wait_until_empty()
  '';
}
