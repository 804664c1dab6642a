# Docker for jobs of a class that asked for it. The module sees to it that the class has a user namespace or says that
# it is unsafe.
{ config, lib, ... }:
{
  config = lib.mkIf config.ci-runner.docker {
    virtualisation.docker = {
      enable = true;
      # Started by the first use, so that jobs without Docker do not wait for it.
      enableOnBoot = false;
      # The container's cgroups belong to its systemd.
      daemon.settings.exec-opts = [ "native.cgroupdriver=systemd" ];
    };
    # Neither the keyring nor bpf is kept apart per container, so systemd-nspawn leaves them out; dockerd and runc
    # need both.
    ci-runner.nspawnFlags = [
      "--system-call-filter=add_key"
      "--system-call-filter=keyctl"
      "--system-call-filter=bpf"
      "--capability=all"
    ];
    users.users.${config.ci-runner.user}.extraGroups = [ "docker" ];
  };
}
