final: _prev: {
  runner-controller = final.callPackage ./package.nix { };
}
