# Ten jobs at once through three slots: each runs once, never more than three containers.
{ pkgs }:
let
  common = import ./common.nix { inherit pkgs; };
in
{
  nodes = {
    inherit (common) github;
    host = common.host { maxConcurrent = 3; };
  };
  testScript = common.steps + ''
    numbers = [queue("sleep 2") for _ in range(10)]
    host.wait_until_succeeds("test $(nixos-container list | wc -l) = 3")
    for number in numbers:
        wait_for_job(number)
        assert job(number)["conclusion"] == "success"
        assert len(status()["active_containers"]) <= 3
    wait_until_empty()
  '';
}
