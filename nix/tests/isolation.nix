# A job reaches what is allowed, and neither the host, nor its siblings, nor metadata addresses.
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
    def job_says(script):
        number = queue(script)
        wait_for_job(number)
        return job(number)["conclusion"]

    reach = "curl -s -m 3 -o /dev/null"
    assert job_says(f"{reach} http://192.168.1.1:8080/") == "success"
    # The controller's own API, by the host's end of the link and by the host's address.
    host.succeed("curl -sf http://127.0.0.1:8080/health")
    assert job_says(f"{reach} http://$(ip route show default | cut -d' ' -f3):8080/") == "failure"
    assert job_says(f"{reach} http://192.168.1.2:22/") == "failure"
    assert job_says(f"{reach} http://169.254.169.254/") == "failure"
    wait_for_job(queue("sleep 60"), "in_progress")
    sibling = status()["active_containers"][0]["address"]
    assert job_says(f"ping -c 1 -W 2 {sibling}") == "failure"
    # No job is root for the host's Nix daemon.
    assert job_says("nix store info 2>&1 | grep -q 'Trusted: 0'") == "success"
  '';
}
