# Two label sets: each job runs in the system of its own class.
{ pkgs }:
let
  common = import ./common.nix { inherit pkgs; };
in
{
  nodes = {
    inherit (common) github;
    host = common.host {
      classes.plain.labels = [
        "self-hosted"
        "plain"
      ];
      classes.big = {
        labels = [
          "self-hosted"
          "big"
        ];
        max = 1;
        limits.memoryMax = "512M";
      };
    };
  };
  testScript = common.steps + ''
    for name in ["plain", "big"]:
        number = queue(f"grep -q {name} /etc/ci-runner.json", ["self-hosted", name])
        wait_for_job(number)
        assert job(number)["conclusion"] == "success"
    number = queue("true", ["self-hosted", "gpu"])
    retry(lambda _: any(held["waiting"]["reason"] == "no-matching-class" for held in status()["queue"]))
    wait_until_empty()
  '';
}
