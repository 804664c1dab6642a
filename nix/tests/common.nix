# What the VM tests share: a simulated GitHub as its own machine, a host with the module, and steps for the script.
{ pkgs }:
let
  controller = pkgs.callPackage ../package.nix { };
  # Machines are numbered in the order of their names.
  address = "192.168.1.1";
  port = 8080;
  url = "http://${address}:${toString port}";

  standIn = pkgs.runCommand "stand-in-runner-2.337.0" { passthru.version = "2.337.0"; } ''
    mkdir -p $out/bin $out/lib/externals
    cat > $out/bin/Runner.Listener <<EOF
    #!${pkgs.runtimeShell}
    exec ${pkgs.nodejs_24}/bin/node ${./stand-in-runner.mjs} "\$@"
    EOF
    chmod +x $out/bin/Runner.Listener
  '';
in
{
  github = {
    networking.firewall.allowedTCPPorts = [ port ];
    systemd.services.github = {
      wantedBy = [ "multi-user.target" ];
      serviceConfig.ExecStart = "${pkgs.nodejs_24}/bin/node ${controller}/lib/node_modules/runner-controller/dist/simulator/main.js --host 0.0.0.0 --port ${toString port} --repo o/r --runner-url ${url} --token token";
    };
  };

  # A host; `settings` are options of the module.
  host = settings: {
    imports = [ ../module.nix ];
    virtualisation = {
      memorySize = 4096;
      cores = 4;
      writableStore = true;
    };
    systemd.tmpfiles.rules = [ "f /run/github-token 0600 root root - token" ];
    services.runner-controller = {
      enable = true;
      repo = "o/r";
      tokenFile = "/run/github-token";
      apiUrl = "${url}/api/v3";
      pollInterval = 1;
      container.runnerPackage = standIn;
      # The simulated GitHub is in a private range.
      network.allowedDestinations = [ address ];
    }
    // settings;
  };

  # Python that every script begins with.
  steps = ''
    import json

    def queue(script="true", labels=("self-hosted",)):
        job = {"repo": "o/r", "labels": list(labels), "script": script}
        out = github.succeed(f"curl -sf -H content-type:application/json ${url}/_fake/jobs -d '{json.dumps(job)}'")
        return json.loads(out)["id"]

    def job(number):
        jobs = json.loads(github.succeed("curl -sf '${url}/_fake/state?all=true'"))["jobs"]
        return next(j for j in jobs if j["id"] == number)

    def wait_for_job(number, status="completed"):
        retry(lambda _: job(number)["status"] == status)

    def status():
        return json.loads(host.succeed("runner-status --json"))

    def wait_until_empty():
        retry(lambda _: status()["active_containers"] == [])
        host.succeed("test -z \"$(nixos-container list)\"")
        host.succeed("test -z \"$(ls -A /var/lib/nixos-containers)\"")

    start_all()
    github.wait_for_open_port(${toString port})
    host.wait_for_unit("runner-controller.service")
  '';
}
