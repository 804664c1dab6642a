# A container boots for one job, so everything that a job does not need is time and memory lost.
{
  config,
  lib,
  options,
  ...
}:
{
  boot = {
    isContainer = true;
  }
  # Newer trees tell kinds of containers apart.
  // lib.optionalAttrs (options.boot ? isNspawnContainer) { isNspawnContainer = true; };

  networking = {
    hostName = lib.mkDefault "runner";
    useDHCP = false;
    # The host isolates jobs; a firewall in here would only slow the boot.
    firewall.enable = lib.mkDefault false;
    # The host's resolver is often on a loopback address that is not ours.
    useHostResolvConf = lib.mkForce false;
    resolvconf.enable = false;
  };
  environment.etc."resolv.conf".text = lib.concatMapStrings (address: ''
    nameserver ${address}
  '') config.ci-runner.nameservers;

  # Each path unit and each getty holds inotify instances of the host's root.
  systemd.suppressedSystemUnits = [
    "systemd-ask-password-console.path"
    "systemd-ask-password-wall.path"
    "systemd-ask-password-console.service"
    "systemd-ask-password-wall.service"
    # It syncs the host's disks at every boot.
    "systemd-machine-id-commit.service"
  ];
  systemd.services = {
    "getty@".enable = false;
    "autovt@".enable = false;
    "serial-getty@".enable = false;
    "container-getty@".enable = false;
    console-getty.enable = false;
    # The log of this boot is read on the console, by the host.
    systemd-journal-flush.enable = false;
  };
  services.journald.storage = "volatile";
  services.logrotate.enable = false;
  services.nscd.enable = false;
  system.nssModules = lib.mkForce [ ];
  systemd.oomd.enable = false;
  systemd.coredump.enable = false;

  # Nobody logs in, and nobody becomes root: the job's user least of all.
  security.sudo.enable = lib.mkDefault false;
  security.polkit.enable = lib.mkDefault false;
  users.mutableUsers = false;
  users.allowNoPasswordLogin = true;

  documentation.enable = false;
  fonts.fontconfig.enable = false;
  xdg.mime.enable = false;
  xdg.icons.enable = false;
  xdg.sounds.enable = false;
}
