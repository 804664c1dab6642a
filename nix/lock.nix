# Completes a package-lock.json that records integrity but no download addresses:
# every entry that needs a tarball gets `resolved` on the registry, and keeps its integrity, which is what the
# download is held to. Pure: tested with nix-instantiate against the real lock file, without nixpkgs.
{
  registry ? "https://registry.yarnpkg.com",
  # npm's names for the platform ("linux", "x64", "glibc"); optional entries for another one stay without an address,
  # because npm never unpacks them and nothing should be downloaded in vain. null: every entry gets an address.
  os ? null,
  cpu ? null,
  libc ? null,
}:
packageLock:
let
  inherit (builtins)
    all
    any
    attrNames
    elem
    elemAt
    filter
    intersectAttrs
    isList
    isString
    length
    listToAttrs
    mapAttrs
    match
    split
    substring
    ;

  last = list: elemAt list (length list - 1);

  # "node_modules/a/node_modules/@s/b" -> "@s/b"; an npm alias carries the real name in the entry.
  nameOf = key: entry: entry.name or (last (filter isString (split "node_modules/" key)));

  # Tarballs of scoped packages are filed under the scope but named without it.
  baseOf =
    name:
    let
      scoped = match "@[^/]+/(.+)" name;
    in
    if scoped == null then name else elemAt scoped 0;

  urlOf = name: version: "${registry}/${name}/-/${baseOf name}-${version}.tgz";

  negated = item: substring 0 1 item == "!";

  # npm's rule for `os`, `cpu` and `libc`: a list of names, or of names that are excluded.
  admits =
    wanted: list:
    wanted == null
    || !(isList list)
    || (
      all (item: item != "!${wanted}") list
      && (elem wanted list || elem "any" list || !(any (item: !negated item) list))
    );

  ours = entry: admits os (entry.os or null) && admits cpu (entry.cpu or null) && admits libc (entry.libc or null);

  isInstalled = key: match "(.*/)?node_modules/.+" key != null;

  needsTarball =
    key: entry:
    isInstalled key
    && !(entry ? resolved)
    && !(entry.link or false)
    && !(entry.inBundle or false)
    && (!(entry.optional or false) || ours entry);

  # An optional dependency without an entry was not there for whoever wrote the lock. Left in, it makes npm ask the
  # registry.
  known = listToAttrs (
    map (key: {
      name = last (filter isString (split "node_modules/" key));
      value = true;
    }) (attrNames packageLock.packages)
  );
  withoutUnknown =
    entry:
    if entry ? optionalDependencies then
      entry // { optionalDependencies = intersectAttrs known entry.optionalDependencies; }
    else
      entry;

  complete =
    key: entry:
    if !needsTarball key entry then
      entry
    else if !(entry ? version && entry ? integrity) then
      throw "package-lock.json: ${key} has no version or no integrity; run npm install and commit the lock file"
    else
      entry // { resolved = urlOf (nameOf key entry) entry.version; };
in
packageLock
// {
  packages = mapAttrs (key: entry: withoutUnknown (complete key entry)) packageLock.packages;
}
