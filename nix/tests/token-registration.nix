# With a registration token: root uses it up, and the job finds it nowhere.
{ pkgs }:
let
  common = import ./common.nix { inherit pkgs; };
in
{
  nodes = {
    inherit (common) github;
    host = common.host { registration = "token"; };
  };
  testScript = common.steps + ''
    number = queue("! cat /run/credentials/*/runner-registration && ! env | grep -i token && ! cat /proc/*/environ 2>/dev/null | grep -ai 'input_token'")
    wait_for_job(number)
    assert job(number)["conclusion"] == "success"
    wait_until_empty()
  '';
}
