# A restart of the controller, as a rebuild does it, harms no running job.
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
    numbers = [queue("sleep 20") for _ in range(3)]
    for number in numbers:
        wait_for_job(number, "in_progress")
    host.succeed("systemctl restart runner-controller.service")
    host.wait_for_unit("runner-controller.service")
    assert len(status()["active_containers"]) == 3
    for number in numbers:
        wait_for_job(number)
        assert job(number)["conclusion"] == "success"
    wait_until_empty()
  '';
}
