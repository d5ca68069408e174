# opam: a repository of packages on this machine is fetched with rsync, whose output says whether anything is new.
export HOME=$W/home OPAMROOT=$W/opam OPAMYES=1 OPAMCOLOR=never OPAMNOENVNOTICE=1
package() { # package NAME: one more in the repository
    mkdir -p "$W/repo/packages/$1/$1.1"
    printf 'opam-version: "2.0"\nsynopsis: "%s"\nmaintainer: "a@example.org"\n' "$1" >"$W/repo/packages/$1/$1.1/opam"
}
mkdir -p "$HOME" "$W/repo" && printf 'opam-version: "2.0"\n' >"$W/repo/repo"
package one
holds "a repository is taken in" opam init --bare --no-setup --disable-sandboxing here "$W/repo"
is "its package is known" "$(opam list --all --short 2>/dev/null | grep -cx one)" 1
opam update >"$W/out" 2>&1
holds "nothing is new" grep -qF '[here] no changes from' "$W/out"
package two
opam update >"$W/out" 2>&1
holds "something is new" grep -qF '[here] synchronised from' "$W/out"
is "both are known" "$(opam list --all --short 2>/dev/null | grep -cxE 'one|two')" 2
rm -r "$W/repo/packages/one"
holds "what is gone is noticed" opam update
is "one is left" "$(opam list --all --short 2>/dev/null | grep -cxE 'one|two')" 1
