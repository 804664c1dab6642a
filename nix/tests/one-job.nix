# A queued job runs in a container of its own, which is gone afterwards.
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
    number = queue("test -e /etc/ci-runner.json && test $(id -u) = 47000")
    wait_for_job(number)
    assert job(number)["conclusion"] == "success"
    wait_until_empty()
  '';
}
